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


def removed_statements(file: FileChange) -> Iterator[Removed]:
    """Every statement of the base that a hunk takes a line of."""
    language = language_of_path(file.base_path)
    for number, hunk in enumerate(file.hunks):
        if not any(line.kind is LineKind.REMOVED for line in hunk.lines):
            continue
        places = zip(hunk.lines, _runs(hunk), now_at(hunk), strict=True)
        lines = [place for place in places if place[0].kind is not LineKind.ADDED]
        for each in statements([line.text for line, _, _ in lines], language):
            gone = [
                place
                for place in lines[each.first : each.last + 1]
                if place[0].kind is LineKind.REMOVED
            ]
            if gone:
                _, run, now = gone[0]
                yield Removed(
                    file, number, run, now, each.tokens, tuple(line for line, _, _ in gone)
                )


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
        found: dict[Tokens, str] = {}
        for file in self._change.files:
            for hunk in file.hunks:
                for each in _added_statements(file, hunk):
                    found.setdefault(each.tokens, f"{file.path}:{each.now[0]}")
        return found

    @cached_property
    def _streams(self) -> list[tuple[str, str]]:
        return [
            (file.path, stream([line.text for line in file.added], language_of_path(file.path)))
            for file in self._change.files
            if file.added
        ]

    def place_of(self, tokens: Tokens) -> str | None:
        """Where a statement was added, as ``path:line`` or as a path when it was laid out
        differently.
        """
        return self._places.get(tokens) or next(
            (path for path, text in self._streams if times(tokens, text)), None
        )


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
        return [
            line.text for hunk in self.file.hunks for line in hunk.lines if line.kind is not without
        ]

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
        language = language_of_path(self.file.base_path)
        sides = (
            [line.text for line in hunk.lines if line.kind is not LineKind.ADDED]
            for hunk in self.file.hunks
        )
        return tuple(statements(side, language) for side in sides)

    @cached_property
    def hunks_added(self) -> tuple[tuple[Replacement, ...], ...]:
        """The statements each hunk adds."""
        return tuple(tuple(_added_statements(self.file, hunk)) for hunk in self.file.hunks)

    @cached_property
    def base_functions(self) -> tuple[Function, ...]:
        """The functions of the base; none when it cannot be read."""
        return (
            functions(self._texts[0], language_of_path(self.file.base_path)) if self._texts else ()
        )

    @cached_property
    def head_functions(self) -> tuple[Function, ...]:
        """The functions of the head; none when it cannot be read."""
        return functions(self._texts[1], language_of_path(self.file.path)) if self._texts else ()

    def function_of(self, removed: Removed) -> Function | None:
        """The function a removed statement stood in, when that can be known."""
        return enclosing(self.base_functions, removed.lines[0].old or 0)

    def kept_in(self, symbol: str, tokens: Tokens) -> bool:
        """Whether a function of this name holds the statement at head as often as it did at base."""
        if not self._texts:
            return False
        before = _within(
            symbol,
            self.base_functions,
            self.base_lines,
            tokens,
            language_of_path(self.file.base_path),
        )
        after = _within(
            symbol, self.head_functions, self.head_lines, tokens, language_of_path(self.file.path)
        )
        return 0 < before <= after


def _within(
    symbol: str,
    found: Iterable[Function],
    lines: Sequence[str],
    tokens: Tokens,
    language: str | None,
) -> int:
    spans = [each for each in found if is_symbol(each, symbol)]
    return sum(
        times(tokens, stream(lines[each.start_line - 1 : each.end_line], language))
        for each in spans
    )


def _added_statements(file: FileChange, hunk: Hunk) -> Iterator[Replacement]:
    """The statements of a hunk's head side that the base side lacks, be it that one only lost a
    line.
    """
    lines = [line for line in hunk.lines if line.kind is not LineKind.REMOVED]
    before = [line.text for line in hunk.lines if line.kind is not LineKind.ADDED]
    held = {each.tokens for each in statements(before, language_of_path(file.base_path))}
    for each in statements([line.text for line in lines], language_of_path(file.path)):
        own = lines[each.first : each.last + 1]
        new = [line.new or 1 for line in own if line.kind is LineKind.ADDED]
        if new or each.tokens not in held:
            text = " ".join(line.text.strip() for line in own)
            yield Replacement(
                each.tokens, text, (new[0] if new else own[0].new or 1, own[-1].new or 1)
            )
