"""Where a registry's files come from, seen as names and tokens: a token changes when the file does.

A folder's token is what the file system says of the file; a git tree's is the blob id (see
``changes.registry_tree``). Nothing here understands a lesson.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import Protocol

MAX_FILE_BYTES = 1_000_000


class SourceKind(StrEnum):
    """What a registry file holds."""

    LESSON = "lesson"
    RULES = "rules"
    PROOF = "proof"


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file of a registry."""

    path: str  # as messages show it
    kind: SourceKind
    token: str


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A file that stands in a registry and is not read: why, and what to do about it."""

    why: str


LINK = Unreadable("a link or a submodule, which is not followed: put the file itself here")
TOO_LARGE = Unreadable(f"over {MAX_FILE_BYTES:,} bytes: split the file")

Content = bytes | Unreadable | None
"""What a file holds; None when it is gone, or may not be read."""


def shown(path: str) -> str:
    """A path as messages, JSON and SQLite can hold it: what is no UTF-8 in it becomes its code."""
    return path.encode("utf-8", "backslashreplace").decode("utf-8")


class Source(Protocol):
    """A place that holds ``lessons/`` and ``rules/``."""

    @property
    def label(self) -> str:
        """Names the place; part of the compiled index's name."""
        ...

    def identity(self) -> str:
        """Changes when any file does; cheap."""
        ...

    def files(self) -> Sequence[SourceFile]:
        """Every lesson and rule file, sorted by path."""
        ...

    def read(self, files: Sequence[SourceFile]) -> Mapping[str, Content]:
        """Content by path; why there is none for a file that is not read. Never raises for one
        file's sake.
        """
        ...


def kind_of(path: str) -> SourceKind | None:
    """What a file of this path (relative to the registry's folder, with ``/``) holds; None when it
    is neither.
    """
    folder, _, rest = path.partition("/")
    name = rest.rsplit("/", 1)[-1].lower()
    if folder == "lessons" and name.endswith(".md") and name != "readme.md":
        return SourceKind.LESSON
    if folder == "lessons" and name.endswith(".json") and "/proofs/" in f"/{rest}":
        return SourceKind.PROOF
    if folder == "rules" and name.endswith((".yml", ".yaml", ".json")) and ".test." not in name:
        return SourceKind.RULES
    return None


class Folder:
    """A registry in a folder of the file system; links are not followed."""

    def __init__(self, root: Path, shown_as: str | None = None) -> None:
        self._root = root.resolve()
        self._prefix = shown_as if shown_as is not None else ""
        self._files: tuple[SourceFile, ...] | None = None
        self._names: dict[str, str] = {}  # by path as shown: where the file really is

    @property
    def label(self) -> str:
        return str(self._root)

    @property
    def root(self) -> Path:
        """The folder."""
        return self._root

    @property
    def shown_as(self) -> str:
        """What stands before its files' paths in messages."""
        return self._prefix

    def identity(self) -> str:
        digest = sha256()
        for file in self.files():
            digest.update(f"{file.path}\0{file.token}\0".encode(errors="surrogateescape"))
        return digest.hexdigest()

    def files(self) -> Sequence[SourceFile]:
        if self._files is None:
            files = [*self._walk("lessons"), *self._walk("rules")]
            self._files = tuple(sorted(files, key=lambda file: file.path))
        return self._files

    def read(self, files: Sequence[SourceFile]) -> Mapping[str, Content]:
        return {file.path: LINK if file.token == _LINK else self._read(file) for file in files}

    def _walk(self, folder: str) -> Iterator[SourceFile]:
        if (self._root / folder).is_symlink():
            yield SourceFile(shown(self._prefix + folder), SourceKind.LESSON, _LINK)
            return
        waiting = [folder]
        while waiting:
            parent = waiting.pop()
            try:
                entries = list(os.scandir(self._root / parent))
            except OSError:
                continue
            for entry in entries:
                path = f"{parent}/{entry.name}"
                kind = kind_of(path)
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(path)
                elif entry.is_symlink() and (kind or _is_folder(entry)):
                    yield SourceFile(shown(self._prefix + path), kind or SourceKind.LESSON, _LINK)
                elif kind and entry.is_file(follow_symlinks=False):
                    self._names[shown(self._prefix + path)] = path
                    yield SourceFile(shown(self._prefix + path), kind, _token(entry))

    def _read(self, file: SourceFile) -> Content:
        name = self._names.get(file.path, file.path.removeprefix(self._prefix))
        try:
            with (self._root / name).open("rb") as stream:
                content = stream.read(MAX_FILE_BYTES + 1)
        except (OSError, ValueError):  # ValueError: a name no file can have
            return None
        return content if len(content) <= MAX_FILE_BYTES else TOO_LARGE


_LINK = "link"


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def _token(entry: os.DirEntry[str]) -> str:
    """Size, inode and both times: an edit that keeps size and modification time still changes the
    inode's own time.
    """
    try:
        stat = entry.stat(follow_symlinks=False)
    except OSError:
        return "gone"
    return f"{stat.st_size}.{stat.st_ino}.{stat.st_mtime_ns}.{stat.st_ctime_ns}"
