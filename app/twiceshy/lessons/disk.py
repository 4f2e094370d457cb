"""The compiled index as a SQLite file that is only ever read: made whole elsewhere, then moved into
place.

Every row carries a checksum that is held against it when it is read, so a damaged file is noticed
(``IndexDamaged``) at the cost of the rows a check needs, not of the whole file. Never writes;
``compiler`` does.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from zlib import compress, crc32, decompress
from zlib import error as zlib_error

from twiceshy.lessons import serial
from twiceshy.lessons.index import Entry
from twiceshy.lessons.lesson import Lesson, Problem, Rule
from twiceshy.lessons.proofs import Proof

FORMAT = "5"
"""Of the tables below; a file of another format is made anew."""

SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE source (
  path TEXT PRIMARY KEY, token TEXT NOT NULL, reading BLOB NOT NULL, check_sum INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE unit (
  lesson TEXT PRIMARY KEY, token TEXT NOT NULL, body BLOB NOT NULL, rules BLOB NOT NULL,
  check_sum INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE entry (
  shelf TEXT NOT NULL, key TEXT NOT NULL, lesson TEXT NOT NULL, seq INTEGER NOT NULL,
  payload TEXT NOT NULL, check_sum INTEGER NOT NULL, PRIMARY KEY (shelf, key, lesson, seq)
) WITHOUT ROWID;
CREATE INDEX entry_of_lesson ON entry (lesson);
CREATE TABLE proof (
  lesson TEXT PRIMARY KEY, proof BLOB NOT NULL, check_sum INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE problem (
  stage TEXT NOT NULL, path TEXT NOT NULL, line INTEGER NOT NULL, message TEXT NOT NULL
);
"""


class IndexDamaged(Exception):
    """The file does not hold what was written to it; make it anew."""


def checksum(*parts: str | bytes) -> int:
    """CRC-32 over the parts; against damage, not against malice: the cache folder is the user's
    own.
    """
    value = 0
    for part in parts:
        content = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        value = crc32(content, value)
    return value


def packed(text: str) -> bytes:
    """A text that is rarely read, a third as large."""
    return compress(text.encode("utf-8", "surrogatepass"), 6)


def unpacked(content: bytes) -> str:
    """The text back. Raises ValueError for what was never packed."""
    try:
        return decompress(content).decode("utf-8", "surrogatepass")
    except zlib_error as error:
        raise ValueError(f"damaged: {error}") from error


