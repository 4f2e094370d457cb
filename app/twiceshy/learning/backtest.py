"""What lessons would have said over a repository's past, had they existed then. Replays changes;
touches no work tree.

Uses every core, a part of the commits each: judging one commit knows nothing of another. What was
found is kept by commit, so that a replay that was interrupted goes on where it was, and one over a
grown history looks at the new part.
"""

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from twiceshy.changes.change import Change, as_added
from twiceshy.changes.change_error import ChangeError
from twiceshy.changes.git import commit_change, resolve
from twiceshy.changes.git_history import Dated, line_of_commits
from twiceshy.changes.git_objects import Repository
from twiceshy.guards.finding import GuardName
from twiceshy.learning.backtest_cache import BacktestCache, CachedFinding
from twiceshy.learning.learn.evidence import without_blanks
from twiceshy.lessons.progress import Progress, no_progress
from twiceshy.lessons.sources import Folder, Source
from twiceshy.verdicts.guard import Guard
from twiceshy.verdicts.policy import sure_enough
from twiceshy.verdicts.settings import Settings
from twiceshy.verdicts.verdict import JudgedFinding

COMMITS_AT_ONCE = 25
"""Enough to share one start of Semgrep, few enough to show how far it is and to bound memory."""

LARGEST_CHANGE = 300
"""Files; a commit of more is a move or an import, and nobody would have reviewed it."""

MOST_CODE = 2_000
"""Characters kept of what was spoken of, to see whether it still stands."""

_SILENCED = ("said once already", "the lesson failed")


@dataclass(frozen=True, slots=True)
class RepositoryHistory:
    """Which repository, held against which registries (folders, each with the name its paths are
    shown under).
    """

    root: Path
    folders: tuple[tuple[Path, str], ...]
    settings: Settings
    cache_folder: Path | None  # of compiled registries, and of what was found before
    identity: str  # of the compiled registry: another one would say other things


@dataclass(frozen=True, slots=True)
class ReplayedFinding:
    """One thing a lesson would have said."""

    spoken: CachedFinding
    commit: Dated
    # the very code stands in that file today, and the lesson would still speak of the file
    lives_on: bool


@dataclass(frozen=True, slots=True)
class BacktestResult:
    """What came of it, newest first."""

    said: tuple[ReplayedFinding, ...]
    commits: tuple[Dated, ...]
    skipped: int  # too large, or not readable


def commits_of(root: Path, since: str | None, most: int, every: bool = False) -> list[Dated]:
    """The newest changes to the branch, newest first: a merge is one, as its pull request was.
    Raises ChangeError.

    ``every``: each commit by itself, of merged branches too, and no merges.
    """
    known = resolve(root, since) if since else None
    span = [f"{known}..HEAD"] if known else [f"--since={since}", "HEAD"] if since else ["HEAD"]
    options = ("--no-merges",) if every else ("--first-parent",)
    return line_of_commits(root, *options, "--min-parents=1", f"--max-count={most}", *span)


def replay(
    past: RepositoryHistory, commits: Sequence[Dated], progress: Progress = no_progress
) -> BacktestResult:
    """Hold every commit against the registries."""
    kept = _cache_of(past)
    found = kept.read(each.id for each in commits)
    waiting = [each.id for each in commits if each.id not in found]
    done = len(found)
    for some in _judged(past, waiting):
        kept.add(some)
        found |= some
        done += len(some)
        progress("replaying commits", done, len(commits))
    spoken = [(commit, each) for commit in commits for each in found[commit.id] or ()]
    texts = _today(past.root, {each.path for _, each in spoken})
    still = _speaking(past, texts)
    said = (
        ReplayedFinding(each, commit, _stands(each, texts) and (each.lesson, each.path) in still)
        for commit, each in spoken
    )
    skipped = sum(found[commit.id] is None for commit in commits)
    return BacktestResult(tuple(said), tuple(commits), skipped)


def replayed_before(past: RepositoryHistory) -> tuple[int, Counter[str]]:
    """How many changes were replayed with these registries so far, and how often each lesson spoke
    in them.
    """
    return _cache_of(past).tally()


def _cache_of(past: RepositoryHistory) -> BacktestCache:
    name = f"{past.identity} {past.settings!r} {LARGEST_CHANGE}"
    return BacktestCache(past.cache_folder and past.cache_folder / "replays", name)


Found = Mapping[str, tuple[CachedFinding, ...] | None]
"""By commit what was spoken there; None where it could not be judged."""


