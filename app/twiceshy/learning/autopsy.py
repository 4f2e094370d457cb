"""A new incident: did a lesson cover it? Reads what a registry says of a commit that may have
caused it: that of the commit's own day, and today's. Pure.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from twiceshy.learning.causes import Cause
from twiceshy.lessons.lesson import Lesson
from twiceshy.verdicts.reasons import Why
from twiceshy.verdicts.verdict import Action, Explanation, JudgedFinding, Report

NEAREST = 3

AWAY = 20
"""Lines between a finding and what the fix mends from which on they are two things."""

_NEAR = frozenset({Why.CAME_NEAR, Why.BELOW_COMMENT_AT, Why.OUT_OF_SCOPE})
"""Why a lesson kept silent that was not far from speaking."""


class Covered(StrEnum):
    """How the registry of its day stood to a cause."""

    OVERRIDDEN = "covered and overridden"
    QUIET = "covered but too quiet"
    NOT = "not covered"
    NO_LESSONS = "there were none"


class Today(StrEnum):
    """How today's registry stands to it; nobody overrode what did not guard then."""

    WOULD_SPEAK = "would have spoken"
    QUIET = "would have been too quiet"
    NOT = "not covered"


@dataclass(frozen=True, slots=True)
class AutopsyFinding:
    """What one lesson says of the cause, and what would have made it louder."""

    judged: JudgedFinding
    remedy: str


@dataclass(frozen=True, slots=True)
class Autopsy:
    """What a registry says of a cause, with what it rests on."""

    covered: Covered
    findings: tuple[AutopsyFinding, ...]
    # when nothing was found: lessons that came near, and why they kept silent
    nearest: tuple[Explanation, ...]

    @property
    def today(self) -> Today:
        """The same of a registry that did not guard that day."""
        return _TODAY[self.covered]

    @property
    def is_loud(self) -> bool:
        """Whether people hear of it."""
        return self.covered is Covered.OVERRIDDEN

    def as_today(self) -> "Autopsy":
        """The same, when the lessons did not guard that day: what is loud was not overridden."""
        if not self.is_loud:
            return self
        said = [
            AutopsyFinding(covering.judged, _WOULD[covering.judged.action])
            for covering in self.findings
        ]
        return replace(self, findings=tuple(said))


NO_LESSONS = Autopsy(Covered.NO_LESSONS, (), ())
"""Of a day when nothing guarded the repository."""

_WOULD = {Action.BLOCK: "it would have blocked", Action.COMMENT: "it would have commented"}

_TODAY = {
    Covered.OVERRIDDEN: Today.WOULD_SPEAK,
    Covered.QUIET: Today.QUIET,
    Covered.NOT: Today.NOT,
    Covered.NO_LESSONS: Today.NOT,
}


def autopsy(report: Report, lines: Mapping[str, frozenset[int]]) -> Autopsy:
    """``report``: a cause judged by a registry, explained. ``lines``: by path, where that commit
    has what the fix mends.

    A scar covers nothing: it knows the place, not the failure. Nor does what is said of another
    place.
    """
    there = [judged for judged in report.findings if _covers(judged, lines)]
    loud = [judged for judged in there if judged.action is not Action.OBSERVE]
    if loud:
        merged = [AutopsyFinding(judged, _why_merged(judged)) for judged in _by_lesson(loud)]
        return Autopsy(Covered.OVERRIDDEN, tuple(merged), ())
    if there:
        quiet = [AutopsyFinding(judged, _louder(judged)) for judged in _by_lesson(there)]
        return Autopsy(Covered.QUIET, tuple(quiet), ())
    near = [silence for silence in report.lessons if silence.why in _NEAR]
    return Autopsy(Covered.NOT, (), tuple(near[:NEAREST]))


def _covers(judged: JudgedFinding, lines: Mapping[str, frozenset[int]]) -> bool:
    finding = judged.finding
    if finding.guard.place_only or finding.path not in lines:
        return False
    if finding.guard.exact and not finding.guard.knows_failure:
        return True  # what it knows is about whole files
    first, last = finding.start_line - AWAY, finding.end_line + AWAY
    return any(first <= line <= last for line in lines[finding.path])


def _by_lesson(findings: Iterable[JudgedFinding]) -> Iterable[JudgedFinding]:
    """What each lesson says loudest, and of that the surest."""
    best: dict[str, JudgedFinding] = {}
    ordered = sorted(findings, key=lambda judged: (-judged.action.rank, -judged.finding.score))
    for judged in ordered:
        best.setdefault(judged.lesson.id, judged)
    return best.values()


def is_from(lesson: Lesson, fix: str) -> bool:
    """Whether a lesson was learned from this very fix, a commit: it says nothing of lessons
    unheard.
    """
    return bool(lesson.fix) and fix.startswith(str(lesson.fix))


def best_sentences(
    answers: Sequence[tuple[Cause, Autopsy, Autopsy]], fix: str | None
) -> Iterator[str]:
    """For each lesson that would have stopped a cause, which guard, on which commit: the likeliest
    that it speaks of. ``fix``: the fix's own commit.
    """
    told: set[str] = set()
    for cause, then, now in sorted(answers, key=lambda answer: -answer[0].weight):
        for result in (then, now):
            for covering in result.findings if result.is_loud else ():
                lesson = covering.judged.lesson
                if lesson.id in told or (fix and is_from(lesson, fix)):
                    continue
                told.add(lesson.id)
                guard = covering.judged.finding.guard.name.removesuffix("s")
                yield f"The {guard} of {lesson.id} would have spoken on {cause.commit.id[:12]}"


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
