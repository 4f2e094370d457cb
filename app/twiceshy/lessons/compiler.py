"""Makes and renews the compiled index: reads what changed, compiles what changed, moves the result
into place.

A renewal works on a copy of the last index, so an interrupted or failed one loses nothing; two
processes at once each make their own copy and the last one stands, which is the same index. Never
judges a change.
"""

import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING

from twiceshy.lessons import serial
from twiceshy.lessons.disk import (
    FORMAT,
    SCHEMA,
    DiskIndex,
    IndexDamaged,
    checksum,
    packed,
    unpacked,
)
from twiceshy.lessons.index import Compiler, Entry, Unit, units_of
from twiceshy.lessons.lesson import Problem, Registry
from twiceshy.lessons.private_files import private_file, private_folder, tighten
from twiceshy.lessons.progress import Progress, no_progress
from twiceshy.lessons.sources import Source, SourceFile
from twiceshy.lessons.version import VERSION

if TYPE_CHECKING:
    from twiceshy.lessons.registry import Reading

BATCH = 250
"""Units compiled at a time: enough to share one Semgrep start, few enough to show progress and
bound memory.
"""


@dataclass(frozen=True, slots=True)
class OpenedIndex:
    """An index ready to be asked, and what a person should know about how it was come by."""

    index: DiskIndex
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class IndexSpec:
    """All that decides what an index holds."""

    sources: tuple[Source, ...]
    compilers: tuple[Compiler, ...]

    def name(self) -> str:
        """Name of the index file: other registries, guards or formats get another file."""
        parts = [FORMAT, VERSION, *(source.label for source in self.sources)]
        parts += [f"{compiler.name}={compiler.version}" for compiler in self.compilers]
        return f"{_digest(parts)[:24]}.sqlite"

    def identity(self) -> str:
        """Changes whenever any file of any source does."""
        return sha256("\0".join(source.identity() for source in self.sources).encode()).hexdigest()


def open_index(
    spec: IndexSpec, folder: Path | None, progress: Progress = no_progress
) -> OpenedIndex:
    """The index of these sources: the one on disk when it is current, else renewed.

    Without a folder, or when it cannot be written, the index lives in memory and the problem is
    named. Raises OSError only when no temporary file can be made either.
    """
    identity = spec.identity()
    if folder:
        tighten(folder)
    path = folder / spec.name() if folder else None
    if path and (index := _current(path, identity)):
        return OpenedIndex(index)
    if path is None:
        return OpenedIndex(_in_memory(spec, identity, progress))
    try:
        return OpenedIndex(_renewed(spec, identity, path, progress))
    except (OSError, sqlite3.OperationalError) as error:
        return OpenedIndex(_in_memory(spec, identity, progress), (_not_kept(path.parent, error),))


def _not_kept(folder: Path, error: Exception) -> Problem:
    message = (
        f"the index could not be kept ({error}), so it is made anew each time: "
        "free some space, or point XDG_CACHE_HOME at a folder you can write to"
    )
    return Problem(str(folder), 0, message)


def _current(path: Path, identity: str) -> DiskIndex | None:
    try:
        index = DiskIndex.open(path)
    except IndexDamaged:
        return None
    if index.identity == identity:
        with suppress(OSError):
            os.utime(path)  # when it was last used: who cleans up goes by it
        return index
    index.close()
    return None


def _in_memory(spec: IndexSpec, identity: str, progress: Progress) -> DiskIndex:
    connection = sqlite3.connect(":memory:", check_same_thread=False)
    connection.executescript(SCHEMA)
    _fill(connection, spec, identity, progress)
    return DiskIndex(connection)


def _renewed(spec: IndexSpec, identity: str, path: Path, progress: Progress) -> DiskIndex:
    private_folder(path.parent)
    making = path.parent / f".making-{token_hex(8)}.sqlite"
    # made within the block: an interrupt leaves nothing behind
    try:
        connection = _copy_of_last(path, making)
        try:
            _fill(connection, spec, identity, progress)
        finally:
            connection.close()
        making.replace(path)
    finally:
        making.unlink(missing_ok=True)
    return DiskIndex.open(path)


