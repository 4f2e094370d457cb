"""Findings and what became of them."""

import time
from collections.abc import Collection, Iterable

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from twiceshy.publishing.values import PublishedFinding
from twiceshy.store.heads import Head
from twiceshy.store.tables import FindingRow

LONGEST_OWNER = 200


def remember(session: Session, head: Head, published: Iterable[PublishedFinding]) -> None:
    """The findings that stand at a head; those that stood before and are not among them stand no
    longer.
    """
    rows = {row.fingerprint: row for row in of_pull(session, head.repository, head.number)}
    for finding in published:
        row = rows.pop(finding.fingerprint, None)
        if row is None:
            row = _new_row(head, finding)
            session.add(row)
        _bring_up_to_date(row, head, finding)
    for row in rows.values():
        row.standing = False


def _new_row(head: Head, finding: PublishedFinding) -> FindingRow:
    return FindingRow(
        repository=head.repository,
        name=head.name,
        number=head.number,
        fingerprint=finding.fingerprint,
        shown=False,
        wrong=False,
        at=time.time(),
    )


def _bring_up_to_date(row: FindingRow, head: Head, finding: PublishedFinding) -> None:
    row.head = head.head
    row.standing = True
    row.shown = row.shown or finding.shown
    row.claim = finding.claim
    row.lesson = finding.lesson
    row.lesson_registry = finding.registry
    row.guard = finding.guard
    row.path = finding.path
    row.start_line = finding.start_line
    row.end_line = finding.end_line
    row.score = finding.score
    row.action = finding.action
    row.severity = finding.severity
    row.owner = finding.owner[:LONGEST_OWNER]
    row.two_persons = finding.two_persons


def of_pull(session: Session, repository: int, number: int) -> list[FindingRow]:
    """All findings a pull request ever had."""
    return list(session.scalars(_of(repository, number)))


def find(session: Session, repository: int, number: int, fingerprint: str) -> FindingRow | None:
    """A pull request's finding."""
    return session.scalar(_of(repository, number).where(FindingRow.fingerprint == fingerprint))


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


def with_claim(
    session: Session, claim: str, repository: int | None, account: str
) -> list[FindingRow]:
    """The findings of a claim in a repository, or in an account's repositories when none is
    given.
    """
    query = select(FindingRow).where(FindingRow.claim == claim)
    if repository is None:
        of_account = FindingRow.name.startswith(f"{account}/", autoescape=True)
        return list(session.scalars(query.where(of_account)))
    return list(session.scalars(query.where(FindingRow.repository == repository)))


def escaped(session: Session, repository: int) -> list[FindingRow]:
    """Findings that were merged and have not come true yet."""
    rows = select(FindingRow).where(
        FindingRow.repository == repository,
        FindingRow.outcome == "escaped",
        FindingRow.came_true.is_(None),
    )
    return list(session.scalars(rows))


def note_came_true(session: Session, rows: Iterable[int], commit: str) -> None:
    """What these findings warned of came true: the commit mended or reverted it."""
    for number in rows:
        row = session.get_one(FindingRow, number)
        row.came_true = commit


def _of(repository: int, number: int) -> Select[FindingRow]:
    return select(FindingRow).where(
        FindingRow.repository == repository, FindingRow.number == number
    )
