"""Who works, who died, and that each death is told once."""

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from twiceshy.store import workers
from twiceshy.store.tables import WorkerRow


def last_seen(session: Session, name: str, at: float) -> None:
    session.execute(update(WorkerRow).where(WorkerRow.id == name).values(at=at))


def test_no_two_processes_have_one_name() -> None:
    assert workers.new_name() != workers.new_name()


def test_the_living_are_counted_each_once(session: Session) -> None:
    assert workers.alive(session, "worker-1") == 1
    assert workers.alive(session, "worker-2") == 2
    assert workers.alive(session, "worker-1") == 2
    last_seen(session, "worker-2", 0.0)
    assert workers.alive(session, "worker-1") == 1


def test_a_death_is_told_once_and_never_to_the_dead(session: Session) -> None:
    for name in ("worker-1", "worker-2", "worker-3"):
        workers.alive(session, name)
    last_seen(session, "worker-2", 0.0)
    assert workers.bury(session, "worker-2") == [], "of itself"
    assert workers.bury(session, "worker-1") == ["worker-2"]
    assert workers.bury(session, "worker-1") == []


def test_where_nobody_else_can_live_all_others_are_dead(session: Session) -> None:
    for name in ("worker-1", "worker-2"):
        workers.alive(session, name)
    assert workers.bury(session, "worker-1", all_others=True) == ["worker-2"]


@pytest.mark.parametrize("name", ["worker-1", "never seen"])
def test_who_left_is_nobody_s_death(session: Session, name: str) -> None:
    workers.alive(session, "worker-1")
    workers.alive(session, "worker-2")
    workers.leave(session, name)
    last_seen(session, "worker-1", 0.0)
    assert workers.bury(session, "worker-2") == ([] if name == "worker-1" else ["worker-1"])
