"""The places of a change that recall looks at: for each hunk, the code around it as it was and as it is now. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from textwrap import dedent

from twiceshy.changes.functions import Function, enclosing, functions
from twiceshy.changes.model import Change, FileChange, Hunk, Status
from twiceshy.guards.recall.grams import Grams, grams_of
from twiceshy.guards.recall.tokens import tokenize
from twiceshy.lessons.languages import of_path

MOST_REGIONS = 2_000
WHOLE_FUNCTION = 120
"""Lines; in a longer function a window about the change stands for it, lest the rest dilute what changed."""

WINDOW = 20
MAX_LINE = 2_000
"""A longer line is not code a person wrote."""


@dataclass(frozen=True)
class Region:
    """Code about a hunk; line numbers of ``after`` count from ``first_line`` at head."""

    path: str
    language: str | None
    first_line: int
    last_line: int
    after: Grams
    before: Grams
    added: frozenset[int]

    @property
    def fresh(self) -> list[str]:
        """Grams the change brought."""
        return [gram for gram in self.after.lines if gram not in self.before]


def regions(change: Change) -> Iterator[Region]:
    """A region for every hunk of every file that still stands, up to a limit; hunks of one function share theirs."""
    left = MOST_REGIONS
    for file in change.files:
        if file.status is Status.DELETED or not file.hunks:
            continue
        for region in _of_file(file, change):
            if left == 0:
                return
            left -= 1
            yield region


def _of_file(file: FileChange, change: Change) -> Iterator[Region]:
    language = of_path(file.path)
    text = change.read_head(file.path)
    lines = [line.removesuffix("\r") for line in text.split("\n")] if text is not None else None
    known = functions(text, language) if text is not None and lines and max(map(len, lines)) <= MAX_LINE else ()
    seen: set[tuple[int, int]] = set()
    for hunk in file.hunks:
        touched = _touched(hunk)
        if not touched:
            continue
        span = _span(touched, known, len(lines)) if lines is not None else _hunk_span(hunk)
        if span in seen or span is None:
            continue
        seen.add(span)
        after = lines[span[0] - 1 : span[1]] if lines is not None else _side(hunk, head=True)
        before = _before(file, span, after) if lines is not None else _side(hunk, head=False)
        yield Region(file.path, language, *span, _grams(after, language), _grams(before, language), file.added_numbers)


def _touched(hunk: Hunk) -> list[int]:
    """Lines at head that were added, or that stand where one was removed."""
    found: list[int] = []
    last = max(1, hunk.new_start)
    for line in hunk.lines:
        last = line.new or last
        if line.old is None or line.new is None:
            found.append(last)
    return found


def _span(touched: Sequence[int], known: Sequence[Function], length: int) -> tuple[int, int]:
    """The enclosing function when it is short enough, else a window about what was touched."""
    first, last = touched[0], min(touched[-1], length)
    around = enclosing((each for each in known if not each.is_class and each.end_line >= last), first)
    if around and around.end_line - around.start_line < WHOLE_FUNCTION:
        return around.start_line, max(around.end_line, last)
    start, end = max(1, first - WINDOW), min(length, last + WINDOW)
    return (max(start, around.start_line), max(min(end, around.end_line), last)) if around else (start, end)


def _hunk_span(hunk: Hunk) -> tuple[int, int] | None:
    numbers = [line.new for line in hunk.lines if line.new is not None]
    return (numbers[0], numbers[-1]) if numbers else None


def _side(hunk: Hunk, *, head: bool) -> list[str]:
    return [line.text for line in hunk.lines if (line.new if head else line.old) is not None]


def _before(file: FileChange, span: tuple[int, int], after: Sequence[str]) -> list[str]:
    """The region as it was: every hunk inside it taken back."""
    lines = list(after)
    for hunk in reversed(file.hunks):
        inside = [line for line in hunk.lines if _within(line.new, span)]
        if not inside:
            continue
        held = [line.new for line in inside if line.new is not None]
        start, end = held[0] - span[0], held[-1] - span[0] + 1
        first, last = hunk.lines.index(inside[0]), len(hunk.lines) - hunk.lines[::-1].index(inside[-1])
        lines[start:end] = [line.text for line in hunk.lines[first:last] if line.old is not None]
    return lines


def _within(number: int | None, span: tuple[int, int]) -> bool:
    return number is not None and span[0] <= number <= span[1]


def _grams(lines: Sequence[str], language: str | None) -> Grams:
    text = "\n".join(line for line in lines if len(line) <= MAX_LINE)
    return grams_of(tokenize(dedent(text) + "\n", language))
