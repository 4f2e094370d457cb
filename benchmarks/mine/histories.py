"""Public histories and the changes of their commits, streamed out of git.

Many commits a process, never a process a commit. Reads only, asks no remote, writes nothing.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import islice
from pathlib import Path

from twiceshy.changes.change import Change, FileChange, Reader, Status
from twiceshy.changes.change_error import ChangeError
from twiceshy.changes.diff import parse_diff
from twiceshy.changes.git_objects import Finder, Repository, as_text, tree_finder
from twiceshy.changes.git_process import run_git
from twiceshy.changes.skip import Attributes, skip_reason
from twiceshy.lessons.languages import language_of_path
from twiceshy.verdicts.file_selection import select

LARGEST_FILE = 200_000
"""Bytes; a larger file is no everyday source, and would fill the data."""

COMMITS_A_PROCESS = 50
"""Their diffs stand in memory together."""

_DIFF_TREE = (
    "-c",
    f"core.bigFileThreshold={LARGEST_FILE}",
    "diff-tree",
    "--stdin",
    "-r",
    "-p",
    "--find-renames",
    "--diff-algorithm=histogram",
    "--unified=3",
    "--src-prefix=a/",
    "--dst-prefix=b/",
    "--no-ext-diff",
    "--no-textconv",
)
_COMMIT_LINE = re.compile(rb"^([0-9a-f]{40,64})\n", re.MULTILINE)
_FILE_LINE = re.compile(rb"^(?=diff --git )", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class History:
    """One project's past."""

    project: str
    git_dir: Path


@dataclass(frozen=True, slots=True)
class LoggedCommit:
    """A commit with one parent, and the paths it touches."""

    id: str
    parent: str
    day: date
    subject: str
    paths: tuple[str, ...]


@dataclass(frozen=True)
class CommitChange:
    """What a commit changes of the files that are judged; ``patches`` are their diffs by path."""

    commit: LoggedCommit
    change: Change
    patches: dict[str, str]


def history(place: str) -> History:
    """``FOLDER`` or ``NAME=FOLDER``: a clone, a bare repository, or a folder with one called repo.

    Raises ChangeError when there is none.
    """
    name, _, folder = place.rpartition("=")
    for candidate in (Path(folder, ".git"), Path(folder), Path(folder, "repo")):
        if (candidate / "HEAD").is_file() and (candidate / "objects").is_dir():
            return History(name or Path(folder).resolve().name, candidate.resolve())
    raise ChangeError(f"{folder} holds no git repository: give a clone or a bare one")


def ordinary_commits(past: History, *options: str) -> list[LoggedCommit]:
    """The commits of the default branch with one parent, the newest first."""
    command = ("log", "--no-merges", "--no-renames", "--name-only", *options)
    listed = _git(past, *command, "--format=%x01%H %P%x00%cs%x00%s", "HEAD", "--")
    commits = []
    for text in listed.decode("utf-8", "replace").split("\x01")[1:]:
        header, *lines = text.split("\n")
        ids, day, subject = header.split("\0", 2)
        commit_id, *parents = ids.split()
        if len(parents) == 1:
            paths = tuple(line for line in lines if line)
            commits.append(
                LoggedCommit(commit_id, parents[0], date.fromisoformat(day), subject, paths)
            )
    return commits


def source_paths(commit: LoggedCommit) -> list[str]:
    """The paths in a language that is known, without those that are skipped by their name."""
    nothing = Attributes()
    named = [path for path in commit.paths if language_of_path(path)]
    return [path for path in named if skip_reason(path, None, nothing, ()) is None]


def changes(past: History, commits: Iterable[LoggedCommit]) -> Iterator[CommitChange]:
    """What each commit changes, in this order; a commit whose objects are not here is left out."""
    repository = Repository(past.git_dir, {"GIT_DIR": str(past.git_dir)})
    waiting = iter(commits)
    while batch := list(islice(waiting, COMMITS_A_PROCESS)):
        diffs = _diffs(past, [commit.id for commit in batch])
        for commit in batch:
            if commit.id in diffs:
                yield _commit_change(repository, commit, diffs[commit.id])


def first_parents(past: History) -> list[tuple[str, date]]:
    """The commits that were the default branch's last, and their days; the newest first."""
    listed = _git(past, "log", "--first-parent", "--format=%H %cs", "HEAD", "--")
    lines = [line.split() for line in listed.decode().splitlines()]
    return [(commit_id, date.fromisoformat(day)) for commit_id, day in lines]


def _diffs(past: History, commits: Sequence[str]) -> dict[str, bytes]:
    """By commit. git gives up at the first object that is missing, so the halves are asked then."""
    try:
        output = _git(past, *_DIFF_TREE, given="\n".join(commits).encode() + b"\n")
    except ChangeError:
        if len(commits) == 1:
            return {}
        half = len(commits) // 2
        return _diffs(past, commits[:half]) | _diffs(past, commits[half:])
    # every line of a diff begins with a sign or a word: a bare id is none
    parts = _COMMIT_LINE.split(output)[1:]
    return {name.decode(): diff for name, diff in zip(parts[::2], parts[1::2], strict=True)}


def _commit_change(repository: Repository, commit: LoggedCommit, diff: bytes) -> CommitChange:
    base, head = (tree_finder(repository, name) for name in (commit.parent, commit.id))
    files: list[FileChange] = []
    patches: dict[str, str] = {}
    for part in _FILE_LINE.split(diff):
        for file in parse_diff(part).files:
            if file.hunks and language_of_path(file.path) and file.path.isprintable():
                files.append(file)
                patches[file.path] = part.decode("utf-8", "replace")
    read = _Texts(repository)
    change = Change(
        tuple(files), read.reader(head), read.reader(base), base=commit.parent, head=commit.id
    )
    judged = select(change, ()).change
    small = tuple(file for file in judged.files if _is_readable(file, judged))
    return CommitChange(
        commit,
        Change(small, change.read_head, change.read_base, commit.parent, commit.id),
        {file.path: patches[file.path] for file in small},
    )


def _is_readable(file: FileChange, change: Change) -> bool:
    """Whether both of the file's texts, as far as it has them, are there and small enough."""
    at_head = file.status is Status.DELETED or change.read_head(file.path) is not None
    at_base = file.status is Status.ADDED or change.read_base(file.base_path) is not None
    return at_head and at_base


class _Texts:
    """Reads files of at most LARGEST_FILE bytes."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository

    def reader(self, find: Finder) -> Reader:
        @lru_cache(maxsize=64)
        def read(path: str) -> str | None:
            blob = find(path)
            found = self._repository.info(blob) if blob else None
            if found is None or found.size > LARGEST_FILE:
                return None
            content = self._repository.contents(found.id)
            return None if content is None else as_text(content)

        return read


def _git(past: History, *arguments: str, given: bytes | None = None) -> bytes:
    own = {"GIT_DIR": str(past.git_dir)}
    return run_git(past.git_dir, *arguments, extra=own, given=given).stdout
