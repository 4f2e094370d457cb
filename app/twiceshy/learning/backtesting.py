"""What a lesson would have said over a repository's past, had it existed then. Replays commits; touches no work tree.

Uses every core, a part of the commits each: judging one commit knows nothing of another.
"""

import os
import re
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from twiceshy.changes.errors import ChangeError
from twiceshy.changes.git import branch_change, resolve
from twiceshy.changes.git_objects import Repository
from twiceshy.changes.git_process import run_git
from twiceshy.changes.model import Change
from twiceshy.changes.parser.client import own_parser
from twiceshy.guards.finding import GuardName
from twiceshy.lessons.progress import Progress, quiet
from twiceshy.lessons.sources import Folder, Source
from twiceshy.verdicts.guard import Guard
from twiceshy.verdicts.policy import sure_enough
from twiceshy.verdicts.settings import Settings
from twiceshy.verdicts.verdict import Judged

COMMITS_AT_ONCE = 25
"""Enough to share what is read between commits, few enough to show how far it is."""

LARGEST_CHANGE = 300
"""Files; a commit of more is a move or an import, and nobody would have reviewed it."""

_SILENCED = ("said once already", "the lesson failed")


@dataclass(frozen=True, slots=True)
class Said:
    """One thing a lesson would have said."""

    lesson: str
    commit: str
    path: str
    line: int
    guard: str
    lives_on: bool  # the very code still stands in that file today


@dataclass(frozen=True, slots=True)
class Replay:
    """What came of it."""

    said: tuple[Said, ...]
    commits: int
    skipped: int  # too large, or not readable


def commits_of(root: Path, since: str | None, most: int) -> list[str]:
    """The newest commits of the first-parent line, merges left out, newest first. Raises ChangeError."""
    span: list[str] = []
    if since:
        known = resolve(root, since)
        span = [f"{known}..HEAD"] if known else [f"--since={since}", "HEAD"]
    options = ("--no-merges", "--first-parent", "--min-parents=1", f"--max-count={most}")
    return run_git(root, "rev-list", *options, *(span or ["HEAD"]), "--").stdout.decode().split()


def replay(
    root: Path, folders: Sequence[tuple[Path, str]], settings: Settings, commits: Sequence[str], cache_folder: Path | None,
    progress: Progress = quiet,
) -> Replay:  # fmt: skip
    """Hold every commit against the registries (folders, each with the name its paths are shown under)."""
    parts = [commits[at : at + COMMITS_AT_ONCE] for at in range(0, len(commits), COMMITS_AT_ONCE)]
    said: list[Said] = []
    skipped = done = 0
    named = tuple((str(folder), name) for folder, name in folders)
    jobs = ((str(root), named, settings, cache_folder, part) for part in parts)
    with ProcessPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
        for (found, left), part in zip(pool.map(_part, jobs), parts, strict=True):
            said += found
            skipped += left
            done += len(part)
            progress("replaying commits", done, len(commits))
    return Replay(tuple(said), len(commits), skipped)


_Job = tuple[str, tuple[tuple[str, str], ...], Settings, Path | None, Sequence[str]]


def _part(job: _Job) -> tuple[list[Said], int]:
    root, folders, settings, cache_folder, commits = job
    guard = _guard(folders, settings, cache_folder)
    said: list[Said] = []
    skipped = 0
    with own_parser():  # one for all of them
        for commit in commits:
            change = _change(Path(root), commit)
            if change is None:
                skipped += 1
                continue
            told = _once(judged for judged in guard.judge(change).findings if _speaks(judged, guard.settings))
            said += [_said(Path(root), commit, judged, change.read_head(judged.finding.path) or "") for judged in told]
    return said, skipped


def _once(judged: Iterable[Judged]) -> list[Judged]:
    """One for each lesson and line, whichever guard found it first."""
    found: dict[tuple[str, str, int], Judged] = {}
    for each in judged:
        found.setdefault((each.lesson.id, each.finding.path, each.finding.start_line), each)
    return list(found.values())


def _speaks(judged: Judged, settings: Settings) -> bool:
    """A scar is one quiet line for the reviewer, no comment; what two guards find of a place is one."""
    finding = judged.finding
    silenced = judged.reason.startswith(_SILENCED) or finding.guard is GuardName.SCARS
    return not silenced and sure_enough(finding, settings)


def _change(root: Path, commit: str) -> Change | None:
    """What a commit changed; None when it cannot be read or is too large."""
    try:
        change = branch_change(root, f"{commit}~1..{commit}")
    except ChangeError:
        return None
    return change if len(change.files) <= LARGEST_CHANGE else None


@cache
def _guard(folders: tuple[tuple[str, str], ...], settings: Settings, cache_folder: Path | None) -> Guard:
    sources: tuple[Source, ...] = tuple(Folder(Path(folder), name) for folder, name in folders)
    return Guard(sources, settings, cache_folder)


def _said(root: Path, commit: str, judged: Judged, text: str) -> Said:
    finding = judged.finding
    code = _plain("\n".join(text.split("\n")[finding.start_line - 1 : finding.end_line]))
    return Said(
        judged.lesson.id, commit, finding.path, finding.start_line, str(finding.guard),
        bool(code) and code in _plain(_today(root, finding.path)),
    )  # fmt: skip


@cache
def _today(root: Path, path: str) -> str:
    repository = Repository.at(root)
    found = repository.info(f"HEAD:{path}")
    return (repository.text(found.id) or "") if found and found.type == "blob" else ""


def _plain(text: str) -> str:
    return re.sub(r"\s+", "", text)


def recommended(spoke: int, lives_on: int, commits: int) -> str:
    """A mode, and why: what was said and mended later was worth saying, what lives on may be noise."""
    if spoke == 0:
        return "comment"
    if 100 * spoke / max(1, commits) > 2:  # noqa: PLR2004 - two comments in a hundred changes is what people bear of one lesson
        return "observe (too often)"
    return "observe (most lives on)" if 2 * lives_on > spoke else "comment"
