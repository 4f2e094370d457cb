"""Where in both whole files of a fix it happened: the function around it, else the lines beside it.
Pure, but for the parser.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import NamedTuple

from twiceshy.changes.functions import enclosing, functions
from twiceshy.learning.learn.evidence import EvidencePair

BESIDE = 3
"""Lines around a fix that is in no function."""

LONGEST_COMPARED = 5_000
"""Lines that differ as a whole; beyond it nobody says which belong together."""


class Lines(NamedTuple):
    """The first and the last, 1-based; as a fix that only takes away leaves none, the last may be
    before the first.
    """

    first: int
    last: int

    def touches(self, start: int, end: int) -> bool:
        """Whether some of these lines are within others."""
        return start <= self.last and end >= self.first


@dataclass(frozen=True, slots=True)
class FixPlace:
    """The same place in the file that failed and in the fixed one."""

    before: Lines
    after: Lines


def fix_place(pair: EvidencePair) -> FixPlace | None:
    """Where the fix of a pair stands in its whole files; None where only its pieces are known."""
    touched = pair.removed or pair.changed
    if not (pair.before and pair.after and touched):
        return None
    before = _around(pair, touched)
    return FixPlace(before, _after(pair, before))


def _around(pair: EvidencePair, touched: Sequence[int]) -> Lines:
    named = functions(pair.before, pair.language)
    first, last = min(touched), max(touched)
    outer = [enclosing(named, first), enclosing(named, last)]
    starts = [function.start_line for function in outer if function and not function.is_class]
    ends = [function.end_line for function in outer if function and not function.is_class]
    return Lines(min(starts, default=first - BESIDE), max(ends, default=last + BESIDE))


def _after(pair: EvidencePair, before: Lines) -> Lines:
    """The lines of the fixed file that these became, with all that was put among them."""
    first, last = before
    for old, old_end, new, new_end in _differences(pair.before.split("\n"), pair.after.split("\n")):
        growth = (new_end - new) - (old_end - old)
        if old_end < before.first - 1:
            first += growth
        if old < before.last:
            last += growth
    return Lines(first, last)


def _differences(old: list[str], new: list[str]) -> Iterable[tuple[int, int, int, int]]:
    """What differs: from line (counted from 0) to line before, and the same after."""
    same = 0
    while same < min(len(old), len(new)) and old[same] == new[same]:
        same += 1
    tail = 0
    while tail < min(len(old), len(new)) - same and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    middle_old, middle_new = old[same : len(old) - tail], new[same : len(new) - tail]
    if max(len(middle_old), len(middle_new)) > LONGEST_COMPARED:
        yield same, len(old) - tail, same, len(new) - tail
        return
    matcher = SequenceMatcher(None, middle_old, middle_new)
    for kind, *places in matcher.get_opcodes():
        if kind != "equal":
            start, end, new_start, new_end = places
            yield same + start, same + end, same + new_start, same + new_end
