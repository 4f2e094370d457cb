"""The places of a change that recall looks at: the code around each run of changed lines, before
and after. Pure.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from textwrap import dedent

from twiceshy.changes.change import Change, FileChange, Hunk, Line, Status
from twiceshy.changes.functions import Function, functions
from twiceshy.changes.not_looked_at import NotLookedAt, Unseen
from twiceshy.guards.fragments import pieces
from twiceshy.guards.recall.grams import Grams, grams_of
from twiceshy.guards.recall.tokens import tokenize_each
from twiceshy.lessons.languages import LONG_QUOTES, language_of_path
from twiceshy.lessons.progress import Progress, no_progress

MOST_REGIONS = 20_000
"""Of a change; what comes after is not compared, and said so. A file of 80,000 lines has fewer."""

WHOLE_FUNCTION = 120
"""Lines; in a longer function a window about the change stands for it, lest the rest dilute what
changed.
"""

SMALL_FUNCTION = 6
"""Lines; a smaller function inside another is looked at together with it: alone it says too little.
"""

WINDOW = 20
LONGEST_RUN = 60
"""Lines; a longer run of added lines outside of functions is looked at in pieces."""

MAX_LINE = 2_000
"""A longer line is not code a person wrote."""

_QUOTES = tuple(sorted(quotes for quotes in LONG_QUOTES if len(quotes) > 1))
"""A single sign stands in any line, and does not tell where a text begins."""


@dataclass(frozen=True)
class Region:
    """Code about some changed lines; token lines count from ``first_line`` at head."""

    path: str
    language: str | None
    first_line: int
    last_line: int
    after: Grams
    before: Grams
    added: frozenset[int]
    # lines at head that were added, or that stand where one was removed
    touched: tuple[int, ...]


Span = tuple[int, int]


@dataclass(frozen=True)
class _Cut:
    """A region before its tokens are known."""

    path: str
    language: str | None
    span: Span
    after: str
    before: str
    added: frozenset[int]
    touched: tuple[int, ...]


Tell = Callable[[NotLookedAt], None]
"""Hears what was not looked at."""


def _nobody(_: NotLookedAt) -> None:
    """Hears nothing."""


def regions(
    change: Change, progress: Progress = no_progress, tell: Tell | None = None
) -> list[Region]:
    """A region for every changed place of every file that still stands, up to a limit; one
    function, one region.
    """
    tell = tell or _nobody
    waiting = _cuts(change, progress)
    cuts = list(islice(waiting, MOST_REGIONS))
    if following := next(waiting, None):
        tell(_too_many_places(following))
    for file in change.files:
        if _has_long_line(file):
            detail = f"recall passed over added lines of over {MAX_LINE:,} characters: break them"
            tell(NotLookedAt(Unseen.LINE_TOO_LONG, file.path, detail))
    texts: list[tuple[str, str | None]] = []
    for cut in cuts:
        texts += [(cut.after, cut.language), (cut.before, cut.language)]
    grams = iter(tokenize_each(texts, grams_of))
    return [_region(cut, next(grams), next(grams)) for cut in cuts]


def _too_many_places(following: _Cut) -> NotLookedAt:
    detail = (
        f"recall looked at {MOST_REGIONS:,} places of this change, not at what follows: "
        "split the change"
    )
    first_line, _ = following.span
    return NotLookedAt(Unseen.TOO_MANY_PLACES, following.path, detail, line=first_line)


def _has_long_line(file: FileChange) -> bool:
    return any(len(line.text) > MAX_LINE for line in file.added)


def _region(cut: _Cut, after: Grams, before: Grams) -> Region:
    return Region(cut.path, cut.language, *cut.span, after, before, cut.added, cut.touched)


def _cuts(change: Change, progress: Progress) -> Iterator[_Cut]:
    for done, file in enumerate(change.files, start=1):
        progress("recall: reading files", done, len(change.files))
        if file.status is not Status.DELETED and file.hunks:
            yield from _of_file(file, change)


def _of_file(file: FileChange, change: Change) -> Iterator[_Cut]:
    text = change.read_head(file.path)
    return _of_hunks(file) if text is None else _of_text(file, text)


def _of_hunks(file: FileChange) -> Iterator[_Cut]:
    """Hunks alone: what a diff without its files shows."""
    language = language_of_path(file.path)
    for hunk in chain.from_iterable(map(_pieces, file.hunks)):
        touched = _touched(hunk)
        numbers: list[int] = []
        after: list[str] = []
        before: list[str] = []
        for line in hunk.lines:
            if line.new is not None:
                numbers.append(line.new)
                after.append(line.text)
            if line.old is not None:
                before.append(line.text)
        if touched and numbers:
            yield _Cut(
                file.path,
                language,
                (numbers[0], numbers[-1]),
                _text(_mended(after)),
                _text(_mended(before)),
                file.added_numbers,
                tuple(touched),
            )


def _pieces(hunk: Hunk) -> Iterator[Hunk]:
    """A long hunk in pieces: as one place it would resemble nothing."""
    lines = hunk.lines
    if len(lines) <= WHOLE_FUNCTION:
        yield hunk
        return
    for start, end in pieces([line.text for line in lines], WHOLE_FUNCTION, WINDOW):
        part = lines[start:end]
        old = next((line.old for line in part if line.old is not None), hunk.old_start)
        new = next((line.new for line in part if line.new is not None), hunk.new_start)
        yield Hunk(old, new, part)


def _mended(lines: list[str]) -> list[str]:
    """A fragment without the half of a text that began above or ends below it: that half would
    swallow the code.
    """
    marks: list[int] = []
    for number, line in enumerate(lines):
        marks += [number for quotes in _QUOTES if line.count(quotes) % 2]
    begins_inside = _begins_inside(marks, lines)
    ends_inside = (len(marks) + begins_inside) % 2
    first = marks[0] + 1 if begins_inside else 0
    last = marks[-1] if ends_inside else len(lines)
    return _blanked_outside(_uncommented(lines), first, last)


def _blanked_outside(lines: Sequence[str], first: int, end: int) -> list[str]:
    """As many lines, empty but for those from ``first`` up to ``end``."""
    inside = lines[first:end]
    if not inside:
        return [""] * len(lines)
    return [""] * first + list(inside) + [""] * (len(lines) - end)


def _begins_inside(marks: Sequence[int], lines: Sequence[str]) -> bool:
    """Whether the first mark closes a text; where nothing tells, one that is left over and ends its
    line does.
    """
    first, second = _opening(marks[0::2], lines), _opening(marks[1::2], lines)
    left_over = len(marks) % 2 == 1 and lines[marks[0]].rstrip().endswith(_QUOTES)
    return second > first or (second == first and left_over)


def _opening(marks: Sequence[int], lines: Sequence[str]) -> int:
    """How many of these lines look as if a text began there: after a colon, an equals sign, a
    bracket.
    """
    count = 0
    for number in marks:
        before = lines[number].partition('"""')[0].strip() or _before_line(lines, number)
        count += before.endswith((":", "=", "(", ",", "return"))
    return count


