"""Who alone may do a thing now, across processes: a row with a holder and an end. Decides nothing
about the thing.

A lease is fenced: whoever lost it (its process was taken for dead, or it ran out and another took
it) learns so before the next write, because its token is no longer the row's.
"""

import time
from uuid import uuid4

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from twiceshy.store.sessions import upsert
from twiceshy.store.tables import LeaseRow

FORGOTTEN_AFTER_SECONDS = 86_400.0


def take(session: Session, name: str, holder: str, seconds: float) -> str | None:
    """Take a lease. Gives its token; None while somebody else holds it, another thread of this
    process included.
    """
    now, token = time.time(), uuid4().hex
    values = {"name": name, "holder": holder, "token": token, "until": now + seconds}
    change = {key: values[key] for key in ("holder", "token", "until")}
    statement = upsert(session, LeaseRow, values, change, only_if=LeaseRow.until < now).returning(
        LeaseRow.token
    )
    return token if session.execute(statement).first() is not None else None


def renew(session: Session, name: str, token: str, seconds: float) -> bool:
    """Hold it for so long from now. False when it is somebody else's by now."""
    lease = update(LeaseRow).where(LeaseRow.name == name, LeaseRow.token == token)
    renewed = lease.values(until=time.time() + seconds).returning(LeaseRow.name)
    return session.execute(renewed).first() is not None


def release(session: Session, name: str, token: str) -> None:
    """Give it back; nothing happens when it is somebody else's by now."""
    session.execute(
        update(LeaseRow)
        .where(LeaseRow.name == name, LeaseRow.token == token)
        .values(until=0.0, token="")
    )


def free_of(session: Session, holders: list[str]) -> None:
    """Take from processes that died what they held."""
    if holders:
        session.execute(
            update(LeaseRow).where(LeaseRow.holder.in_(holders)).values(until=0.0, token="")
        )


def forget_old(session: Session) -> None:
    """Forget leases that nobody has held for a day."""
    session.execute(delete(LeaseRow).where(LeaseRow.until < time.time() - FORGOTTEN_AFTER_SECONDS))
