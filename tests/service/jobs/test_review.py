"""A pull request comes in, a check and a review go out: once, on the right lines, and never more
than is worth saying.
"""

import pytest

from github_double import GitHubDouble
from github_double.webhooks import pull_payload
from service.shop import BUG, CLEAN, FIX, UNJUDGED, Service, Shop


@pytest.mark.apart
def test_a_past_failure_gets_one_comment_and_blocks_the_merge(service: Service, shop: Shop) -> None:
    pull = shop.pull({"src/refund.py": BUG})
    check = service.opened(pull)
    assert (check["conclusion"], check["output"]["title"]) == (
        "failure",
        "1 lesson blocks this change",
    )
    assert [
        (note["path"], note["start_line"], note["annotation_level"])
        for note in check["annotations"]
    ] == [("src/refund.py", 5, "failure")]
    assert [button["identifier"] for button in check["actions"]] == ["not-relevant", "re-run"]
    [comment] = pull.comments
    assert (comment["path"], comment["line"], comment.get("start_line")) == (
        "src/refund.py",
        5,
        None,
    )
    assert comment["body"].startswith("**Heads up: this block resembles INC\\-245.**")
    assert len(pull.reviews) == 1


def test_nothing_is_said_when_there_is_nothing_to_say(service: Service, shop: Shop) -> None:
    pull = shop.pull({"src/total.py": CLEAN})
    check = service.opened(pull)
    assert (check["conclusion"], pull.reviews, pull.comments, pull.conversation) == (
        "success",
        [],
        [],
        [],
    )


def test_an_ordinary_pull_request_costs_at_most_six_calls(
    service: Service, shop: Shop, double: GitHubDouble
) -> None:
    service.opened(shop.pull({"src/refund.py": BUG}))
    before = len(double.calls)
    service.opened(shop.pull({"src/other.py": BUG}, "other"))
    spent = [
        (call.verb, call.path.split("/repos/acme/shop")[-1].split("/")[1])
        for call in double.calls[before:]
    ]
    assert spent == [
        ("POST", "check-runs"),
        ("GET", "pulls"),
        ("POST", "graphql"),
        ("POST", "pulls"),
        ("PATCH", "check-runs"),
    ]


def test_what_stands_is_not_said_again_and_what_is_gone_is_said_to_be_gone(
    service: Service, shop: Shop
) -> None:
    pull = shop.pull({"src/refund.py": BUG})
    service.opened(pull)
    shop.push(pull, {"src/refund.py": "# a line above\n" + BUG})
    assert service.pushed(pull)["conclusion"] == "failure"
    assert len(pull.comments) == 1
    shop.push(pull, {"src/refund.py": FIX})
    assert service.pushed(pull)["conclusion"] == "success"
    [comment] = pull.comments
    assert comment["body"].startswith(f"✔ No longer there as of {pull.head[:12]}.")
    shop.push(pull, {"src/refund.py": BUG})
    assert service.pushed(pull)["conclusion"] == "failure"
    assert len(pull.comments) == 2, "what comes back is said again"


def test_the_same_delivery_twice_is_one_delivery(
    service: Service, shop: Shop, double: GitHubDouble
) -> None:
    pull = shop.pull({"src/refund.py": BUG})
    payload = pull_payload("opened", pull)
    assert [service.deliver("pull_request", payload, "the-same") for _ in range(3)] == [
        202,
        202,
        202,
    ]
    service.check(pull)
    assert (len(pull.reviews), len(double.checks_of(pull.head))) == (1, 1)


def test_two_deliveries_of_one_head_are_one_review(
    service: Service, shop: Shop, double: GitHubDouble
) -> None:
    pull = shop.pull({"src/refund.py": BUG})
    service.deliver("pull_request", pull_payload("opened", pull))
    service.deliver("pull_request", pull_payload("ready_for_review", pull))
    service.check(pull)
    assert (len(pull.reviews), len(double.checks_of(pull.head))) == (1, 1)


def test_a_storm_of_pushes_costs_one_review_and_the_newest_head_wins(
    service: Service, shop: Shop
) -> None:
    pull = shop.pull({"src/refund.py": BUG})
    service.deliver("pull_request", pull_payload("opened", pull))
    for number in range(8):
        shop.push(pull, {"src/refund.py": BUG + f"# {number}\n"})
        service.deliver("pull_request", pull_payload("synchronize", pull))
    assert service.check(pull)["conclusion"] == "failure"
    assert (len(pull.reviews), len(pull.comments)) == (1, 1)


