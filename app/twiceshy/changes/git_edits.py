"""What each commit of a history took away and put there, place by place, as git streams it.

Reads changed files alone, a line of context on each side; never holds more than one edit, and runs
nothing of the repository's own.
"""

import re
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from twiceshy.changes.change_error import ChangeError
from twiceshy.changes.git_process import run_git, start_git
from twiceshy.changes.git_trees import git_folder
from twiceshy.lessons.time_limits import by_load

MOST_LINES = 40
"""Of one edit; the others of a longer one are counted and forgotten."""

MOST_BYTES = 2_000
"""Of one line."""

MOST_FILE_BYTES = 1_000_000
"""git shows no lines of a larger file."""

AT_ONCE = 500
"""Commits one git is asked for: their names fit into a pipe (64 KiB on Linux)."""

BATCH_SECONDS = 30.0
"""For so many commits, stretched where the machine is busy; what came until then is taken."""

_DIFF = (
    "-c",
    f"core.bigFileThreshold={MOST_FILE_BYTES}",
    "diff-tree",
    "--stdin",
    "-r",
    "--patch",
    "--unified=1",
    "--inter-hunk-context=0",
    "--no-renames",
    "--no-color",
    "--no-ext-diff",
    "--no-textconv",
    "--diff-filter=M",
    "--src-prefix=a/",
    "--dst-prefix=b/",
    "--diff-algorithm=histogram",
)
_HUNK = re.compile(rb"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
_COMMIT = re.compile(rb"[0-9a-f]{40,64}\n")


@dataclass(frozen=True, slots=True)
class LineEdit:
    """Lines of one place that a commit took away and put there."""

    path: str
    line: int  # before the commit: of the first line taken away, or of the one after what came
    new_line: int
    removed: tuple[str, ...]
    added: tuple[str, ...]
    above: str  # the line before them, which stayed; empty at the beginning
    below: str


def commits_to_read(root: Path, most: int) -> list[str]:
    """The ids of all branches' commits, merges apart, newest first. Raises ChangeError."""
    options = ("--no-merges", f"--max-count={most}", "HEAD", "--branches", "--remotes")
    return run_git(root, "rev-list", *options, "--").stdout.decode().split()


def edits_of_commits(root: Path, commits: Sequence[str]) -> Iterator[tuple[str, LineEdit]]:
    """Commit and edit, in the order of the commits, AT_ONCE of them at most. Raises ChangeError."""
    own = git_folder(root)
    # where no ``.gitattributes`` lies: see ``git._diff_of_trees``
    no_index = str(own / "twiceshy-no-index")
    alone = {"GIT_DIR": str(own), "GIT_WORK_TREE": str(own), "GIT_INDEX_FILE": no_index}
    process = start_git(own, *_DIFF, extra=alone)
    watch = threading.Timer(by_load(BATCH_SECONDS), process.kill)
    watch.start()
    try:
        if process.stdin is None or process.stdout is None:
            return
        process.stdin.write("".join(f"{commit}\n" for commit in commits[:AT_ONCE]).encode())
        process.stdin.close()
        yield from _Reader(process.stdout).edits()
        if process.wait() > 0:  # below 0 it was stopped for its time
            raise ChangeError("the history lacks objects: is this a partial clone?")
    finally:
        watch.cancel()
        process.kill()
        process.stdin = None  # closed already
        process.communicate()


class _Reader:
    """Reads a stream of patches line by line; counts the lines of a hunk, as a line of code may
    look like any heading.
    """

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._commit = self._path = ""

    def edits(self) -> Iterator[tuple[str, LineEdit]]:
        """All of them."""
        while line := self._line():
            if _COMMIT.fullmatch(line):
                self._commit = line.decode().strip()
            elif line.startswith(b"+++ "):
                self._path = _path(line)
            elif hunk := _HUNK.match(line):
                for edit in self._edits_of_hunk(hunk):
                    yield self._commit, edit

    def _edits_of_hunk(self, hunk: re.Match[bytes]) -> Iterator[LineEdit]:
        run = _Run(self._path, int(hunk[1]), int(hunk[3]))
        old_left, new_left = int(hunk[2] or 1), int(hunk[4] or 1)
        # a hunk without lines on a side names the line before it
        run.old += old_left == 0
        run.new += new_left == 0
        while old_left > 0 or new_left > 0:
            line = self._line()
            mark, text = line[:1], line[1:].decode("utf-8", "replace").rstrip("\r\n")
            if mark == b"-":
                run.remove(text)
            elif mark == b"+":
                run.add(text)
            elif mark == b" ":
                yield from run.stay(text)
            elif mark != b"\\":  # "\ No newline at end of file"; anything else is no hunk
                return
            old_left -= mark in b"- "
            new_left -= mark in b"+ "
        yield from run.end()

    def _line(self) -> bytes:
        """The next line, cut; empty at the end."""
        line = self._stream.readline(MOST_BYTES)
        rest = line
        while rest and not rest.endswith(b"\n"):
            rest = self._stream.readline(MOST_BYTES)
        return line


class _Run:
    """Lines in a row that changed, as they come."""

    def __init__(self, path: str, old: int, new: int) -> None:
        self.old, self.new = old, new
        self._path, self._above = path, ""
        self._start = (old, new)
        self._removed: list[str] = []
        self._added: list[str] = []

    def remove(self, text: str) -> None:
        self._begin()
        self.old += 1
        if len(self._removed) < MOST_LINES:
            self._removed.append(text)

    def add(self, text: str) -> None:
        self._begin()
        self.new += 1
        if len(self._added) < MOST_LINES:
            self._added.append(text)

    def stay(self, text: str) -> Iterator[LineEdit]:
        yield from self.end(text)
        self._above = text
        self.old += 1
        self.new += 1

    def end(self, below: str = "") -> Iterator[LineEdit]:
        """What changed up to here, if anything."""
        removed, added = tuple(self._removed), tuple(self._added)
        if self._path and (removed or added):
            yield LineEdit(self._path, *self._start, removed, added, self._above, below)
        self._removed, self._added = [], []

    def _begin(self) -> None:
        if not self._removed and not self._added:
            self._start = (self.old, self.new)


def _path(heading: bytes) -> str:
    """Of ``+++ b/PATH``; empty for a name that git must quote, which no program of ours reads."""
    text = heading.decode("utf-8", "surrogateescape").rstrip("\n").removesuffix("\t")
    return text.removeprefix("+++ b/") if text.startswith("+++ b/") else ""