def _copy_of_last(path: Path, making: Path) -> sqlite3.Connection:
    """A connection to a copy of the last index when that one is sound, else to an empty one."""
    connection = sqlite3.connect(private_file(making), check_same_thread=False)
    # the file is thrown away when anything goes wrong
    connection.execute("PRAGMA journal_mode = OFF")
    connection.execute("PRAGMA synchronous = OFF")
    try:
        last = DiskIndex.open(path)
    except IndexDamaged:
        connection.executescript(SCHEMA)
        return connection
    last.close()
    connection.close()
    making.write_bytes(path.read_bytes())
    connection = sqlite3.connect(making, check_same_thread=False)
    if _is_sound(connection):
        return connection
    connection.close()
    making.write_bytes(b"")
    connection = sqlite3.connect(making, check_same_thread=False)
    connection.executescript(SCHEMA)
    return connection


def _is_sound(connection: sqlite3.Connection) -> bool:
    try:
        answer: object = connection.execute("PRAGMA quick_check").fetchone()
    except sqlite3.DatabaseError:
        return False
    return answer == ("ok",)


def _fill(
    connection: sqlite3.Connection, spec: IndexSpec, identity: str, progress: Progress
) -> None:
    readings, tokens = _read(connection, spec.sources, progress)
    registry = _joined(readings)
    units = {unit.lesson.id: unit for unit in units_of(registry)}
    unit_tokens = {name: _unit_token(unit, tokens) for name, unit in units.items()}
    last: dict[str, str] = dict(connection.execute("SELECT lesson, token FROM unit"))
    _forget(connection, [name for name in last if unit_tokens.get(name) != last[name]])
    fresh = [unit for name, unit in units.items() if last.get(name) != unit_tokens[name]]
    for start in range(0, len(fresh), BATCH):
        progress("compiling lessons", start, len(fresh))
        _compile(connection, spec.compilers, fresh[start : start + BATCH], unit_tokens)
    _set_proofs(connection, readings)
    _set_problems(connection, "reading", registry.problems)
    meta = {
        "format": FORMAT,
        "identity": identity,
        "lessons": str(len(units)),
        "rules": str(len(registry.rules)),
    }
    connection.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", meta.items())
    connection.commit()
    progress("compiling lessons", len(fresh), len(fresh))


def _read(
    connection: sqlite3.Connection, sources: Sequence[Source], progress: Progress
) -> tuple[list["Reading"], dict[str, str]]:
    """Every file's reading (from the last index where the file is the same), by path; and every
    file's token.
    """
    last = _last_readings(connection)
    readings: list[Reading] = []
    tokens: dict[str, str] = {}
    for source in sources:
        files = [file for file in source.files() if file.path not in tokens]
        tokens |= {file.path: file.token for file in files}
        changed = [file for file in files if last.get(file.path, ("",))[0] != file.token]
        readings += _read_anew(connection, source, changed, progress)
        readings += _read_again(last, files)
    gone = [(path,) for path in last if path not in tokens]
    connection.executemany("DELETE FROM source WHERE path = ?", gone)
    return sorted(readings, key=lambda reading: reading.path), tokens


_Last = dict[str, tuple[str, bytes]]
"""By path, the token and the packed reading of a file of the last index."""


def _last_readings(connection: sqlite3.Connection) -> _Last:
    last: _Last = {}
    rows = connection.execute("SELECT path, token, reading, check_sum FROM source")
    for path, token, text, check in rows:
        if checksum(path, token, text) == check:
            last[path] = (token, text)
    return last


def _read_anew(
    connection: sqlite3.Connection, source: Source, files: Sequence[SourceFile], progress: Progress
) -> Iterator["Reading"]:
    from twiceshy.lessons.registry import read_source  # noqa: PLC0415 - brings pydantic

    contents = source.read(files)
    for done, file in enumerate(files):
        progress("reading lessons", done, len(files))
        reading = read_source(file.path, file.kind, contents.get(file.path))
        _hold(connection, file, reading)
        yield reading


