"""The scars guard: the change touches a place where an incident's root cause lived. One quiet line;
it never blocks.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product

from twiceshy.changes.change import Change, FileChange, Line, Status
from twiceshy.changes.functions import Function, functions
from twiceshy.changes.globs import matches
from twiceshy.guards.finding import Finding, GuardKind, GuardResult
from twiceshy.guards.locations import around, is_symbol, now_at
from twiceshy.lessons.index import Compiled, Entry, Index, Unit
from twiceshy.lessons.languages import language_of_path
from twiceshy.lessons.lesson import Mode

SCARS = GuardKind("scars", precision=10, may_block=False, place_only=True)

SHELF = "scars"

FILE, NAMED, FUNCTION = 0.5, 0.75, 1.0
"""Scores: the file changed; the symbol's name stands among the changed lines; a line of the
function changed.
"""

_WILD = re.compile(r"[*?\[]")


class ScarsCompiler:
    """Shelves each scar under its path, or under ``*`` when that is a pattern."""

    name = SCARS.name
    version = "2"

    def compile(self, units: Sequence[Unit]) -> Compiled:
        """Entries for every lesson that is alive; the payload is path and symbol, a line each."""
        entries: dict[Entry, None] = {}
        for unit in units:
            lesson = unit.lesson
            if lesson.mode in (Mode.DRAFT, Mode.RETIRED):
                continue
            for scar in lesson.scars:
                payload = f"{scar.path}\n{scar.symbol or ''}"
                entries[Entry(SHELF, _key(scar.path), lesson.id, payload)] = None
        return Compiled(tuple(entries))


class ScarsGuard:
    """Says of a changed place that an incident began there."""

    kind = SCARS

    def check(self, change: Change, index: Index) -> GuardResult:
        """Hold every changed file, at its path at head and at base, against the scars."""
        best: dict[tuple[str, str], Finding] = {}
        silent: dict[str, str] = {}
        touched = [_Touched(file, change) for file in change.files]
        for entry, place in _touched_scars(touched, index):
            _, _, symbol = entry.payload.partition("\n")
            line_and_score = place.find(symbol)
            if line_and_score is None:
                silent[entry.lesson] = place.why_silent(symbol)
                continue
            finding = _finding(entry.lesson, place.file.path, symbol, *line_and_score)
            surest = best.setdefault((entry.lesson, place.file.path), finding)
            if finding.score > surest.score:
                best[entry.lesson, place.file.path] = finding
        for lesson, _ in best:
            silent.pop(lesson, None)
        return GuardResult(tuple(best.values()), silent=silent)


def _key(path: str) -> str:
    return "*" if _WILD.search(path) else path.removeprefix("./").strip("/")


def _touched_scars(
    touched: Sequence["_Touched"], index: Index
) -> Iterator[tuple[Entry, "_Touched"]]:
    by_path: dict[str, list[_Touched]] = {}
    for place in touched:
        for path in dict.fromkeys((place.file.path, place.file.base_path)):
            by_path.setdefault(path, []).append(place)
    for entry in index.find(SHELF, ["*", *by_path]):
        if entry.key != "*":
            yield from product([entry], by_path[entry.key])
            continue
        pattern = entry.payload.partition("\n")[0]
        for place in touched:
            if place.is_like(pattern):
                yield entry, place


@dataclass(frozen=True)
class _Touched:
    """A changed file, and which of its functions the change touches."""

    file: FileChange
    change: Change

    @cached_property
    def _lines(self) -> tuple[tuple[Line, int], ...]:
        """Every added and removed line, with its place at head."""
        lines: list[tuple[Line, int]] = []
        for hunk in self.file.hunks:
            for line, now in zip(hunk.lines, now_at(hunk), strict=True):
                if line.old is None or line.new is None:
                    lines.append((line, now))
        return tuple(lines)

    @cached_property
    def _functions(self) -> tuple[tuple[Function, ...], tuple[Function, ...]]:
        """Those of the base and of the head; none where the text cannot be read or the language has
        no grammar.
        """
        base = self.change.read_base(self.file.base_path) or ""
        head = self.change.read_head(self.file.path) or ""
        return (
            functions(base, language_of_path(self.file.base_path)),
            functions(head, language_of_path(self.file.path)),
        )

    def is_like(self, pattern: str) -> bool:
        """Whether the file's path at head or at base is like a pattern."""
        return matches(pattern, self.file.path) or matches(pattern, self.file.base_path)

    def find(self, symbol: str) -> tuple[int, float] | None:
        """The line at head where the change touches the scar, and how sure that is; None when it
        does not.
        """
        if self.file.status is Status.DELETED or not self._lines:
            return None
        if not symbol:
            return self._lines[0][1], FILE
        base, head = self._functions
        if not base and not head:
            return self._find_name(symbol)
        for line, now in self._lines:
            if any(is_symbol(function, symbol) for function in self._around(line, now)):
                return now, FUNCTION
        return None

    def _around(self, line: Line, now: int) -> tuple[Function, ...]:
        """The functions that hold a changed line; without a base also those of its place at
        head.
        """
        base, head = self._functions
        inside = around(head, line.new) if line.new is not None else around(base, line.old or 0)
        return inside if base else (*inside, *around(head, now))

    def _find_name(self, symbol: str) -> tuple[int, float] | None:
        """Without functions to look into, the symbol's name among the lines of a hunk has to do."""
        name = re.compile(rf"\b{re.escape(re.split(r'[.:#]+', symbol.removesuffix('()'))[-1])}\b")
        for hunk in self.file.hunks:
            if any(name.search(line.text) for line in hunk.lines):
                return next(now for line, now in self._lines if _in(line, hunk.lines)), NAMED
        return None

    def why_silent(self, symbol: str) -> str:
        """Why the scar was passed over."""
        if self.file.status is Status.DELETED:
            return f"{self.file.path}, where it began, is deleted"
        if not self._lines:
            return f"{self.file.path} was moved, but not a line of it changed"
        return f"{self.file.path} changed, but not {symbol}"


def _in(line: Line, lines: Iterable[Line]) -> bool:
    return any(line is other for other in lines)


def _finding(lesson: str, path: str, symbol: str, line: int, score: float) -> Finding:
    place = f"{path}:{symbol}" if symbol else path
    return Finding(
        SCARS,
        lesson,
        path,
        line,
        line,
        score,
        headline=f"{place} is where {lesson} began",
        why="The root cause of that incident lived here.",
        key=f"scar:{symbol}",
    )
