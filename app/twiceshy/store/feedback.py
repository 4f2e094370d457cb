"""What people said of findings, and what that says of each lesson. A person counts once, however
often they speak.
"""

import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import Integer, and_, delete, func, select, true
from sqlalchemy.orm import Session

from twiceshy.store.sessions import upsert
from twiceshy.store.tables import FeedbackRow

OUTCOME, THUMBS, DISMISSED, BUTTON = "outcome", "thumbs", "dismissed", "button"


@dataclass(frozen=True, slots=True)
class Feedback:
    """One person's word on one finding; ``registry`` is the one its lesson comes from."""

    account: str
    repository: int
    number: int
    fingerprint: str
    lesson: str
    who: str
    useful: bool
    how: str
    registry: str = ""


@dataclass(frozen=True, slots=True)
class FeedbackTotals:
    """How many people have judged a lesson, and how many found it useful.

    Each counts once, in parts: who called three of four findings useful counts 0.75 for it.
    ``mended`` findings were shown and gone before the merge, which nobody's word but somebody's
    deed.
    """

    useful: float
    all: int
    mended: int = 0


@dataclass(frozen=True, slots=True)
class LessonName:
    """A lesson's id is its own only within a registry; an empty one is from before it was kept, and
    counts nowhere.
    """

    registry: str
    lesson: str


def note_feedback(session: Session, opinion: Feedback) -> None:
    """Remember an opinion; a person's last word on a finding counts."""
    values = {
        "repository": opinion.repository,
        "number": opinion.number,
        "fingerprint": opinion.fingerprint,
        "who": opinion.who,
        "account": opinion.account,
        "lesson": opinion.lesson,
        "lesson_registry": opinion.registry,
        "useful": opinion.useful,
        "how": opinion.how,
        "at": time.time(),
    }
    change = {key: values[key] for key in ("useful", "how", "at", "lesson_registry")}
    session.execute(upsert(session, FeedbackRow, values, change))


def of_pull(session: Session, repository: int, number: int, how: str) -> list[FeedbackRow]:
    """What was said in one way of a pull request's findings."""
    place = (
        FeedbackRow.repository == repository,
        FeedbackRow.number == number,
        FeedbackRow.how == how,
    )
    return list(session.scalars(select(FeedbackRow).where(*place)))


def take_back(
    session: Session, repository: int, number: int, fingerprint: str, who: str, how: str
) -> None:
    """A person's word on a finding is no more."""
    session.execute(
        delete(FeedbackRow).where(
            FeedbackRow.repository == repository,
            FeedbackRow.number == number,
            FeedbackRow.fingerprint == fingerprint,
            FeedbackRow.who == who,
            FeedbackRow.how == how,
        )
    )


def take_back_dismissals(
    session: Session, repository: int, number: int, fingerprints: Collection[str]
) -> None:
    """What was said by dismissing these findings of a pull request counts no more."""
    session.execute(
        delete(FeedbackRow).where(
            FeedbackRow.repository == repository,
            FeedbackRow.number == number,
            FeedbackRow.fingerprint.in_(list(fingerprints)),
            FeedbackRow.how.in_((DISMISSED, BUTTON)),
        )
    )


def feedback_by_lesson(
    session: Session, account: str | None
) -> Mapping[LessonName, FeedbackTotals]:
    """By lesson: who judged it, in one account's repositories; in all when none is named."""
    place = FeedbackRow.account == account if account else true()
    share = func.avg(FeedbackRow.useful.cast(Integer))
    words = select(FeedbackRow.lesson_registry, FeedbackRow.lesson, share, func.count()).where(
        place
    )
    people: dict[LessonName, list[float]] = {}
    by_person = words.where(FeedbackRow.how != OUTCOME).group_by(
        FeedbackRow.lesson_registry, FeedbackRow.lesson, FeedbackRow.who
    )
    for registry, lesson, useful, _ in session.execute(by_person):
        people.setdefault(LessonName(registry, lesson), []).append(float(useful))
    by_lesson = words.where(FeedbackRow.how == OUTCOME).group_by(
        FeedbackRow.lesson_registry, FeedbackRow.lesson
    )
    mended = {}
    for registry, lesson, _, count in session.execute(by_lesson):
        mended[LessonName(registry, lesson)] = int(count)
    return {
        name: _counted(people.get(name, []), mended.get(name, 0)) for name in {*people, *mended}
    }


def _counted(shares: Collection[float], mended: int) -> FeedbackTotals:
    return FeedbackTotals(round(sum(shares), 6), len(shares), mended)


def wrong_ones(session: Session, repository: int, number: int) -> set[str]:
    """The fingerprints of findings that anybody calls wrong."""
    said = and_(
        FeedbackRow.repository == repository,
        FeedbackRow.number == number,
        FeedbackRow.useful.is_(False),
    )
    return set(session.scalars(select(FeedbackRow.fingerprint).where(said)))