def _before_line(lines: Sequence[str], number: int) -> str:
    """The last line before that is not empty; a mark is none, so that all of these looks together
    are linear.
    """
    for earlier in range(number - 1, -1, -1):
        if text := lines[earlier].strip():
            return text
    return ""


def _uncommented(lines: Sequence[str]) -> list[str]:
    """Without the half of a block comment at either end."""
    opens: list[int] = []
    closes: list[int] = []
    for number, line in enumerate(lines):
        word = line.strip()
        if word.startswith("/*") and "*/" not in word:
            opens.append(number)
        if word.startswith("*") and word.endswith("*/"):
            closes.append(number)
    first = closes[0] + 1 if closes and not (opens and opens[0] < closes[0]) else 0
    last = opens[-1] if opens and not (closes and closes[-1] > opens[-1]) else len(lines)
    return _blanked_outside(lines, first, last)


def _of_text(file: FileChange, text: str) -> Iterator[_Cut]:
    language = language_of_path(file.path)
    lines = [line.removesuffix("\r") for line in text.split("\n")]
    in_file = functions(text, language) if max(map(len, lines)) <= MAX_LINE else ()
    edits = _edits(file)
    for span, inside in _spans(_touched_in(file, len(lines)), in_file, len(lines)):
        after = lines[span[0] - 1 : span[1]]
        before = _before(edits, span, after)
        yield _Cut(
            file.path,
            language,
            span,
            _text(after),
            _text(before),
            file.added_numbers,
            tuple(inside),
        )


