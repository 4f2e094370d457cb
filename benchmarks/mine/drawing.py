"""In which order a project's commits are drawn: by chance, and evenly over its years."""

import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import zip_longest

from benchmarks.mine.histories import LoggedCommit


def drawn_evenly(commits: Iterable[LoggedCommit], seed: str) -> list[LoggedCommit]:
    """All of them: one of each year, then another of each. So whoever wants fewer takes the
    first.
    """
    years: dict[int, list[LoggedCommit]] = defaultdict(list)
    for commit in commits:
        years[commit.day.year].append(commit)
    chance = random.Random(seed)
    for year in sorted(years):
        chance.shuffle(years[year])
    return _in_turn([years[year] for year in sorted(years)])


def _in_turn(groups: Sequence[Sequence[LoggedCommit]]) -> list[LoggedCommit]:
    turns: list[LoggedCommit] = []
    for turn in zip_longest(*groups):
        turns += [commit for commit in turn if commit is not None]
    return turns
