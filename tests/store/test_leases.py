"""One holder at a time, and whoever lost a lease learns so."""

import pytest
from sqlalchemy.orm import Session

from twiceshy.store import leases

HOUR = 3_600.0


def test_a_lease_has_one_holder_until_it_is_given_back(session: Session) -> None:
    token = leases.take(session, "catching up", "worker-1", HOUR)
    assert token is not None
    assert leases.take(session, "catching up", "worker-2", HOUR) is None
    assert leases.take(session, "catching up", "worker-1", HOUR) is None, "another thread of it"
    assert leases.take(session, "another thing", "worker-2", HOUR) is not None
    leases.release(session, "catching up", token)
    assert leases.take(session, "catching up", "worker-2", HOUR) is not None


def test_one_that_ran_out_is_anybodys_and_its_old_token_does_nothing(session: Session) -> None:
    lost = leases.take(session, "writing", "worker-1", -1.0)
    assert lost is not None
    taken = leases.take(session, "writing", "worker-2", HOUR)
    assert taken not in (None, lost)
    assert not leases.renew(session, "writing", lost, HOUR)
    leases.release(session, "writing", lost)
    assert leases.take(session, "writing", "worker-3", HOUR) is None
    assert leases.renew(session, "writing", str(taken), HOUR)


def test_what_a_dead_process_held_is_free_and_nothing_else(session: Session) -> None:
    dead = leases.take(session, "one", "worker-1", HOUR)
    alive = leases.take(session, "two", "worker-2", HOUR)
    leases.free_of(session, [])
    assert leases.renew(session, "one", str(dead), HOUR)
    leases.free_of(session, ["worker-1"])
    assert not leases.renew(session, "one", str(dead), HOUR)
    assert leases.renew(session, "two", str(alive), HOUR)
    assert leases.take(session, "one", "worker-2", HOUR) is not None


@pytest.mark.parametrize(("ago", "known"), [(leases.FORGOTTEN_AFTER_SECONDS + 60, 0), (60.0, 1)])
def test_leases_nobody_held_for_a_day_are_forgotten(
    session: Session, ago: float, known: int
) -> None:
    token = leases.take(session, "writing", "worker-1", -ago)
    leases.forget_old(session)
    assert leases.renew(session, "writing", str(token), HOUR) == bool(known)
