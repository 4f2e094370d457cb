"""What lessons would have said over a repository's past, had they existed then. Replays changes;
touches no work tree.

Uses every core, a part of the commits each: judging one commit knows nothing of another. What was
found is kept by commit, so that a replay that was interrupted goes on where it was, and one over a
grown history looks at the new part.

All commits of a part are held against one host, the code that stood before the oldest of them: the
newer ones' hosts cost a listing of the tree each and hardly differ, and nothing of it is of a later
day.
"""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from twiceshy.changes.change import Change, as_added, read_nothing
from twiceshy.changes.change_error import ChangeError
from twiceshy.changes.git import commit_change, resolve
from twiceshy.changes.git_history import Dated, line_of_commits
from twiceshy.changes.git_objects import Repository
from twiceshy.learning.backtest_cache import BacktestCache, CachedFinding
from twiceshy.learning.learn.evidence import without_blanks
from twiceshy.lessons.draft_folder import DraftFolder
from twiceshy.lessons.lesson import Mode
from twiceshy.lessons.progress import Progress, no_progress
from twiceshy.lessons.sources import Folder, Source
from twiceshy.verdicts.guard import Guard
from twiceshy.verdicts.policy import sure_enough
from twiceshy.verdicts.reasons import Why
from twiceshy.verdicts.settings import Settings
from twiceshy.verdicts.verdict import JudgedFinding

COMMITS_AT_ONCE = 25
"""Enough to share one start of Semgrep, few enough to show how far it is and to bound memory."""

LARGEST_CHANGE = 300
"""Files; a commit of more is a move or an import, and nobody would have reviewed it."""

MOST_CODE = 2_000
"""Characters kept of what was spoken of, to see whether it still stands."""

_SILENCED = frozenset({Why.SAID_ONCE, Why.SELF_CHECK})
"""Why a finding would not have been said, whatever its lesson's mode had been."""


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
    # where each process keeps in a folder of its own what it counted of hosts: two that count
    # different days of one repository in one place would undo each other's work
    hosts: Path | None = None
    drafts: bool = False  # whether drafts are replayed too, as if they observed


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
    start = resolve(root, since) if since else None
    if start:
        span = [f"{start}..HEAD"]
    elif since:
        span = [f"--since={since}", "HEAD"]
    else:
        span = ["HEAD"]
    options = ("--no-merges",) if every else ("--first-parent",)
    return line_of_commits(root, *options, "--min-parents=1", f"--max-count={most}", *span)


def replay(
    past: RepositoryHistory, commits: Sequence[Dated], progress: Progress = no_progress
) -> BacktestResult:
    """Hold every commit against the registries."""
    findings = _findings_by_commit(past, [commit.id for commit in commits], progress)
    paths: set[str] = set()
    skipped = 0
    for commit in commits:
        spoken = findings[commit.id]
        skipped += spoken is None
        paths |= {finding.path for finding in spoken or ()}
    today = _Today(past, paths)
    said: list[ReplayedFinding] = []
    for commit in commits:
        for finding in findings[commit.id] or ():
            said.append(ReplayedFinding(finding, commit, today.lives_on(finding)))
    return BacktestResult(tuple(said), tuple(commits), skipped)


def _cache_of(past: RepositoryHistory) -> BacktestCache:
    name = f"{past.identity} {past.settings!r} {LARGEST_CHANGE} host"
    return BacktestCache(past.cache_folder and past.cache_folder / "replays", name)


FindingsByCommit = Mapping[str, tuple[CachedFinding, ...] | None]
"""By commit what was spoken there; None where it could not be judged."""


def _findings_by_commit(
    past: RepositoryHistory, commits: Sequence[str], progress: Progress
) -> FindingsByCommit:
    """What is remembered of these commits, and of the others what is found now."""
    cache = _cache_of(past)
    findings = cache.read(commits)
    waiting = [commit for commit in commits if commit not in findings]
    done = len(findings)
    for part in _judged(past, waiting):
        cache.add(part)
        findings |= part
        done += len(part)
        progress("replaying commits", done, len(commits))
    return findings


def _judged(past: RepositoryHistory, commits: Sequence[str]) -> Iterator[FindingsByCommit]:
    if not commits:
        return
    with TemporaryDirectory(prefix="twiceshy-hosts-", ignore_cleanup_errors=True) as folder:
        counting = replace(past, hosts=Path(folder))
        parts = [(counting, part) for part in _parts(commits)]
        pool = ProcessPoolExecutor(max_workers=min(len(parts), os.cpu_count() or 1))
        try:
            yield from pool.map(_judge_part, parts)
        finally:
            pool.shutdown(cancel_futures=True)  # whoever stopped listening does not wait for more


def _parts(names: Sequence[str]) -> Iterator[Sequence[str]]:
    for first in range(0, len(names), COMMITS_AT_ONCE):
        yield names[first : first + COMMITS_AT_ONCE]


def _judge_part(job: tuple[RepositoryHistory, Sequence[str]]) -> FindingsByCommit:
    past, commits = job
    guard = _guard(past)
    changes: dict[str, Change] = {}
    for commit in commits:
        if change := _change(past.root, commit):
            changes[commit] = change
    findings: dict[str, tuple[CachedFinding, ...] | None] = dict.fromkeys(commits)
    reports = guard.judge_each(_with_one_host(guard, list(changes.values())))
    for (commit, change), report in zip(changes.items(), reports, strict=True):
        said = _once(report.findings, guard.settings)
        findings[commit] = tuple(_to_cache(judged, change) for judged in said)
    return findings


