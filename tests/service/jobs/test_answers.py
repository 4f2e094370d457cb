"""People answer: commands, buttons, thumbs, threads; what comes of findings; and lessons that lose
their voice.
"""

from pathlib import Path

import pytest

from github_double import GitHubDouble, Pull
from github_double.webhooks import comment_payload, payload, pull_payload
from service.shop import BUG, CLEAN, FIX, Service, Shop
from twiceshy.publishing.values import Publication
from twiceshy.service.jobs import review
from twiceshy.service.sandbox.launcher import JudgeRequest, NotJudged, judge_apart
from twiceshy.store import feedback
from twiceshy.store.feedback import Feedback
from twiceshy.store.tables import FeedbackRow, PusherRow


def says(service: Service, pull: Pull, body: str, by: str = "maria") -> None:
    assert service.deliver("issue_comment", comment_payload(pull, body, by)) == 202


def reactions(pull: Pull) -> list[set[str]]:
    return [
        comment.get("reacted", set())
        for comment in pull.conversation
        if comment["user"]["type"] == "User"
    ]


def test_a_dismissal_is_green_at_once_and_is_remembered_and_quoted(
    service: Service, shop: Shop
) -> None:
    pull = shop.pull({"src/refund.py": BUG})
    service.opened(pull)
    says(service, pull, "Thanks!\n/twiceshy dismiss INC-245 the bank answers in 5 ms, always\n")
    check = service.check(pull, 2)
    assert check["conclusion"] == "success"
    assert reactions(pull) == [{"eyes"}]
    quoted = "dismissed by maria: the bank answers in 5 ms, always"
    assert quoted in check["output"]["summary"].replace("\\", "")
    other = shop.pull({"src/elsewhere.py": BUG}, "other")
    again = service.opened(other)
    assert (again["conclusion"], other.comments) == ("success", [])
    assert quoted in again["output"]["summary"].replace("\\", "")
    changed = shop.pull({"src/elsewhere.py": BUG.replace("BANK", "TAX_OFFICE")}, "third")
    assert service.opened(changed)["conclusion"] == "failure", "other code is another matter"


def test_only_who_may_write_is_listened_to(service: Service, shop: Shop) -> None:
    pull = shop.pull({"src/refund.py": BUG})
    service.opened(pull)
    for somebody in ("eve", "stranger"):
        says(service, pull, "/twiceshy dismiss INC-245 because I say so", by=somebody)
    shop.double.wait(lambda: reactions(pull) == [{"confused"}, {"confused"}])
    assert service.rows(FeedbackRow) == []


def test_a_dismissal_in_a_sandbox_says_nothing_elsewhere(
    service: Service, shop: Shop, double: GitHubDouble, tmp_path: Path
) -> None:
    sandbox = Shop(double, tmp_path / "sandbox", "acme/sandbox")
    there = sandbox.pull({"src/refund.py": BUG})
    service.opened(there)
    says(service, there, "/twiceshy dismiss INC-245 because this is a sandbox")
    assert service.check(there, 2)["conclusion"] == "success"
    assert service.opened(shop.pull({"src/refund.py": BUG}))["conclusion"] == "failure"


def test_an_author_alone_lifts_nothing_a_second_person_does_and_it_can_be_revoked(
    service: Service, shop: Shop
) -> None:
    shop.github.collaborators["robin"] = "admin"
    pull = shop.pull({"src/refund.py": BUG})
    assert service.opened(pull)["conclusion"] == "failure"
    says(
        service,
        pull,
        "/twiceshy dismiss INC-245 because I know the bank\n/twiceshy recheck",
        by="robin",
    )
    assert service.check(pull, 2)["conclusion"] == "failure"
    [asked] = bots(pull)
    assert asked.startswith(
        "Recorded as a request: INC\\-245 is of severity high, and you wrote part of this change. A"
    )
    says(service, pull, "/twiceshy dismiss INC-245 because I measured it")
    assert service.check(pull, 3)["conclusion"] == "success"
    says(service, pull, "/twiceshy undismiss INC-245", by="robin")
    assert service.check(pull, 4)["conclusion"] == "failure"


def test_who_pushes_to_anothers_pull_request_is_among_its_authors(
    service: Service, shop: Shop
) -> None:
    pull = shop.pull({"src/refund.py": BUG})
    service.opened(pull)
    shop.push(pull, {"src/more.py": CLEAN})
    service.deliver("pull_request", pull_payload("synchronize", pull, sender="maria"))
    service.check(pull)
    assert {row.who for row in service.rows(PusherRow)} == {"robin", "maria"}
    says(service, pull, "/twiceshy dismiss INC-245 because I measured it")
    shop.double.wait(lambda: len(bots(pull)) == 1)
    assert bots(pull)[0].startswith("Recorded as a request")


