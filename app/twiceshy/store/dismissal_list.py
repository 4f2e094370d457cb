"""Dismissals as plain values, for the list that page, API and command line show. Reads only, never
migrates.
"""

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from twiceshy.store import dismissals
from twiceshy.store.database import with_driver
from twiceshy.store.dismissals import LIVE
from twiceshy.store.tables import DismissalRow


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
    return [_entry(row, day) for row in dismissals.listed(session, repository, lesson, ended=ended)]


def _entry(row: DismissalRow, day: date) -> dict[str, Any]:
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
        "revoke": dismissals.how_to_revoke(row) if state in LIVE else "",
    }
