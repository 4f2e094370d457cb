"""Findings and what became of them."""

import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from twiceshy.store.tables import FindingRow


@dataclass(frozen=True, slots=True)
class SeenFinding:
    """A finding at a head."""

    fingerprint: str
    claim: str
    lesson: str
    guard: str
    path: str
    start_line: int
    end_line: int
    score: float
    action: str
    severity: str = ""
    owner: str = ""
    registry: str = ""
    two_persons: bool = True

    @property
    def shown(self) -> bool:
        """Whether it is said out loud."""
        return self.action != "observe"


def remember(
    session: Session,
    repository: int,
    name: str,
    number: int,
    head: str,
    seen: Sequence[SeenFinding],
) -> None:
    """The findings that stand at a head; those that stood before and are not among them stand no
    longer.
    """
    held = {row.fingerprint: row for row in session.scalars(_of(repository, number))}
    for each in seen:
        row = held.pop(each.fingerprint, None)
        if row is None:
            row = FindingRow(
                repository=repository,
                name=name,
                number=number,
                fingerprint=each.fingerprint,
                shown=False,
                wrong=False,
                at=time.time(),
            )
            session.add(row)
        row.claim, row.lesson, row.guard, row.path = each.claim, each.lesson, each.guard, each.path
        row.start_line, row.end_line, row.score, row.action = (
            each.start_line,
            each.end_line,
            each.score,
            each.action,
        )
        row.standing, row.shown, row.head = True, row.shown or each.shown, head
        row.severity, row.owner, row.lesson_registry = (
            each.severity,
            each.owner[:200],
            each.registry,
        )
        row.two_persons = each.two_persons
    for row in held.values():
        row.standing = False


def of_pull(session: Session, repository: int, number: int) -> list[FindingRow]:
    """All findings a pull request ever had."""
    return list(session.scalars(_of(repository, number)))


def conclude(session: Session, repository: int, number: int, *, merged: bool) -> list[FindingRow]:
    """The outcome of each shown finding, now that the pull request is closed (DESIGN section 1)."""
    rows = [row for row in session.scalars(_of(repository, number)) if row.shown]
    for row in rows:
        row.outcome = outcome(standing=row.standing, wrong=row.wrong, merged=merged)
    return rows


def outcome(*, standing: bool, wrong: bool, merged: bool) -> str:
    """Pure: what became of a finding."""
    if wrong:
        return "dismissed"
    if not merged:
        return "abandoned"
    return "escaped" if standing else "prevented"


def set_wrong(
    session: Session, repository: int, number: int, fingerprints: Collection[str]
) -> None:
    """Exactly these findings of a pull request are called wrong; of one that is over, the outcome
    stands.
    """
    for row in session.scalars(_of(repository, number)):
        if row.outcome is None:
            row.wrong = row.fingerprint in fingerprints


def with_claims(
    session: Session, claims: Collection[str], repository: int | None, account: str
) -> list[FindingRow]:
    """The findings of these claims in a repository, or in an account's repositories when none is
    given.
    """
    query = select(FindingRow).where(FindingRow.claim.in_(list(claims)))
    if repository is not None:
        return list(session.scalars(query.where(FindingRow.repository == repository)))
    return list(
        session.scalars(query.where(FindingRow.name.startswith(f"{account}/", autoescape=True)))
    )


def escaped(session: Session, repository: int) -> list[FindingRow]:
    """Findings that were merged and have not come true yet."""
    rows = select(FindingRow).where(
        FindingRow.repository == repository,
        FindingRow.outcome == "escaped",
        FindingRow.came_true.is_(None),
    )
    return list(session.scalars(rows))


def _of(repository: int, number: int):  # type: ignore[no-untyped-def]  # Select[tuple[Finding]]
    return select(FindingRow).where(
        FindingRow.repository == repository, FindingRow.number == number
    )
