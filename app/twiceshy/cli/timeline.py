"""Lines of blocks that show when something happened: people look rather than read."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date

WIDTH = 12
NEVER = "·"
_BLOCKS = "▁▂▃▄▅▆▇█"


def timelines(days: Mapping[str, Sequence[date]], first: date, last: date) -> dict[str, str]:
    """A line of WIDTH blocks for each name, oldest left, all to one scale; a dot where nothing was."""
    counted = {
        name: Counter(_stretch(day, first, last) for day in each) for name, each in days.items()
    }
    most = max((held for each in counted.values() for held in each.values()), default=1)
    return {
        name: "".join(_block(each[at], most) for at in range(WIDTH))
        for name, each in counted.items()
    }


def _stretch(day: date, first: date, last: date) -> int:
    """Which of the WIDTH stretches of time a day is in; a commit may be dated outside of them."""
    return max(0, min(WIDTH - 1, WIDTH * (day - first).days // max(1, (last - first).days)))


def _block(held: int, most: int) -> str:
    return NEVER if held == 0 else _BLOCKS[-(-len(_BLOCKS) * held // most) - 1]
