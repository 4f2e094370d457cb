"""The recall guard: finds the places of a change that resemble a past failure, and says what
decided. Decides nothing.
"""

from collections.abc import Iterable, Sequence

from twiceshy.changes.change import Change
from twiceshy.changes.not_looked_at import NotLookedAt
from twiceshy.guards.finding import Finding, GuardResult
from twiceshy.guards.recall.candidates import (
    FAMILIES,
    GRAMS,
    SIGNATURES,
    WORDS,
    Candidate,
    candidates,
)
from twiceshy.guards.recall.comparison import RECALL, to_finding, with_comparison
from twiceshy.guards.recall.signature import Signature, anchors, dumps, signature
from twiceshy.lessons.index import Compiled, Entry, Index, Unit
from twiceshy.lessons.languages import family_of
from twiceshy.lessons.lesson import Mode, Problem
from twiceshy.lessons.progress import Progress, no_progress

WORTH_TELLING = 0.2
"""About one ordinary change in a hundred has a finding over this (benchmarks/recall): it is noted,
not said.
"""

FIXED = 0.5
"""A place that holds so much of another pair's fix is fixed code, whatever it shares with this
pair's failure.
"""

MOST_LESSONS_A_PLACE = 3
"""More lessons about the same lines say no more."""

__all__ = ["RECALL", "SIGNATURES", "RecallCompiler", "RecallGuard"]


class RecallCompiler:
    """Shelves each lesson under the grams it can be found by, its words, and its signature."""

    name = RECALL.name
    version = "9"

    def compile(self, units: Sequence[Unit]) -> Compiled:
        entries: list[Entry] = []
        problems: list[Problem] = []
        for lesson in (
            unit.lesson for unit in units if unit.lesson.mode not in (Mode.DRAFT, Mode.RETIRED)
        ):
            made, wrong = signature(lesson)
            problems += wrong
            if not made.pairs:
                continue
            entries.append(Entry(SIGNATURES, lesson.id, lesson.id, dumps(made)))
            entries += [
                Entry(GRAMS, gram, lesson.id) for gram in dict.fromkeys(anchors(made.pairs))
            ]
            entries += [Entry(FAMILIES, name, lesson.id) for name in sorted(_families(made))]
            entries += [Entry(WORDS, word, lesson.id) for word in made.words]
        return Compiled(tuple(entries), tuple(problems))


def _families(made: Signature) -> set[str]:
    return {name for pair in made.pairs if (name := family_of(pair.language))}


class RecallGuard:
    """See the module."""

    kind = RECALL

    def __init__(
        self, worth_telling: float = WORTH_TELLING, progress: Progress = no_progress
    ) -> None:
        self._worth_telling = worth_telling
        self._progress = progress

    def check(self, change: Change, index: Index) -> GuardResult:
        unseen: list[NotLookedAt] = []
        best = _best(candidates(change, index, self._progress, unseen.append))
        silent: dict[str, tuple[float, str]] = {}
        told: list[tuple[Finding, Candidate]] = []
        for each in best:
            if each.like.score >= self._worth_telling:
                told.append((to_finding(each, index.lesson(each.lesson)), each))
            elif each.like.score > silent.get(each.lesson, (0.0, ""))[0]:
                place = f"{each.region.path}:{each.region.first_line}"
                silent[each.lesson] = (
                    each.like.score,
                    f"resembles {place} at {each.like.score:.2f}: too little to tell",
                )
        findings = tuple(
            with_comparison(finding, each, index.lesson(each.lesson))
            for finding, each in _apart(told)
        )
        reasons = {lesson: reason for lesson, (_, reason) in silent.items()}
        return GuardResult(
            findings, silent=reasons, near=frozenset(reasons), not_looked_at=tuple(unseen)
        )


def _best(compared: Iterable[Candidate]) -> list[Candidate]:
    """For each region and lesson the pair that is closest; none where the place holds another
    pair's fix.
    """
    groups: dict[tuple[int, str], list[Candidate]] = {}
    for each in compared:
        groups.setdefault((id(each.region), each.lesson), []).append(each)
    return [
        max(group, key=lambda each: each.like.score)
        for group in groups.values()
        if not _holds_a_fix(group)
    ]


def _holds_a_fix(group: Sequence[Candidate]) -> bool:
    return len(group) > 1 and any(
        each.like.good >= FIXED and each.like.good > each.like.bad for each in group
    )


def _apart(told: Sequence[tuple[Finding, Candidate]]) -> list[tuple[Finding, Candidate]]:
    """The surest findings first; of one lesson only one about the same lines, and few lessons about
    the same lines.
    """
    kept: list[tuple[Finding, Candidate]] = []
    for finding, found in sorted(told, key=lambda each: _surest(each[0])):
        near = [each for each, _ in kept if each.path == finding.path and _overlap(each, finding)]
        if len(near) < MOST_LESSONS_A_PLACE and all(each.lesson != finding.lesson for each in near):
            kept.append((finding, found))
    return kept


def _surest(finding: Finding) -> tuple[float, str, int, str]:
    return -finding.score, finding.path, finding.start_line, finding.lesson


def _overlap(one: Finding, other: Finding) -> bool:
    return one.start_line <= other.end_line and other.start_line <= one.end_line
