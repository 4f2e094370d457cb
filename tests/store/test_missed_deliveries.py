"""What GitHub could not bring: asked for in turn, given up by count, forgotten in time."""

import pytest
from sqlalchemy.orm import Session

from twiceshy.store import missed_deliveries
from twiceshy.store.missed_deliveries import IDS_A_STATEMENT, Failure

TRIES = 3


def failure(guid: str, delivery: int, at: float = 100.0) -> Failure:
    return Failure(guid, delivery, "pull_request", 502, at)


def due(session: Session, now: float, most: int = 10) -> list[str]:
    return [row.guid for row in missed_deliveries.due(session, now, most, TRIES)]


def test_the_oldest_are_asked_for_first_and_no_more_than_a_portion(session: Session) -> None:
    failures = [failure("late", 3, 300.0), failure("early", 2, 100.0), failure("between", 1, 200.0)]
    missed_deliveries.note_failures(session, failures)
    assert due(session, 1_000.0) == ["early", "between", "late"]
    assert due(session, 1_000.0, most=2) == ["early", "between"]
    assert missed_deliveries.next_time(session) == pytest.approx(0.0)


def test_one_that_was_asked_for_waits_and_a_new_failure_keeps_its_count(session: Session) -> None:
    missed_deliveries.note_failures(session, [failure("a", 1)])
    missed_deliveries.note_asked(session, guid="a", tries=2, next_at=500.0)
    missed_deliveries.note_failures(session, [failure("a", 9, 150.0)])
    assert due(session, 499.0) == []
    session.expire_all()
    [row] = missed_deliveries.due(session, 500.0, 10, TRIES)
    assert (row.delivery, row.tries, row.failed_at) == (9, 2, 150.0)
    assert missed_deliveries.next_time(session) == pytest.approx(500.0)


def test_after_so_many_tries_it_is_given_up_and_told_once(session: Session) -> None:
    missed_deliveries.note_failures(session, [failure("a", 1), failure("b", 2, 200.0)])
    for guid in ("a", "b"):
        missed_deliveries.note_asked(session, guid=guid, tries=TRIES, next_at=500.0)
    assert missed_deliveries.give_up(session, 499.0, TRIES) == [], "the last try is still to come"
    spent = missed_deliveries.give_up(session, 500.0, TRIES)
    assert sorted(row.guid for row in spent) == ["a", "b"]
    assert missed_deliveries.give_up(session, 500.0, TRIES) == []
    assert due(session, 1_000.0) == []
    assert missed_deliveries.next_time(session) is None
    newest_first = [row.guid for row in missed_deliveries.given_up(session, 10)]
    assert newest_first == ["b", "a"]


def test_what_arrived_is_forgotten_however_much_it_is(session: Session) -> None:
    guids = [f"g{number}" for number in range(IDS_A_STATEMENT + 2)]
    missed_deliveries.note_failures(session, [failure(guid, 1) for guid in guids])
    missed_deliveries.forget_brought(session, iter(guids[1:]))
    assert due(session, 1_000.0) == ["g0"]


def test_what_failed_too_long_ago_is_forgotten(session: Session) -> None:
    missed_deliveries.note_failures(session, [failure("old", 1, 100.0), failure("new", 2, 200.0)])
    missed_deliveries.forget_old(session, 150.0)
    assert due(session, 1_000.0) == ["new"]
