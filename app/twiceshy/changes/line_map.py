"""Where each line of a file stands after a change, and which lines it touched: the diff's own word,
never a comparison of texts. Pure.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from twiceshy.changes.change import Hunk, LineKind


@dataclass(frozen=True, slots=True)
class Edit:
    """A run of changed lines: those it takes away and those it puts there. Empty, a range begins
    with the line before which the other side has more.
    """

    old: range
    new: range


class LineMap:
    """The lines of one file before and after."""

    def __init__(self, hunks: Iterable[Hunk]) -> None:
        found: list[Edit] = []
        for hunk in hunks:
            found += _edits(hunk)
        self.edits: tuple[Edit, ...] = tuple(found)
        self._old = [edit.old for edit in self.edits]
        self._new = [edit.new for edit in self.edits]

    def now(self, line: int) -> int | None:
        """Where a line stands after the change, None when it was taken away."""
        return _across(line, self._old, self._new)

    def was(self, line: int) -> int | None:
        """Where a line stood before the change, None when the change put it there."""
        return _across(line, self._new, self._old)


def _across(line: int, here: list[range], there: list[range]) -> int | None:
    number = bisect_right(here, line, key=lambda lines: lines.start) - 1
    if number < 0:
        return line
    if line in here[number]:
        return None
    return line + there[number].stop - here[number].stop


def _edits(hunk: Hunk) -> Iterator[Edit]:
    old, new = _starts(hunk)
    old_end, new_end = old, new  # after the last line of the run so far
    for line in hunk.lines:
        if line.kind is LineKind.CONTEXT:
            if (old, new) != (old_end, new_end):
                yield Edit(range(old, old_end), range(new, new_end))
            old, new = old_end, new_end = old_end + 1, new_end + 1
        else:
            old_end += line.kind is LineKind.REMOVED
            new_end += line.kind is LineKind.ADDED
    if (old, new) != (old_end, new_end):
        yield Edit(range(old, old_end), range(new, new_end))


def _starts(hunk: Hunk) -> tuple[int, int]:
    """The first line of both sides; a side without lines is named by the one before."""
    old = next((line.old for line in hunk.lines if line.old is not None), hunk.old_start + 1)
    new = next((line.new for line in hunk.lines if line.new is not None), hunk.new_start + 1)
    return old, new
