"""The code of repositories that are guarded, kept on this machine as bare copies of their default
branches: one folder for each repository of an installation, in it one for each commit.

Bounded in number and in bytes: what was used longest ago goes first. Fetches nothing.
"""

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import NamedTuple

from twiceshy.changes.remote_git import bytes_in
from twiceshy.changes.remote_host import FETCHING
from twiceshy.lessons.private_files import private_folder, write_private

MOST_HOSTS = 500
"""Repositories whose code is kept on a machine."""

MOST_BYTES = 10_000_000_000
"""Of all of them."""

IN_USE_SECONDS = 1_800.0
"""For so long after its last use a copy that another one replaced may still be read: no judging
lasts longer.
"""

OLD_SECONDS = 3_600.0
"""An older copy is renewed when a review finds it: a push may not have been heard of."""

FAILED_SECONDS = 6 * 3_600.0
"""Before what could not be had is asked for again: it may be too large, and would be each time."""

ASKED, USED = "asked", "used"
"""Beside the copies: when was it last asked for, and used?"""


class Kept(NamedTuple):
    """What is kept of all repositories, and how many were let go for it."""

    bytes: int
    removed: int


class _Place(NamedTuple):
    used: float  # seconds since the epoch
    folder: Path
    bytes: int


@dataclass(frozen=True)
class HostStore:
    """Copies on disk."""

    root: Path

    def place(self, installation: int, repository: int) -> Path:
        """Where a repository's copies lie: by number, which no other repository ever gets."""
        return self.root / str(installation) / str(repository)

    def copy(self, installation: int, repository: int) -> Path | None:
        """The newest copy, a bare repository called by its commit; None when there is none."""
        copies = _copies(self.place(installation, repository))
        return max(copies, key=_changed, default=None)

    def note_used(self, installation: int, repository: int) -> None:
        """A review uses the newest copy, or would if there were one. Raises OSError."""
        _touch(self.place(installation, repository) / USED)
        copy = self.copy(installation, repository)
        if copy:
            os.utime(copy)

    def is_due(self, installation: int, repository: int) -> bool:
        """Whether the repository is to be asked for what it has, as far as time goes."""
        asked = self.place(installation, repository) / ASKED
        try:
            seconds = FAILED_SECONDS if asked.read_bytes() else OLD_SECONDS
        except OSError:
            return True  # never asked
        return not 0 <= time.time() - _changed(asked) <= seconds

    def note_asked(self, installation: int, repository: int, why_not: str = "") -> None:
        """It was asked just now; ``why_not``: nothing was had. Raises OSError."""
        _touch(self.place(installation, repository) / ASKED, why_not)

    def use(self, copy: Path) -> None:
        """From now on this is the repository's copy; those before go when nobody reads them."""
        os.utime(copy)
        before = time.time() - IN_USE_SECONDS
        for other in _folders(copy.parent):
            if other != copy and _changed(other) < before:
                _remove(other)

    def forget(self, installation: int, repository: int | None = None) -> None:
        """Delete the copies of a repository, or of all an installation has."""
        if repository is None:
            _remove(self.root / str(installation))
        else:
            _remove(self.place(installation, repository))

    def tidy(self, before: float) -> Kept:
        """Delete what was last used before a time (seconds since the epoch), what a process that
        died left behind, and what is over the bounds, used longest ago first.
        """
        places = sorted(self._places(), reverse=True)
        total, kept, removed = 0, 0, 0
        for place in places:
            total += place.bytes
            if place.used < before or kept >= MOST_HOSTS or total > MOST_BYTES:
                total -= place.bytes
                removed += 1
                _remove(place.folder)
            else:
                kept += 1
        return Kept(total, removed)

    def _places(self) -> Iterator[_Place]:
        for place in self.root.glob("*/*"):
            _remove_left_over(place)
            yield _Place(_changed(place / USED), place, bytes_in(place))


def _remove_left_over(place: Path) -> None:
    before = time.time() - IN_USE_SECONDS
    for entry in _folders(place):
        if entry.name.startswith(FETCHING) and _changed(entry) < before:
            _remove(entry)


def _copies(place: Path) -> list[Path]:
    return [entry for entry in _folders(place) if not entry.name.startswith(".")]


def _folders(place: Path) -> list[Path]:
    try:
        return [entry for entry in place.iterdir() if entry.is_dir()]
    except OSError:
        return []  # never kept, or another process deleted it


def _touch(path: Path, text: str = "") -> None:
    private_folder(path.parent)
    write_private(path, text.encode())
    os.utime(path)


def _changed(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _remove(folder: Path) -> None:
    """Delete a folder whole: it is out of everybody's way before its first file goes."""
    out = folder.with_name(f".gone-{token_hex(8)}")
    with suppress(OSError):
        folder.replace(out)
    shutil.rmtree(out, ignore_errors=True)
