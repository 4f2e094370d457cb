"""Which findings people's answers in one repository were about: what was said before it was
dismissed, and what was right. Reads only.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import TypeVar

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from twiceshy.store import dismissals
from twiceshy.store.tables import DismissalRow, FeedbackRow, FindingRow
from twiceshy.verdicts.local_threshold import LIKENESSES, Answer, LocalThreshold, asked_for
from twiceshy.verdicts.redaction import UNTOLD_SCORE

Item = TypeVar("Item")

AT_ONCE = 500
"""Ids in one query: databases bound how many there may be."""

MOST_CONFIRMED = 1_000
"""Of a repository, the newest: a lesson that was right so often is back at its threshold long
before.
"""


@dataclass(frozen=True, slots=True)
class Said:
    """The loudest that was said of some code: the guard, and its score."""

    guard: str
    score: float

    @property
    def is_likeness(self) -> bool:
        """Whether it had to reach a threshold, and its score is told."""
        return self.guard in LIKENESSES and self.score != UNTOLD_SCORE


@dataclass(frozen=True, slots=True)
class Confirmed:
    """A finding that was right, and when that was first known."""

    registry: str
    lesson: str
    guard: str
    at: float


def said_before(session: Session, given: Sequence[int]) -> Mapping[int, Said]:
    """By dismissal, what was said on its pull request of the code it is for; nothing for one that
    came before anything was said.
    """
    same = and_(
        FindingRow.repository == DismissalRow.repository,
        FindingRow.number == DismissalRow.number,
        FindingRow.claim == DismissalRow.claim,
    )
    query = select(DismissalRow.id, FindingRow.guard, FindingRow.score).join(FindingRow, same)
    said: dict[int, Said] = {}
    for ids in _parts(given):
        rows = query.where(DismissalRow.id.in_(ids), FindingRow.shown).order_by(FindingRow.score)
        for dismissal, guard, score in session.execute(rows):
            said[dismissal] = Said(guard, score)
    return said


def confirmed(session: Session, repository: int, lessons: Collection[str]) -> list[Confirmed]:
    """The findings of these lessons in a repository that somebody with write access called useful,
    or that were mended before the merge; each once.
    """
    same = and_(
        FindingRow.repository == FeedbackRow.repository,
        FindingRow.number == FeedbackRow.number,
        FindingRow.fingerprint == FeedbackRow.fingerprint,
    )
    first = func.min(FeedbackRow.at).label("first")
    finding = (FeedbackRow.lesson_registry, FeedbackRow.lesson, FindingRow.guard)
    query = (
        select(*finding, first)
        .join(FindingRow, same)
        .where(FeedbackRow.repository == repository, FeedbackRow.useful)
        .group_by(*finding, FeedbackRow.number, FeedbackRow.fingerprint)
        .order_by(first.desc())
        .limit(MOST_CONFIRMED)
    )
    rows: list[Confirmed] = []
    for names in _parts(sorted(lessons)):
        for row in session.execute(query.where(FeedbackRow.lesson.in_(names))):
            rows.append(Confirmed(*row))
    return rows


def asked_in(
    session: Session, account: str, repository: int, day: date
) -> Mapping[tuple[str, str], LocalThreshold]:
    """What a repository's people ask of likenesses on a day, by lesson and guard: for who wants to
    know. What counts in a judging is decided there, with the authors of the change at hand.
    """
    rows = dismissals.holding(session, account, repository, day)
    said = said_before(session, [row.id for row in rows])
    answers: dict[tuple[str, str], list[Answer]] = {}
    for row in rows:
        about = said.get(row.id)
        if about is not None and about.is_likeness:
            answer = Answer(row.at, row.who, about.score)
            answers.setdefault((row.lesson, about.guard), []).append(answer)
    for right in confirmed(session, repository, {lesson for lesson, _ in answers}):
        if (right.lesson, right.guard) in answers:
            answers[right.lesson, right.guard].append(Answer(right.at))
    return asked_for(answers)


def _parts(items: Sequence[Item]) -> Iterator[list[Item]]:
    left = iter(items)
    while part := list(islice(left, AT_ONCE)):
        yield part
