"""A registry as a commit holds it: what guards a pull request is read from its base, never from its own head.

The blob ids git keeps are the tokens, and the folders' tree ids the identity, so that twenty thousand unchanged lessons
cost one question to git. Never reads the working tree.
"""

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path

from twiceshy.changes import git
from twiceshy.lessons.sources import MAX_FILE_BYTES, SourceFile, kind_of

FOLDERS = ("lessons", "rules")


class TreeSource:
    """``lessons/`` and ``rules/`` under a folder of a commit's tree."""

    def __init__(self, root: Path, commit: str, folder: str = "") -> None:
        """``folder`` is relative to the repository, ``""`` or ``"."`` for its top."""
        self._root = root
        self._commit = commit
        self._prefix = "" if folder in ("", ".") else folder.strip("/") + "/"

    @property
    def label(self) -> str:
        return f"{self._root}@git:{self._prefix}"

    @property
    def folder(self) -> str:
        """The folder within the repository, as it is shown; empty for its top."""
        return self._prefix.rstrip("/")

    def identity(self) -> str:
        return " ".join(tree or "none" for tree in self._trees)

    @property
    def empty(self) -> bool:
        """Whether the commit has neither folder."""
        return not any(self._trees)

    def files(self) -> Sequence[SourceFile]:
        found = []
        for path, blob, size in self._listed:
            kind = kind_of(path.removeprefix(self._prefix))
            if kind and size <= MAX_FILE_BYTES:
                found.append(SourceFile(path, kind, blob))
        return sorted(found, key=lambda file: file.path)

    def read(self, files: Sequence[SourceFile]) -> Mapping[str, bytes | None]:
        blobs = git.read_blobs(self._root, [file.token for file in files])
        return {file.path: blobs.get(file.token) for file in files}

    @cached_property
    def _trees(self) -> tuple[str | None, ...]:
        return tuple(git.tree_id(self._root, self._commit, self._prefix + folder) for folder in FOLDERS)

    @cached_property
    def _listed(self) -> list[tuple[str, str, int]]:
        return [row for folder in FOLDERS for row in git.tree_files(self._root, self._commit, self._prefix + folder)]
