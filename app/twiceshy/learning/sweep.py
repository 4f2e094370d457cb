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
from twiceshy.changes.skip import Attributes, parse_attributes, skip_reason
from twiceshy.learning.code_owners import code_owners
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
    owners = code_owners(read)
    hits: list[SweepHit] = []
    for judged in _findings(guard, files, read, progress):
        if _is_asked_for(judged, lessons, known) and _is_hit(judged, guard.settings):
            hits.append(SweepHit(judged, owners(judged.finding.path)))
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
