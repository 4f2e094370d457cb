"""Figures over what is remembered: findings and outcomes, by lesson. Reads only."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from twiceshy.store.tables import FindingRow
from twiceshy.verdicts.local_threshold import LIKENESSES

SCORES = 10_000
"""How many scores are told apart."""

OUTCOMES = ("prevented", "escaped", "dismissed", "abandoned")


@dataclass(frozen=True, slots=True)
class Tally:
    """What became of a lesson's shown findings."""

    shown: int = 0
    outcomes: Mapping[str, int] | None = None
    came_true: int = 0


@dataclass(frozen=True, slots=True)
class ScoreCount:
    """How many findings of a score ended so."""

    guard: str
    score: float
    outcome: str
    came_true: bool
    count: int


def tallies(session: Session) -> dict[str, Tally]:
    """By lesson."""
    wanted = (FindingRow.lesson, FindingRow.outcome, func.count(), func.count(FindingRow.came_true))
    rows = session.execute(
        select(*wanted).where(FindingRow.shown).group_by(FindingRow.lesson, FindingRow.outcome)
    )
    by_lesson: dict[str, Tally] = {}
    for lesson, outcome, count, came_true in rows:
        tally = by_lesson.setdefault(lesson, Tally(outcomes=dict.fromkeys(OUTCOMES, 0)))
        outcomes = dict(tally.outcomes or {})
        if outcome:
            outcomes[outcome] = int(count)
        shown, true = tally.shown + int(count), tally.came_true + int(came_true)
        by_lesson[lesson] = Tally(shown, outcomes, true)
    return by_lesson


def scores(session: Session) -> list[ScoreCount]:
    """What became of the likenesses that were said, by score: as many rows as there are scores of
    four places, however many findings.
    """
    score = func.round(FindingRow.score * SCORES)
    true = FindingRow.came_true.is_not(None)
    kinds = (FindingRow.guard, score, FindingRow.outcome, true)
    query = (
        select(*kinds, func.count())
        .where(FindingRow.shown, FindingRow.outcome.is_not(None))
        .group_by(*kinds)
        .order_by(*kinds)
    )
    rows: list[ScoreCount] = []
    for guard, rounded, outcome, came_true, count in session.execute(query):
        if guard in LIKENESSES:
            rows.append(ScoreCount(guard, rounded / SCORES, outcome, bool(came_true), int(count)))
    return rows


def findings(
    session: Session, most: int, before: int, lesson: str, repository: str
) -> list[FindingRow]:
    """The newest findings first, under an id when one is given; of one lesson or repository when
    named.
    """
    query = select(FindingRow).order_by(FindingRow.id.desc()).limit(most)
    if before:
        query = query.where(FindingRow.id < before)
    if lesson:
        query = query.where(FindingRow.lesson == lesson)
    if repository:
        query = query.where(FindingRow.name == repository)
    return list(session.scalars(query))
