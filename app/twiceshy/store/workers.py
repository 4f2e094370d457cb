"""Which processes do the work, and which of them have died."""

import time
from uuid import uuid4

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from twiceshy.store.sessions import upsert
from twiceshy.store.tables import WorkerRow

DEAD_AFTER_SECONDS = 20.0


def new_name() -> str:
    """A name no other process has."""
    return f"worker-{uuid4().hex[:16]}"


def alive(session: Session, name: str) -> int:
    """Say that this process lives. Gives how many do."""
    now = time.time()
    session.execute(upsert(session, WorkerRow, {"id": name, "at": now}, {"at": now}))
    living = (
        select(func.count()).select_from(WorkerRow).where(WorkerRow.at > now - DEAD_AFTER_SECONDS)
    )
    return int(session.scalar(living) or 1)


def bury(session: Session, name: str, *, all_others: bool = False) -> list[str]:
    """The processes that have died, each told to one caller only. ``all_others``: nobody else can
    be alive.
    """
    last = time.time() + 1 if all_others else time.time() - DEAD_AFTER_SECONDS
    dead = (
        delete(WorkerRow).where(WorkerRow.at < last, WorkerRow.id != name).returning(WorkerRow.id)
    )
    return list(session.scalars(dead))


def leave(session: Session, name: str) -> None:
    """This process ends in an orderly way."""
    session.execute(delete(WorkerRow).where(WorkerRow.id == name))
