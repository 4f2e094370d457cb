"""Which words stand in which files of the host: counted once, kept beside the compiled registry,
and brought up to date by the files that changed.

Counts words, parses nothing: that is for the few files that hold enough of a lesson's. Never reads
the change's own files, never keeps anything in the repository.
"""

import json
import re
import sqlite3
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from zlib import crc32

from twiceshy.changes.change_error import ChangeError
from twiceshy.changes.host import HostFile, HostTree
from twiceshy.lessons.languages import family_of, language_of_path
from twiceshy.lessons.private_files import private_database, private_folder
from twiceshy.lessons.progress import Progress, no_progress

FORMAT = 2
"""Of the tables below; a file of another format is made anew."""

MOST_FILES = 10_000
"""Of a larger repository so many are counted, the same ones each time."""

MOST_NEW_FILES = 1_000
"""Counted for one check, those nearest to the change first; the next one goes on."""

_WORD = re.compile(r"[^\W\d]\w+")
_BITS = 24
_FILES = (1 << _BITS) - 1
_BUSY_SECONDS = 1.0

_SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (
  tree TEXT NOT NULL, total INTEGER NOT NULL, is_whole INTEGER NOT NULL, complete INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS file (
  id INTEGER PRIMARY KEY AUTOINCREMENT, path TEXT NOT NULL, blob TEXT NOT NULL,
  family TEXT NOT NULL, words BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS word (word INTEGER PRIMARY KEY, files INTEGER NOT NULL);
-- the word's number in the high bits, the file's in the low ones
CREATE TABLE IF NOT EXISTS posting (key INTEGER PRIMARY KEY);
-- what a guard counted in a file of this content
CREATE TABLE IF NOT EXISTS note (blob TEXT, key TEXT, value TEXT, PRIMARY KEY (blob, key))
  WITHOUT ROWID;
"""


class HostWords:
    """The words of a host, as far as they are counted."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        row = connection.execute("SELECT tree, total, is_whole, complete FROM meta").fetchone()
        tree, total, is_whole, complete = row or ("", 0, 1, 0)
        self.tree = str(tree)
        self.total = int(total)  # files that were listed
        self.is_whole = bool(is_whole)  # whether those are all there are
        self.complete = bool(complete)  # whether all that are to be counted are
        # files that are counted
        self.files = int(connection.execute("SELECT COUNT(*) FROM file").fetchone()[0])

    def close(self) -> None:
        self._connection.close()

    def counts(self, words: Iterable[str]) -> dict[str, int]:
        """In how many files each word stands; words of none are left out."""
        numbers = {word: _number(word) for word in words}
        # CROSS JOIN: walk the wanted words and look each up, not the table
        query = (
            "SELECT word, files FROM json_each(?) AS wanted "
            "CROSS JOIN word ON word.word = wanted.value AND files > 0"
        )
        files = dict(self._connection.execute(query, (json.dumps([*numbers.values()]),)))
        return {word: files[number] for word, number in numbers.items() if number in files}

    def files_of(self, family: str) -> int:
        """Counted files of a family of languages."""
        query = "SELECT COUNT(*) FROM file WHERE family = ?"
        return int(self._connection.execute(query, (family,)).fetchone()[0])

    def holding(
        self, words: Mapping[str, float], family: str | None, least: float
    ) -> list[HostFile]:
        """Files of a family of languages that hold at least a share of the words' weight, most
        first.
        """
        weights: dict[int, float] = {}
        for word, weight in words.items():
            for file in self._files_with(word):
                weights[file] = weights.get(file, 0.0) + weight
        enough = least * sum(words.values())
        ranked = sorted((-weight, file) for file, weight in weights.items() if weight >= enough)
        return list(self._named([file for _, file in ranked], family))

    def _files_with(self, word: str) -> Iterator[int]:
        query = "SELECT key FROM posting WHERE key BETWEEN ? AND ?"
        for (key,) in self._connection.execute(query, _span(_number(word))):
            yield key & _FILES

    def _named(self, files: Iterable[int], family: str | None) -> Iterator[HostFile]:
        query = "SELECT path, blob FROM file WHERE id = ? AND family = ?"
        for file in files:
            row = self._connection.execute(query, (file, family or "")).fetchone()
            if row:
                yield HostFile(*row)

    def note(self, blob: str, key: str) -> str | None:
        """What a guard noted of a file of this content, None when it has not looked at it."""
        query = "SELECT value FROM note WHERE blob = ? AND key = ?"
        row = self._connection.execute(query, (blob, key)).fetchone()
        return row[0] if row else None

    def set_note(self, blob: str, key: str, value: str) -> None:
        """Keep what a guard found, for the next time; where nothing can be written it looks
        again.
        """
        with suppress(sqlite3.OperationalError):
            query = "INSERT OR REPLACE INTO note VALUES (?, ?, ?)"
            self._connection.execute(query, (blob, key, value))

    def renew(
        self,
        tree: HostTree,
        near: Sequence[str] = (),
        most: int = MOST_NEW_FILES,
        progress: Progress = no_progress,
    ) -> None:
        """Count the host as it is now: at most so many files anew, those nearest to some paths
        first.
        """
        if self.complete and self.tree == tree.identity:
            return
        with self._connection:
            self._connection.execute("BEGIN IMMEDIATE")
            self._renew(tree, near, most, progress)

    def _renew(self, tree: HostTree, near: Sequence[str], most: int, progress: Progress) -> None:
        listing = tree.files()
        chosen = _chosen(listing.files)
        known = self._known()
        gone = [number for number, file in known.items() if file not in chosen]
        new = sorted(chosen - set(known.values()), key=_nearness(near))
        self._forget(gone)
        self._add(tree, new[:most], progress)
        self.tree, self.complete = tree.identity, len(new) <= most
        self.total, self.is_whole = len(listing.files), listing.is_whole
        self.files = len(known) - len(gone) + len(new[:most])
        self._connection.execute("DELETE FROM meta")
        row = (self.tree, self.total, self.is_whole, self.complete)
        self._connection.execute("INSERT INTO meta VALUES (?, ?, ?, ?)", row)
        # what was noted of contents that are gone would grow for ever
        self._connection.execute("DELETE FROM note WHERE blob NOT IN (SELECT blob FROM file)")

    def _known(self) -> dict[int, HostFile]:
        known: dict[int, HostFile] = {}
        for number, path, blob in self._connection.execute("SELECT id, path, blob FROM file"):
            known[number] = HostFile(path, blob)
        return known

    def _forget(self, files: Iterable[int]) -> None:
        for number in files:
            query = "DELETE FROM file WHERE id = ? RETURNING words"
            (words,) = self._connection.execute(query, (number,)).fetchone()
            numbers = array("I", words)
            keys = ((_key(word, number),) for word in numbers)
            self._connection.executemany("DELETE FROM posting WHERE key = ?", keys)
            fewer = "UPDATE word SET files = files - 1 WHERE word = ?"
            self._connection.executemany(fewer, ((word,) for word in numbers))

    def _add(self, tree: HostTree, files: Sequence[HostFile], progress: Progress) -> None:
        keys: list[int] = []
        counts: Counter[int] = Counter()
        for done, file in enumerate(files, start=1):
            words = array("I", sorted(_words_of(tree.text(file.blob) or "")))
            family = family_of(language_of_path(file.path)) or ""
            query = "INSERT INTO file (path, blob, family, words) VALUES (?, ?, ?, ?)"
            row = (*file, family, words.tobytes())
            number = self._connection.execute(query, row).lastrowid or 0
            keys += [_key(word, number) for word in words]
            counts.update(words)
            progress("counting the words of the repository", done, len(files))
        keys.sort()  # SQLite writes ascending keys several times as fast
        self._connection.executemany("INSERT INTO posting VALUES (?)", ((key,) for key in keys))
        more = (
            "INSERT INTO word VALUES (?, ?) "
            "ON CONFLICT DO UPDATE SET files = files + excluded.files"
        )
        self._connection.executemany(more, sorted(counts.items()))


@contextmanager
def host_words(
    tree: HostTree,
    folder: Path | None,
    near: Sequence[str] = (),
    most: int = MOST_NEW_FILES,
    progress: Progress = no_progress,
) -> Iterator[HostWords]:
    """The words of a host, renewed; kept in a folder when there is one.

    What is kept and damaged is made anew; where nothing can be written, or another process is at
    it, this one counts for itself. Of a host that cannot be read now, what was counted before
    holds. Raises sqlite3.Error for what turns out damaged, or is held by another process, after it
    was opened: a damaged file is gone then.
    """
    path = _path(tree, folder)
    with closing(_opened(path)) as words:
        try:
            with suppress(sqlite3.OperationalError, ChangeError):
                words.renew(tree, near, most, progress)
            yield words
        except sqlite3.OperationalError:
            raise  # another process is at it
        except sqlite3.DatabaseError:
            _remove(path)
            raise


def _path(tree: HostTree, folder: Path | None) -> Path | None:
    """Where the words of a repository are kept."""
    if folder is None:
        return None
    name = sha256(tree.repository.encode("utf-8", "surrogateescape")).hexdigest()[:20]
    return folder / f"{name}.sqlite"


def _opened(path: Path | None) -> HostWords:
    if path is None:
        return HostWords(_connected(None))
    try:
        return HostWords(_connected(path))
    except sqlite3.OperationalError:
        return HostWords(_connected(None))  # not to be written, or another process is at it
    except (sqlite3.DatabaseError, OSError):
        _remove(path)
        return HostWords(_connected(None))


def _remove(path: Path | None) -> None:
    with suppress(OSError):
        if path is not None:
            path.unlink(missing_ok=True)


def _connected(path: Path | None) -> sqlite3.Connection:
    """The database with its tables; raises sqlite3.DatabaseError for a file that is none."""
    if path is not None:
        private_folder(path.parent)
        private_database(path)
    place = ":memory:" if path is None else path
    connection = sqlite3.connect(
        place, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
    )
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version not in (0, FORMAT):
        raise sqlite3.DatabaseError("of another format")
    if version == 0:
        connection.executescript(f"{_SCHEMA} PRAGMA user_version = {FORMAT};")
    return connection


def _chosen(files: Sequence[HostFile]) -> frozenset[HostFile]:
    """All files, or of very many the same ones each time, whatever else comes and goes."""
    if len(files) <= MOST_FILES:
        return frozenset(files)
    return frozenset(sorted(files, key=lambda file: _number(file.path))[:MOST_FILES])


def _nearness(near: Sequence[str]) -> Callable[[HostFile], tuple[int, str]]:
    """Sorts files by how many of their folders they share with the nearest of some paths."""
    folders = [path.split("/")[:-1] for path in near]

    def key(file: HostFile) -> tuple[int, str]:
        own = file.path.split("/")[:-1]
        return -max((_shared(own, other) for other in folders), default=0), file.path

    return key


def _shared(own: Sequence[str], other: Sequence[str]) -> int:
    shared = 0
    for left, right in zip(own, other, strict=False):
        if left != right:
            break
        shared += 1
    return shared


def _words_of(text: str) -> frozenset[int]:
    return frozenset(map(_number, set(_WORD.findall(text))))


def _number(word: str) -> int:
    """A word as a number; two that share one look more common than they are, no more."""
    return crc32(word.encode("utf-8", "replace"))


def _key(word: int, file: int) -> int:
    """Of a posting: within the 63 bits of SQLite's integers, below and above zero."""
    return ((word - (1 << 31)) << _BITS) | file


def _span(word: int) -> tuple[int, int]:
    first = _key(word, 0)
    return first, first | _FILES
