"""A changed file before and after, as statements: what was removed, what was added, how often each
stands. Pure.

Whole texts where they can be read, else as far as the hunks show them; each is looked through only
when asked for.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from twiceshy.changes.change import Change, FileChange, Hunk, Line, LineKind
from twiceshy.changes.diff import reverse_apply
from twiceshy.changes.functions import Function, enclosing, functions
from twiceshy.guards.locations import is_symbol, now_at
from twiceshy.guards.text_statements import Statement, Tokens, statements, stream, times
from twiceshy.lessons.languages import language_of_path

MAX_TEXT = 500_000
"""Characters of a file that is read as a whole; of a longer one the hunks alone are judged."""


@dataclass(frozen=True, eq=False)
class Removed:
    """A statement of the base that lost at least one line."""

    file: FileChange
    number: int  # of the hunk in its file
    run: int  # which of the hunk's runs of removed lines it begins in
    now: int  # the line at head that stands in its place
    tokens: Tokens
    lines: tuple[Line, ...]  # the removed ones among its lines


@dataclass(frozen=True, slots=True)
class Replacement:
    """An added statement, as it may have taken a removed one's place."""

    tokens: Tokens
    text: str
    now: tuple[int, int]


@dataclass(frozen=True, slots=True)
class _BaseLine:
    """A line of a hunk's base side."""

    line: Line
    run: int  # as in ``Removed``
    now: int


def removed_statements(file: FileChange) -> Iterator[Removed]:
    """Every statement of the base that a hunk takes a line of."""
    language = language_of_path(file.base_path)
    for number, hunk in enumerate(file.hunks):
        lines = list(_base_lines(hunk))
        if all(base.line.kind is not LineKind.REMOVED for base in lines):
            continue
        for statement in statements([base.line.text for base in lines], language):
            own = lines[statement.first : statement.last + 1]
            gone = [base for base in own if base.line.kind is LineKind.REMOVED]
            if gone:
                removed = tuple(base.line for base in gone)
                yield Removed(file, number, gone[0].run, gone[0].now, statement.tokens, removed)


def _base_lines(hunk: Hunk) -> Iterator[_BaseLine]:
    for line, run, now in zip(hunk.lines, _runs(hunk), now_at(hunk), strict=True):
        if line.kind is not LineKind.ADDED:
            yield _BaseLine(line, run, now)


def _runs(hunk: Hunk) -> Iterator[int]:
    """For each line, how many runs of removed lines have begun before its end."""
    begun = 0
    before: LineKind | None = None
    for line in hunk.lines:
        begun += line.kind is LineKind.REMOVED and before is not LineKind.REMOVED
        before = line.kind
        yield begun


class AddedCode:
    """Every added statement of a change, looked through only when something was removed."""

    def __init__(self, change: Change) -> None:
        self._change = change

    @cached_property
    def _places(self) -> dict[Tokens, str]:
        places: dict[Tokens, str] = {}
        for file in self._change.files:
            for hunk in file.hunks:
                for statement in _added_statements(file, hunk):
                    places.setdefault(statement.tokens, f"{file.path}:{statement.now[0]}")
        return places

    @cached_property
    def _streams(self) -> list[tuple[str, str]]:
        streams: list[tuple[str, str]] = []
        for file in self._change.files:
            if file.added:
                added = stream(_texts(file.added), language_of_path(file.path))
                streams.append((file.path, added))
        return streams

    def place_of(self, tokens: Tokens) -> str | None:
        """Where a statement was added, as ``path:line`` or as a path when it was laid out
        differently.
        """
        place = self._places.get(tokens)
        if place:
            return place
        for path, text in self._streams:
            if times(tokens, text):
                return path
        return None


