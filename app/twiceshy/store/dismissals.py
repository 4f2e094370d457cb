"""Dismissals: who silenced which lesson for which code, where, until when. None is ever deleted;
decides no rights.
"""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from twiceshy.store.tables import DismissalRow, DismissalState

MOST_LISTED = 1_000

LIVE = (DismissalState.STANDING, DismissalState.REQUESTED)


@dataclass(frozen=True, slots=True)
class Where:
    """The repository a dismissal is given in, and the registry of its lesson when it is for the
    whole account.
    """

    repository: int
    name: str  # owner/name
    number: int  # the pull request
    everywhere: bool = False
    registry: str = ""

    @property
    def account(self) -> str:
        """The account the repository belongs to."""
        return self.name.partition("/")[0]


@dataclass(frozen=True, slots=True)
class Silenced:
    """The code a dismissal is for."""

    claim: str
    lesson: str
    path: str
    start_line: int


@dataclass(frozen=True, slots=True)
class Word:
    """Who says it, why, and for how long."""

    who: str
    reason: str
    until: date | None = None
    alone: bool = False  # its giver wrote part of that change
    state: DismissalState = field(default=DismissalState.STANDING)


def today() -> date:
    """The day it is in UTC: dismissals end with their last day there."""
    return datetime.now(UTC).date()


def give(session: Session, where: Where, silenced: Silenced, word: Word) -> None:
    """Record a dismissal or a request; the last word on the same code and place counts. Twice is
    once.
    """
    same = list(session.scalars(select(DismissalRow).where(_same_place(where, silenced.claim))))
    if any(_says_the_same(row, word) for row in same):
        return
    asked_by = ""
    for row in same:
        if row.state == DismissalState.REQUESTED:
            asked_by = row.who
        if word.state is DismissalState.STANDING or row.state == DismissalState.REQUESTED:
            _end(row, DismissalState.REPLACED, word.who, "")
    session.add(_row(where, silenced, word, asked_by if asked_by != word.who else ""))


def holding(session: Session, account: str, repository: int, day: date) -> list[DismissalRow]:
    """What is dismissed in a repository on a day: what was given there, and for its whole account.
    Oldest first.
    """
    place = or_(_of_repository(repository), _of_account(account))
    standing = DismissalRow.state == DismissalState.STANDING
    unended = or_(DismissalRow.until.is_(None), DismissalRow.until >= day.isoformat())
    query = select(DismissalRow).where(standing, place, unended)
    return list(session.scalars(query.order_by(DismissalRow.id)))


def live(
    session: Session, account: str, repository: int, lesson: str, *, everywhere: bool
) -> list[DismissalRow]:
    """The dismissals and requests of a lesson that can be revoked: of the repository, or of the
    whole account.
    """
    place = _of_account(account) if everywhere else _of_repository(repository)
    named = func.lower(DismissalRow.lesson) == lesson.lower()
    rows = select(DismissalRow).where(DismissalRow.state.in_(LIVE), place, named)
    return list(session.scalars(rows.order_by(DismissalRow.id)))


def revoke(session: Session, rows: Iterable[int], who: str, why: str) -> None:
    """End these dismissals; ``why`` names the comment that asked for it."""
    for number in rows:
        row = session.get(DismissalRow, number)
        if row is not None and row.state in LIVE:
            _end(row, DismissalState.REVOKED, who, why)


def revoked_for(session: Session, why: str) -> list[DismissalRow]:
    """What a comment ended already: a step that is done again must say the same."""
    return list(
        session.scalars(
            select(DismissalRow).where(DismissalRow.ended_for == why).order_by(DismissalRow.id)
        )
    )


def listed(
    session: Session,
    repository: str = "",
    lesson: str = "",
    *,
    ended: bool = False,
    most: int = MOST_LISTED,
) -> Sequence[DismissalRow]:
    """The newest first; also those that hold no more when ``ended``."""
    query = select(DismissalRow).order_by(DismissalRow.id.desc()).limit(most)
    if not ended:
        unended = or_(DismissalRow.until.is_(None), DismissalRow.until >= today().isoformat())
        query = query.where(DismissalRow.state.in_(LIVE), unended)
    if repository:
        query = query.where(func.lower(DismissalRow.name) == repository.lower())
    if lesson:
        query = query.where(func.lower(DismissalRow.lesson) == lesson.lower())
    return list(session.scalars(query))


def state_of(row: DismissalRow, day: date) -> str:
    """Its state in a word: a standing one past its last day is ended."""
    over = row.until is not None and row.until < day.isoformat()
    return "ended" if over and row.state in LIVE else row.state


def how_to_revoke(row: DismissalRow) -> str:
    """The sentence that says who ends it, and how."""
    command = f"/twiceshy undismiss {row.lesson}"
    if row.everywhere:
        return (
            f"an admin of {row.lesson_registry} writes {command} everywhere "
            f"on a pull request of {row.account}"
        )
    if not row.name:
        return "it holds nowhere any more"
    return f"somebody with write access writes {command} on a pull request of {row.name}"


def _of_repository(repository: int) -> ColumnElement[bool]:
    return and_(DismissalRow.repository == repository, DismissalRow.everywhere.is_(False))


def _of_account(account: str) -> ColumnElement[bool]:
    same = func.lower(DismissalRow.account) == account.lower()
    return and_(same, DismissalRow.everywhere.is_(True))


def _same_place(where: Where, claim: str) -> ColumnElement[bool]:
    conditions = [
        DismissalRow.claim == claim,
        DismissalRow.state.in_(LIVE),
        DismissalRow.everywhere.is_(where.everywhere),
    ]
    if where.everywhere:
        conditions.append(DismissalRow.account == where.account)
        conditions.append(DismissalRow.lesson_registry == where.registry)
    else:
        conditions.append(DismissalRow.repository == where.repository)
    return and_(*conditions)


def _says_the_same(row: DismissalRow, word: Word) -> bool:
    until = word.until.isoformat() if word.until else None
    return (row.who, row.reason, row.until, row.state) == (word.who, word.reason, until, word.state)


def _end(row: DismissalRow, state: DismissalState, who: str, why: str) -> None:
    row.state, row.ended_by, row.ended_at, row.ended_for = state, who, time.time(), why


def _row(where: Where, silenced: Silenced, word: Word, asked_by: str) -> DismissalRow:
    return DismissalRow(
        state=word.state,
        account=where.account,
        repository=where.repository,
        name=where.name,
        everywhere=where.everywhere,
        lesson_registry=where.registry,
        claim=silenced.claim,
        lesson=silenced.lesson,
        number=where.number,
        path=silenced.path,
        start_line=silenced.start_line,
        who=word.who,
        asked_by=asked_by,
        alone=word.alone,
        reason=word.reason,
        until=word.until.isoformat() if word.until else None,
        at=time.time(),
    )
