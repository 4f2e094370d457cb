"""How much the structure of a place is that of a lesson's failure and not of its fix, whatever the
names. Pure.

Much more code has the same structure than has the same names: so a lesson must have enough of it
to take part, a place must have most of that, and what only the fix has must not be there.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from math import exp, log, log1p
from textwrap import dedent
from typing import NamedTuple

from twiceshy.guards.recall.structure import Structure, rarity, structure_of
from twiceshy.guards.recall.tokens import tokenize
from twiceshy.lessons.languages import family_of
from twiceshy.lessons.lesson import Evidence, Lesson, Side

FEWEST_LINES = 4
"""Of code: shorter evidence has the structure of half of all code."""

FEWEST_RARE = 8.0
"""Evidence whose grams are not as rare as so many that are never met tells nothing apart."""

MOST_GRAMS = 200
"""Of each part, the rarest."""

ANCHORS = 24
"""Grams that a pair is found by: rare ones of the longer size."""


class StructurePair(NamedTuple):
    """The grams of one pair of evidence."""

    family: str
    lines: int  # of code, on the failing side
    bad: Sequence[int]  # what only the failing code has
    good: Sequence[int]  # what only the fixed code has
    both: Sequence[int]


def structure_pairs(lesson: Lesson) -> tuple[StructurePair, ...]:
    """The pairs of a lesson that have enough structure to be known by it; none without a fix."""
    good = {block.pair: block for block in lesson.evidence if block.side is Side.GOOD}
    pairs: list[StructurePair] = []
    for block in lesson.evidence:
        if block.side is Side.BAD and block.pair in good:
            pairs += _pair(block, good[block.pair])
    return tuple(pairs)


def _pair(bad: Evidence, good: Evidence) -> Iterator[StructurePair]:
    failed, fixed = _structure(bad), _structure(good)
    lines = len(set(failed.lines))
    only_bad = _rarest(failed.grams.keys() - fixed.grams.keys())
    only_good = _rarest(fixed.grams.keys() - failed.grams.keys())
    both = _rarest(failed.grams.keys() & fixed.grams.keys())
    tells = sum(map(rarity, [*only_bad, *both]))
    if lines >= FEWEST_LINES and tells >= FEWEST_RARE and (only_bad or only_good):
        yield StructurePair(family_of(bad.language) or "", lines, only_bad, only_good, both)


def _structure(block: Evidence) -> Structure:
    return structure_of(tokenize(dedent(block.code), block.language), block.language)


def _rarest(grams: Iterable[int]) -> list[int]:
    return sorted(grams, key=lambda gram: (-rarity(gram), gram))[:MOST_GRAMS]


def anchors(pair: StructurePair) -> list[int]:
    """The grams a pair is found by, the rarest."""
    return [gram for gram in _rarest([*pair.bad, *pair.both]) if can_find(gram)][:ANCHORS]


def can_find(gram: int) -> bool:
    """Whether a gram is long and rare enough to lead to a lesson."""
    return bool(gram & 1) and rarity(gram) >= RARE


RARE = 0.6
"""What any code has finds nobody."""

ASKED: Mapping[str, tuple[float, float]] = {
    # how much more of what only the failing code has is here than of what only the fix has
    "gain": (0.5, 0.1),
    "context": (0.7, 0.1),  # share of what both have
    "edit": (0.3, 0.1),  # share of what the change brought to the place that is the lesson's
    "evidence": (20.0, 10.0),  # weight of all that the change brought of the failing code
    "mistake": (0.8, 0.4),  # weight of what the change brought of what only the failing code has
}
"""What a place must have, all of it, and how much more is worth one in log-odds. Chosen by hand on
twins of one half of the projects and read on the other: ``benchmarks/recall/README.md``.
"""

STRUCTURE_AT = 0.90
"""The score of a place that has just what is asked; under it nothing is told."""

HOST = 2.0
"""What the log of one more place of the host with this structure takes from a score, in log-odds:
what is normal here is no mistake because of its structure.
"""


@dataclass(frozen=True, slots=True)
class StructureLikeness:
    """What a score was made of: see ``ASKED``; shares are 0..1 of the lesson's weight."""

    score: float
    bad: float
    good: float
    context: float


def likeness(pair: StructurePair, after: Structure, before: Structure) -> StructureLikeness:
    """How a place stands to one pair, as long as nobody counted the host's places."""
    here, was = after.grams.keys(), before.grams.keys()
    bad, good = _weighed(pair.bad), _weighed(pair.good)
    both = _weighed(pair.both)
    now = _share(bad, here) - _share(good, here)
    mistake = _weight(bad, here - was)
    evidence = mistake + _weight(both, here - was)
    values = {
        "gain": min(now, now - _share(bad, was) + _share(good, was)),
        "context": _share(both, here),
        "edit": evidence / max(evidence, sum(map(rarity, here - was)), 1.0),
        "evidence": evidence,
        "mistake": mistake,
    }
    score = _score(values)
    return StructureLikeness(score, _share(bad, here), _share(good, here), values["context"])


def held_against_places(like: StructureLikeness, places: int) -> StructureLikeness:
    """The likeness where so many places of the host resemble the lesson already."""
    odds = log(like.score / (1 - like.score)) - HOST * log1p(places)
    return replace(like, score=_logistic(odds))


def _score(values: Mapping[str, float]) -> float:
    """As sure as the weakest of what is asked."""
    margins = [(values[name] - least) / step for name, (least, step) in ASKED.items()]
    return _logistic(log(STRUCTURE_AT / (1 - STRUCTURE_AT)) + min(margins))


def _logistic(odds: float) -> float:
    return 1 / (1 + exp(-max(-30.0, min(30.0, odds))))


def _weighed(grams: Iterable[int]) -> dict[int, float]:
    return {gram: rarity(gram) for gram in grams}


def _weight(weights: Mapping[int, float], chosen: Set[int]) -> float:
    return sum(map(weights.__getitem__, weights.keys() & chosen))


def _share(weights: Mapping[int, float], chosen: Set[int]) -> float:
    whole = sum(weights.values())
    return _weight(weights, chosen) / whole if whole else 0.0


def dumps(pairs: Sequence[StructurePair]) -> str:
    """Pairs as the index keeps them."""
    return json.dumps(pairs, separators=(",", ":"))


def loads(text: str) -> tuple[StructurePair, ...]:
    """Pairs back from the index."""
    return tuple(StructurePair(*row) for row in json.loads(text))