class BothSides:
    """A file before and after the change: whole where it can be read, else as far as the hunks show
    it.
    """

    def __init__(self, file: FileChange, change: Change) -> None:
        self.file = file
        self._change = change
        self._counts: dict[Tokens, tuple[int, int]] = {}

    @cached_property
    def _texts(self) -> tuple[str, str] | None:
        """Base and head, when both are known and not too long."""
        head = self._change.read_head(self.file.path)
        if head is None:
            return None
        base = self._change.read_base(self.file.base_path)
        base = reverse_apply(head, self.file) if base is None else base
        return (base, head) if base is not None and max(len(base), len(head)) <= MAX_TEXT else None

    @cached_property
    def base_lines(self) -> list[str]:
        """The base's lines, or the hunks' lines of it."""
        return self._texts[0].split("\n") if self._texts else self._hunk_lines(LineKind.ADDED)

    @cached_property
    def head_lines(self) -> list[str]:
        """The head's lines, or the hunks' lines of it."""
        return self._texts[1].split("\n") if self._texts else self._hunk_lines(LineKind.REMOVED)

    def _hunk_lines(self, without: LineKind) -> list[str]:
        lines: list[str] = []
        for hunk in self.file.hunks:
            lines += _texts(_without(without, hunk))
        return lines

    @cached_property
    def _streams(self) -> tuple[str, str]:
        return (
            stream(self.base_lines, language_of_path(self.file.base_path)),
            stream(self.head_lines, language_of_path(self.file.path)),
        )

    def stood(self, path: str) -> bool:
        """Whether another file could be read at base."""
        return self._change.read_base(path) is not None

    def counts(self, tokens: Tokens) -> tuple[int, int]:
        """How often a statement stands at base and at head."""
        if tokens not in self._counts:
            self._counts[tokens] = times(tokens, self._streams[0]), times(tokens, self._streams[1])
        return self._counts[tokens]

    @cached_property
    def hunks_base(self) -> tuple[tuple[Statement, ...], ...]:
        """The statements of each hunk's base side."""
        sides: list[tuple[Statement, ...]] = []
        for hunk in self.file.hunks:
            sides.append(_base_statements(self.file, hunk))
        return tuple(sides)

    @cached_property
    def hunks_removed(self) -> tuple[tuple[Tokens, ...], ...]:
        """The statements of which each hunk removes a line."""
        removed: list[list[Tokens]] = [[] for _ in self.file.hunks]
        for statement in removed_statements(self.file):
            removed[statement.number].append(statement.tokens)
        return tuple(map(tuple, removed))

    @cached_property
    def hunks_added(self) -> tuple[tuple[Replacement, ...], ...]:
        """The statements each hunk adds."""
        added: list[tuple[Replacement, ...]] = []
        for hunk in self.file.hunks:
            added.append(tuple(_added_statements(self.file, hunk)))
        return tuple(added)

    @cached_property
    def base_functions(self) -> tuple[Function, ...]:
        """The functions of the base; none when it cannot be read."""
        if not self._texts:
            return ()
        return functions(self._texts[0], language_of_path(self.file.base_path))

    @cached_property
    def head_functions(self) -> tuple[Function, ...]:
        """The functions of the head; none when it cannot be read."""
        return functions(self._texts[1], language_of_path(self.file.path)) if self._texts else ()

    def function_of(self, removed: Removed) -> Function | None:
        """The function a removed statement stood in, when that can be known."""
        return enclosing(self.base_functions, removed.lines[0].old or 0)

    def kept_in(self, symbol: str, tokens: Tokens) -> bool:
        """Whether a function of this name holds the statement at head as often as it did at
        base.
        """
        if not self._texts:
            return False
        base_language = language_of_path(self.file.base_path)
        bases = _texts_of(symbol, self.base_functions, self.base_lines, base_language)
        before = sum(times(tokens, text) for text in bases)
        head_language = language_of_path(self.file.path)
        heads = _texts_of(symbol, self.head_functions, self.head_lines, head_language)
        after = sum(times(tokens, text) for text in heads)
        return 0 < before <= after


def _without(kind: LineKind, hunk: Hunk) -> list[Line]:
    return [line for line in hunk.lines if line.kind is not kind]


def _texts(lines: Iterable[Line]) -> list[str]:
    return [line.text for line in lines]


def _base_statements(file: FileChange, hunk: Hunk) -> tuple[Statement, ...]:
    lines = _texts(_without(LineKind.ADDED, hunk))
    return statements(lines, language_of_path(file.base_path))


def _texts_of(
    symbol: str, in_file: Iterable[Function], lines: Sequence[str], language: str | None
) -> Iterator[str]:
    """The functions a symbol means, each as a ``stream``."""
    for function in in_file:
        if is_symbol(function, symbol):
            yield stream(lines[function.start_line - 1 : function.end_line], language)


def _added_statements(file: FileChange, hunk: Hunk) -> Iterator[Replacement]:
    """The statements of a hunk's head side that the base side lacks, be it that one only lost a
    line.
    """
    before: set[Tokens] = set()
    for statement in _base_statements(file, hunk):
        before.add(statement.tokens)
    lines = _without(LineKind.REMOVED, hunk)
    for statement in statements(_texts(lines), language_of_path(file.path)):
        own = lines[statement.first : statement.last + 1]
        new = [line for line in own if line.kind is LineKind.ADDED]
        if new or statement.tokens not in before:
            text = " ".join(map(str.strip, _texts(own)))
            now = (new or own)[0].new or 1, own[-1].new or 1
            yield Replacement(statement.tokens, text, now)
