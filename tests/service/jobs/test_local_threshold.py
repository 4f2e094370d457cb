"""A dismissal raises what a lesson asks for in its repository, at once; an undismissal undoes it."""

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from github_double import GitHubDouble, Pull
from github_double.webhooks import comment_payload
from making import finding, lesson
from service.jobs.test_rights import MEDIUM, Office, office
from service.shop import BUG, LESSON, Service, Shop
from twiceshy.guards.recall.comparison import RECALL
from twiceshy.lessons.lesson import Lesson, Severity
from twiceshy.service.jobs.dismiss import opinion_on
from twiceshy.service.jobs.feedback_memory import memory_of
from twiceshy.service.jobs.feedback_queries import confirmed_here, dismissed_here
from twiceshy.service.sandbox.launcher import JudgeRequest, RegistryRef
from twiceshy.store import dismissals, feedback, findings
from twiceshy.store.dismissal_list import dismissal_list
from twiceshy.store.tables import FindingRow
from twiceshy.verdicts.policy import decide
from twiceshy.verdicts.redaction import UNTOLD_SCORE
from twiceshy.verdicts.settings import Settings
from twiceshy.verdicts.verdict import Action

ALIKE = replace(MEDIUM, guard="recall", score=0.92, action="comment")
ELSEWHERE = BUG.replace("refund", "pay_back").replace("ticket", "order")
QUIET = LESSON.replace("severity: high", "severity: medium").replace("mode: block", "mode: comment")


@pytest.fixture
def shy(double: GitHubDouble, shop: Shop, tmp_path: Path) -> Office:
    opened = office(double, shop, tmp_path / "data")
    shop.github.collaborators |= {"robin": "write"}
    opened.remember(ALIKE)
    return opened


def its_lesson(severity: Severity) -> Lesson:
    return lesson(id="INC-245", source="lessons/INC-245.md", severity=severity)


def said(place: Office, score: float, severity: Severity = Severity.MEDIUM) -> tuple[Action, str]:
    """What becomes of another likeness of this score there."""
    dismissed = dismissed_here(place.context, place.head)
    confirmed = confirmed_here(place.context, place.head, dismissed)
    shelves = (RegistryRef("/a", "acme/shop", "", "acme/shop"),)
    request = JudgeRequest(
        (), {}, None, "", "", "", shelves, "", dismissed, (), (), "", confirmed=confirmed
    )
    of = {"INC-245": its_lesson(severity)}.get
    another = finding(RECALL, lesson="INC-245", score=score, path="other.py", key="other")
    memory = memory_of(request, Settings(), of)
    [row] = decide([another], of, Settings(), {}, memory)
    return row.action, row.reason


def test_one_dismissal_silences_the_same_kind_of_alarm_and_undismiss_undoes_it(
    shy: Office,
) -> None:
    assert said(shy, 0.93)[0] is Action.COMMENT
    shy.says("/twiceshy dismiss INC-245 because the bank is fast")
    assert said(shy, 0.93) == (
        Action.OBSERVE,
        "resembles at 0.93, under comment_at 0.95, which it asks for here: "
        "dismissed as wrong once, by maria",
    )
    assert said(shy, 0.96)[0] is Action.COMMENT, "a surer one is another matter"
    shy.says("/twiceshy undismiss INC-245")
    assert said(shy, 0.93)[0] is Action.COMMENT


def confirmation(place: Office, fingerprint: str) -> None:
    """Somebody with write access resolves the thread of another finding."""
    place.remember(
        ALIKE,
        replace(ALIKE, fingerprint=fingerprint, claim=fingerprint),
    )
    [row] = [row for row in place.rows(FindingRow) if row.fingerprint == fingerprint]
    for who, how in (("robin", "resolved"), (feedback.OUTCOME, feedback.OUTCOME)):
        word = opinion_on(row, who, how, useful=True)
        place.context.transaction(feedback.note_feedback, word)


