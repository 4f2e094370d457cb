"""Which function after a fix is which function before it: told by where its lines went, never by
its name alone. Pure.

Overloads, property setters and functions inside of others share names; a renamed function has
another.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from twiceshy.changes.functions import Function
from twiceshy.changes.line_map import Edit, LineMap

ENOUGH = 0.5
"""Of their lines two functions of different names must share to be the same one."""

_WORD = re.compile(r"\w")
Across = Callable[[int], int | None]


@dataclass(frozen=True)
class DefinedSide:
    """One side of a file: its lines and definitions."""

    lines: Sequence[str]
    functions: tuple[Function, ...]

    @cached_property
    def telling(self) -> list[int]:
        """The lines, from 1, that hold more than brackets."""
        return [number for number, line in enumerate(self.lines, 1) if _WORD.search(line)]

    def around(self, line: int) -> list[Function]:
        """What a line is in: functions, the innermost first, then classes."""
        found = [one for one in self.functions if one.start_line <= line <= one.end_line]
        return sorted(found, key=lambda one: (one.is_class, one.end_line - one.start_line))


class Counterparts:
    """The functions of both sides of a changed file, as pairs."""

    def __init__(self, before: DefinedSide, after: DefinedSide, lines: LineMap) -> None:
        self._before, self._after, self._map = before, after, lines
        self._known: dict[Function, Function | None] = {}

    def after(self, function: Function) -> Function | None:
        """What became of a function; None when nothing did."""
        if function not in self._known:
            self._known[function] = self._after_of(function)
        return self._known[function]

    def before(self, function: Function) -> Function | None:
        """What a function was; None when it is new."""
        nearest = self._nearest(function, self._after, self._before, self._map.was)
        named = [one for one in self._before.functions if one.qualified == function.qualified]
        for candidate in (nearest,) if nearest else named:
            if self.after(candidate) == function:
                return candidate
        return None

    def _after_of(self, function: Function) -> Function | None:
        there = self._nearest(function, self._before, self._after, self._map.now)
        if there is None:
            return self._rewritten(function)
        back = self._nearest(there, self._after, self._before, self._map.was)
        return there if back == function else None

    def _nearest(
        self, function: Function, here: DefinedSide, there: DefinedSide, across: Across
    ) -> Function | None:
        """The function of the other side that shares most of its lines with this one."""
        own = _within(here.telling, function)
        gone_to = [line for number in own if (line := across(number)) is not None]
        best, best_rank = None, (0.0, False)
        for candidate in there.functions:
            common = len(_within(gone_to, candidate))
            if not common or candidate.is_class != function.is_class:
                continue
            likeness = 2 * common / (len(own) + len(_within(there.telling, candidate)))
            same_name = candidate.qualified == function.qualified
            if (same_name or likeness >= ENOUGH) and (likeness, same_name) > best_rank:
                best, best_rank = candidate, (likeness, same_name)
        return best

    def _rewritten(self, function: Function) -> Function | None:
        """The function that an edit put in the place of one it took away whole."""
        for edit in self._map.edits:
            if function.start_line in edit.old:
                return self._in_place_of(function, edit)
        return None

    def _in_place_of(self, function: Function, edit: Edit) -> Function | None:
        olds = _twins(function, self._before.functions, edit.old)
        news = _twins(function, self._after.functions, edit.new)
        if function not in olds or len(olds) != len(news):
            return None
        there = news[olds.index(function)]
        is_another = self._nearest(there, self._after, self._before, self._map.was)
        return None if is_another else there


def _twins(function: Function, among: Iterable[Function], lines: range) -> list[Function]:
    """Functions of the same name and kind that lie in these lines."""
    return [
        one
        for one in among
        if one.qualified == function.qualified
        and one.is_class == function.is_class
        and one.start_line in lines
        and one.end_line in lines
    ]


def _within(numbers: Sequence[int], function: Function) -> Sequence[int]:
    first = bisect_left(numbers, function.start_line)
    return numbers[first : bisect_right(numbers, function.end_line)]
