"""Deliveries that GitHub could not bring: how often each was asked for again, and which were given
up. Asks nobody.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from twiceshy.store.sessions import upsert
from twiceshy.store.tables import MissedRow

IDS_A_STATEMENT = 500
"""SQLite takes so many variables in any build."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A delivery whose last attempt failed; ``delivery`` is that attempt's id, ``at`` when it was
    made.
    """

    guid: str
    delivery: int
    event: str
    status: int
    at: float


def note_failures(session: Session, failures: Iterable[Failure]) -> None:
    """Remember deliveries that failed; one that is known keeps its tries and its next time."""
    for failure in failures:
        values = {
            "guid": failure.guid,
            "delivery": failure.delivery,
            "event": failure.event,
            "status": failure.status,
            "failed_at": failure.at,
            "tries": 0,
            "next_at": 0.0,
            "given_up": False,
        }
        change = {name: values[name] for name in ("delivery", "status", "failed_at")}
        session.execute(upsert(session, MissedRow, values, change))


def forget_brought(session: Session, guids: Iterable[str]) -> None:
    """These arrived."""
    waiting = list(guids)
    for start in range(0, len(waiting), IDS_A_STATEMENT):
        session.execute(
            delete(MissedRow).where(MissedRow.guid.in_(waiting[start : start + IDS_A_STATEMENT]))
        )


def due(session: Session, now: float, most: int, tries: int) -> list[MissedRow]:
    """What is to be asked for now and was not so many times, the oldest first: GitHub forgets it
    first.
    """
    waiting = select(MissedRow).where(
        ~MissedRow.given_up, MissedRow.next_at <= now, MissedRow.tries < tries
    )
    return list(
        session.scalars(waiting.order_by(MissedRow.failed_at, MissedRow.delivery).limit(most))
    )


def note_asked(session: Session, *, guid: str, tries: int, next_at: float) -> None:
    """It was asked for so many times by now; the next time is not before ``next_at``."""
    session.execute(
        update(MissedRow).where(MissedRow.guid == guid).values(tries=tries, next_at=next_at)
    )


def give_up(session: Session, now: float, tries: int) -> list[MissedRow]:
    """Give up what failed after so many tries. Gives what was given up now."""
    spent = select(MissedRow).where(
        ~MissedRow.given_up, MissedRow.tries >= tries, MissedRow.next_at <= now
    )
    rows = list(session.scalars(spent))
    for row in rows:
        row.given_up = True
    return rows


def next_time(session: Session) -> float | None:
    """When something is to be asked for again; None when nothing is missing."""
    return session.scalar(select(func.min(MissedRow.next_at)).where(~MissedRow.given_up))


def given_up(session: Session, most: int) -> list[MissedRow]:
    """What was given up, the newest first."""
    rows = select(MissedRow).where(MissedRow.given_up).order_by(MissedRow.failed_at.desc())
    return list(session.scalars(rows.limit(most)))


def forget_old(session: Session, before: float) -> None:
    """Forget what failed before a time: GitHub does not bring it any more."""
    session.execute(delete(MissedRow).where(MissedRow.failed_at < before))
