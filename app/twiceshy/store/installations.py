"""Installations that are away: suspended, or gone with everything that was kept of them. Calls
nobody.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, delete, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from twiceshy.store.notes import ON_FAILURE, REGISTRY, UNUSED, set_note
from twiceshy.store.tables import (
    DismissalRow,
    FeedbackRow,
    FindingRow,
    NoteRow,
    PullRow,
    PusherRow,
    RegistryUseRow,
    RunRow,
    SaidRow,
    WriteRow,
)

GONE, PAUSED = "gone:", "paused:"
"""Before an installation's number, as notes. GitHub never gives a number twice, so who is gone
stays gone.
"""

A_TIME = 500
"""Repositories in one statement."""

_SENT = ("check", "review", "conclude", "annotations", "answer")
"""What a key of ``write`` begins with, before the repository's number."""


@dataclass(frozen=True, slots=True, order=True)
class StoredRepository:
    """A repository something is kept of."""

    id: int
    name: str


def is_away(session: Session, installation: int) -> bool:
    """Whether nothing is to be done for an installation."""
    names = (f"{GONE}{installation}", f"{PAUSED}{installation}")
    return session.scalar(select(NoteRow.name).where(NoteRow.name.in_(names)).limit(1)) is not None


def pause(session: Session, installation: int) -> None:
    """It is suspended: what is kept stays, nothing is done."""
    set_note(session, f"{PAUSED}{installation}", "")


def resume(session: Session, installation: int) -> None:
    """It is there again."""
    session.execute(delete(NoteRow).where(NoteRow.name == f"{PAUSED}{installation}"))


def gone(session: Session) -> set[int]:
    """The installations that were removed, ever."""
    names = session.scalars(select(NoteRow.name).where(NoteRow.name.startswith(GONE)))
    return {int(name.removeprefix(GONE)) for name in names}


def forget_installation(
    session: Session, installation: int, account: str, named: Iterable[StoredRepository]
) -> list[StoredRepository]:
    """Delete all that is kept of an installation; ``named``: the repositories GitHub names. Gives
    what was forgotten.

    What belongs to the account stays when another installation serves it by now: it was removed and
    installed again.
    """
    repositories = _with_pulls(session, PullRow.installation == installation)
    if not _has_another(session, installation, account):
        repositories |= {*named, *_with_pulls(session, _of_account(PullRow.name, account))}
        repositories |= _with_findings(session, account)
        _forget_account(session, account)
    forgotten = sorted(repositories)
    forget_repositories(session, forgotten)
    set_note(session, f"{GONE}{installation}", "")
    resume(session, installation)
    return forgotten


def forget_repositories(session: Session, repositories: Sequence[StoredRepository]) -> None:
    """Delete all that is kept of these repositories, and of nothing else."""
    for start in range(0, len(repositories), A_TIME):
        _forget_some(session, repositories[start : start + A_TIME])


def _forget_some(session: Session, repositories: Sequence[StoredRepository]) -> None:
    numbers = [repository.id for repository in repositories]
    for table in (PullRow, RunRow, FindingRow, FeedbackRow, PusherRow, SaidRow, RegistryUseRow):
        session.execute(delete(table).where(table.repository.in_(numbers)))
    given_there = (DismissalRow.repository.in_(numbers), DismissalRow.everywhere.is_(False))
    session.execute(delete(DismissalRow).where(*given_there))
    for repository in repositories:
        _forget_notes(session, repository)
        sent = (WriteRow.key.startswith(f"{kind}:{repository.id}/") for kind in _SENT)
        session.execute(delete(WriteRow).where(or_(*sent)))


def _forget_notes(session: Session, repository: StoredRepository) -> None:
    unused = NoteRow.name.startswith(f"{UNUSED}{repository.name} ", autoescape=True)
    about = [f"{kind}{repository.name}" for kind in (REGISTRY, ON_FAILURE)]
    session.execute(delete(NoteRow).where(or_(NoteRow.name.in_(about), unused)))


def _forget_account(session: Session, account: str) -> None:
    for table in (DismissalRow, FeedbackRow):
        session.execute(delete(table).where(func.lower(table.account) == account.lower()))
    notes = (_of_account(NoteRow.name, kind + account) for kind in (REGISTRY, UNUSED, ON_FAILURE))
    session.execute(delete(NoteRow).where(or_(*notes)))


def _has_another(session: Session, installation: int, account: str) -> bool:
    """Whether another installation serves the account by now."""
    others = (_of_account(PullRow.name, account), PullRow.installation != installation)
    return session.scalar(select(PullRow.name).where(*others).limit(1)) is not None


def _with_pulls(session: Session, which: ColumnElement[bool]) -> set[StoredRepository]:
    rows = session.execute(select(PullRow.repository, PullRow.name).where(which).distinct())
    return {StoredRepository(number, name) for number, name in rows}


def _with_findings(session: Session, account: str) -> set[StoredRepository]:
    query = select(FindingRow.repository, FindingRow.name)
    rows = session.execute(query.where(_of_account(FindingRow.name, account)).distinct())
    return {StoredRepository(number, name) for number, name in rows}


def _of_account(column: InstrumentedAttribute[str], account: str) -> ColumnElement[bool]:
    """GitHub's names are the same in capitals; an account may have changed its own since."""
    return column.istartswith(f"{account}/", autoescape=True)