def test_a_persons_marker_under_another_name_silences_nobody(service: Service, shop: Shop) -> None:
    pull = shop.pull({"src/refund.py": BUG})
    service.opened(pull)
    said = dict(pull.comments[0])
    other = shop.pull({"src/refund.py": BUG}, "other")
    other.comments.append({**said, "id": 1, "user": {"login": "mallory", "type": "User", "id": 3}})
    service.opened(other)
    assert len(other.comments) == 2


def test_a_fork_is_judged_like_any_other(service: Service, shop: Shop) -> None:
    pull = shop.pull({"src/refund.py": BUG})
    pull.fork = True
    shop.git.git("update-ref", f"refs/pull/{pull.number}/head", pull.head)
    shop.git.git("checkout", "--quiet", "main")
    shop.git.git("branch", "-D", "topic")
    pull.branch = f"refs/pull/{pull.number}/head"
    assert service.opened(pull)["conclusion"] == "failure"


def test_a_change_cannot_switch_off_its_own_guard(service: Service, shop: Shop) -> None:
    pull = shop.pull(
        {
            "src/refund.py": BUG,
            "rules/inc-245.yaml": None,
            "lessons/INC-245.md": None,
            ".twiceshy.yml": "ignore: ['**']\n",
        }
    )
    assert service.opened(pull)["conclusion"] == "failure"


def test_who_adds_a_suppression_is_named(service: Service, shop: Shop) -> None:
    suppressed = BUG.replace("ticket.dict())", "ticket.dict())  # nosemgrep")
    pull = shop.pull({"src/refund.py": suppressed})
    check = service.opened(pull)
    assert check["conclusion"] == "failure"
    assert f"which this change by @\u2060{pull.author} adds" in check["output"]["summary"]


def test_a_broken_configuration_leaves_the_defaults_and_says_so(
    service: Service, shop: Shop
) -> None:
    shop.on_main({".twiceshy.yml": "block_att: high\n"})
    check = service.opened(shop.pull({"src/refund.py": BUG}))
    assert check["conclusion"] == "failure"
    assert "did you mean \\`block\\_at\\`?" in check["output"]["summary"]


def test_a_lesson_that_a_pull_request_brings_is_tried(service: Service, shop: Shop) -> None:
    broken = (
        shop.git.root.joinpath("lessons/INC-245.md")
        .read_text()
        .replace("INC-245", "INC-300")
        .replace("severity: high", "severity: hihg")
    )
    check = service.opened(shop.pull({"lessons/INC-300.md": broken}))
    assert check["conclusion"] == "success"
    [note] = check["annotations"]
    assert (note["path"], note["start_line"]) == ("lessons/INC-300.md", 5)
    assert "low, medium, high" in note["message"]


def test_what_could_not_be_inspected_is_named(service: Service, shop: Shop) -> None:
    check = service.opened(shop.pull({"logo.png": b"\x89PNG\r\n\0\0", "src/total.py": CLEAN}))
    assert check["conclusion"] == "success"
    assert "logo.png: not inspected: GitHub gives no diff of it" in check["output"][
        "summary"
    ].replace("\\", "")


def test_judging_that_takes_too_long_concludes_neutral_and_says_so(
    service: Service, shop: Shop
) -> None:
    service.workflows.context.judge_seconds = 0.001
    check = service.opened(shop.pull({"src/refund.py": BUG}))
    assert (check["conclusion"], check["output"]["title"]) == ("neutral", UNJUDGED)
    assert "took over 0.001 s" in check["output"]["summary"].replace("\\", "")


def test_a_repository_of_lessons_guards_another(
    service: Service, shop: Shop, double: GitHubDouble
) -> None:
    lessons = Shop(double, shop.git.root.parent / "lessons", "acme/incident-lessons")
    shop.on_main(
        {
            "lessons/INC-245.md": None,
            "rules/inc-245.yaml": None,
            ".twiceshy.yml": "registries: [{repo: acme/incident-lessons}, {repo: acme/gone}]\n",
        }
    )
    lessons.on_main({".twiceshy.yml": "share: [{to: acme/*, as: text}]\n"})
    check = service.opened(shop.pull({"src/refund.py": BUG}))
    assert check["conclusion"] == "failure"
    assert "registry acme/gone was not used: the App cannot read it" in check["output"][
        "summary"
    ].replace("\\", "")
    assert lessons.github.name == "acme/incident-lessons"
