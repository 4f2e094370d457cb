"""Is this failure possible elsewhere? A whole tree held against the lessons, as if every file had
just been written.

Reads tracked, regular files of the work tree; runs nothing of it. Places that are known already can
be left out.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from twiceshy.changes.change import Change, Reader, as_added
from twiceshy.changes.diff_file import read_under
from twiceshy.changes.git import tracked_files
from twiceshy.changes.globs import matches_any
from twiceshy.changes.skip import Attributes, parse_attributes, skip_reason
from twiceshy.lessons.languages import language_of_path
from twiceshy.lessons.progress import Progress, no_progress
from twiceshy.lessons.sources import kind_of
from twiceshy.verdicts.guard import Guard
from twiceshy.verdicts.policy import sure_enough
from twiceshy.verdicts.reasons import Why
from twiceshy.verdicts.settings import Settings
from twiceshy.verdicts.verdict import JudgedFinding

FILES_AT_ONCE = 100
"""Bounds memory, and shows how far it is."""

OWNERS = ("CODEOWNERS", ".github/CODEOWNERS", "docs/CODEOWNERS")
"""GitHub's documentation, "About code owners"."""


@dataclass(frozen=True, slots=True)
class SweepHit:
    """A place where a lesson's failure may stand, and who owns it."""

    judged: JudgedFinding
    owners: tuple[str, ...]


def sweep(
    guard: Guard,
    root: Path,
    paths: Sequence[str],
    lessons: frozenset[str],
    known: frozenset[str],
    progress: Progress = no_progress,
) -> tuple[SweepHit, ...]:
    """Every place, surest first; of these lessons when any are named, without the ``known``
    fingerprints.
    """
    read = read_under(root)
    attributes = parse_attributes(read(".gitattributes") or "")
    files = [path for path in tracked_files(root, paths) if _worth_reading(path, attributes)]
    owners = _owners(root)
    hits: list[SweepHit] = []
    for judged in _findings(guard, files, read, progress):
        if _is_asked_for(judged, lessons, known) and _is_hit(judged, guard.settings):
            hits.append(SweepHit(judged, _owners_of(judged.finding.path, owners)))
    return tuple(sorted(hits, key=_rank))


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


def _rank(hit: SweepHit) -> tuple[int, float, str, int]:
    finding = hit.judged.finding
    return -hit.judged.lesson.severity.rank, -finding.score, finding.path, finding.start_line


def _owners(root: Path) -> tuple[tuple[str, tuple[str, ...]], ...]:
    read = read_under(root)
    for name in OWNERS:
        text = read(name)
        if text is not None:
            return tuple(_rules(text))
    return ()


def _rules(text: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    for line in text.splitlines():
        words = line.split("#", maxsplit=1)[0].split()
        if words:
            yield words[0], tuple(words[1:])


def _owners_of(path: str, rules: Sequence[tuple[str, tuple[str, ...]]]) -> tuple[str, ...]:
    """Of the last rule that matches, as GitHub has it."""
    for pattern, owners in reversed(rules):
        if matches_any((pattern,), path):
            return owners
    return ()
