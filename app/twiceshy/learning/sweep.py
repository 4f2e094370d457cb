"""Is this failure possible elsewhere? A whole tree held against the lessons, as if every file had
just been written.

Reads tracked, regular files of the work tree; runs nothing of it. The lessons' own places and tests
are no answers: they are kept apart. Places that are known already can be left out.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from twiceshy.changes.change import Change, Reader, as_added
from twiceshy.changes.diff_file import read_under
from twiceshy.changes.git import tracked_files
from twiceshy.changes.skip import Attributes, parse_attributes, skip_reason
from twiceshy.guards.finding import Finding
from twiceshy.guards.recall.comparison import RECALL
from twiceshy.learning.code_owners import Owners, code_owners
from twiceshy.learning.learn.evidence import evidence_pairs, is_test
from twiceshy.learning.learn.siblings import UnfixedSearch
from twiceshy.learning.own_places import is_own_place
from twiceshy.lessons.languages import language_of_path
from twiceshy.lessons.lesson import Lesson, Mode
from twiceshy.lessons.progress import Progress, no_progress
from twiceshy.lessons.sources import kind_of
from twiceshy.verdicts.guard import Guard
from twiceshy.verdicts.policy import fingerprinted, out_of_scope, sure_enough
from twiceshy.verdicts.reasons import Why
from twiceshy.verdicts.settings import Settings
from twiceshy.verdicts.verdict import Action, JudgedFinding

FILES_AT_ONCE = 100
"""Bounds memory, and shows how far it is."""


@dataclass(frozen=True, slots=True)
class SweepHit:
    """A place where a lesson's failure may stand, and who owns it."""

    judged: JudgedFinding
    owners: tuple[str, ...]
    unfixed: str = ""  # the line that failed, where it stands as it did then, without the fix


@dataclass(frozen=True, slots=True)
class SweepResult:
    """The places that answer, surest first, and those that do not."""

    hits: tuple[SweepHit, ...]
    own: tuple[SweepHit, ...] = ()  # where the lessons were learned
    tests: tuple[SweepHit, ...] = ()
    alike: tuple[SweepHit, ...] = ()  # like a lesson's surroundings, without what failed

    @property
    def all(self) -> tuple[SweepHit, ...]:
        """Every place, whatever it is."""
        return (*self.hits, *self.own, *self.tests, *self.alike)


def sweep(
    guard: Guard,
    root: Path,
    paths: Sequence[str],
    lessons: frozenset[str],
    known: frozenset[str],
    progress: Progress = no_progress,
) -> SweepResult:
    """Every place where a lesson may speak: of these lessons when any are named, without the
    ``known`` fingerprints. Where the failing code stands as it did, without its fix, comes first.
    """
    read = read_under(root)
    attributes = parse_attributes(read(".gitattributes") or "")
    files = [path for path in tracked_files(root, paths) if _worth_reading(path, attributes)]
    found: list[JudgedFinding] = []
    for judged in _findings(guard, files, read, progress):
        if _is_asked_for(judged, lessons, known) and _is_hit(judged, guard.settings):
            found.append(judged)
    unfixed = _unfixed(guard, files, read, lessons, progress)
    found += _not_found(unfixed, found, guard, known)
    return _sorted_out(found, unfixed, read, frozenset(tracked_files(root)), code_owners(read))


def _sorted_out(
    found: Sequence[JudgedFinding],
    unfixed: Sequence["_Standing"],
    read: Reader,
    tracked: frozenset[str],
    owners: Owners,
) -> SweepResult:
    hits: list[SweepHit] = []
    own: list[SweepHit] = []
    tests: list[SweepHit] = []
    alike: list[SweepHit] = []
    for judged in found:
        path = judged.finding.path
        why = next((place.why for place in unfixed if place.is_at(judged.finding)), "")
        hit = SweepHit(judged, owners(path), why)
        if is_own_place(judged.lesson, judged.finding, read(path) or "", tracked):
            own.append(hit)
        elif is_test(path):
            tests.append(hit)
        elif _is_answer(hit):
            hits.append(hit)
        else:
            alike.append(hit)
    answers = sorted(hits, key=_rank)
    return SweepResult(tuple(answers), tuple(own), tuple(tests), tuple(alike))


def _is_answer(hit: SweepHit) -> bool:
    """A rule's place, or one that holds what failed: code may be like a lesson's but for that."""
    return hit.judged.finding.guard.exact or bool(hit.unfixed)


