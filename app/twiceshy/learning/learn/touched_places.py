"""Where in a file a fix is: the functions it touches, before and after, and what it touches outside
of them. Pure but for the parser.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from twiceshy.changes.functions import Function, functions
from twiceshy.changes.line_map import Edit, LineMap
from twiceshy.changes.outline import ItemKind
from twiceshy.learning.learn.counterparts import Counterparts, DefinedSide
from twiceshy.learning.learn.windows import AROUNDS, Span, Touched, WholeFile

APART = 2 * AROUNDS[0]
"""Lines; what is touched further from each other, outside of functions, is shown apart."""

_IMPORT = re.compile(r"\s*(?:import|from|use|using|require|#include|package)\b|.*\brequire\s*\(")


class Share(StrEnum):
    """What of a place a fix touches, where that tells little."""

    CODE = "code"
    IMPORTS = "imports"
    NEW = "new"  # it only brought definitions that nothing stood for


@dataclass(frozen=True, slots=True)
class TouchedPlace:
    """A function, or a part outside of all, that a fix touches."""

    symbol: str  # of the function before the fix, empty outside
    old: Touched
    new: Touched
    share: Share


@dataclass(slots=True)
class _Lines:
    """What one place has of some edits."""

    old: list[float] = field(default_factory=list)
    new: list[float] = field(default_factory=list)
    shares: set[Share] = field(default_factory=set)

    @property
    def share(self) -> Share:
        """Of all edits together."""
        return next(iter(self.shares)) if len(self.shares) == 1 else Share.CODE


Home = tuple[Function, Function] | None
"""A function on both sides, None outside of all."""


def touched_places(files: tuple[WholeFile, WholeFile], lines: LineMap) -> tuple[TouchedPlace, ...]:
    """The places in the order of the file, functions first; lines that are blank touch nothing."""
    finder = _Finder(files, lines)
    inside: dict[tuple[Function, Function], _Lines] = {}
    outside: list[_Lines] = []
    for edit in lines.edits:
        for home, touched in finder.by_home(edit).items():
            if home is not None:
                _extend(inside.setdefault(home, _Lines()), touched)
            elif outside and _is_near(outside[-1], touched):
                _extend(outside[-1], touched)
            else:
                outside.append(touched)
    places: list[TouchedPlace] = []
    for (before, after), touched in inside.items():
        old = Touched(tuple(touched.old), _span(before))
        new = Touched(tuple(touched.new), _span(after))
        places.append(TouchedPlace(before.qualified, old, new, touched.share))
    for touched in outside:
        old, new = Touched(tuple(touched.old), None), Touched(tuple(touched.new), None)
        places.append(TouchedPlace("", old, new, touched.share))
    return tuple(places)


def _span(function: Function) -> Span:
    return function.start_line, function.end_line


def _extend(lines: _Lines, more: _Lines) -> None:
    lines.old += more.old
    lines.new += more.new
    lines.shares |= more.shares


def _is_near(lines: _Lines, more: _Lines) -> bool:
    """Whether two edits outside of functions are one place; imports keep to themselves."""
    near = min(more.old) - max(lines.old) <= APART and min(more.new) - max(lines.new) <= APART
    return near and lines.share is more.share


class _Finder:
    def __init__(self, files: tuple[WholeFile, WholeFile], lines: LineMap) -> None:
        self._files = files
        self._sides = _side(files[0]), _side(files[1])
        self._counterparts = Counterparts(self._sides[0], self._sides[1], lines)
        self._imports = [set(_import_lines(file)) for file in files]

    def by_home(self, edit: Edit) -> dict[Home, _Lines]:
        """The lines of an edit by the innermost function that stands on both sides; where a
        function has them on one side only, also the gap on the other.
        """
        homes: dict[Home, _Lines] = {}
        for line in self._bodies(0, edit.old):
            homes.setdefault(self._home(line, 0), _Lines()).old.append(line)
        for line in self._bodies(1, edit.new):
            homes.setdefault(self._home(line, 1), _Lines()).new.append(line)
        for home, touched in homes.items():
            touched.shares = {self._share(touched)}
            touched.old = touched.old or [_gap(edit.old, home and home[0])]
            touched.new = touched.new or [_gap(edit.new, home and home[1])]
        return homes

    def _bodies(self, side: int, lines: range) -> Iterator[int]:
        texts = self._files[side].lines
        for line in lines:
            if line <= len(texts) and texts[line - 1].strip():
                yield line

    def _home(self, line: int, side: int) -> Home:
        for function in self._sides[side].around(line):
            if side == 0 and (after := self._counterparts.after(function)):
                return function, after
            if side == 1 and (before := self._counterparts.before(function)):
                return before, function
        return None

    def _share(self, touched: _Lines) -> Share:
        if self._are_imports(touched):
            return Share.IMPORTS
        is_new = not touched.old and all(map(self._is_of_its_own, touched.new))
        return Share.NEW if is_new else Share.CODE

    def _is_of_its_own(self, place: float) -> bool:
        """Whether a line after the fix is in a definition that is new."""
        around = self._sides[1].around(int(place))
        return bool(around) and self._counterparts.before(around[0]) is None

    def _are_imports(self, touched: _Lines) -> bool:
        for side, numbers in enumerate((touched.old, touched.new)):
            for number in numbers:
                line = int(number)
                text = self._files[side].lines[line - 1]
                if line not in self._imports[side] and not _IMPORT.match(text):
                    return False
        return True


def _side(file: WholeFile) -> DefinedSide:
    return DefinedSide(file.lines, functions(file.text, file.language))


def _import_lines(file: WholeFile) -> Iterator[int]:
    for item in file.items:
        if item.kind is ItemKind.IMPORT:
            yield from range(item.first, item.last + 1)


def _gap(lines: range, function: Function | None) -> float:
    """The place that stands for lines a side does not have: after them, or, where that is outside
    of the function, before them.
    """
    after, before = lines.stop - 0.5, lines.start - 0.5
    is_inside = function is None or function.start_line <= after <= function.end_line
    return after if is_inside else before
