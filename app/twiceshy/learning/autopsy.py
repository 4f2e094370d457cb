"""A new incident: did a lesson cover it? Reads what the registry of that day says of the commit
that caused it. Pure.
"""

from collections.abc import Iterable, Set
from dataclasses import dataclass
from enum import StrEnum

from twiceshy.guards.finding import GuardName
from twiceshy.verdicts.verdict import Action, Explanation, JudgedFinding, Report

NEAREST = 3


class Covered(StrEnum):
    """How a registry stood to an incident."""

    OVERRIDDEN = "covered and overridden"
    QUIET = "covered but too quiet"
    NOT = "not covered"


@dataclass(frozen=True, slots=True)
class AutopsyFinding:
    """What one lesson said of the cause, and what would have made it louder."""

    judged: JudgedFinding
    remedy: str


@dataclass(frozen=True, slots=True)
class Autopsy:
    """The answer, with what it rests on."""

    covered: Covered
    findings: tuple[AutopsyFinding, ...]
    nearest: tuple[
        Explanation, ...
    ]  # when nothing was found: lessons that came near, and why they kept silent


def autopsy(report: Report, failed: Set[str]) -> Autopsy:
    """``report``: the cause judged by the registry of its day, explained. ``failed``: the files
    that failed.

    A scar covers nothing: it knows the place, not the failure.
    """
    there = [
        each
        for each in report.findings
        if each.finding.path in failed and each.finding.guard is not GuardName.SCARS
    ]
    loud = [judged for judged in there if judged.action is not Action.OBSERVE]
    if loud:
        return Autopsy(
            Covered.OVERRIDDEN, tuple(AutopsyFinding(each, _why_merged(each)) for each in loud), ()
        )
    if there:
        return Autopsy(
            Covered.QUIET,
            tuple(AutopsyFinding(each, _louder(each)) for each in _by_lesson(there)),
            (),
        )
    near = (
        silence
        for silence in report.lessons
        if "resembles" in silence.reason or "out of scope" in silence.reason
    )
    return Autopsy(Covered.NOT, (), tuple(near)[:NEAREST])


def _by_lesson(judged: Iterable[JudgedFinding]) -> Iterable[JudgedFinding]:
    """The surest finding of each lesson."""
    best: dict[str, JudgedFinding] = {}
    for each in sorted(judged, key=lambda each: -each.finding.score):
        best.setdefault(each.lesson.id, each)
    return best.values()


def _why_merged(judged: JudgedFinding) -> str:
    if judged.action is Action.BLOCK:
        return "it would have blocked: find out how it was merged all the same, and whether the check is required"
    return "it spoke and did not block: promote it to block if it was right before, too"


def _louder(judged: JudgedFinding) -> str:
    """What would have changed it, by the reason policy gave."""
    reason = judged.reason
    if judged.alike:
        return f"{reason}: add this incident's evidence (twiceshy learn FIX --add-to {judged.lesson.id})"
    if "observe mode" in reason:
        return f"{reason}: set its mode to comment once verify and backtest allow"
    if reason.startswith("dismissed"):
        return f"{reason}: the dismissal was wrong, or the lesson is about something else"
    if "self-check" in reason:
        return f"{reason}: mend it, twiceshy verify says where"
    return reason or "it only observed"
