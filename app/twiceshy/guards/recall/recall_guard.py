"""The recall guard: finds the places of a change that resemble a past failure, and says what
decided. Decides nothing.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

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
    held_against,
    places_of,
    standing_of,
)
from twiceshy.guards.recall.comparison import (
    RECALL,
    normal_here,
    to_finding,
    told_part,
    with_comparison,
)
from twiceshy.guards.recall.host import Host, Standing, opened_host
from twiceshy.guards.recall.signature import Signature, anchors, dumps, signature
from twiceshy.guards.recall.structure_guard import under_other_names
from twiceshy.guards.recall.structure_search import structure_entries
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

BY_ITS_NAMES = 0.5
"""A place that holds so much of what only the failing code has holds it under its own names."""

MOST_LESSONS_A_PLACE = 3
"""More lessons about the same lines say no more."""

__all__ = ["RECALL", "SIGNATURES", "RecallCompiler", "RecallGuard"]


class RecallCompiler:
    """Shelves each lesson under the grams it can be found by, its words, and its signature."""

    name = RECALL.name
    version = "13"

    def compile(self, units: Sequence[Unit]) -> Compiled:
        entries: list[Entry] = []
        problems: list[Problem] = []
        for unit in units:
            if unit.lesson.mode in (Mode.DRAFT, Mode.RETIRED):
                continue
            recalled, unrecognisable = signature(unit.lesson)
            problems += unrecognisable
            if recalled.pairs:
                entries += _entries(unit.lesson.id, recalled)
                entries += structure_entries(unit.lesson)
        return Compiled(tuple(entries), tuple(problems))


def _entries(lesson: str, recalled: Signature) -> Iterator[Entry]:
    yield Entry(SIGNATURES, lesson, lesson, dumps(recalled))
    for gram in dict.fromkeys(anchors(recalled.pairs)):
        yield Entry(GRAMS, gram, lesson)
    for family in sorted(_families(recalled)):
        yield Entry(FAMILIES, family, lesson)
    for word in recalled.words:
        yield Entry(WORDS, word, lesson)


def _families(recalled: Signature) -> set[str]:
    families = {family_of(pair.language) for pair in recalled.pairs}
    return set(filter(None, families))


class RecallGuard:
    """See the module."""

    kind = RECALL

    def __init__(
        self,
        worth_telling: float = WORTH_TELLING,
        progress: Progress = no_progress,
        hosts: Path | None = None,
    ) -> None:
        """``hosts``: a folder to keep in what was counted of host repositories."""
        self._worth_telling = worth_telling
        self._progress = progress
        self._hosts = hosts

    def check(self, change: Change, index: Index) -> GuardResult:
        try:
            return self._beside_host(change, index, self._hosts)
        except sqlite3.Error:
            # what is kept of the host is damaged, or another process holds it: count in memory
            return self._beside_host(change, index, None)

    def _beside_host(self, change: Change, index: Index, folder: Path | None) -> GuardResult:
        with opened_host(change, folder, self._progress) as host:
            return self._check(change, index, host)

    def _check(self, change: Change, index: Index, host: Host | None) -> GuardResult:
        unseen: list[NotLookedAt] = []
        resembling: list[tuple[Finding, Candidate]] = []
        too_little: list[Candidate] = []
        places = places_of(change, index, self._progress, unseen.append)
        compared = _best(candidates(change, places, index, self._progress, host))
        for best in compared:
            candidate = best
            if host and best.like.score >= self._worth_telling:
                candidate = held_against(host, change, index, best)
            if candidate.like.score >= self._worth_telling:
                finding = to_finding(candidate, index.lesson(candidate.lesson))
                resembling.append((finding, candidate))
            else:
                too_little.append(candidate)
        findings: list[Finding] = []
        for finding, candidate in _apart(resembling):
            findings.append(with_comparison(finding, candidate, index.lesson(candidate.lesson)))

        def places_here(lesson: str) -> int:
            return standing_of(lesson, host, change, index).weight if host else 0

        findings += under_other_names(places, index, findings, _by_its_names(compared), places_here)
        reasons = _why_silent(too_little)
        return GuardResult(
            tuple(findings),
            problems=host.problems if host else (),
            silent=reasons,
            near=frozenset(reasons),
            not_looked_at=tuple(unseen),
        )


def _by_its_names(compared: Iterable[Candidate]) -> frozenset[tuple[int, str]]:
    """The places (by ``id``) and lessons whose failing code stands there as it was written."""
    known: set[tuple[int, str]] = set()
    for candidate in compared:
        if candidate.like.bad_as_written >= BY_ITS_NAMES:
            known.add((id(candidate.region), candidate.lesson))
    return frozenset(known)


def _why_silent(too_little: Iterable[Candidate]) -> dict[str, str]:
    """For each lesson the place that came nearest to it."""
    nearest: dict[str, float] = {}
    reasons: dict[str, str] = {}
    for candidate in too_little:
        score = candidate.like.score
        if score > nearest.get(candidate.lesson, 0.0):
            nearest[candidate.lesson] = score
            place = f"{candidate.region.path}:{candidate.region.first_line}"
            normal = _held_back(candidate.standing)
            told = f"too little to tell ({normal})" if normal else "too little to tell"
            reasons[candidate.lesson] = f"resembles {place} at {score:.2f}: {told}"
    return reasons


def _held_back(standing: Standing) -> str:
    """What the host had against it; that it was looked at in part, where nothing was found."""
    if normal := normal_here(standing):
        return normal
    return told_part(standing) if standing.is_part else ""


def _best(compared: Iterable[Candidate]) -> list[Candidate]:
    """For each region and lesson the pair that is closest; none where the place holds another
    pair's fix.
    """
    groups: dict[tuple[int, str], list[Candidate]] = {}
    for candidate in compared:
        groups.setdefault((id(candidate.region), candidate.lesson), []).append(candidate)
    best: list[Candidate] = []
    for group in groups.values():
        if not _holds_a_fix(group):
            best.append(max(group, key=lambda candidate: candidate.like.score))
    return best


def _holds_a_fix(group: Sequence[Candidate]) -> bool:
    likes = [candidate.like for candidate in group if not candidate.sides.pair.one_edit]
    if len(likes) == 1:
        return False
    return any(like.good >= FIXED and like.good > like.bad for like in likes)


def _apart(
    resembling: Iterable[tuple[Finding, Candidate]],
) -> list[tuple[Finding, Candidate]]:
    """The surest findings first; of one lesson only one about the same lines, and few lessons about
    the same lines.
    """
    apart: list[tuple[Finding, Candidate]] = []
    for finding, candidate in sorted(resembling, key=lambda pair: _surest(pair[0])):
        overlapping = [other.lesson for other, _ in apart if _overlap(other, finding)]
        if len(overlapping) < MOST_LESSONS_A_PLACE and finding.lesson not in overlapping:
            apart.append((finding, candidate))
    return apart


def _surest(finding: Finding) -> tuple[float, str, int, str]:
    return -finding.score, finding.path, finding.start_line, finding.lesson


def _overlap(finding: Finding, other: Finding) -> bool:
    if finding.path != other.path:
        return False
    return finding.start_line <= other.end_line and other.start_line <= finding.end_line