def _judged(past: RepositoryHistory, commits: Sequence[str]) -> Iterator[Found]:
    parts = [
        (past, commits[at : at + COMMITS_AT_ONCE]) for at in range(0, len(commits), COMMITS_AT_ONCE)
    ]
    if not parts:
        return
    pool = ProcessPoolExecutor(max_workers=min(len(parts), os.cpu_count() or 1))
    try:
        yield from pool.map(_part, parts)
    finally:
        pool.shutdown(cancel_futures=True)  # whoever stopped listening does not wait for the rest


def _part(job: tuple[RepositoryHistory, Sequence[str]]) -> Found:
    past, commits = job
    guard = _guard(past)
    changes = {commit: _change(past.root, commit) for commit in commits}
    judged = {commit: change for commit, change in changes.items() if change}
    reports = dict(zip(judged, guard.judge_each(list(judged.values())), strict=True))
    return {
        commit: tuple(
            _spoken(each, judged[commit])
            for each in _once(reports[commit].findings, guard.settings)
        )
        if commit in judged
        else None
        for commit in commits
    }


def _once(findings: Iterable[JudgedFinding], settings: Settings) -> list[JudgedFinding]:
    """What would have been said: one for each lesson and line, whichever guard found it first."""
    found: dict[tuple[str, str, int], JudgedFinding] = {}
    for each in findings:
        if _speaks(each, settings):
            found.setdefault((each.lesson.id, each.finding.path, each.finding.start_line), each)
    return list(found.values())


def _speaks(judged: JudgedFinding, settings: Settings) -> bool:
    """A scar is one quiet line for the reviewer, no comment; what two guards find of a place is
    one.
    """
    finding = judged.finding
    silenced = judged.reason.startswith(_SILENCED) or finding.guard is GuardName.SCARS
    return not silenced and sure_enough(finding, settings)


def _change(root: Path, commit: str) -> Change | None:
    """What a commit changed; None when it cannot be read or is too large."""
    try:
        change = commit_change(root, commit)
    except ChangeError:
        return None
    return change if len(change.files) <= LARGEST_CHANGE else None


@cache
def _guard(past: RepositoryHistory) -> Guard:
    sources: tuple[Source, ...] = tuple(Folder(folder, name) for folder, name in past.folders)
    return Guard(sources, past.settings, past.cache_folder)


def _spoken(judged: JudgedFinding, change: Change) -> CachedFinding:
    finding = judged.finding
    lines = (change.read_head(finding.path) or "").split("\n")[
        finding.start_line - 1 : finding.end_line
    ]
    return CachedFinding(
        judged.lesson.id,
        finding.path,
        finding.start_line,
        str(finding.guard),
        without_blanks("\n".join(lines))[:MOST_CODE],
    )


def _today(root: Path, paths: Iterable[str]) -> dict[str, str]:
    """The texts of these files now, of those that are still there."""
    repository = Repository.at(root)
    found = {path: repository.info(f"HEAD:{path}") for path in sorted(paths)}
    blobs = {
        path: repository.text(each.id)
        for path, each in found.items()
        if each and each.type == "blob"
    }
    return {path: text for path, text in blobs.items() if text is not None}


def _stands(spoken: CachedFinding, texts: Mapping[str, str]) -> bool:
    return bool(spoken.code) and spoken.code in without_blanks(texts.get(spoken.path, ""))


def _speaking(past: RepositoryHistory, texts: Mapping[str, str]) -> frozenset[tuple[str, str]]:
    """Lesson and path of all that would be said of these files, were they written as they are
    today.
    """
    guard = _guard(past)
    paths = list(texts)
    found: set[tuple[str, str]] = set()
    for at in range(0, len(paths), COMMITS_AT_ONCE):
        some = [
            Change((as_added(path, texts[path]),), texts.get)
            for path in paths[at : at + COMMITS_AT_ONCE]
        ]
        for report in guard.judge_each(some):
            found |= {
                (each.lesson.id, each.finding.path)
                for each in _once(report.findings, guard.settings)
            }
    return frozenset(found)


def recommended(spoke: int, lives_on: int, commits: int) -> str:
    """A mode, and why: what was said and mended later was worth saying, what lives on may be noise."""
    if commits == 0:
        return "observe (no history)"
    if spoke == 0:
        return "comment"
    if 100 * spoke / max(1, commits) > 2:  # noqa: PLR2004 - two comments in a hundred changes is what people bear of one lesson
        return "observe (too often)"
    return "observe (most lives on)" if 2 * lives_on > spoke else "comment"
