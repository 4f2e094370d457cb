"""Folders and files that only their owner can read: lessons may be post-mortems nobody else on the
machine should see.

Every mode is set on the thing itself, never by the process's umask, which threads share. Where
modes cannot be set (another owner, another kind of file system) things stay as they are: whoever
set them up decides.
"""

import os
from contextlib import suppress
from pathlib import Path

FOLDER, FILE = 0o700, 0o600
SQLITE = ("", "-wal", "-shm", "-journal")
"""What stands beside a database: SQLite gives new ones the database's own mode."""


def private_folder(folder: Path) -> Path:
    """Make a folder, and what is missing above it, for its owner alone; one that is there is
    tightened, with its files.

    Raises OSError when it cannot be made.
    """
    missing = []
    place = folder
    while not place.exists():
        missing.append(place)
        place = place.parent
    for place in reversed(missing):
        place.mkdir(mode=FOLDER, exist_ok=True)
    if not missing:
        tighten(folder)
    return folder


def private_file(path: Path) -> Path:
    """Have an empty file for its owner alone, or take others' rights from the one that is there.
    Raises OSError.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), FILE)
    os.close(descriptor)
    _set(path, FILE)
    return path


def private_database(path: Path) -> Path:
    """The same for a SQLite file and what stands beside it. Raises OSError."""
    path = path.resolve()  # an operator may have put the file elsewhere
    private_file(path)
    for ending in SQLITE[1:]:
        beside = path.with_name(path.name + ending)
        if beside.is_file() and not beside.is_symlink():
            _set(beside, FILE)
    return path


def write_private(path: Path, content: bytes) -> None:
    """Write a file for its owner alone. Raises OSError."""
    private_file(path).write_bytes(content)


def tighten(folder: Path, *, deep: bool = False) -> None:
    """Take others' rights from a folder that is there and its files; ``deep``: from all folders in
    it too.

    Costs a look at one folder once that is done. Links are left alone, and so is where they lead.
    """
    if not _mode(folder) & 0o077:
        return
    for root, folders, files in os.walk(folder):
        for name in files:
            _set(Path(root, name), FILE)
        if not deep:
            break
        for name in folders:
            _set(Path(root, name), FOLDER)
    # at last: until then the folder is found open, and all of it is done again
    _set(folder, FOLDER)


def _set(path: Path, mode: int) -> None:
    with suppress(OSError):
        if not path.is_symlink() and _mode(path) & 0o077:
            path.chmod(mode)


def _mode(path: Path) -> int:
    try:
        return path.stat().st_mode & 0o777
    except OSError:
        return 0