def _touched_in(file: FileChange, last: int) -> list[int]:
    """The changed lines of a file of so many lines, ascending."""
    numbers = set(chain.from_iterable(map(_touched, file.hunks)))
    return sorted(number for number in numbers if number <= last)


def _touched(hunk: Hunk) -> list[int]:
    """Lines at head that were added, or that stand where one was removed."""
    numbers: list[int] = []
    last = max(1, hunk.new_start)
    for line in hunk.lines:
        last = line.new or last
        if (line.old is None or line.new is None) and line.text.strip():
            numbers.append(last)
    return numbers


def _spans(
    touched: Sequence[int], in_file: Sequence[Function], length: int
) -> Iterator[tuple[Span, list[int]]]:
    """The stretches of code to look at, each with the changed lines in it."""
    by_span: dict[Span | None, list[int]] = {}
    for line, function in zip(touched, _functions_of(touched, in_file), strict=True):
        span = (function.start_line, function.end_line) if function else None
        by_span.setdefault(span, []).append(line)
    for span, lines in by_span.items():
        if span and span[1] - span[0] < WHOLE_FUNCTION:
            yield span, lines
            continue
        low, high = span or (1, length)
        for run in _runs(lines):
            yield (max(low, run[0] - WINDOW), max(min(high, run[-1] + WINDOW), run[-1])), run


def _functions_of(touched: Sequence[int], in_file: Sequence[Function]) -> Iterator[Function | None]:
    """For each of the ascending lines the innermost function around it, or one further out when
    that is tiny.
    """
    proper = [function for function in in_file if not function.is_class]
    begun = 0
    around: list[Function] = []
    for line in touched:
        while begun < len(proper) and proper[begun].start_line <= line:
            around.append(proper[begun])
            begun += 1
        around = [function for function in around if function.end_line >= line]
        yield _fitting(around)


def _fitting(around: Sequence[Function]) -> Function | None:
    """Of functions from outer to inner, the innermost that is not tiny."""
    for function in reversed(around):
        if function.end_line - function.start_line + 1 >= SMALL_FUNCTION:
            return function
    return around[0] if around else None


def _runs(lines: Sequence[int]) -> Iterator[list[int]]:
    """Changed lines that stand close together, cut where they grow long."""
    run: list[int] = []
    for line in lines:
        if run and (line - run[-1] > WINDOW or line - run[0] >= LONGEST_RUN):
            yield run
            run = []
        run.append(line)
    if run:
        yield run


@dataclass(frozen=True)
class _Edits:
    """The lines of all hunks of a file, each with the line at head at or after which it stands;
    ascending.
    """

    places: Sequence[int]
    lines: Sequence[Line]


def _edits(file: FileChange) -> _Edits:
    places: list[int] = []
    lines: list[Line] = []
    for hunk in file.hunks:
        last = hunk.new_start - any(line.new is not None for line in hunk.lines)
        for line in hunk.lines:
            last = last if line.new is None else line.new
            places.append(last)
            lines.append(line)
    return _Edits(places, lines)


def _before(edits: _Edits, span: Span, after: Sequence[str]) -> list[str]:
    """The region as it was: every edit inside it taken back."""
    first, last = span
    lines: list[str] = []
    copied = first  # up to this line of head
    within = slice(bisect_left(edits.places, first - 1), bisect_right(edits.places, last))
    for place, line in zip(edits.places[within], edits.lines[within], strict=True):
        if line.new is not None and place < first:
            continue
        upto = place if line.new is not None else place + 1
        lines += after[copied - first : max(copied, upto) - first]
        copied = max(copied, place + 1)
        if line.old is not None:
            lines.append(line.text if line.new is None else after[place - first])
    return lines + list(after[copied - first :])


def _text(lines: Sequence[str]) -> str:
    shown: list[str] = []
    for line in lines:
        shown.append(line if len(line) <= MAX_LINE else "")
    return dedent("\n".join(shown)) + "\n"
