"""What a repository holds, asked of long-lived ``git cat-file`` processes.

Reads regular files only: a link, a submodule or a folder has no text here, and a path is looked up
in git's trees, never handed to git to interpret.
"""

import os
import select
import subprocess
import threading
import weakref
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import IO, NamedTuple

from twiceshy.changes.change_error import ChangeError
from twiceshy.changes.git_process import TIMEOUT_SECONDS, run_git, start_git, too_slow
from twiceshy.lessons.time_limits import patient

MAX_FILE_BYTES = 10_000_000
"""A larger file is never read; from which size on a guard does not look at a whole is a setting,
``max_file_bytes``.
"""

_BINARY_WITHIN = 8_000
"""git itself looks this far for a NUL byte (buffer_is_binary in xdiff-interface.c)."""

_REGULAR = frozenset({"100644", "100755", "100664"})
_FOLDER = "40000"


class Object(NamedTuple):
    """What git says of a name."""

    id: str
    type: str
    size: int


class TreeEntry(NamedTuple):
    """One name in a folder."""

    mode: str
    id: str


Finder = Callable[[str], str | None]
"""Blob id of the regular file at a path, None when there is none."""


class Repository:
    """Two ``git cat-file``: one to ask what a name is, one to read it. Far cheaper than a process a
    file.
    """

    def __init__(self, root: Path, environment: Mapping[str, str] | None = None) -> None:
        """``environment`` is added to git's: objects beside the repository's own."""
        self.root = root
        self.environment = dict(environment or {})
        self._of_parent: list[subprocess.Popen[bytes]] = []
        self._begin()
        _repositories.add(self)

    def _begin(self) -> None:
        self._open: dict[str, subprocess.Popen[bytes]] = {}
        self._lock = threading.RLock()
        self._end = weakref.finalize(self, _end_all, self._open)

    def begin_anew(self) -> None:
        """In a forked process: the ``git`` that are open are the parent's, who goes on reading
        their answers.
        """
        self._end.detach()
        # not ours to wait for, and what is half written not ours to send
        self._of_parent += self._open.values()
        self._begin()

    @staticmethod
    @lru_cache(maxsize=4)
    def at(root: Path) -> "Repository":
        """The one for a work tree."""
        return Repository(root)

    def info(self, name: str) -> Object | None:
        """What a name stands for, None when nothing."""
        with self._lock:
            return self._ask("--batch-check", name)

    def contents(self, name: str, kind: str = "blob") -> bytes | None:
        """The bytes of a blob (or another ``kind``), None when there is none of that name."""
        with self._lock:
            answer = self._ask("--batch", name)
            if answer is None:
                return None
            content = _pipe(self._open["--batch"].stdout).read(answer.size + 1)[:-1]
            return content if answer.type == kind else None

    def text(self, blob: str) -> str | None:
        """A blob's text, None when there is none, it is binary or too large."""
        answer = self.info(blob)
        if answer is None or answer.type != "blob" or answer.size > MAX_FILE_BYTES:
            return None
        content = self.contents(blob)
        return as_text(content) if content is not None else None

    def looks_binary(self, blob: str) -> bool:
        """Whether a blob, however large, begins as a binary file does."""
        process = start_git(self.root, "cat-file", "blob", blob, extra=self.environment)
        try:
            return b"\0" in _pipe(process.stdout).read(_BINARY_WITHIN)
        finally:
            _end(process)

    def _ask(self, way: str, name: str) -> Object | None:
        if "\n" in name or "\0" in name:
            return None  # would be two questions
        process = self._open.get(way)
        if process is None:
            process = start_git(self.root, "cat-file", way, extra=self.environment)
            self._open[way] = process
        try:
            _pipe(process.stdin).write(name.encode("utf-8", "surrogateescape") + b"\n")
            _pipe(process.stdin).flush()
            answer = _line(_pipe(process.stdout))
        except (BrokenPipeError, UnicodeEncodeError):
            answer = b""
        except ChangeError:
            _end(self._open.pop(way))  # a late answer would be taken for the next question's
            raise
        if not answer:  # git gives up on some names ("HEAD:../x"): the next question gets a new one
            _end(self._open.pop(way))
        fields = answer.decode("utf-8", "replace").rsplit(" ", 2)
        if len(fields) == 3 and fields[2].strip().isdigit():  # noqa: PLR2004 - id, type, size
            return Object(fields[0], fields[1], int(fields[2]))
        return None


_repositories: "weakref.WeakSet[Repository]" = weakref.WeakSet()


def _begin_all_anew() -> None:
    for repository in list(_repositories):
        repository.begin_anew()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_begin_all_anew)


def tree_finder(repository: Repository, commit: str) -> Finder:
    """Finds the regular files of a commit; each folder is read once."""
    top = repository.info(f"{commit}^{{tree}}")

    @lru_cache(maxsize=2048)
    def entries(tree: str) -> dict[bytes, TreeEntry]:
        return _entries(repository.contents(tree, "tree") or b"", len(tree) // 2)

    def find(path: str) -> str | None:
        try:
            *folders, name = path.encode("utf-8", "surrogateescape").split(b"/")
        except UnicodeEncodeError:
            return None  # no file is called that
        tree = top.id if top else None
        for folder in folders:
            inner = entries(tree).get(folder) if tree else None
            tree = inner.id if inner and inner.mode == _FOLDER else None
        file = entries(tree).get(name) if tree else None
        return file.id if file and file.mode in _REGULAR else None

    return find


def index_finder(root: Path) -> Finder:
    """Finds the regular files of the index, as it is at the first question."""

    @lru_cache(maxsize=1)
    def staged() -> dict[str, str]:
        listed = run_git(root, "ls-files", "--stage", "-z", "--full-name").stdout
        blobs: dict[str, str] = {}
        for row in listed.decode("utf-8", "surrogateescape").split("\0"):
            meta, _, path = row.partition("\t")
            mode, blob, stage = meta.split() if path else ("", "", "")
            if mode in _REGULAR and stage == "0":
                blobs[path] = blob
        return blobs

    return lambda path: staged().get(path)


def as_text(content: bytes) -> str | None:
    """Text of a file, with stray bytes replaced; None when it is binary."""
    return None if b"\0" in content[:_BINARY_WITHIN] else content.decode("utf-8", "replace")


def _entries(tree: bytes, id_length: int) -> dict[bytes, TreeEntry]:
    """A tree object's rows: mode, blank, name, NUL, id."""
    entries: dict[bytes, TreeEntry] = {}
    start = 0
    while start < len(tree):
        blank, end = tree.index(b" ", start), tree.index(b"\0", start)
        mode, name = tree[start:blank].decode(), tree[blank + 1 : end]
        start = end + 1 + id_length
        entries[name] = TreeEntry(mode, tree[end + 1 : start].hex())
    return entries


def _line(pipe: IO[bytes]) -> bytes:
    """The next line of an answer; nothing is left over from the one before, so waiting on the pipe
    is enough.
    """
    limit = patient(TIMEOUT_SECONDS)
    if not select.select([pipe], [], [], limit)[0]:
        raise ChangeError(too_slow("cat-file", limit))
    return pipe.readline()


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        raise ChangeError("git ended before it was asked")
    return pipe


def _end_all(processes: dict[str, "subprocess.Popen[bytes]"]) -> None:
    for process in processes.values():
        _end(process)


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Reading only, git has nothing to finish."""
    process.kill()
    for pipe in (process.stdin, process.stdout):
        try:
            if pipe:
                pipe.close()
        except BrokenPipeError:
            continue  # what could not be asked any more
    process.wait()
