"""Modes are earned: what speaks against a lesson's next step, and the lesson with that step in its
history. Pure.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from twiceshy.learning.backtest import recommended
from twiceshy.learning.lint.advice import Advice, Weight
from twiceshy.learning.verify.trials import TrialResult
from twiceshy.lessons.lesson import Lesson, Mode, Severity
from twiceshy.lessons.lesson_writer import set_key

NEXT = {Mode.DRAFT: Mode.OBSERVE, Mode.OBSERVE: Mode.COMMENT, Mode.COMMENT: Mode.BLOCK}
"""One step at a time."""

_HISTORY = "\n## History\n"


@dataclass(frozen=True, slots=True)
class BacktestStats:
    """What a lesson would have said over history."""

    spoke: int
    lives_on: int
    commits: int


@dataclass(frozen=True, slots=True)
class PromotionEvidence:
    """What a step is decided on."""

    advice: Sequence[Advice]  # of lint
    immunity: TrialResult | None  # of verify; None without failing code as evidence
    past: BacktestStats | None  # of backtest; None where it was not asked
    answers: str = ""  # why people's answers to its comments speak against it


def objections(
    lesson: Lesson, to: Mode, grounds: PromotionEvidence, block_at: Severity
) -> tuple[str, ...]:
    """Why the step is not earned; empty when it is."""
    immunity, past = grounds.immunity, grounds.past
    objections = [
        f"lint: {advice.message}" for advice in grounds.advice if advice.weight is Weight.WARNING
    ]
    if to is Mode.OBSERVE:
        return tuple(objections)
    if immunity and not immunity.proven:
        where = f"`twiceshy verify {lesson.id}` shows where"
        objections.append(f"verify: {_failed(immunity)}; {where}")
    if past and recommended(past.spoke, past.lives_on, past.commits).mode is Mode.OBSERVE:
        objections.append(f"backtest: {_history_of(past)}")
    if grounds.answers:
        objections.append(f"feedback: {grounds.answers}")
    if to is Mode.BLOCK:
        objections += _against_blocking(lesson, immunity, block_at)
    return tuple(objections)


def _against_blocking(
    lesson: Lesson, immunity: TrialResult | None, block_at: Severity
) -> Iterator[str]:
    if lesson.severity.rank < block_at.rank:
        yield f"severity {lesson.severity} never blocks under block_at: {block_at}"
    if immunity is None or immunity.score < 1:
        yield (
            "verify: a lesson that blocks must be caught in every form; "
            "add evidence or widen its rule"
        )


def why(grounds: PromotionEvidence) -> str:
    """What speaks for a step, for the history."""
    parts = [f"verify caught {grounds.immunity.score:.0%} of its forms"] if grounds.immunity else []
    if grounds.past:
        parts.append(f"backtest: {_history_of(grounds.past)}")
    return "; ".join(parts) or "lint found nothing to mend"


def promoted(text: str, lesson: Lesson, to: Mode, day: date, reason: str) -> str:
    """The lesson's text with its new mode, and the step as the newest line of its history. Raises
    CannotWriteError.
    """
    line = f"- {day}: {lesson.mode} to {to}. {' '.join(reason.split())}\n"
    changed = set_key(text, "mode", to)
    if _HISTORY in changed:
        return changed.replace(_HISTORY, f"{_HISTORY}{line}", 1)
    return changed.rstrip("\n") + f"\n{_HISTORY}{line}"


def _failed(immunity: TrialResult) -> str:
    return ", ".join(str(trial.case) for trial in immunity.trials if not trial.good) + " went wrong"


def _history_of(past: BacktestStats) -> str:
    mended = past.spoke - past.lives_on
    return (
        f"it would have spoken {past.spoke} times in {past.commits} commits, "
        f"{mended} of them mended since"
    )
