"""What is shown of a file before and after a fix: the same part of both, cut where statements begin
and end. Pure but for the parser.

A line the fix did not touch is shown on both sides or on neither. What is left out between two
shown lines is marked by a comment of three dots.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from textwrap import dedent

from twiceshy.changes.line_map import LineMap
from twiceshy.changes.outline import Item, ItemKind, outline, parses
from twiceshy.lessons.language import CommentMark
from twiceshy.lessons.languages import language_named

LONGEST = 60
"""Lines of a window, as long as anything less can be shown."""

AROUNDS = (8, 4, 2, 1)
"""Lines around each touched one, the most that fit."""

TOP = 1
"""The number of a file's own container, which may be empty."""

SHORTEST_GAP = 3
"""Lines; of fewer a mark would say no less than they do."""

_COMMA_BETWEEN = frozenset(["json"])
_MARK = re.compile(r"\s*(?:#|//|--|;;|/\*|<!--) \.\.\.(?: \*/| -->)?\s*")
_BODY = re.compile(r"\S")
Span = tuple[int, int]
Across = Callable[[int], int | None]


@dataclass(frozen=True)
class WholeFile:
    """One side of a changed file."""

    text: str
    language: str

    @cached_property
    def lines(self) -> list[str]:
        """Its lines, without their ends."""
        return [line.removesuffix("\r") for line in self.text.split("\n")]

    @cached_property
    def items(self) -> tuple[Item, ...]:
        """What can be left out of it."""
        return outline(self.text, self.language)

    @cached_property
    def parses(self) -> bool:
        """Whether all of it is code."""
        return parses(self.text, self.language)

    @property
    def whole(self) -> Span:
        """From its first line to its last."""
        return 1, len(self.lines)


@dataclass(frozen=True, slots=True)
class Touched:
    """What a fix touches on one side: lines, and with a half the gaps after them; and the function
    around, if there is one.
    """

    places: tuple[float, ...]
    function: Span | None


@dataclass(frozen=True, slots=True)
class Window:
    """What is shown of one side: its text, and the numbers of its lines."""

    text: str
    lines: tuple[int, ...]


def windows(
    files: tuple[WholeFile, WholeFile], touched: tuple[Touched, Touched], lines: LineMap
) -> tuple[Window, Window]:
    """The two windows: the whole function, or of a long one what stands around the fix in it; in
    the class around it where a method alone is no code.
    """
    shown: list[tuple[Window, Window]] = []
    for zones in _attempts(files, touched):
        cuts = _settled(files, zones, lines)
        if cuts is None:
            continue
        old, new = cuts[0].window(), cuts[1].window()
        shown.append((old, new))
        if _longer((old, new)) <= LONGEST and _is_code(files[0], old) and _is_code(files[1], new):
            return old, new
    fitting = (pair for pair in shown if _longer(pair) <= LONGEST)
    return next(fitting, None) or min(shown, key=_longer)


def _longer(pair: tuple[Window, Window]) -> int:
    old, new = pair
    return max(len(old.lines), len(new.lines))


def _is_code(file: WholeFile, window: Window) -> bool:
    return not file.parses or parses(window.text, file.language)


@dataclass(frozen=True, slots=True)
class _Zone:
    """Where to cut on one side: within the root all that lies near is shown, and what holds a
    touched place is opened.
    """

    root: Span
    near: tuple[tuple[float, float], ...]
    touched: tuple[float, ...]
    company: bool  # whether what is near may be a definition of its own, or an import

    def keeps(self, item: Item, *, is_touched: bool) -> bool:
        """Whether an item is shown whole."""
        apart = item.kind in (ItemKind.DEFINITION, ItemKind.IMPORT)
        if apart and not is_touched and not self.company:
            return False
        return any(low <= item.first and item.last <= high for low, high in self.near)