def _with_one_host(guard: Guard, changes: Sequence[Change]) -> list[Change]:
    """The changes, newest first, with the host of the oldest: counted whole, so that what is said
    does not depend on which of them came first.
    """
    host = changes[-1].host if changes else None
    if host is None:
        return list(changes)
    with guard.whole_host(host, read_nothing) as counted:
        counted.count()
    return [replace(change, host=host) for change in changes]


def _once(findings: Iterable[JudgedFinding], settings: Settings) -> list[JudgedFinding]:
    """What would have been said: one for each lesson and line, whichever guard found it first."""
    said: dict[tuple[str, str, int], JudgedFinding] = {}
    for judged in findings:
        if _speaks(judged, settings):
            finding = judged.finding
            said.setdefault((judged.lesson.id, finding.path, finding.start_line), judged)
    return list(said.values())


def _speaks(judged: JudgedFinding, settings: Settings) -> bool:
    """What only knows a place is one quiet line for the reviewer, no comment; what two guards find
    of a place is one.
    """
    if judged.why in _SILENCED or judged.finding.guard.place_only:
        return False
    return sure_enough(judged.finding, settings)


def _change(root: Path, commit: str) -> Change | None:
    """What a commit changed; None when it cannot be read or is too large."""
    try:
        change = commit_change(root, commit)
    except ChangeError:
        return None
    return change if len(change.files) <= LARGEST_CHANGE else None


@cache
def _guard(past: RepositoryHistory) -> Guard:
    kind = DraftFolder if past.drafts else Folder
    sources: tuple[Source, ...] = tuple(kind(folder, name) for folder, name in past.folders)
    hosts = past.hosts and past.hosts / str(os.getpid())
    return Guard(sources, past.settings, past.cache_folder, hosts=hosts)


def _to_cache(judged: JudgedFinding, change: Change) -> CachedFinding:
    finding = judged.finding
    lines = (change.read_head(finding.path) or "").split("\n")
    code = "\n".join(lines[finding.start_line - 1 : finding.end_line])
    return CachedFinding(
        judged.lesson.id,
        finding.path,
        finding.start_line,
        finding.guard.name,
        without_blanks(code)[:MOST_CODE],
    )


class _Today:
    """What of a repository's past still stands: the texts of these files now, of those that are
    still there, and what would be said of them.
    """

    def __init__(self, past: RepositoryHistory, paths: Iterable[str]) -> None:
        self._texts = _texts(past.root, sorted(paths))
        self._spoken = _spoken_of(_guard(past), self._texts)

    def lives_on(self, finding: CachedFinding) -> bool:
        """The very code stands in that file, and the lesson would still speak of the file."""
        text = without_blanks(self._texts.get(finding.path, ""))
        stands = bool(finding.code) and finding.code in text
        return stands and (finding.lesson, finding.path) in self._spoken


def _texts(root: Path, paths: Iterable[str]) -> dict[str, str]:
    repository = Repository.at(root)
    infos = {path: repository.info(f"HEAD:{path}") for path in paths}
    texts: dict[str, str] = {}
    for path, info in infos.items():
        text = repository.text(info.id) if info and info.type == "blob" else None
        if text is not None:
            texts[path] = text
    return texts


def _spoken_of(guard: Guard, texts: Mapping[str, str]) -> frozenset[tuple[str, str]]:
    """Lesson and path of all that would be said of these files, were they written as they are
    today.
    """
    spoken: set[tuple[str, str]] = set()
    for paths in _parts(list(texts)):
        changes = [Change((as_added(path, texts[path]),), texts.get) for path in paths]
        for report in guard.judge_each(changes):
            for judged in _once(report.findings, guard.settings):
                spoken.add((judged.lesson.id, judged.finding.path))
    return frozenset(spoken)


class Recommendation(StrEnum):
    """The mode that follows from a lesson's past, and why."""

    COMMENT = "comment"
    NO_HISTORY = "no history"
    TOO_OFTEN = "too often"
    LIVES_ON = "lives on"

    @property
    def mode(self) -> Mode:
        """What a lesson may do by it."""
        return Mode.COMMENT if self is Recommendation.COMMENT else Mode.OBSERVE

    @property
    def text(self) -> str:
        """For a table's cell."""
        return RECOMMENDED[self]


RECOMMENDED = {
    Recommendation.COMMENT: "comment",
    Recommendation.NO_HISTORY: "observe (no history)",
    Recommendation.TOO_OFTEN: "observe (too often)",
    Recommendation.LIVES_ON: "observe (most lives on)",
}

MOST_PER_HUNDRED = 2
"""Comments in a hundred changes that people bear of one lesson."""


def recommended(spoke: int, lives_on: int, commits: int) -> Recommendation:
    """What was said and mended later was worth saying, what lives on may be noise."""
    if commits == 0:
        return Recommendation.NO_HISTORY
    if spoke == 0:
        return Recommendation.COMMENT
    if 100 * spoke / commits > MOST_PER_HUNDRED:
        return Recommendation.TOO_OFTEN
    return Recommendation.LIVES_ON if 2 * lives_on > spoke else Recommendation.COMMENT
