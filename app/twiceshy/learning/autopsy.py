"""A new incident: did a lesson cover it? Reads what the registry of that day says of the commit
that caused it. Pure.
"""

from collections.abc import Iterable, Set
from dataclasses import dataclass
from enum import StrEnum

from twiceshy.verdicts.reasons import Why
from twiceshy.verdicts.verdict import Action, Explanation, JudgedFinding, Report

NEAREST = 3

_NEAR = frozenset({Why.CAME_NEAR, Why.BELOW_COMMENT_AT, Why.OUT_OF_SCOPE})
"""Why a lesson kept silent that was not far from speaking."""


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
    # when nothing was found: lessons that came near, and why they kept silent
    nearest: tuple[Explanation, ...]


def autopsy(report: Report, failed: Set[str]) -> Autopsy:
    """``report``: the cause judged by the registry of its day, explained. ``failed``: the files
    that failed.

    A scar covers nothing: it knows the place, not the failure.
    """
    there = [judged for judged in report.findings if _covers(judged, failed)]
    loud = [judged for judged in there if judged.action is not Action.OBSERVE]
    if loud:
        merged = [AutopsyFinding(judged, _why_merged(judged)) for judged in loud]
        return Autopsy(Covered.OVERRIDDEN, tuple(merged), ())
    if there:
        quiet = [AutopsyFinding(judged, _louder(judged)) for judged in _by_lesson(there)]
        return Autopsy(Covered.QUIET, tuple(quiet), ())
    near = [silence for silence in report.lessons if silence.why in _NEAR]
    return Autopsy(Covered.NOT, (), tuple(near[:NEAREST]))


def _covers(judged: JudgedFinding, failed: Set[str]) -> bool:
    return judged.finding.path in failed and not judged.finding.guard.place_only


def _by_lesson(findings: Iterable[JudgedFinding]) -> Iterable[JudgedFinding]:
    """The surest finding of each lesson."""
    surest: dict[str, JudgedFinding] = {}
    for judged in sorted(findings, key=lambda judged: -judged.finding.score):
        surest.setdefault(judged.lesson.id, judged)
    return surest.values()


def _why_merged(judged: JudgedFinding) -> str:
    if judged.action is Action.BLOCK:
        return (
            "it would have blocked: find out how it was merged all the same, "
            "and whether the check is required"
        )
    return "it spoke and did not block: promote it to block if it was right before, too"


def _louder(judged: JudgedFinding) -> str:
    """What would have changed it, by the reason policy gave."""
    if judged.alike:
        command = f"twiceshy learn FIX --add-to {judged.lesson.id}"
        return f"{judged.reason}: add this incident's evidence ({command})"
    remedy = _REMEDIES.get(judged.why) if judged.why else None
    if remedy:
        return f"{judged.reason}: {remedy}"
    return judged.reason or "it only observed"


_REMEDIES = {
    Why.OBSERVING: "set its mode to comment once verify and backtest allow",
    Why.DISMISSED: "the dismissal was wrong, or the lesson is about something else",
    Why.SELF_CHECK: "mend it, twiceshy verify says where",
}
