"""Is this failure possible elsewhere? A whole tree held against the lessons, as if every file had
just been written.

Reads tracked, regular files of the work tree; runs nothing of it. Places that are known already can
be left out.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from twiceshy.changes.change import Change, as_added
from twiceshy.changes.diff_file import read_under
from twiceshy.changes.git import tracked_files
from twiceshy.changes.globs import matches_any
from twiceshy.changes.skip import Attributes, parse_attributes, skip_reason
from twiceshy.lessons.languages import language_of_path
from twiceshy.lessons.progress import Progress, no_progress
from twiceshy.lessons.sources import kind_of
from twiceshy.verdicts.guard import Guard
from twiceshy.verdicts.policy import sure_enough
from twiceshy.verdicts.settings import Settings
from twiceshy.verdicts.verdict import JudgedFinding

FILES_AT_ONCE = 100
"""Bounds memory, and shows how far it is."""

OWNERS = ("CODEOWNERS", ".github/CODEOWNERS", "docs/CODEOWNERS")
"""https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners
"""


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
    wanted = [path for path in tracked_files(root, paths) if _worth_reading(path, attributes)]
    owners = _owners(root)
    found: list[SweepHit] = []
    for at in range(0, len(wanted), FILES_AT_ONCE):
        progress("sweeping files", at, len(wanted))
        texts = {
            path: text
            for path in wanted[at : at + FILES_AT_ONCE]
            if (text := read(path)) is not None
        }
        # a change each: of one with very many places recall compares fewer lessons with each place
        reports = guard.judge_each(
            [Change((as_added(path, text),), {path: text}.get) for path, text in texts.items()]
        )
        told = [
            each for report in reports for each in report.findings if _told(each, guard.settings)
        ]
        found += [SweepHit(each, _owners_of(each.finding.path, owners)) for each in told]
    progress("sweeping files", len(wanted), len(wanted))
    kept = [
        place
        for place in found
        if place.judged.fingerprint not in known and _of(place.judged, lessons)
    ]
    return tuple(sorted(kept, key=_rank))


def _worth_reading(path: str, attributes: Attributes) -> bool:
    return (
        bool(language_of_path(path))
        and kind_of(path) is None
        and skip_reason(path, None, attributes, ()) is None
    )


def _told(judged: JudgedFinding, settings: Settings) -> bool:
    """Not what another guard says of the same place, nor a resemblance too weak to say."""
    return sure_enough(judged.finding, settings) and not judged.reason.startswith(
        "said once already"
    )


def _rank(place: SweepHit) -> tuple[int, float, str, int]:
    finding = place.judged.finding
    return -place.judged.lesson.severity.rank, -finding.score, finding.path, finding.start_line


def _of(judged: JudgedFinding, lessons: frozenset[str]) -> bool:
    return not lessons or judged.lesson.id in lessons


def _owners(root: Path) -> tuple[tuple[str, tuple[str, ...]], ...]:
    read = read_under(root)
    text = next((text for name in OWNERS if (text := read(name)) is not None), "")
    return tuple(_rules(text))


def _rules(text: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    for line in text.splitlines():
        words = line.split("#", maxsplit=1)[0].split()
        if words:
            yield words[0], tuple(words[1:])


def _owners_of(path: str, rules: Sequence[tuple[str, tuple[str, ...]]]) -> tuple[str, ...]:
    """Of the last rule that matches, as GitHub has it."""
    return next(
        (owners for pattern, owners in reversed(rules) if matches_any((pattern,), path)), ()
    )
