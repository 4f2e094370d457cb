"""A registry as a commit holds it: what guards a pull request is read from its base, never from its
own head.

The blob ids git keeps are the tokens, and the folders' tree ids the identity, so that twenty
thousand unchanged lessons cost one question to git. Never reads the working tree.
"""

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path

from twiceshy.changes import git
from twiceshy.lessons.sources import (
    LINK,
    MAX_FILE_BYTES,
    TOO_LARGE,
    Content,
    SourceFile,
    kind_of,
    shown,
)

FOLDERS = ("lessons", "rules")
_LINK = "link:"


def _refused(token: str, large: set[str]) -> Content:
    """Why a file is not read; None for a blob that is not there."""
    if token.startswith(_LINK):
        return LINK
    return TOO_LARGE if token in large else None


def _is_link(row: git.TreeFile) -> bool:
    return row.mode not in ("100644", "100755")


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
        files: list[SourceFile] = []
        for row in self._listed:
            kind = kind_of(row.path.removeprefix(self._prefix))
            if kind:
                token = f"{_LINK}{row.blob}" if _is_link(row) else row.blob
                files.append(SourceFile(shown(row.path), kind, token))
        return sorted(files, key=lambda file: file.path)

    def read(self, files: Sequence[SourceFile]) -> Mapping[str, Content]:
        large = {row.blob for row in self._listed if row.size > MAX_FILE_BYTES}
        contents: dict[str, Content] = {}
        plain = {file.token for file in files} - large
        blobs = git.read_blobs(self._root, [blob for blob in plain if not blob.startswith(_LINK)])
        for file in files:
            contents[file.path] = blobs.get(file.token, _refused(file.token, large))
        return contents

    @cached_property
    def _trees(self) -> tuple[str | None, ...]:
        paths = (self._prefix + folder for folder in FOLDERS)
        return tuple(git.tree_id(self._root, self._commit, path) for path in paths)

    @cached_property
    def _listed(self) -> list[git.TreeFile]:
        rows: list[git.TreeFile] = []
        for folder in FOLDERS:
            rows += git.tree_files(self._root, self._commit, self._prefix + folder)
        return rows
