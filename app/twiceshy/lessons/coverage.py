"""What guards each lesson, told apart as honestly as can be. Pure; runs no check."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum

from twiceshy.lessons.lesson import ActionItem, Lesson, Mode, Rule


class Coverage(StrEnum):
    """How a lesson is guarded; the best that is true of it."""

    PROVEN = "a check that is proven"
    CHECKED = "a rule that passed its self-check"
    UNCHECKED = "a rule that did not"
    PROVEN_RESEMBLANCE = "resemblance that is proven"
    RESEMBLANCE = "resemblance to its evidence"
    PLACE = "places and companions"
    OBSERVING = "only observing"
    NO_CHECK = "cannot be a check"
    NOBODY = "nobody looked"
    RETIRED = "retired"


def coverage(
    lesson: Lesson, rules: tuple[Rule, ...], failed: str, resembles: bool, proven: bool = False
) -> Coverage:
    """How a lesson is guarded. ``failed``: why its self-check failed, or which of its rules never
    spoke.

    ``resembles``: recall holds a signature of it; ``proven``: a proof of it is kept and holds.
    """
    if lesson.mode is Mode.RETIRED:
        return Coverage.RETIRED
    if lesson.no_check:
        return Coverage.NO_CHECK
    guarded = _guarded(lesson, rules, failed, resembles)
    if guarded is None or lesson.mode is Mode.DRAFT:
        return Coverage.NOBODY
    if lesson.mode is Mode.OBSERVE:
        return Coverage.OBSERVING
    return _PROVEN.get(guarded, guarded) if proven else guarded


_PROVEN = {Coverage.CHECKED: Coverage.PROVEN, Coverage.RESEMBLANCE: Coverage.PROVEN_RESEMBLANCE}
"""What a proof makes of it: to recognise what looks alike is not to check what must hold."""


def _guarded(
    lesson: Lesson, rules: tuple[Rule, ...], failed: str, resembles: bool
) -> Coverage | None:
    if rules:
        return Coverage.UNCHECKED if failed or not lesson.evidence else Coverage.CHECKED
    if resembles:
        return Coverage.RESEMBLANCE
    return Coverage.PLACE if lesson.scars or lesson.companions else None


def overdue(lessons: Mapping[str, Lesson], today: date) -> list[tuple[str, ActionItem]]:
    """Every promised action that is past its date and not done, oldest first."""
    late: list[tuple[date, str, ActionItem]] = []
    for name, lesson in lessons.items():
        for action in lesson.actions:
            if action.due and action.due < today and action.done is None:
                late.append((action.due, name, action))
    late.sort(key=lambda row: row[:2])
    return [(name, action) for _, name, action in late]
