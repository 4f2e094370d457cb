"""Which commits made an edit of some shape: kept by commit in the user's cache, so that each run
reads only what is new. Judges nothing.

A commit's content never changes, so what was read of it holds for good. What a run has no time for
is read by the next; how much that is, is said.
"""

import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from twiceshy.changes.git_edits import AT_ONCE, LineEdit, commits_to_read, edits_of_commits
from twiceshy.changes.skip import Attributes, skip_reason
from twiceshy.learning.learn.edit_shape import parts, shapes
from twiceshy.learning.learn.evidence import is_test
from twiceshy.lessons.languages import language_of_path
from twiceshy.lessons.private_files import private_database, private_folder
from twiceshy.lessons.progress import Progress, no_progress
from twiceshy.lessons.time_limits import by_load, patient

VERSION = 4
"""Of shapes and tables: another one begins anew."""

MOST_COMMITS = 50_000
SECONDS = 20.0
"""For one run, stretched where the machine is busy; measured: 1 ms of computing a commit, git's
part and ours together.
"""

MOST_EDITS = 300
"""Of one commit: one that makes more of them was made by a tool."""

MOST_FOUND = 200
MOST_INDEXES = 20
"""Repositories; the oldest go first."""

_TABLES = """
CREATE TABLE IF NOT EXISTS commits (number INTEGER PRIMARY KEY, id TEXT UNIQUE NOT NULL);
CREATE TABLE IF NOT EXISTS edits (shape INTEGER NOT NULL, number INTEGER NOT NULL,
  path TEXT NOT NULL, line INTEGER NOT NULL, removed INTEGER NOT NULL,
  new_line INTEGER NOT NULL, added INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS edits_by_shape ON edits (shape);
"""
_FIND = """
SELECT DISTINCT id, path, line, removed, new_line, added FROM edits JOIN commits USING (number)
WHERE shape = ? ORDER BY number LIMIT ?
"""


@dataclass(frozen=True, slots=True)
class PastEdit:
    """Where a commit made an edit: first line and number of lines, before it and after it."""

    commit: str
    path: str
    line: int
    removed: int
    new_line: int
    added: int


class EditIndex:
    """The edits of one repository's history. Without a folder, or where it cannot be written,
    nothing is kept. Close it when done.
    """

    def __init__(self, root: Path, folder: Path | None) -> None:
        self._root = root
        self._database = _opened(root, folder)

    def close(self) -> None:
        """End the connection."""
        self._database.close()

    def update(self, progress: Progress = no_progress) -> int:
        """Read the commits that are not known yet; how many were left for lack of time. Raises
        ChangeError.
        """
        known = {name for (name,) in self._database.execute("SELECT id FROM commits")}
        commits = commits_to_read(self._root, MOST_COMMITS)
        unread = [commit for commit in commits if commit not in known]
        until = time.monotonic() + by_load(SECONDS)
        for first in range(0, len(unread), AT_ONCE):
            if time.monotonic() > until:
                return len(unread) - first
            progress("reading past edits", first, len(unread))
            self._add(unread[first : first + AT_ONCE])
        return 0

    def find(self, shape: int) -> list[PastEdit]:
        """The edits of this shape, MOST_FOUND at most."""
        return [PastEdit(*row) for row in self._database.execute(_FIND, (shape, MOST_FOUND))]

    def _add(self, commits: Sequence[str]) -> None:
        """All or nothing of them."""
        rows = list(_rows(edits_of_commits(self._root, commits)))
        with self._database as database:
            names = [(commit,) for commit in commits]
            database.executemany("INSERT OR IGNORE INTO commits (id) VALUES (?)", names)
            database.executemany(
                "INSERT INTO edits SELECT ?, number, ?, ?, ?, ?, ? FROM commits WHERE id = ?", rows
            )


Row = tuple[int, str, int, int, int, int, str]


def _rows(edits: Iterable[tuple[str, LineEdit]]) -> Iterator[Row]:
    current, count = "", 0
    for commit, edit in edits:
        count = count + 1 if commit == current else 1
        current = commit
        if count <= MOST_EDITS and is_code(edit.path):
            for part in parts(edit):
                place = (part.path, part.line, len(part.removed), part.new_line, len(part.added))
                for shape in shapes(part):
                    yield (shape, *place, commit)


@lru_cache(maxsize=8192)
def is_code(path: str) -> bool:
    """Written by people, and no test: what a test repeats is no sibling."""
    if not language_of_path(path) or is_test(path):
        return False
    return skip_reason(path, None, Attributes(()), ()) is None


def _opened(root: Path, folder: Path | None) -> sqlite3.Connection:
    """The database, made anew where it is damaged, in memory where it cannot be written."""
    path = _path(root, folder) if folder else None
    if path is None:
        return _connected(":memory:")
    try:
        return _connected(str(path))
    except sqlite3.OperationalError:  # locked, or the disk is full
        return _connected(":memory:")
    except sqlite3.DatabaseError:
        path.write_bytes(b"")
        return _connected(str(path))


def _connected(name: str) -> sqlite3.Connection:
    database = sqlite3.connect(name, timeout=patient(SECONDS))
    try:
        database.executescript(_TABLES)
    except sqlite3.Error:
        database.close()
        raise
    return database


def _path(root: Path, folder: Path) -> Path | None:
    name = sha256(f"{VERSION}:{root.resolve()}".encode(errors="replace")).hexdigest()[:32]
    path = folder / f"{name}.sqlite"
    try:
        private_folder(folder)
        private_database(path)
        _prune(folder)
    except OSError:
        return None
    return path


def _prune(folder: Path) -> None:
    newest_first = sorted(
        folder.glob("*.sqlite"), key=lambda path: path.stat().st_mtime, reverse=True
    )
    for path in newest_first[MOST_INDEXES:]:
        path.unlink(missing_ok=True)