@dataclass(frozen=True, slots=True)
class _Standing:
    """A place of the tree that has a lesson's failing code and lacks its fix."""

    lesson: Lesson
    path: str
    line: int
    why: str

    def is_at(self, finding: Finding) -> bool:
        """Whether a guard spoke of it."""
        inside = finding.start_line <= self.line <= finding.end_line
        return inside and (finding.lesson, finding.path) == (self.lesson.id, self.path)


def _unfixed(
    guard: Guard,
    files: Sequence[str],
    read: Reader,
    asked: frozenset[str],
    progress: Progress,
) -> list[_Standing]:
    """The failing code of each lesson that guards, wherever it stands unfixed."""
    names = [name for name in guard.index.lesson_ids() if not asked or name in asked]
    lessons = [lesson for name in names if (lesson := guard.index.lesson(name))]
    sides: list[tuple[Lesson, UnfixedSearch]] = []
    for lesson in lessons:
        if lesson.mode not in (Mode.DRAFT, Mode.RETIRED):
            sides.append((lesson, UnfixedSearch(evidence_pairs(lesson.evidence))))
    for number, path in enumerate(files):
        if number % FILES_AT_ONCE == 0:
            progress("looking for unfixed places", number, len(files))
        text = read(path) or ""
        for lesson, search in sides:
            if not is_test(path) and out_of_scope(lesson, path) is None:
                search.read(path, text)
    standing: list[_Standing] = []
    for lesson, search in sides:
        for place in search.places():
            standing.append(_Standing(lesson, place.path, place.line, place.why))
    return standing


def _not_found(
    unfixed: Sequence[_Standing],
    found: Sequence[JudgedFinding],
    guard: Guard,
    known: frozenset[str],
) -> list[JudgedFinding]:
    """The unfixed places that no guard spoke of, as recall would say it."""
    spoken = [judged.finding for judged in found]
    findings: list[Finding] = []
    for place in unfixed:
        if not any(place.is_at(finding) for finding in spoken):
            findings.append(_as_finding(place))
    judged: list[JudgedFinding] = []
    for finding, fingerprint in fingerprinted(findings):
        lesson = guard.index.lesson(finding.lesson)
        if lesson and fingerprint not in known:
            judged.append(JudgedFinding(finding, lesson, Action.OBSERVE, fingerprint))
    return judged


def _as_finding(place: _Standing) -> Finding:
    return Finding(
        RECALL,
        place.lesson.id,
        place.path,
        place.line,
        place.line,
        score=1.0,
        headline=f"the code that failed in {place.lesson.id} stands here, without its fix",
        why=f"It says: {place.why}",
        key=f"unfixed:{place.why}",
    )


def _findings(
    guard: Guard, files: Sequence[str], read: Reader, progress: Progress
) -> Iterator[JudgedFinding]:
    """All that is found in these files."""
    for first in range(0, len(files), FILES_AT_ONCE):
        progress("sweeping files", first, len(files))
        # a change each: of one with very many places recall compares fewer lessons with each place
        changes = _as_written(files[first : first + FILES_AT_ONCE], read)
        for report in guard.judge_each(changes):
            yield from report.findings
    progress("sweeping files", len(files), len(files))


def _as_written(paths: Sequence[str], read: Reader) -> list[Change]:
    """A change for each file that can be read, as if it had just been written."""
    changes: list[Change] = []
    for path in paths:
        text = read(path)
        if text is not None:
            changes.append(Change((as_added(path, text),), {path: text}.get))
    return changes


def _worth_reading(path: str, attributes: Attributes) -> bool:
    return (
        bool(language_of_path(path))
        and kind_of(path) is None
        and skip_reason(path, None, attributes, ()) is None
    )


def _is_hit(judged: JudgedFinding, settings: Settings) -> bool:
    """Not what another guard says of the same place, nor a resemblance too weak to say."""
    return judged.why is not Why.SAID_ONCE and sure_enough(judged.finding, settings)


def _is_asked_for(judged: JudgedFinding, lessons: frozenset[str], known: frozenset[str]) -> bool:
    return judged.fingerprint not in known and (not lessons or judged.lesson.id in lessons)


def _rank(hit: SweepHit) -> tuple[bool, int, float, str, int]:
    finding = hit.judged.finding
    severity = -hit.judged.lesson.severity.rank
    return not hit.unfixed, severity, -finding.score, finding.path, finding.start_line