def _read_again(last: _Last, files: Iterable[SourceFile]) -> Iterator["Reading"]:
    """What the last index holds of the files that are the same."""
    from twiceshy.lessons.registry import Reading  # noqa: PLC0415 - see _read_anew

    for file in files:
        token, text = last.get(file.path, ("", b""))
        if token == file.token:
            yield serial.loads(unpacked(text), Reading)


def _joined(readings: Sequence["Reading"]) -> Registry:
    from twiceshy.lessons.registry import join  # noqa: PLC0415 - see _read_anew

    return join(readings)


def _hold(connection: sqlite3.Connection, file: SourceFile, reading: object) -> None:
    text = packed(serial.dumps(reading))
    row = (file.path, file.token, text, checksum(file.path, file.token, text))
    connection.execute("INSERT OR REPLACE INTO source VALUES (?, ?, ?, ?)", row)


def _unit_token(unit: Unit, tokens: Mapping[str, str]) -> str:
    paths = sorted({unit.lesson.source, *(rule.source for rule in unit.rules)})
    parts = [f"{path}={tokens.get(path, '')}" for path in paths]
    return _digest([*parts, *(rule.id for rule in unit.rules)])


def _digest(parts: Iterable[str]) -> str:
    return sha256("\0".join(parts).encode(errors="surrogateescape")).hexdigest()


def _forget(connection: sqlite3.Connection, lessons: Iterable[str]) -> None:
    for lesson in lessons:
        connection.execute("DELETE FROM unit WHERE lesson = ?", (lesson,))
        connection.execute("DELETE FROM entry WHERE lesson = ?", (lesson,))
        connection.execute("DELETE FROM problem WHERE stage = ?", (f"compiling {lesson}",))


def _compile(
    connection: sqlite3.Connection,
    compilers: Sequence[Compiler],
    units: Sequence[Unit],
    tokens: Mapping[str, str],
) -> None:
    owner: dict[str, str] = {}
    for unit in units:
        owner[unit.lesson.source] = unit.lesson.id
        owner |= {rule.source: unit.lesson.id for rule in unit.rules}
    for compiler in compilers:
        compiled = compiler.compile(units)
        connection.executemany(
            "INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?)", _entry_rows(compiled.entries)
        )
        for problem in compiled.problems:
            _add_problem(connection, f"compiling {owner.get(problem.path, '')}", problem)
    for unit in units:
        _add_unit(connection, unit, tokens[unit.lesson.id])


def _entry_rows(entries: Iterable[Entry]) -> Iterator[tuple[str, str, str, int, str, int]]:
    for number, entry in enumerate(entries):
        check = checksum(entry.shelf, entry.key, entry.lesson, entry.payload)
        yield entry.shelf, entry.key, entry.lesson, number, entry.payload, check


def _add_unit(connection: sqlite3.Connection, unit: Unit, token: str) -> None:
    body = packed(serial.dumps(unit.lesson))
    rules = packed(serial.dumps(tuple(serial.dumps(rule) for rule in unit.rules)))
    check = checksum(unit.lesson.id, body, rules)
    row = (unit.lesson.id, token, body, rules, check)
    connection.execute("INSERT INTO unit VALUES (?, ?, ?, ?, ?)", row)


def _set_proofs(connection: sqlite3.Connection, readings: Iterable["Reading"]) -> None:
    """Beside the units and not in them: a new proof compiles nothing. Of two for one lesson the
    first stands.
    """
    connection.execute("DELETE FROM proof")
    for reading in readings:
        if reading.proof:
            lesson, text = reading.proof.lesson, packed(serial.dumps(reading.proof))
            row = (lesson, text, checksum(lesson, text))
            connection.execute("INSERT OR IGNORE INTO proof VALUES (?, ?, ?)", row)


def _set_problems(connection: sqlite3.Connection, stage: str, problems: Iterable[Problem]) -> None:
    connection.execute("DELETE FROM problem WHERE stage = ?", (stage,))
    for problem in problems:
        _add_problem(connection, stage, problem)


def _add_problem(connection: sqlite3.Connection, stage: str, problem: Problem) -> None:
    row = (stage, problem.path, problem.line, problem.message)
    connection.execute("INSERT INTO problem VALUES (?, ?, ?, ?)", row)
