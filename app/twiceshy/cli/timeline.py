"""Lines of blocks that show when something happened: people look rather than read."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date

WIDTH = 12
NEVER = "·"
_BLOCKS = "▁▂▃▄▅▆▇█"


def timelines(days: Mapping[str, Sequence[date]], first: date, last: date) -> dict[str, str]:
    """A line of WIDTH blocks for each name, oldest left, all to one scale; a dot where nothing
    was.
    """
    counts: dict[str, Counter[int]] = {}
    most = 1
    for name, its_days in days.items():
        counts[name] = Counter(_stretch(day, first, last) for day in its_days)
        most = max([most, *counts[name].values()])
    return {name: _line(number_of, most) for name, number_of in counts.items()}


def _line(number_of: Counter[int], most: int) -> str:
    return "".join(_block(number_of[stretch], most) for stretch in range(WIDTH))


def _stretch(day: date, first: date, last: date) -> int:
    """Which of the WIDTH stretches of time a day is in; a commit may be dated outside of them."""
    return max(0, min(WIDTH - 1, WIDTH * (day - first).days // max(1, (last - first).days)))


def _block(number: int, most: int) -> str:
    if number == 0:
        return NEVER
    height = -(-len(_BLOCKS) * number // most)  # rounded up: once is to be seen
    return _BLOCKS[height - 1]
