"""Who brought lines of a file, who took lines away, and where a commit reached the main line. Asks
git; judges nothing.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from twiceshy.changes.git_process import run_git
from twiceshy.changes.git_trees import commit_id

FOLLOW_MOVES = ("-M", "-C")
"""Lines that were moved or copied within a commit belong to who first wrote them.

https://git-scm.com/docs/git-blame#Documentation/git-blame.txt--Mltnumgt
"""

_HEADER = re.compile(rb"^([0-9a-f]{40,64}) (\d+) \d+(?: \d+)?$")
_HUNK = re.compile(r"^@@+ .*?\+(\d+)(?:,\d+)? @@")
_COMMIT = "\x01"


@dataclass(frozen=True, slots=True)
class BlamedLine:
    """A line, as the commit that brought it has it."""

    commit: str
    path: str  # in that commit
    line: int  # 1-based, in that commit


@dataclass(frozen=True, slots=True)
class RemovedLine:
    """A line that is gone, and the 1-based line after which it stood in what is left."""

    text: str
    after: int


@dataclass(frozen=True, slots=True)
class Removal:
    """What a commit took away from one file; of a merge, what no parent wanted taken away."""

    commit: str
    path: str  # in that commit, as far as the file is left
    lines: tuple[RemovedLine, ...]


def blamed(
    root: Path,
    commit: str,
    path: str,
    lines: Iterable[int],
    options: Sequence[str] = (),
    passed_over: Iterable[str] = (),
) -> tuple[BlamedLine, ...]:
    """Who brought these lines of a file as it was at a ``commit``; white space apart, and apart
    from the commits that are to be ``passed_over``.

    Nothing where git cannot tell: the file or a line is not there.
    """
    ranges = [f"-L{first},{last}" for first, last in _runs(lines)]
    if not ranges:
        return ()
    ignored = [f"--ignore-rev={name}" for name in sorted(passed_over)]
    command = ("blame", "-w", *options, *ignored, "--no-textconv", "--line-porcelain")
    done = run_git(root, *command, *ranges, commit, "--", path, check=False)
    return tuple(_blamed(done.stdout)) if done.returncode == 0 else ()


def _runs(lines: Iterable[int]) -> list[tuple[int, int]]:
    """Neighbouring lines as first and last of each run."""
    runs: list[tuple[int, int]] = []
    for line in sorted(set(lines)):
        if runs and runs[-1][1] == line - 1:
            runs[-1] = (runs[-1][0], line)
        else:
            runs.append((line, line))
    return runs


def _blamed(porcelain: bytes) -> Iterator[BlamedLine]:
    commit, line = "", 0
    for row in porcelain.split(b"\n"):
        header = _HEADER.match(row)
        if header:
            commit, line = header[1].decode(), int(header[2])
        elif row.startswith(b"filename ") and commit:
            path = row.removeprefix(b"filename ").decode("utf-8", "surrogateescape")
            yield BlamedLine(commit, path, line)


def removals(root: Path, commit: str, path: str, most: int) -> Iterator[Removal]:
    """What the last ``most`` commits that touched a file took away from it, newest first; renames
    are followed. Raises ChangeError.
    """
    options = ("--follow", "--cc", "-p", "-U0", "--no-ext-diff", "--no-textconv", "--no-color")
    shape = ("--src-prefix=a/", "--dst-prefix=b/", f"--format={_COMMIT}%H %P", f"-{most}")
    command = ("log", *options, *shape, commit, "--", path)
    listed = run_git(root, *command, check=False, extra={"GIT_LITERAL_PATHSPECS": "1"}).stdout
    for part in listed.decode("utf-8", "surrogateescape").split(f"\n{_COMMIT}"):
        ids, _, diff = part.removeprefix(_COMMIT).partition("\n")
        name, *parents = ids.split() or [""]
        lines = tuple(_removed(diff, max(1, len(parents))))
        if lines:
            yield Removal(name, _path(diff) or path, lines)


def _removed(diff: str, columns: int) -> Iterator[RemovedLine]:
    """The lines a diff takes away; a merge's has a column of signs for each parent."""
    after: int | None = None
    for line in diff.split("\n"):
        if line.startswith("diff "):
            after = None
        elif hunk := _HUNK.match(line):
            after = int(hunk[1])
        elif after is not None and "-" in line[:columns] and "+" not in line[:columns]:
            yield RemovedLine(line[columns:], after)


def _path(diff: str) -> str | None:
    for line in diff.split("\n"):
        if line.startswith("+++ b/"):
            return line.removeprefix("+++ b/").rstrip("\t")
        if line.startswith("@@"):
            break
    return None


def registry_day(root: Path, commit: str, parent: str) -> str:
    """The commit whose tree a check of a commit would have read its lessons from: the main line
    just before the commit reached it, by itself or with a merge.

    ``parent``: its first parent, which is the answer where the main line (that of HEAD) holds the
    commit itself or never got it. Raises ChangeError.
    """
    head = commit_id(root, "HEAD")
    main_line = _main_line(root, head) if head else ()
    if commit in main_line:
        return parent
    after = run_git(root, "rev-list", "--ancestry-path", f"{commit}..HEAD", "--", check=False)
    descendants = frozenset(after.stdout.decode().split())
    landed = [name for name in main_line if name in descendants]
    before = commit_id(root, f"{landed[-1]}^1") if landed else None
    return before or parent


@lru_cache(maxsize=2)
def _main_line(root: Path, head: str) -> tuple[str, ...]:
    listed = run_git(root, "rev-list", "--first-parent", head, "--").stdout
    return tuple(listed.decode().split())