def test_a_dismissal_without_a_reason_or_a_finding_is_answered(
    service: Service, shop: Shop
) -> None:
    pull = shop.pull({"src/refund.py": BUG})
    service.opened(pull)
    for text in ("dismiss INC-245", "dismiss INC-9 no", "explain INC-245", "explain INC-9", "sing"):
        before = len(bots(pull))
        says(service, pull, f"/twiceshy {text}")
        shop.double.wait(lambda before=before: len(bots(pull)) == before + 1)  # type: ignore[misc]  # bound now
    said = [body.split("\n\n<!--")[0] for body in bots(pull)]
    answered = (
        "I know `/twiceshy dismiss LESSON because …`, `/twiceshy undismiss LESSON`, "
        "`/twiceshy explain LESSON` "
        "and `/twiceshy recheck`."
    )
    assert said == [
        "Say why, so that the next one knows: `/twiceshy dismiss INC-245 because …`",
        f"INC\\-9 says nothing on this pull request. {answered}",
        "**INC\\-245** on this pull request:\n\n"
        "- `src/refund.py` line 5: rules, score 1.00, block\n"
        "- `src/refund.py` line 5: recall, score 0.99, observe",
        "INC\\-9 found nothing here: no rule matched, and nothing resembles it enough.",
        answered,
    ]


def bots(pull: Pull) -> list[str]:
    return [comment["body"] for comment in pull.conversation if comment["user"]["type"] == "Bot"]


def test_recheck_judges_again(service: Service, shop: Shop) -> None:
    pull = shop.pull({"src/refund.py": BUG})
    service.opened(pull)
    says(service, pull, "/twiceshy recheck")
    assert service.check(pull, 2)["conclusion"] == "failure"
    assert len(pull.comments) == 1


def test_the_button_says_not_relevant(service: Service, shop: Shop) -> None:
    pull = shop.pull({"src/refund.py": BUG})
    service.opened(pull)
    press = payload("check_run", "requested_action", shop.github, sender="maria")
    press["check_run"]["head_sha"] = pull.head
    press["requested_action"] = {"identifier": "not-relevant"}
    service.deliver("check_run", press)
    assert service.check(pull, 2)["conclusion"] == "success"
    assert [(row.who, row.useful, row.how) for row in service.rows(FeedbackRow)] == [
        ("maria", False, "button")
    ] * len(service.rows(FeedbackRow))
    assert service.rows(FeedbackRow)


def test_a_rerun_asked_of_github_judges_again(service: Service, shop: Shop) -> None:
    pull = shop.pull({"src/refund.py": BUG})
    service.opened(pull)
    ask = payload("check_suite", "rerequested", shop.github)
    ask["check_suite"]["head_sha"] = pull.head
    service.deliver("check_suite", ask)
    assert service.check(pull, 2)["conclusion"] == "failure"


def closed(service: Service, pull: Pull, merged: bool) -> dict[str, str | None]:
    pull.close(merged)
    service.deliver("pull_request", pull_payload("closed", pull))
    pull.repository.double.wait(
        lambda: all(row.outcome for row in service.findings(pull) if row.shown)
    )
    return {row.guard: row.outcome for row in service.findings(pull) if row.shown}


def test_outcomes_are_recorded_when_a_pull_request_closes(service: Service, shop: Shop) -> None:
    prevented = shop.pull({"src/a.py": BUG}, "a")
    service.opened(prevented)
    shop.push(prevented, {"src/a.py": FIX})
    service.pushed(prevented)
    assert closed(service, prevented, merged=True) == {"rules": "prevented"}
    escaped, abandoned, wrong = (
        shop.pull({f"src/{name}.py": BUG}, name) for name in ("b", "c", "d")
    )
    for pull in (escaped, abandoned, wrong):
        service.opened(pull)
    wrong.react("maria")
    assert closed(service, escaped, merged=True) == {"rules": "escaped"}
    assert closed(service, abandoned, merged=False) == {"rules": "abandoned"}
    assert closed(service, wrong, merged=True) == {"rules": "dismissed"}
    feedback = {(row.number, row.useful, row.how) for row in service.rows(FeedbackRow)}
    assert feedback == {(prevented.number, True, "outcome"), (wrong.number, False, "thumbs")}


def test_an_escape_that_is_mended_later_is_a_prediction_come_true(
    service: Service, shop: Shop
) -> None:
    pull = shop.pull({"src/refund.py": BUG})
    service.opened(pull)
    shop.git.git("checkout", "--quiet", "main")
    shop.git.git("merge", "--quiet", "--no-edit", "topic")
    closed(service, pull, merged=True)
    fix = shop.on_main({"src/refund.py": FIX}, "Fix the refund that hung for an hour")
    push = payload("push", "", shop.github, ref="refs/heads/main", after=fix)
    push["commits"] = [{"added": [], "removed": [], "modified": ["src/refund.py"]}]
    service.deliver("push", push)
    shop.double.wait(lambda: any(row.came_true == fix for row in service.findings(pull)))


