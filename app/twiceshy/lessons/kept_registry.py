"""A copy of a registry that lies elsewhere, kept on disk: its files under their own names, and
beside them their blob ids and what was not kept.

Writes only names that a registry can hold, under the copy's own folder. Fetches nothing and
understands no lesson.
"""

import errno
import json
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

from twiceshy.lessons.private_files import private_folder, write_private
from twiceshy.lessons.sources import (
    LINK,
    MAX_FILE_BYTES,
    TOO_LARGE,
    Content,
    Folder,
    SourceFile,
    SourceKind,
    Unreadable,
    kind_of,
    shown,
)

MOST_REGISTRY_FILES = 20_000

TOKENS = "tokens.json"
"""Beside the trees: every file's blob id."""

REFUSED = "refused.json"
"""Beside the trees: every file that is not kept, and why."""

MOST_NAME_BYTES, MOST_PATH_BYTES, MOST_FOLDERS = 200, 1_000, 20
"""Of a path that is kept: what every file system can hold, below a folder of our own."""


class KeptRegistry:
    """A ``lessons.sources.Source``: a copy made by ``keep_copy``, or any folder without tokens.

    Its label is the repository's name and its tokens are blob ids, so that the next version of the
    same registry is compiled from what changed.
    """

    def __init__(self, root: Path, label: str, prefix: str = "") -> None:
        self._folder = Folder(root, prefix)
        self._prefix = prefix
        self._label = label
        self._tokens = _mapping(root / TOKENS)
        self._refused = _mapping(root / REFUSED)

    @property
    def label(self) -> str:
        return self._label

    @property
    def root(self) -> Path:
        """The folder."""
        return self._folder.root

    @property
    def shown_as(self) -> str:
        """What stands before its files' paths in messages."""
        return self._prefix

    def identity(self) -> str:
        known = "\0".join(f"{file.path}={file.token}" for file in self.files())
        return sha256(known.encode(errors="backslashreplace")).hexdigest()

    def files(self) -> Sequence[SourceFile]:
        files = [
            replace(file, token=self._tokens.get(file.path.removeprefix(self._prefix), file.token))
            for file in self._folder.files()
        ]
        for path, why in self._refused.items():
            files.append(
                SourceFile(
                    self._prefix + path, kind_of(path) or SourceKind.LESSON, f"refused: {why}"
                )
            )
        return sorted(files, key=lambda file: file.path)

    def read(self, files: Sequence[SourceFile]) -> Mapping[str, Content]:
        refused = {self._prefix + path: Unreadable(why) for path, why in self._refused.items()}
        return {
            **self._folder.read([file for file in files if file.path not in refused]),
            **refused,
        }


@dataclass(frozen=True, slots=True)
class ListedFile:
    """A file of the registry that is copied, and why it is not kept; empty when it is."""

    path: str
    blob: str
    refused: str = ""


Contents = Callable[[Sequence[ListedFile]], Iterator[tuple[str, str]]]
"""Paths and texts of files; of one that has no text there is none."""


def copy_name(trees: Mapping[str, str]) -> str:
    """What a copy of these trees (``lessons`` and ``rules`` by tree id) is called."""
    named = "\0".join(f"{folder}={trees[folder]}" for folder in sorted(trees))
    return sha256(named.encode()).hexdigest()[:32]


def keep_copy(
    place: Path, listed: Sequence[ListedFile], contents: Contents, without_text: str
) -> None:
    """Make a copy whole or not at all; ``without_text`` is why a file is left out that has no text.

    Raises OSError when the disk is at fault.
    """
    private_folder(place.parent)
    making = Path(tempfile.mkdtemp(dir=place.parent, prefix=".making-"))
    try:
        _fill(making, listed, contents, without_text)
        making.replace(place)
    except OSError:
        if not place.is_dir():  # else another process was first, with the same files
            raise
    finally:
        shutil.rmtree(making, ignore_errors=True)


def _fill(
    folder: Path, listed: Sequence[ListedFile], contents: Contents, without_text: str
) -> None:
    wanted = [file for file in listed if not file.refused]
    refused = {shown(file.path): file.refused for file in listed if file.refused}
    refused |= {file.path: without_text for file in wanted}
    for path, text in contents(wanted):
        del refused[path]
        if why := _write(folder / path, text):
            refused[path] = why
    tokens = {file.path: file.blob for file in wanted}
    write_private(folder / TOKENS, json.dumps(tokens).encode("utf-8", "replace"))
    write_private(folder / REFUSED, json.dumps(refused).encode("utf-8", "replace"))


def why_refused(path: str, mode: str, size: int) -> str:
    """Why a file of a tree is not kept, with what to do about it; empty when it is. ``size`` is in
    bytes.
    """
    if mode not in ("100644", "100755"):
        return LINK.why
    if size > MAX_FILE_BYTES:
        return TOO_LARGE.why
    parts = path.split("/")
    if set(parts) & {"", ".", ".."} or shown(path) != path or set(path) & set("\\\0"):
        return "is left out for its name: give it one of plain letters"
    if len(parts) > MOST_FOLDERS or len(path.encode()) > MOST_PATH_BYTES:
        return (
            f"is left out: its path has over {MOST_PATH_BYTES:,} bytes or {MOST_FOLDERS} folders, "
            "move it up"
        )
    if any(len(part.encode()) > MOST_NAME_BYTES for part in parts):
        return (
            f"is left out: a name in its path has over {MOST_NAME_BYTES} bytes, "
            "give it a shorter one"
        )
    return ""


def _write(place: Path, text: str) -> str:
    """Write a file; gives why it could not be written, empty when it was. A full disk is nobody's
    file's fault.
    """
    try:
        private_folder(place.parent)
        write_private(place, text.encode("utf-8", "replace"))
    except OSError as error:
        if error.errno in _DISK_FAULTS:
            raise
        return f"is left out: no file can be called that here ({error.strerror})"
    return ""


_DISK_FAULTS = frozenset(
    {errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS, errno.EACCES, errno.EMFILE, errno.ENFILE}
)


def _mapping(file: Path) -> Mapping[str, str]:
    values: dict[str, str] = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    return values
