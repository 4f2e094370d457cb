"""Installations that are away: suspended, or gone with everything that was kept of them. Calls
nobody.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, delete, or_, select
from sqlalchemy.orm import Session

from twiceshy.store.notes import REGISTRY, UNUSED, set_note
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


@dataclass(frozen=True, slots=True)
class Known:
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
    session: Session, installation: int, account: str, told: Iterable[Known]
) -> list[Known]:
    """Delete all that is kept of an installation; ``told``: the repositories GitHub names. Gives
    what was forgotten.

    What belongs to the account stays when another installation serves it by now: it was removed and
    installed again.
    """
    again = (
        select(PullRow.name)
        .where(_of_account(PullRow.name, account), PullRow.installation != installation)
        .limit(1)
    )
    if session.scalar(again) is None:
        known = {
            *told,
            *_known(
                session,
                or_(PullRow.installation == installation, _of_account(PullRow.name, account)),
            ),
        }
        known |= {
            Known(*row)
            for row in session.execute(
                select(FindingRow.repository, FindingRow.name)
                .where(_of_account(FindingRow.name, account))
                .distinct()
            )
        }
        session.execute(delete(DismissalRow).where(DismissalRow.account == account))
        session.execute(delete(FeedbackRow).where(FeedbackRow.account == account))
        notes = (_of_account(NoteRow.name, kind + account) for kind in (REGISTRY, UNUSED))
        session.execute(delete(NoteRow).where(or_(*notes)))
    else:
        known = _known(session, PullRow.installation == installation)
    forget_repositories(session, sorted(known, key=lambda each: each.id))
    set_note(session, f"{GONE}{installation}", "")
    resume(session, installation)
    return sorted(known, key=lambda each: each.id)


def forget_repositories(session: Session, repositories: Sequence[Known]) -> None:
    """Delete all that is kept of these repositories, and of nothing else."""
    for start in range(0, len(repositories), A_TIME):
        some = repositories[start : start + A_TIME]
        numbers = [repository.id for repository in some]
        for table in (PullRow, RunRow, FindingRow, FeedbackRow, PusherRow, SaidRow, RegistryUseRow):
            session.execute(delete(table).where(table.repository.in_(numbers)))
        given_there = (DismissalRow.repository.in_(numbers), DismissalRow.everywhere.is_(False))
        session.execute(delete(DismissalRow).where(*given_there))
        session.execute(
            delete(NoteRow).where(
                NoteRow.name.in_([REGISTRY + repository.name for repository in some])
            )
        )
        for repository in some:
            session.execute(
                delete(NoteRow).where(
                    NoteRow.name.startswith(f"{UNUSED}{repository.name} ", autoescape=True)
                )
            )
        for number in numbers:
            session.execute(
                delete(WriteRow).where(
                    or_(*(WriteRow.key.startswith(f"{kind}:{number}/") for kind in _SENT))
                )
            )


def _known(session: Session, which: ColumnElement[bool]) -> set[Known]:
    return {
        Known(*row)
        for row in session.execute(select(PullRow.repository, PullRow.name).where(which).distinct())
    }


def _of_account(column: object, account: str) -> ColumnElement[bool]:
    return column.startswith(f"{account}/", autoescape=True)  # type: ignore[attr-defined,no-any-return]  # a column
