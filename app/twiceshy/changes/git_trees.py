"""What stands in a commit's tree: files, folders and links, listed and read out of git.

Runs nothing of a repository's, follows no link.
"""

import os
from collections.abc import Generator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from twiceshy.changes.change_error import ChangeError
from twiceshy.changes.git_objects import Repository
from twiceshy.changes.git_process import output_of_git, run_git


def commit_id(root: Path, ref: str) -> str | None:
    """The commit a name stands for, None when there is none."""
    return _commit_id(Repository.at(root), ref)


def _commit_id(repository: Repository, ref: str) -> str | None:
    if ref.startswith("-"):
        return None
    commit = repository.info(f"{ref}^{{commit}}")
    return commit.id if commit else None


def tree_id(root: Path, commit: str, folder: str) -> str | None:
    """The id of a folder's tree in a commit, None when it is not there."""
    tree = Repository.at(root).info(f"{commit}:{folder}")
    return tree.id if tree and tree.type == "tree" else None


NOT_HERE = -1
_LIST = ("ls-tree", "-l", "-z", "--full-tree")


class TreeFile(NamedTuple):
    """A file as a commit's tree has it."""

    path: str
    mode: str  # 100644, 100755; 120000 for a link, 160000 for a submodule
    blob: str
    size: int  # in bytes; 0 for a submodule, NOT_HERE for a file whose content is not here


def tree_files(root: Path, commit: str, folder: str) -> list[TreeFile]:
    """Everything under a folder of a commit."""
    where = (f"{folder.rstrip('/')}/",) if folder.rstrip("/") else ()
    return _tree_rows(Repository.at(root), commit, "-r", "--", *where)


def all_files(repository: Repository, commit: str) -> Generator[TreeFile]:
    """Everything in a commit, by path, listed as it is asked for: git ends when nobody asks on.

    Raises ChangeError when git fails or is not done in time.
    """
    named = _commit_id(repository, commit)
    if named is None:
        return
    command = (*_LIST, "-r", named, "--")
    rest = b""
    with closing(output_of_git(repository.root, *command, extra=repository.environment)) as pieces:
        for piece in pieces:
            *rows, rest = (rest + piece).split(b"\0")
            for row in rows:
                yield _tree_file(row.decode("utf-8", "surrogateescape"))


def paths_with(repository: Repository, commit: str, text: str, seconds: float) -> list[str]:
    """The files of a commit that hold a text, in whatever case. Raises ChangeError, also when git
    takes longer by the clock.

    Binary ones too: which are is said by attributes, and git takes those of the work tree, which
    may be a pull request's.
    """
    command = ("grep", "-lziF", "--text", "--no-textconv", "--no-color", "--full-name")
    grep = (*command, "-e", text, commit, "--")
    extra = repository.environment
    done = run_git(repository.root, *grep, check=False, timeout=seconds, extra=extra)
    if done.returncode > 1:  # 1: none
        reason = done.stderr.decode("utf-8", "replace").strip().splitlines()[-1:]
        raise ChangeError(f"git grep failed: {''.join(reason) or done.returncode}")
    names = done.stdout.decode("utf-8", "surrogateescape").split("\0")
    return sorted(name.removeprefix(f"{commit}:") for name in names if name)


def tree_entries(root: Path, commit: str, paths: Sequence[str]) -> list[TreeFile]:
    """What stands at these very paths of a commit, folders too."""
    return _tree_rows(Repository.at(root), commit, "--", *paths) if paths else []


def _tree_rows(repository: Repository, commit: str, *words: str) -> list[TreeFile]:
    named = _commit_id(repository, commit)
    if named is None:
        return []
    options, paths = words[: words.index("--")], words[words.index("--") :]
    command = (*_LIST, *options, named, *paths)
    listed = run_git(repository.root, *command, extra=repository.environment).stdout
    files: list[TreeFile] = []
    for row in listed.decode("utf-8", "surrogateescape").split("\0"):
        if row:
            files.append(_tree_file(row))
    return files


def _tree_file(row: str) -> TreeFile:
    meta, _, path = row.partition("\t")
    mode, _, blob, size = meta.split()
    return TreeFile(path, mode, blob, _bytes(size))


def _bytes(size: str) -> int:
    """A size as ``ls-tree`` writes it: ``-`` for what has none, ``BAD`` for what is not here."""
    if size == "BAD":
        return NOT_HERE
    return int(size) if size.isdigit() else 0


def read_blobs(root: Path, ids: Sequence[str]) -> Mapping[str, bytes]:
    """Contents by blob id; an id that is not there is not in the answer."""
    repository = Repository.at(root)
    contents: dict[str, bytes] = {}
    for blob in ids:
        content = repository.contents(blob)
        if content is not None:
            contents[blob] = content
    return contents


def git_folder(root: Path) -> Path:
    """Where git keeps a repository. Raises ChangeError."""
    if not os.environ.get("GIT_DIR") and (root / ".git").is_dir():
        return (root / ".git").absolute()
    return Path(os.fsdecode(run_git(root, "rev-parse", "--absolute-git-dir").stdout).rstrip("\n"))
