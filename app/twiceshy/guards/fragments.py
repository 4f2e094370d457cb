"""The head side of hunks as small texts of their own, for changes whose files cannot be read. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from textwrap import dedent

from twiceshy.changes.model import FileChange, Hunk


@dataclass(frozen=True, slots=True)
class Fragment:
    """A hunk's head side, dedented, and each of its lines' number at head."""

    number: int  # of the hunk within its file
    text: str
    numbers: tuple[int, ...]


MOST_CHARACTERS = 500_000
"""Of a hunk; a larger one is no code that a person reviews, and Semgrep would take minutes for it."""


def too_large(hunk: Hunk) -> bool:
    """Whether a hunk makes no fragment because of its size."""
    return sum(len(line.text) + 1 for line in hunk.lines if line.new is not None) > MOST_CHARACTERS


def fragments(file: FileChange) -> Iterator[Fragment]:
    """A fragment for every hunk that adds a line and is not too large."""
    for number, hunk in enumerate(file.hunks):
        if too_large(hunk):
            continue
        kept = [line for line in hunk.lines if line.new is not None]
        if any(line.old is None for line in kept):
            text = dedent("\n".join(line.text for line in kept)) + "\n"
            yield Fragment(number, text, tuple(line.new for line in kept if line.new is not None))


def base_side(hunk: Hunk) -> str:
    """The same hunk as it was before, dedented."""
    return dedent("\n".join(line.text for line in hunk.lines if line.old is not None)) + "\n"
