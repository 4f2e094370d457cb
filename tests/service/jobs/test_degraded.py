"""GitHub says no, says it late, or says nothing: the right end in each case, and never anything
twice.
"""

import json
import threading
from typing import Any

import pytest

from github_double import GitHubDouble
from github_double.webhooks import pull_payload
from patience import HANG_SECONDS
from service.shop import BUG, CLEAN, UNJUDGED, Service, Shop
from twiceshy.github import api
from twiceshy.service.jobs import durable, review


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waiting for GitHub takes no minutes here."""
    monkeypatch.setattr(api, "LEAST_WAIT", 0.2)
    monkeypatch.setattr(durable, "FIRST_PAUSE", 0.05)


WRITES = {
    "opening the check": ("POST", r"/check-runs$"),
    "the review": ("POST", r"/reviews$"),
    "closing the check": ("PATCH", r"/check-runs/\d+$"),
}
READS = {
    "the files": ("GET", r"/files$"),
    "the texts": ("POST", r"/graphql$"),
    "the token": ("POST", r"/access_tokens$"),
}
WRONGS: dict[str, dict[str, Any]] = {
    "502": {"status": 502},
    "cut": {"status": 0},
    "403 with Retry-After": {"status": 403, "headers": {"Retry-After": "0"}},
    "403 without": {
        "status": 403,
        "body": {"message": "You have exceeded a secondary rate limit."},
    },
    "403 used up": {
        "status": 403,
        "headers": {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1"},
    },
    "429 with Retry-After": {"status": 429, "headers": {"Retry-After": "0"}},
    "429 without": {"status": 429},
}


def ends_well(service: Service, shop: Shop, double: GitHubDouble) -> None:
    pull = shop.pull({"src/refund.py": BUG})
    check = service.opened(pull)
    assert check["conclusion"] == "failure"
    assert (len(double.checks_of(pull.head)), len(pull.reviews), len(pull.comments)) == (1, 1, 1)
    assert len(check["annotations"]) == 1


@pytest.mark.parametrize("wrong", WRONGS)
def test_a_refusal_that_passes_delays_and_nothing_more(
    service: Service, shop: Shop, double: GitHubDouble, wrong: str
) -> None:
    faults = [double.fail(verb, path, **WRONGS[wrong]) for verb, path in (WRITES | READS).values()]
    ends_well(service, shop, double)
    assert [fault.times for fault in faults] == [0] * 6, "each went wrong once"


@pytest.mark.parametrize("wrong", ["502", "cut"])
def test_a_lost_answer_makes_no_duplicate(
    service: Service, shop: Shop, double: GitHubDouble, wrong: str
) -> None:
    for verb, path in WRITES.values():
        double.fail(verb, path, after=True, **WRONGS[wrong])
    ends_well(service, shop, double)


def test_a_token_that_ran_out_is_renewed(
    service: Service, shop: Shop, double: GitHubDouble
) -> None:
    service.opened(shop.pull({"src/total.py": CLEAN}, "first"))
    double.tokens.clear()
    ends_well(service, shop, double)


def test_a_review_that_is_refused_for_its_lines_is_said_without_them(
    service: Service, shop: Shop, double: GitHubDouble
) -> None:
    double.fail(
        "POST",
        r"/reviews$",
        status=422,
        body={"message": "Pull request review thread line must be part of the diff"},
    )
    pull = shop.pull({"src/refund.py": BUG})
    assert service.opened(pull)["conclusion"] == "failure"
    [review] = pull.reviews
    assert review["body"].startswith("`src/refund.py` line 5\n\n**Heads up")
    assert pull.comments == []


def test_github_that_stalls_is_waited_for(
    service: Service, shop: Shop, double: GitHubDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    given_up = threading.Event()
    monkeypatch.setattr(api, "TIMEOUT_SECONDS", 5)
    double.fail("GET", r"/files$", status=0, then=lambda: given_up.wait(HANG_SECONDS))
    ends_well(service, shop, double)
    given_up.set()


def test_github_that_cannot_be_read_at_all_ends_neutral_and_says_so(
    service: Service, shop: Shop, double: GitHubDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(durable, "MOST_ATTEMPTS", 3)
    double.fail("GET", r"/files$", times=99, status=502)
    check = service.opened(shop.pull({"src/refund.py": BUG}))
    assert (check["conclusion"], check["output"]["title"]) == ("neutral", UNJUDGED)


def test_a_review_that_may_not_be_written_still_leaves_a_check_that_blocks(
    service: Service, shop: Shop, double: GitHubDouble
) -> None:
    double.permissions[1]["pull_requests"] = "read"
    pull = shop.pull({"src/refund.py": BUG})
    check = service.opened(pull)
    assert (check["conclusion"], pull.reviews) == ("failure", [])
    assert (
        "The review could not be written: Resource not accessible by integration"
        in check["output"]["summary"]
    )


def test_a_fault_of_our_own_ends_neutral_and_says_so(
    service: Service, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise KeyError("nobody thought of this")

    monkeypatch.setattr(review, "read_pull", fail)
    check = service.opened(shop.pull({"src/refund.py": BUG}))
    assert (check["conclusion"], check["output"]["title"]) == ("neutral", UNJUDGED)
    assert "this is a fault of twiceshy: KeyError" in check["output"]["summary"]


def test_one_account_never_sees_the_lessons_of_another(
    service: Service, shop: Shop, double: GitHubDouble
) -> None:
    lessons = Shop(double, shop.git.root.parent / "lessons", "acme/incident-lessons")
    lessons.on_main({".twiceshy.yml": "share: [{to: acme/*, as: text}]\n"})
    stranger = Shop(double, shop.git.root.parent / "other", "other/shop", installation=2)
    for place in (shop, stranger):
        place.on_main(
            {
                "lessons/INC-245.md": None,
                "rules/inc-245.yaml": None,
                ".twiceshy.yml": "registries: [{repo: acme/incident-lessons}]\n",
            }
        )
    assert service.opened(shop.pull({"src/refund.py": BUG}))["conclusion"] == "failure"
    check = service.opened(stranger.pull({"src/refund.py": BUG}))
    assert check["conclusion"] == "neutral", "nothing was looked at"
    assert "INC-245" not in json.dumps(check)


@pytest.mark.parametrize("trouble", ["suspended", "vanished", "no permission", "head gone"])
def test_what_cannot_be_answered_leaves_the_service_alive(
    service: Service, shop: Shop, double: GitHubDouble, trouble: str
) -> None:
    pull = shop.pull({"src/refund.py": BUG}, "first")
    payload = pull_payload("opened", pull)
    if trouble == "suspended":
        double.suspended.add(1)
    elif trouble == "vanished":
        double.repositories.pop("acme/shop")
    elif trouble == "no permission":
        double.permissions[1]["checks"] = "read"
    else:
        payload["pull_request"]["head"]["sha"] = "0" * 40
    assert service.deliver("pull_request", payload) == 202
    double.wait(lambda: any(call.status in (403, 404, 422) for call in double.calls))
    assert pull.reviews == []
    double.suspended.clear()
    double.repositories["acme/shop"] = shop.github
    double.permissions[1]["checks"] = "write"
    ends_well(service, shop, double)
