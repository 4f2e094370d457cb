"""Which head is the newest, in whatever order deliveries come."""

from dataclasses import replace

from sqlalchemy.orm import Session

from twiceshy.store import heads
from twiceshy.store.heads import OUTRUN, Head

FIRST = Head(1, 10, "acme/shop", 7, "a" * 40, "base")
SECOND = replace(FIRST, head="b" * 40)


def test_a_newer_head_is_a_new_generation_and_the_older_one_is_no_longer_the_newest(
    session: Session,
) -> None:
    assert heads.note_head(session, FIRST, 1.0) == 1
    assert heads.note_head(session, SECOND, 2.0) == 2
    session.expire_all()
    assert not heads.is_newest(session, replace(FIRST, generation=1))
    assert heads.is_newest(session, replace(SECOND, generation=2))
    assert heads.head_of(session, 10, 7) == replace(SECOND, generation=2)


def test_a_head_that_comes_after_a_newer_one_is_outrun_and_changes_nothing(
    session: Session,
) -> None:
    heads.note_head(session, SECOND, 2.0)
    assert heads.note_head(session, FIRST, 1.0) == OUTRUN
    session.expire_all()
    assert heads.head_of(session, 10, 7) == replace(SECOND, generation=1)


def test_a_known_head_keeps_its_generation_unless_it_is_to_be_judged_again(
    session: Session,
) -> None:
    assert heads.note_head(session, FIRST, 1.0) == 1
    assert heads.note_head(session, FIRST, 2.0) == 1
    assert heads.note_head(session, FIRST, 3.0, again=True) == 2
    assert heads.note_head(session, replace(FIRST, base="moved"), 4.0) == 3


def test_a_closed_pull_request_has_no_newest_head_until_it_is_heard_of_again(
    session: Session,
) -> None:
    heads.note_head(session, FIRST, 1.0)
    heads.close(session, 10, 7)
    session.expire_all()
    assert not heads.is_newest(session, replace(FIRST, generation=1))
    assert heads.with_head(session, 10, FIRST.head) == []
    heads.note_head(session, SECOND, 2.0)
    session.expire_all()
    assert heads.with_head(session, 10, SECOND.head) == [replace(SECOND, generation=2)]


def test_of_what_nobody_heard_of_any_head_is_the_newest(session: Session) -> None:
    assert heads.is_newest(session, FIRST)
    assert heads.head_of(session, 10, 7) is None


def test_the_pull_requests_at_one_head_are_all_found_and_only_in_their_repository(
    session: Session,
) -> None:
    second = replace(FIRST, number=8)
    elsewhere = replace(FIRST, repository=11, name="acme/pay")
    for head in (FIRST, second, elsewhere):
        heads.note_head(session, head, 1.0)
    at_head = heads.with_head(session, 10, FIRST.head)
    assert sorted(head.number for head in at_head) == [7, 8]
    places = [(10, 8), (11, 7), (12, 1)]
    assert [head.name for head in heads.open_among(session, places)] == ["acme/shop", "acme/pay"]


def test_who_pushed_is_known_once_each(session: Session) -> None:
    for who in ("robin", "maria", "robin"):
        heads.note_pusher(session, 10, 7, who)
    heads.note_pusher(session, 10, 8, "eve")
    assert heads.pushers(session, 10, 7) == {"robin", "maria"}
