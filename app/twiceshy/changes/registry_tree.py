"""A registry as a commit holds it: what guards a pull request is read from its base, never from its
own head.

The blob ids git keeps are the tokens, and the folders' tree ids the identity, so that twenty
thousand unchanged lessons cost one question to git. Never reads the working tree.
"""

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path

from twiceshy.changes import git_trees
from twiceshy.lessons.sources import (
    LINK,
    MAX_FILE_BYTES,
    TOO_LARGE,
    Content,
    SourceFile,
    SourceKind,
    kind_of,
    shown,
)

FOLDERS = ("lessons", "rules")
_LINK = "link:"
_LINKS = ("120000", "160000")  # a link, a submodule


def _refused(token: str, large: set[str]) -> Content:
    """Why a file is not read; None for a blob that is not there."""
    if token.startswith(_LINK):
        return LINK
    return TOO_LARGE if token in large else None


def _is_link(row: git_trees.TreeFile) -> bool:
    return row.mode not in ("100644", "100755")


def _may_lead_to_a_folder(row: git_trees.TreeFile) -> bool:
    return row.mode in _LINKS and "." not in row.path.rpartition("/")[2]


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
        links = (row.blob for row in self._linked_folders)
        return " ".join([*(tree or "none" for tree in self._trees), *links])

    @property
    def empty(self) -> bool:
        """Whether the commit has neither folder, nor a link where one is looked for."""
        return not any(self._trees) and not self._linked_folders

    def files(self) -> Sequence[SourceFile]:
        files: list[SourceFile] = []
        for row in (*self._listed, *self._linked_folders):
            kind = kind_of(row.path.removeprefix(self._prefix))
            if kind is None and _may_lead_to_a_folder(row):
                kind = SourceKind.LESSON  # of what is in it nobody knows; it is named
            if kind:
                token = f"{_LINK}{row.blob}" if _is_link(row) else row.blob
                files.append(SourceFile(shown(row.path), kind, token))
        return sorted(files, key=lambda file: file.path)

    def read(self, files: Sequence[SourceFile]) -> Mapping[str, Content]:
        large = {row.blob for row in self._listed if row.size > MAX_FILE_BYTES}
        contents: dict[str, Content] = {}
        plain = {file.token for file in files} - large
        regular = [blob for blob in plain if not blob.startswith(_LINK)]
        blobs = git_trees.read_blobs(self._root, regular)
        for file in files:
            contents[file.path] = blobs.get(file.token, _refused(file.token, large))
        return contents

    @cached_property
    def _trees(self) -> tuple[str | None, ...]:
        paths = (self._prefix + folder for folder in FOLDERS)
        return tuple(git_trees.tree_id(self._root, self._commit, path) for path in paths)

    @cached_property
    def _linked_folders(self) -> list[git_trees.TreeFile]:
        """Links and submodules that stand where a folder of ours is looked for: not followed, and
        not passed over in silence.
        """
        missing: list[str] = []
        for folder, tree in zip(FOLDERS, self._trees, strict=True):
            if tree is None:
                missing.append(self._prefix + folder)
        entries = git_trees.tree_entries(self._root, self._commit, missing)
        return [entry for entry in entries if entry.mode in _LINKS]

    @cached_property
    def _listed(self) -> list[git_trees.TreeFile]:
        rows: list[git_trees.TreeFile] = []
        for folder in FOLDERS:
            rows += git_trees.tree_files(self._root, self._commit, self._prefix + folder)
        return rows
