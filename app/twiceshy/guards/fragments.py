"""The head side of hunks as small texts of their own, for changes whose files cannot be read.
Pure.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from textwrap import dedent

from twiceshy.changes.change import FileChange, Line


@dataclass(frozen=True, slots=True)
class Fragment:
    """A hunk's head side, dedented, and each of its lines' number at head."""

    number: int  # within its file
    text: str
    numbers: tuple[int, ...]


PIECE_LINES = 2_000
"""A longer hunk is cut: Semgrep's time for a text grows faster than the text."""

OVERLAP_LINES = 100
"""Lines that two pieces share where no line begins at the margin, so that code around a cut is
whole in one of them.
"""

_BEGINS = re.compile(r"[\w@#/<]")


def fragments(file: FileChange) -> Iterator[Fragment]:
    """A fragment for every hunk that adds a line, several for a long one."""
    number = 0
    for hunk in file.hunks:
        shown = [line for line in hunk.lines if line.new is not None]
        for start, end in pieces(_texts(shown)):
            piece = shown[start:end]
            if any(line.old is None for line in piece):
                yield _fragment(number, piece)
            number += 1


def _fragment(number: int, piece: Sequence[Line]) -> Fragment:
    text = dedent("\n".join(_texts(piece))) + "\n"
    return Fragment(number, text, tuple(line.new or 0 for line in piece))


def _texts(lines: Sequence[Line]) -> list[str]:
    return [line.text for line in lines]


def pieces(
    lines: Sequence[str], most: int = PIECE_LINES, overlap: int = OVERLAP_LINES
) -> Iterator[tuple[int, int]]:
    """First line and end (0-based, exclusive) of pieces of at most so many lines, cut where
    something begins.
    """
    start = 0
    margin = _margin(lines) if len(lines) > most else 0
    while len(lines) - start > most:
        cut = _cut(lines, start + most, margin, overlap)
        yield start, cut or start + most
        start = cut or start + most - overlap
    yield start, len(lines)


def _margin(lines: Sequence[str]) -> int:
    """The columns that every line begins with."""
    return min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)


def _cut(lines: Sequence[str], end: int, margin: int, back: int) -> int | None:
    """The last line of the last so many before the end that begins at the margin, None when there
    is none.
    """
    for number in range(end - 1, end - back, -1):
        if _BEGINS.match(lines[number][margin:]):
            return number
    return None
