"""What was said on a pull request: begun, standing, settled or deleted."""

from sqlalchemy.orm import Session

from twiceshy.store import said_comments
from twiceshy.store.said_comments import Saying, State

PRINT, OTHER = "f" * 20, "e" * 20
SAYING = Saying(PRINT, "c" * 20, "digest")


def states(session: Session, number: int = 7) -> dict[str, str]:
    session.expire_all()
    rows = said_comments.of_pull(session, 10, number)
    return {fingerprint: row.state for fingerprint, row in rows.items()}


def test_a_finding_is_being_said_then_stands_then_is_settled(session: Session) -> None:
    said_comments.begin(session, 10, 7, "head", [SAYING])
    assert states(session) == {PRINT: State.SENDING}
    said_comments.note_standing(session, 10, 7, [PRINT], 55, alone=True)
    assert states(session) == {PRINT: State.STANDING}
    row = said_comments.of_pull(session, 10, 7)[PRINT]
    assert (row.review, row.alone, row.head, row.body) == (55, True, "head", "digest")
    said_comments.note_settled(session, 10, 7, PRINT)
    assert states(session) == {PRINT: State.SETTLED}
    assert states(session, number=8) == {}


def test_a_comment_that_is_seen_on_github_keeps_what_is_known_of_it(session: Session) -> None:
    said_comments.begin(session, 10, 7, "head", [SAYING])
    unknown_words = Saying(PRINT, "", "")
    said_comments.note_seen(session, 10, 7, unknown_words, 900, settled=False)
    assert states(session) == {PRINT: State.STANDING}
    row = said_comments.of_comment(session, 10, 900)
    assert row is not None
    assert (row.fingerprint, row.claim, row.body, row.head) == (PRINT, "c" * 20, "digest", "head")
    assert said_comments.of_comment(session, 11, 900) is None


def test_one_older_than_the_store_is_known_from_when_it_is_seen(session: Session) -> None:
    said_comments.note_seen(session, 10, 7, SAYING, 900, settled=True)
    assert states(session) == {PRINT: State.SETTLED}


def test_who_deleted_a_comment_is_kept_also_of_one_nobody_knew(session: Session) -> None:
    said_comments.begin(session, 10, 7, "head", [SAYING])
    for fingerprint in (PRINT, OTHER):
        said_comments.note_deleted(session, 10, 7, fingerprint, "maria")
    assert states(session) == {PRINT: State.DELETED, OTHER: State.DELETED}
    rows = said_comments.of_pull(session, 10, 7)
    assert [rows[fingerprint].deleted_by for fingerprint in (PRINT, OTHER)] == ["maria", "maria"]
    assert rows[PRINT].body == "digest", "what was said stays known"


def test_what_is_gone_is_deleted_by_nobody_known_and_what_was_not_said_is_forgotten(
    session: Session,
) -> None:
    said_comments.begin(session, 10, 7, "head", [SAYING, Saying(OTHER, "", "")])
    said_comments.note_gone(session, 10, 7, [PRINT])
    said_comments.forget(session, 10, 7, [OTHER])
    assert states(session) == {PRINT: State.DELETED}
    assert said_comments.of_pull(session, 10, 7)[PRINT].deleted_by is None
