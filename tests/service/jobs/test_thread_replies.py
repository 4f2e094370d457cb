"""A command in a reply to our own comment means the finding the comment is about, and is answered
there.
"""

from typing import Any

import pytest

from github_double import Pull
from github_double.webhooks import payload
from service.shop import BUG, Service, Shop
from twiceshy.publishing.values import Comment, Publication, PublishedFinding
from twiceshy.service.jobs import review
from twiceshy.service.jobs.command_parser import Command, about, commands_in
from twiceshy.store.tables import FeedbackRow, FindingRow

PRINTS = ("a" * 20, "b" * 20)


@pytest.fixture(autouse=True)
def _two_findings(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a judging says is not the subject here."""
    comments = [
        Comment("src/refund.py", 5, None, f"x\n<!-- twiceshy:{mark} -->", mark) for mark in PRINTS
    ]
    published = [
        PublishedFinding(mark, mark, "INC-245", "rules", "src/refund.py", 5, 5, 1.0, "block", "")
        for mark in PRINTS
    ]
    publication = Publication(
        "failure", "t", "s", comments=tuple(comments), findings=tuple(published)
    )
    monkeypatch.setattr(review, "judge_apart", lambda *_: publication)


def replies(service: Service, pull: Pull, body: str, to: int, by: str = "maria") -> dict[str, Any]:
    """Somebody replies in a review thread."""
    number = next(pull.repository.double.ids)
    reply = {
        **pull.comments[0],
        "id": number,
        "body": body,
        "user": {"login": by, "type": "User", "id": 5},
        "in_reply_to_id": to,
    }
    reply.pop("reacted", None)
    pull.comments.append(reply)
    delivered = payload("pull_request_review_comment", "created", pull.repository, sender=by)
    delivered["pull_request"]["number"] = pull.number
    delivered["comment"] |= {"id": number, "body": body, "in_reply_to_id": to}
    delivered["comment"]["user"] = {**delivered["comment"]["user"], "login": by}
    assert service.deliver("pull_request_review_comment", delivered) == 202
    return reply


def test_a_dismissal_in_a_thread_needs_no_lesson_and_means_this_finding(
    service: Service, shop: Shop
) -> None:
    pull = shop.pull({"src/refund.py": BUG})
    service.opened(pull)
    first, second = pull.comments
    reply = replies(
        service, pull, "/twiceshy dismiss because the bank answers in 5 ms", to=first["id"]
    )
    service.check(pull, 2)
    assert reply["reacted"] == {"eyes"}
    assert [row.fingerprint for row in service.rows(FeedbackRow)] == [PRINTS[0]]
    assert {row.fingerprint: row.wrong for row in service.rows(FindingRow)} == {
        PRINTS[0]: True,
        PRINTS[1]: False,
    }
    assert second["id"] in {comment["id"] for comment in pull.comments}


def test_it_is_answered_in_the_thread(service: Service, shop: Shop) -> None:
    pull = shop.pull({"src/refund.py": BUG})
    service.opened(pull)
    first = pull.comments[0]["id"]
    replies(service, pull, "/twiceshy explain", to=first)
    shop.double.wait(lambda: len(pull.comments) == 4)
    answer = pull.comments[-1]
    assert (answer["in_reply_to_id"], answer["user"]["type"]) == (first, "Bot")
    assert "`src/refund.py` line 5: rules, score 1.00, block" in answer["body"]
    assert answer["body"].count("- `") == 1, "of this thread's finding alone"
    assert pull.conversation == []


def test_in_anybody_elses_thread_the_lesson_is_to_be_named(service: Service, shop: Shop) -> None:
    pull = shop.pull({"src/refund.py": BUG})
    service.opened(pull)
    other = {**pull.comments[0], "id": 4, "user": {"login": "eve", "type": "User", "id": 6}}
    pull.comments.append(other)
    replies(service, pull, "/twiceshy dismiss because I say so", to=4)
    shop.double.wait(lambda: len(pull.comments) == 5)
    assert "because says nothing on this pull request" in pull.comments[-1]["body"]
    assert service.rows(FeedbackRow) == []


def test_in_a_thread_the_finding_s_lesson_is_meant_named_or_not() -> None:
    for written in (
        "because it is fine",
        "INC-245 because it is fine",
        "`inc-245`, it is fine",
        "it is fine",
    ):
        (command,) = commands_in(f"/twiceshy dismiss {written}")
        meant = about(command, "INC-245", "f" * 20)
        assert (meant.lesson.upper(), meant.rest, meant.fingerprint) == (
            "INC-245",
            "it is fine",
            "f" * 20,
        )
    (command,) = commands_in("/twiceshy dismiss until 2027-01-31 because it is fine")
    meant = about(command, "INC-245", "f" * 20)
    assert (meant.lesson, meant.rest, meant.until) == ("INC-245", "it is fine", "2027-01-31")
    assert about(Command("recheck"), "INC-245", "f" * 20) == Command("recheck")