def test_a_resolved_thread_speaks_for_the_finding(service: Service, shop: Shop) -> None:
    pull = shop.pull({"src/refund.py": BUG})
    service.opened(pull)
    resolved = payload("pull_request_review_thread", "resolved", shop.github, sender="maria")
    resolved["pull_request"]["number"] = pull.number
    resolved["thread"]["comments"][0] |= {
        "body": pull.comments[0]["body"],
        "user": pull.comments[0]["user"],
    }
    service.deliver("pull_request_review_thread", resolved)
    shop.double.wait(lambda: len(service.rows(FeedbackRow)) == 1)
    [row] = service.rows(FeedbackRow)
    assert (row.who, row.useful, row.how, row.lesson) == ("maria", True, "resolved", "INC-245")


def test_a_lesson_over_the_noise_budget_loses_its_voice_a_step_at_a_time(
    service: Service, shop: Shop
) -> None:
    def judged(number: int, useful: bool, who: str = "") -> None:
        name, how = who or f"person-{number}", "dismissed"
        opinion = Feedback(
            "acme", 1, number, f"f{number}", "INC-245", name, useful, how, "acme/shop"
        )
        service.workflows.context.transaction(feedback.note_feedback, opinion)

    for number in range(8):
        judged(number, useful=True)
    judged(8, useful=False)
    for number in range(100, 130):
        judged(number, useful=False, who="person-8")
    assert service.opened(shop.pull({"src/a.py": BUG}, "a"))["conclusion"] == "failure", (
        "nine people are too few"
    )
    judged(9, useful=False)
    check = service.opened(shop.pull({"src/b.py": BUG}, "b"))
    assert check["conclusion"] == "neutral"
    for number in range(10, 20):
        judged(number, useful=False)
    assert service.opened(shop.pull({"src/c.py": BUG}, "c"))["conclusion"] == "success"


def queued(service: Service, shop: Shop, pull: Pull, head: str) -> str:
    group = payload("merge_group", "checks_requested", shop.github)
    ref = "refs/heads/gh-readonly-queue/main/pr-1"
    group["merge_group"] |= {"head_sha": head, "base_sha": shop.github.sha("main"), "head_ref": ref}
    service.deliver("merge_group", group)
    shop.double.wait(
        lambda: any(check["status"] == "completed" for check in shop.double.checks_of(head))
    )
    return str(shop.double.checks_of(head)[-1]["conclusion"])


def test_a_merge_queue_gets_the_pull_requests_own_verdict_or_a_new_one(
    service: Service, shop: Shop, double: GitHubDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    pull = shop.pull({"src/total.py": CLEAN})
    service.opened(pull)
    judgings: list[JudgeRequest] = []

    def counted(case: JudgeRequest, seconds: float) -> Publication:
        judgings.append(case)
        return judge_apart(case, seconds)

    monkeypatch.setattr(review, "judge_apart", counted)
    shop.git.git("checkout", "--quiet", "-b", "queue", "main")
    shop.git.git("merge", "--quiet", "--no-ff", "--no-edit", "topic")
    assert queued(service, shop, pull, shop.github.sha("queue")) == "success"
    assert (
        "as judged on the pull request"
        in double.checks_of(shop.github.sha("queue"))[0]["output"]["summary"]
    )
    assert judgings == [], "nobody waits for a judging whose end is known"
    shop.git.commit({"src/refund.py": BUG}, "another one in the queue")
    assert queued(service, shop, pull, shop.github.sha("queue")) == "failure"
    assert len(judgings) == 1


def merged_in_a_queue(shop: Shop) -> str:
    shop.git.git("checkout", "--quiet", "-B", "queue", "main")
    shop.git.git("merge", "--quiet", "--no-ff", "--no-edit", "topic")
    return shop.github.sha("queue")


def test_a_merge_queue_takes_over_no_verdict_of_a_judging_that_failed(
    service: Service, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(case: JudgeRequest, seconds: float) -> Publication:
        raise NotJudged("it died")

    with monkeypatch.context() as patched:
        patched.setattr(review, "judge_apart", fails)
        pull = shop.pull({"src/refund.py": BUG})
        assert service.opened(pull)["conclusion"] == "neutral"
    assert queued(service, shop, pull, merged_in_a_queue(shop)) == "failure"


def test_settings_that_github_does_not_give_are_no_green(service: Service, shop: Shop) -> None:
    shop.on_main({".twiceshy.yml": "on_failure: failure\n" + "# long\n" * 100_000})
    check = service.opened(shop.pull({"src/total.py": CLEAN}))
    assert check["conclusion"] == "neutral"
    assert ".twiceshy.yml" in check["output"]["summary"]


def test_a_registry_the_app_does_not_read_is_no_green(service: Service, shop: Shop) -> None:
    shop.on_main({".twiceshy.yml": "registries:\n  - path: .\n  - path: tools/registry\n"})
    check = service.opened(shop.pull({"src/total.py": CLEAN}))
    assert check["conclusion"] == "neutral"
    assert "tools/registry" in check["output"]["summary"]