def _attempts(
    files: tuple[WholeFile, WholeFile], touched: tuple[Touched, Touched]
) -> Iterator[tuple[_Zone, _Zone]]:
    """From the function alone to the function in what is around it; from wide to narrow."""
    old, new = touched
    wholes = files[0].whole, files[1].whole
    spans = (old.function, new.function) if old.function and new.function else None
    roots = [spans, wholes] if spans else [wholes]
    for root in roots:
        if spans and max(map(_length, spans)) <= LONGEST:
            yield (
                _Zone(root[0], (spans[0],), (*old.places, *spans[0]), company=True),
                _Zone(root[1], (spans[1],), (*new.places, *spans[1]), company=True),
            )
            continue
        for around in AROUNDS:
            yield _around(old, root[0], around), _around(new, root[1], around)


def _around(touched: Touched, root: Span, around: int) -> _Zone:
    near = tuple((place - around, place + around) for place in touched.places)
    return _Zone(root, _merged(near), touched.places, company=False)


def _merged(spans: Iterable[tuple[float, float]]) -> tuple[tuple[float, float], ...]:
    merged: list[tuple[float, float]] = []
    for low, high in sorted(spans):
        if merged and low <= merged[-1][1] + 1:
            merged[-1] = merged[-1][0], max(high, merged[-1][1])
        else:
            merged.append((low, high))
    return tuple(merged)


def _length(span: Span) -> int:
    return span[1] - span[0] + 1


def _settled(
    files: tuple[WholeFile, WholeFile], zones: tuple[_Zone, _Zone], lines: LineMap
) -> "tuple[_Cut, _Cut] | None":
    """Both sides cut alike; None where the one root holds a line whose counterpart lies outside of
    the other.
    """
    old, new = _Cut(files[0], zones[0], lines.now), _Cut(files[1], zones[1], lines.was)
    if not (old.fits(new) and new.fits(old)):
        return None
    # each turn shows at least one item more
    while any([old.show_as(new), new.show_as(old), old.mend(), new.mend()]):
        pass
    return old, new


