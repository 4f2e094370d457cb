"""Figures over what is remembered: findings and outcomes, by lesson. Reads only."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from twiceshy.store.tables import Finding

OUTCOMES = ("prevented", "escaped", "dismissed", "abandoned")


@dataclass(frozen=True, slots=True)
class Tally:
    """What became of a lesson's shown findings."""

    shown: int = 0
    outcomes: Mapping[str, int] | None = None
    came_true: int = 0


def tallies(session: Session) -> dict[str, Tally]:
    """By lesson."""
    wanted = (Finding.lesson, Finding.outcome, func.count(), func.count(Finding.came_true))
    rows = session.execute(
        select(*wanted).where(Finding.shown).group_by(Finding.lesson, Finding.outcome)
    )
    found: dict[str, Tally] = {}
    for lesson, outcome, count, true in rows:
        held = found.get(lesson, Tally(outcomes=dict.fromkeys(OUTCOMES, 0)))
        outcomes = {**(held.outcomes or {}), **({outcome: int(count)} if outcome else {})}
        found[lesson] = Tally(held.shown + int(count), outcomes, held.came_true + int(true))
    return found


def findings(
    session: Session, most: int, before: int, lesson: str, repository: str
) -> list[Finding]:
    """The newest findings first, under an id when one is given; of one lesson or repository when
    named.
    """
    query = select(Finding).order_by(Finding.id.desc()).limit(most)
    if before:
        query = query.where(Finding.id < before)
    if lesson:
        query = query.where(Finding.lesson == lesson)
    if repository:
        query = query.where(Finding.name == repository)
    return list(session.scalars(query))
