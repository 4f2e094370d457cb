"""Dismissals as plain values, for the list that page, API and command line show. Reads only, never
migrates.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from twiceshy.store import answered, dismissals
from twiceshy.store.database import with_driver
from twiceshy.store.dismissals import LIVE
from twiceshy.store.tables import DismissalRow, DismissalState
from twiceshy.verdicts.local_threshold import LocalThreshold


def dismissals_in(
    url: str, repository: str = "", lesson: str = "", *, ended: bool = False
) -> list[dict[str, Any]]:
    """The list in a database. Raises SQLAlchemyError when it cannot be read, or is not current."""
    engine = create_engine(with_driver(url))
    try:
        with Session(engine) as session:
            return dismissal_list(session, repository, lesson, ended=ended)
    finally:
        engine.dispose()


def dismissal_list(
    session: Session, repository: str = "", lesson: str = "", *, ended: bool = False
) -> list[dict[str, Any]]:
    """The newest first; with ``ended`` also what was revoked, replaced or is over."""
    day = dismissals.today()
    rows = dismissals.listed(session, repository, lesson, ended=ended)
    standing = [row for row in rows if dismissals.state_of(row, day) == DismissalState.STANDING]
    asked = _asked(session, standing, day)
    return [_entry(row, day, asked.get(row.id)) for row in rows]


def _asked(
    session: Session, rows: Iterable[DismissalRow], day: date
) -> Mapping[int, LocalThreshold]:
    """By dismissal, what its repository asks of the lesson's likenesses because of it and the
    others there.
    """
    by_place: dict[tuple[str, int], list[DismissalRow]] = {}
    for row in rows:
        by_place.setdefault((row.account, row.repository), []).append(row)
    asked: dict[int, LocalThreshold] = {}
    for place, given in by_place.items():
        said = answered.said_before(session, [row.id for row in given])
        thresholds = answered.asked_in(session, *place, day)
        for row in given:
            about = said.get(row.id)
            threshold = thresholds.get((row.lesson, about.guard)) if about else None
            if threshold is not None:
                asked[row.id] = threshold
    return asked


def _entry(row: DismissalRow, day: date, asked: LocalThreshold | None) -> dict[str, Any]:
    state = dismissals.state_of(row, day)
    return {
        "id": row.id,
        "state": state,
        "lesson": row.lesson,
        "registry": row.lesson_registry,
        "account": row.account,
        "repository": row.name,
        "everywhere": row.everywhere,
        "pull_request": row.number,
        "path": row.path,
        "start_line": row.start_line,
        "who": row.who,
        "asked_by": row.asked_by,
        "by_author": row.alone,
        "reason": row.reason,
        "until": row.until,
        "given": datetime.fromtimestamp(row.at, UTC).isoformat(timespec="seconds"),
        "ended_by": row.ended_by,
        "asks_for": round(asked.score, 3) if asked else None,
        "asks_because": str(asked) if asked else "",
        "revoke": dismissals.how_to_revoke(row) if state in LIVE else "",
    }