class _Cut:
    """One side, cut: the items of its root that are left out."""

    def __init__(self, file: WholeFile, zone: _Zone, across: Across) -> None:
        self._file, self._zone, self._across = file, zone, across
        self._inside = [item for item in file.items if self._in_root(item)]
        self._out: dict[Item, None] = dict.fromkeys(self._first_choice())
        self._hidden: set[int] | None = None

    def _in_root(self, item: Item) -> bool:
        low, high = self._zone.root
        # the root itself cannot be left out of itself
        return low <= item.first and item.last <= high and (item.first, item.last) != (low, high)

    def _first_choice(self) -> Iterator[Item]:
        done = 0  # the last line that is decided
        for item in self._inside:
            if item.last <= done:
                continue
            is_touched = any(map(item.holds, self._zone.touched))
            if self._zone.keeps(item, is_touched=is_touched):
                done = item.last
            elif not is_touched:
                done = item.last
                yield item

    @property
    def hidden(self) -> set[int]:
        """The lines that are left out."""
        if self._hidden is None:
            self._hidden = {line for item in self._out for line in range(item.first, item.last + 1)}
        return self._hidden

    def shows(self, line: int) -> bool:
        """Whether a line is shown."""
        low, high = self._zone.root
        return low <= line <= high and line not in self.hidden

    def fits(self, other: "_Cut") -> bool:
        """Whether what was not touched lies in the other root too."""
        low, high = other._zone.root
        for line in self._bodies(*self._zone.root):
            there = self._across(line)
            if there is not None and not low <= there <= high:
                return False
        return True

    def show_as(self, other: "_Cut") -> bool:
        """Show what the other side shows; whether there was something."""
        return self._show([item for item in self._out if self._is_shown_by(other, item)])

    def _is_shown_by(self, other: "_Cut", item: Item) -> bool:
        for line in self._bodies(item.first, item.last):
            there = self._across(line)
            if there is not None and other.shows(there):
                return True
        return False

    def mend(self) -> bool:
        """Show what a block or a list needs to be one, what is no longer than a mark, and the
        beginning of a comment; whether there was something.
        """
        needed = [*self._emptied(), *self._last_ones()]
        return self._show([*needed, *self._small_gaps(), *self._half_comments()])

    def _emptied(self) -> list[Item]:
        grammar = language_named(self._file.language).grammar
        if not (grammar and grammar.dedent_ends_block):
            return []
        firsts: dict[int, Item] = {}
        full: set[int] = set()
        for item in self._inside:
            if item in self._out:
                if item.kind is not ItemKind.COMMENT:
                    firsts.setdefault(item.container, item)
            elif item.first not in self.hidden:
                full.add(item.container)
        full.add(TOP)
        return [item for container, item in firsts.items() if container not in full]

    def _last_ones(self) -> list[Item]:
        """After a comma something must follow, in some languages."""
        if self._file.language not in _COMMA_BETWEEN:
            return []
        lasts = {item.container: item for item in self._inside}
        shown = {item.container for item in self._inside if item.first not in self.hidden}
        return [item for item in lasts.values() if item in self._out and item.container in shown]

    def _small_gaps(self) -> list[Item]:
        small: list[Item] = []
        shown = [line for line in self._shown() if _BODY.search(self._file.lines[line - 1])]
        for before, after in pairwise(shown):
            gap = list(self._bodies(before + 1, after - 1))
            if 0 < len(gap) < SHORTEST_GAP:
                small += [item for item in self._out if before < item.first < after]
        return small

    def _half_comments(self) -> list[Item]:
        shown = {
            item.first
            for item in self._inside
            if item.kind is ItemKind.COMMENT and item.first not in self.hidden
        }
        comments = [item for item in self._out if item.kind is ItemKind.COMMENT]
        return [item for item in comments if item.last + 1 in shown]

    def _show(self, items: Sequence[Item]) -> bool:
        for item in dict.fromkeys(items):
            del self._out[item]
            self._out |= dict.fromkeys(self._parts(item))
        if items:
            self._hidden = None
        return bool(items)

    def _parts(self, whole: Item) -> Iterator[Item]:
        """The largest items inside of one."""
        done = whole.first - 1
        for item in self._inside:
            smaller = whole.first <= item.first and item.last <= whole.last and item != whole
            if smaller and item.first > done and _size(item) < _size(whole):
                done = item.last
                yield item

    def _bodies(self, first: int, last: int) -> Iterator[int]:
        """The lines of a part that are not blank."""
        for number in range(first, min(last, len(self._file.lines)) + 1):
            if _BODY.search(self._file.lines[number - 1]):
                yield number

    def _shown(self) -> list[int]:
        low, high = self._zone.root
        return [line for line in range(low, high + 1) if line not in self.hidden]

    def window(self) -> Window:
        """The text as people read it."""
        dots = mark(self._file.language)
        texts: list[str] = []
        numbers: list[int] = []
        is_open = False  # nothing but marks and blanks stand since the last shown line
        for number in range(self._zone.root[0], min(self._zone.root[1], len(self._file.lines)) + 1):
            line = self._file.lines[number - 1]
            if number in self.hidden:
                if not is_open and _BODY.search(line) and dots and texts:
                    indent = line[: len(line) - len(line.lstrip())]
                    texts.append(indent + dots)
                    is_open = True
            elif _BODY.search(line):
                texts.append(line)
                numbers.append(number)
                is_open = False
            elif texts and not is_open:
                texts.append("")
        while texts and (not texts[-1] or _MARK.fullmatch(texts[-1])):
            texts.pop()
        return Window(dedent("\n".join(texts)) + "\n" if texts else "", tuple(numbers))


def _size(item: Item) -> int:
    return item.last - item.first


def mark(language: str) -> str:
    """The comment that stands for what is left out; empty in a language without comments."""
    marks = {
        CommentMark.BLOCK: "/* ... */",
        CommentMark.MARKUP: "<!-- ... -->",
        CommentMark.TEMPLATE: "",
    }
    comments = language_named(language).comments
    return marks.get(comments[0], f"{comments[0]} ...") if comments else ""


def stands_in(code: str, text: str) -> bool:
    """Whether a window's code stands in a text, part after part, however it is indented."""
    end = 0
    rest = "".join(text.split())
    for part in _parts(code):
        start = rest.find(part, end)
        if start < 0:
            return False
        end = start + len(part)
    return end > 0


def _parts(code: str) -> Iterator[str]:
    """What stands between the marks, without blanks."""
    lines: list[str] = []
    for line in [*code.splitlines(), "# ..."]:
        if not _MARK.fullmatch(line):
            lines.append("".join(line.split()))
        elif any(lines):
            yield "".join(lines)
            lines = []