class DiskIndex:
    """An ``Index`` over an open database; see ``index.Index`` for what each question means."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Take the connection over. Raises IndexDamaged when it is not a complete index of this
        format.
        """
        self._connection = connection
        with _damage():
            meta: dict[str, str] = dict(connection.execute("SELECT key, value FROM meta"))
        if meta.get("format") != FORMAT or "identity" not in meta:
            raise IndexDamaged("incomplete, or of another format")
        self.identity = meta["identity"]
        self._lesson_count = int(meta["lessons"])
        self._rule_count = int(meta["rules"])

    @classmethod
    def open(cls, path: Path) -> "DiskIndex":
        """Open a file for reading. Raises IndexDamaged when there is none or it is not one."""
        with _damage():
            # immutable: nothing changes the file once it is in place, so no locks and no journal
            # are needed
            connection = sqlite3.connect(
                f"file:{_quoted(path)}?mode=ro&immutable=1", uri=True, check_same_thread=False
            )
        try:
            return cls(connection)
        except IndexDamaged:
            connection.close()
            raise

    def close(self) -> None:
        """Let the file go."""
        self._connection.close()

    def find(self, shelf: str, keys: Iterable[str]) -> Iterator[Entry]:
        wanted = json.dumps(list(dict.fromkeys(keys)))
        # CROSS JOIN fixes the order: SQLite must walk the wanted keys and look each up, not the
        # shelf
        query = (
            "SELECT e.key, e.lesson, e.payload, e.check_sum FROM json_each(?) AS k "
            "CROSS JOIN entry AS e ON e.shelf = ? AND e.key = k.value"
        )
        return self._entries(shelf, query, (wanted, shelf))

    def all(self, shelf: str) -> Iterator[Entry]:
        return self._entries(
            shelf, "SELECT key, lesson, payload, check_sum FROM entry WHERE shelf = ?", (shelf,)
        )

    def key_count(self, shelf: str, keys: Iterable[str], most: int) -> dict[str, int]:
        query = (
            "SELECT k.value, (SELECT COUNT(*) FROM (SELECT 1 FROM entry AS e "
            "WHERE e.shelf = ? AND e.key = k.value LIMIT ?)) AS entries "
            "FROM json_each(?) AS k WHERE entries > 0"
        )
        wanted = json.dumps(list(dict.fromkeys(keys)))
        with _damage():
            return dict(self._connection.execute(query, (shelf, most, wanted)))

    def lesson(self, lesson_id: str) -> Lesson | None:
        row = self._unit(lesson_id)
        return _decoded(_text(row[0]), Lesson) if row else None

    def rules(self, lesson_id: str) -> tuple[Rule, ...]:
        row = self._unit(lesson_id)
        return tuple(_decoded(text, Rule) for text in json.loads(_text(row[1]))) if row else ()

    def proof(self, lesson_id: str) -> Proof | None:
        with _damage():
            query = "SELECT proof, check_sum FROM proof WHERE lesson = ?"
            row = self._connection.execute(query, (lesson_id,)).fetchone()
            if row and checksum(lesson_id, row[0]) != row[1]:
                raise IndexDamaged(f"the proof of lesson {lesson_id}")
        return _decoded(_text(row[0]), Proof) if row else None

    def is_guarded(self, lesson_id: str) -> bool:
        with _damage():
            query = "SELECT 1 FROM entry WHERE lesson = ? LIMIT 1"
            return self._connection.execute(query, (lesson_id,)).fetchone() is not None

    def lesson_ids(self) -> tuple[str, ...]:
        with _damage():
            rows = self._connection.execute("SELECT lesson FROM unit ORDER BY lesson")
            return tuple(lesson for (lesson,) in rows)

    @property
    def lesson_count(self) -> int:
        return self._lesson_count

    @property
    def rule_count(self) -> int:
        return self._rule_count

    @property
    def problems(self) -> tuple[Problem, ...]:
        with _damage():
            rows = self._connection.execute(
                "SELECT DISTINCT path, line, message FROM problem ORDER BY path, line"
            )
            return tuple(Problem(*row) for row in rows)

    def _unit(self, lesson_id: str) -> tuple[bytes, bytes] | None:
        with _damage():
            query = "SELECT body, rules, check_sum FROM unit WHERE lesson = ?"
            row = self._connection.execute(query, (lesson_id,)).fetchone()
        if row and checksum(lesson_id, row[0], row[1]) != row[2]:
            raise IndexDamaged(f"the row of lesson {lesson_id}")
        return (row[0], row[1]) if row else None

    def _entries(self, shelf: str, query: str, values: tuple[str, ...]) -> Iterator[Entry]:
        with _damage():
            for key, lesson, payload, check_sum in self._connection.execute(query, values):
                if checksum(shelf, key, lesson, payload) != check_sum:
                    raise IndexDamaged(f"a row of shelf {shelf}")
                yield Entry(shelf, key, lesson, payload)


@contextmanager
def _damage() -> Iterator[None]:
    try:
        yield
    except (sqlite3.DatabaseError, ValueError, UnicodeDecodeError) as error:
        raise IndexDamaged(str(error)) from error


def _text(content: bytes) -> str:
    with _damage():
        return unpacked(content)


def _decoded(text: str, shape: type[serial.Value]) -> serial.Value:
    with _damage():
        return serial.loads(text, shape)


def _quoted(path: Path) -> str:
    return path.as_posix().replace("%", "%25").replace("?", "%3f").replace("#", "%23")