def test_a_confirmation_takes_a_step_back_and_counts_once_for_a_finding(shy: Office) -> None:
    shy.says("/twiceshy dismiss INC-245 because the bank is fast")
    confirmation(shy, "e" * 20)
    assert said(shy, 0.915)[1] == (
        "resembles at 0.92, under comment_at 0.92, which it asks for here: "
        "dismissed as wrong once, by maria, confirmed once since"
    )
    confirmation(shy, "d" * 20)
    assert said(shy, 0.915)[0] is Action.COMMENT


def test_what_nobody_was_told_teaches_nothing(shy: Office) -> None:
    unsaid = replace(ALIKE, claim="b" * 20, fingerprint="b" * 20, score=0.97, action="observe")
    shy.remember(ALIKE, unsaid)
    shy.says("/twiceshy dismiss INC-245 because the bank is fast")
    assert said(shy, 0.96)[0] is Action.COMMENT


def test_a_score_that_is_not_told_asks_for_a_step_over_the_threshold(shy: Office) -> None:
    shy.remember(replace(ALIKE, score=UNTOLD_SCORE))
    shy.says("/twiceshy dismiss INC-245 because the bank is fast")
    assert said(shy, 0.93)[0] is Action.OBSERVE
    assert said(shy, 0.94)[0] is Action.COMMENT


def test_who_may_not_lift_alone_moves_no_threshold(shy: Office) -> None:
    shy.remember(replace(ALIKE, two_persons=True, severity="high"))
    shy.says("/twiceshy dismiss INC-245 because I know the bank", by="robin")
    assert said(shy, 0.93, Severity.HIGH)[0] is Action.COMMENT
    shy.says("/twiceshy dismiss INC-245 because it is so", by="maria")
    assert said(shy, 0.93, Severity.HIGH)[0] is Action.OBSERVE


def test_a_thumb_dismisses_nothing_and_moves_no_threshold_of_the_repository(shy: Office) -> None:
    [row] = shy.context.transaction(findings.of_pull, shy.head.repository, shy.head.number)
    thumb = opinion_on(row, "maria", feedback.THUMBS, useful=False)
    shy.context.transaction(feedback.note_feedback, thumb)
    assert said(shy, 0.93)[0] is Action.COMMENT


def test_the_list_says_what_is_asked_for(shy: Office) -> None:
    shy.says("/twiceshy dismiss INC-245 because the bank is fast")

    def entry(session: Session) -> tuple[object, object]:
        [row] = dismissal_list(session)
        return row["asks_for"], row["asks_because"]

    assert shy.context.transaction(entry) == (0.95, "dismissed as wrong once, by maria")
    [given] = shy.context.transaction(dismissals.listed)
    shy.context.transaction(dismissals.revoke, [given.id], "robin", "comment")
    [ended] = shy.context.transaction(dismissal_list, ended=True)
    assert ended["asks_for"] is None


def says(service: Service, pull: Pull, body: str) -> None:
    assert service.deliver("issue_comment", comment_payload(pull, body, "maria")) == 202


def test_from_the_webhook_to_the_check(
    service: Service, shop: Shop, double: GitHubDouble, tmp_path: Path
) -> None:
    shop.on_main({"lessons/INC-245.md": QUIET, "rules/inc-245.yaml": None})
    first = shop.pull({"src/refund.py": BUG})
    assert service.opened(first)["conclusion"] == "neutral"
    says(service, first, "/twiceshy dismiss INC-245 because the bank answers in 5 ms")
    assert service.check(first, 2)["conclusion"] == "success"
    second = shop.pull({"src/elsewhere.py": ELSEWHERE}, "second")
    assert service.opened(second)["conclusion"] == "success"
    assert second.comments == []
    other = Shop(double, tmp_path / "prod", "acme/prod")
    other.on_main({"lessons/INC-245.md": QUIET, "rules/inc-245.yaml": None})
    there = other.pull({"src/elsewhere.py": ELSEWHERE})
    assert service.opened(there)["conclusion"] == "neutral", "another repository hears it still"
    says(service, first, "/twiceshy undismiss INC-245")
    service.check(first, 3)
    says(service, second, "/twiceshy recheck")
    assert service.check(second, 2)["conclusion"] == "neutral"
