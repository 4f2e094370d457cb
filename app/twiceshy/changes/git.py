"""Changes out of a git repository, through the git binary.

Runs nothing of the repository's: no hooks, no filters, no external diff, no pager. Writes nothing.
"""

import os
import subprocess
import weakref
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import IO, NamedTuple

from twiceshy.changes.diff import parse_diff
from twiceshy.changes.errors import ChangeError
from twiceshy.changes.model import Change, FileChange, Reader
from twiceshy.lessons.model import Problem

MAX_FILE_BYTES = 2_000_000
"""A larger file is not read: no person reviews it, and every guard's time is bounded by it."""

TIMEOUT_SECONDS = 60
BASES = ("origin/HEAD", "origin/main", "origin/master", "main", "master")
"""Tried in turn when nobody names a base."""

_SAFE = ("--no-pager", "-c", "core.quotePath=false", "-c", "core.fsmonitor=false", "-c", "diff.external=",
         "-c", "diff.submodule=short", "-c", "core.hooksPath=/dev/null")  # fmt: skip
_DIFF = ("--no-color", "--no-ext-diff", "--no-textconv", "--find-renames", "--src-prefix=a/", "--dst-prefix=b/",
         "--no-relative", "--diff-algorithm=histogram")  # fmt: skip
_BINARY_WITHIN = 8_000
"""git itself looks this far for a NUL byte (buffer_is_binary in xdiff-interface.c)."""


class Object(NamedTuple):
    """What git says of a name."""

    id: str
    type: str
    size: int


def repository_root(start: Path) -> Path | None:
    """The work tree around a folder, None when there is none."""
    if not start.is_dir():
        return None
    done = _git(start, "rev-parse", "--show-toplevel", check=False)
    return Path(os.fsdecode(done.stdout).rstrip("\n")) if done.returncode == 0 else None


def branch_change(root: Path, base: str | None = None, head: str | None = None) -> Change:
    """What ``head`` (default HEAD) changed since it left ``base`` (default: the first of BASES; ``A..B`` names both).

    Raises ChangeError when there is no such change, with what to do about it.
    """
    if base and ".." in base and head is None:
        base, _, head = base.partition("...") if "..." in base else base.partition("..")
    repository = Repository.at(root)
    head_commit = _commit(repository, head or "HEAD", "--head")
    base = base or next((name for name in BASES if repository.info(f"{name}^{{commit}}")), None)
    if base is None:
        raise ChangeError(f"no base to judge against: none of {', '.join(BASES)} exists. Give one with --base REF")
    fork = _merge_base(repository, _commit(repository, base, "--base"), head_commit, base)
    diff = _git(root, "diff", *_DIFF, fork, head_commit, "--").stdout
    return _change(repository, diff, (f"{fork}:", f"{head_commit}:"), fork, head_commit)


def staged_change(root: Path) -> Change:
    """What is staged for the next commit; in a repository without commits, all that is staged."""
    repository = Repository.at(root)
    last = repository.info("HEAD^{commit}")
    diff = _git(root, "diff", "--cached", *_DIFF, "--").stdout
    return _change(repository, diff, (f"{last.id}:" if last else "", ":"), last.id if last else "", "staged")


def resolve(root: Path, ref: str) -> str | None:
    """The commit a name stands for, None when there is none."""
    found = Repository.at(root).info(f"{ref}^{{commit}}")
    return found.id if found else None


def tree_id(root: Path, commit: str, folder: str) -> str | None:
    """The id of a folder's tree in a commit, None when it is not there."""
    found = Repository.at(root).info(f"{commit}:{folder}")
    return found.id if found and found.type == "tree" else None


def tree_files(root: Path, commit: str, folder: str) -> list[tuple[str, str, int]]:
    """Path, blob id and size of every regular file under a folder of a commit."""
    done = _git(root, "ls-tree", "-r", "-l", "-z", "--full-tree", commit, "--", f"{folder.rstrip('/')}/")
    rows = []
    for row in os.fsdecode(done.stdout).split("\0"):
        meta, _, path = row.partition("\t")
        fields = meta.split()
        if path and fields[0] in ("100644", "100755"):
            rows.append((path, fields[2], int(fields[3])))
    return rows


def read_blobs(root: Path, ids: Sequence[str]) -> Mapping[str, bytes]:
    """Contents by blob id; an id that is not there is not in the answer."""
    repository = Repository.at(root)
    found = {blob: repository.contents(blob) for blob in ids}
    return {blob: content for blob, content in found.items() if content is not None}


class Repository:
    """Two long-lived ``git cat-file``: one to ask what a name is, one to read it. Far cheaper than a process a file."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._open: dict[str, subprocess.Popen[bytes]] = {}
        self._end = weakref.finalize(self, _end, self._open)

    @staticmethod
    @lru_cache(maxsize=4)
    def at(root: Path) -> "Repository":
        """The one for a work tree."""
        return Repository(root)

    def info(self, name: str) -> Object | None:
        """What a name stands for, None when nothing."""
        return self._ask("--batch-check", name)

    def contents(self, name: str) -> bytes | None:
        """A blob's bytes, None when there is none of that name."""
        header = self._ask("--batch", name)
        if header is None:
            return None
        content = _pipe(self._open["--batch"].stdout).read(header.size + 1)[:-1]
        return content if header.type == "blob" else None

    def text(self, name: str) -> str | None:
        """A file's text, None when there is none, it is binary or too large."""
        found = self.info(name)
        if found is None or found.type != "blob" or found.size > MAX_FILE_BYTES:
            return None
        content = self.contents(name)
        return as_text(content) if content is not None else None

    def _ask(self, way: str, name: str) -> Object | None:
        if "\n" in name or "\0" in name:
            return None  # would be two questions; git never lists such a name unquoted
        process = self._open.get(way)
        if process is None:
            command = ["git", *_SAFE, "cat-file", way]
            process = subprocess.Popen(
                command, cwd=self.root, env=_environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )  # fmt: skip
            self._open[way] = process
        pipe = _pipe(process.stdin)
        pipe.write(os.fsencode(name) + b"\n")
        pipe.flush()
        fields = _pipe(process.stdout).readline().decode("utf-8", "replace").rsplit(" ", 2)
        if len(fields) == 3 and fields[2].strip().isdigit():  # noqa: PLR2004 - id, type, size
            return Object(fields[0], fields[1], int(fields[2]))
        return None


def as_text(content: bytes) -> str | None:
    """Text of a file, with stray bytes replaced; None when it is binary."""
    return None if b"\0" in content[:_BINARY_WITHIN] else content.decode("utf-8", "replace")


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        raise ChangeError("git ended before it was asked")
    return pipe


def _end(processes: dict[str, subprocess.Popen[bytes]]) -> None:
    for process in processes.values():
        for pipe in (process.stdin, process.stdout):
            if pipe:
                pipe.close()
        process.wait(timeout=5)


def _change(repository: Repository, diff: bytes, prefixes: tuple[str, str], base: str, head: str) -> Change:
    parsed = parse_diff(diff)
    base_at, head_at = prefixes

    def reader(prefix: str) -> Reader:
        return lru_cache(maxsize=256)(lambda path: repository.text(prefix + path) if prefix else None)

    large = (
        Problem(file.path, 0, _too_large(size)) for file in parsed.files if (size := _over(repository, head_at, file))
    )
    return Change(parsed.files, reader(head_at), reader(base_at), base, head, (*parsed.problems, *large))


def _over(repository: Repository, prefix: str, file: FileChange) -> int:
    """The size of a file that is too large to be read, else 0."""
    found = repository.info(prefix + file.path) if file.added else None
    return found.size if found and found.size > MAX_FILE_BYTES else 0


def _too_large(size: int) -> str:
    return f"not inspected as a whole: {size:,} bytes, the limit is {MAX_FILE_BYTES:,}; its hunks alone were judged"


def _commit(repository: Repository, name: str, option: str) -> str:
    found = None if name.startswith("-") else repository.info(f"{name}^{{commit}}")
    if found:
        return found.id
    if name == "HEAD":
        raise ChangeError("this repository has no commits yet: commit something, or judge what is staged with --staged")
    names = os.fsdecode(
        _git(repository.root, "for-each-ref", "--format=%(refname:short)", "--count=2000").stdout
    ).split()
    from difflib import get_close_matches  # noqa: PLC0415 - only on the way to an error

    near = get_close_matches(name, names, 3)
    hint = (
        f"did you mean {' or '.join(near)}?"
        if near
        else f"fetch it with: git fetch origin {name.removeprefix('origin/')}"
    )
    raise ChangeError(f"{option} {name} does not exist here; {hint}")


def _merge_base(repository: Repository, base: str, head: str, name: str) -> str:
    done = _git(repository.root, "merge-base", base, head, check=False)
    if done.returncode == 0:
        return done.stdout.decode().split()[0]
    shallow = _git(repository.root, "rev-parse", "--is-shallow-repository").stdout.strip() == b"true"
    if shallow:
        raise ChangeError(
            f"this clone is shallow and does not reach back to where the change left {name}. Run `git fetch --unshallow` "
            "first; in GitHub Actions give actions/checkout `fetch-depth: 0`"
        )
    raise ChangeError(f"{name} and the change have no history in common: give another base with --base REF")


def _git(root: Path, *arguments: str, check: bool = True) -> "subprocess.CompletedProcess[bytes]":
    command = ["git", *_SAFE, *arguments]
    try:
        done = subprocess.run(
            command, cwd=root, env=_environment(), capture_output=True, timeout=TIMEOUT_SECONDS, check=False
        )
    except FileNotFoundError:
        raise ChangeError("git is not installed: install it, or give a diff with --diff FILE") from None
    except subprocess.TimeoutExpired:
        raise ChangeError(
            f"git {arguments[0]} took over {TIMEOUT_SECONDS} s: is the repository on a slow disk?"
        ) from None
    if check and done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise ChangeError(f"git {arguments[0]} failed: {said[0] if said else done.returncode}")
    return done


def _environment() -> dict[str, str]:
    keep = {name: value for name, value in os.environ.items() if not name.startswith("GIT_") or name in _KEPT}
    return {**keep, "LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "GIT_NO_LAZY_FETCH": "1"}


_KEPT = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES",
         "GIT_CONFIG_GLOBAL", "GIT_CONFIG_NOSYSTEM", "GIT_CEILING_DIRECTORIES")  # fmt: skip
"""What says where the repository is: a hook runs with these set."""
