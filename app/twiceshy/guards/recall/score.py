"""How much a region resembles a lesson's failure rather than its fix, and whether the change moved it there. Pure.

The score is a logistic of a few readable numbers; ``benchmarks/recall.py`` shows what it is worth on real data.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import exp

from twiceshy.guards.recall.grams import REAL, Grams, weight
from twiceshy.guards.recall.signature import Pair

SHAPE_DISCOUNT = 0.93
"""Resemblance under other names counts a little less than under the same."""

STEEPNESS = 9.0
MIDDLE = 0.42
"""The margin at which a finding is as likely right as wrong."""

CONTEXT_SHARE = 0.25
"""How much the code that bad and good share may add or take away."""

UNCONTRASTED = 0.8
"""What a margin counts when the lesson shows no fix."""


@dataclass(frozen=True, slots=True)
class Resemblance:
    """What the score was made of; shares are 0..1 of the lesson's weight."""

    score: float
    bad: float
    good: float
    context: float
    direction: float
    terms: tuple[str, ...] = ()  # the grams that weighed most, heaviest first


def resemblance(pair: Pair, after: Grams, before: Grams, taken_out: Grams, rarity: Mapping[str, float]) -> Resemblance:
    """How the region stands to one pair; ``taken_out`` is what the change removed anywhere: moved code is not new.

    Weighed stream by stream, and the closer one counts.
    """
    best = Resemblance(0, 0, 0, 0, 0)
    for stream, discount in ((REAL, 1.0), ("", SHAPE_DISCOUNT)):
        sides = _Sides(pair, stream, rarity)
        now, then = (
            sides.margin(after),
            max(sides.margin(before), sides.share(sides.bad, taken_out) if taken_out else 0),
        )
        bad, good, context = (sides.share(part, after) for part in (sides.bad, sides.good, sides.both))
        margin = min(now, now - then) * discount * (1.0 if pair.contrasted else UNCONTRASTED)
        margin += CONTEXT_SHARE * (context - 0.5) if sides.both else 0
        score = 1 / (1 + exp(-STEEPNESS * (margin - MIDDLE))) if bad else 0.0
        if score > best.score:
            best = Resemblance(score, bad, good, context, now - then, sides.terms(after))
    return best


def fixed_as(pairs: Sequence[Pair], region: Grams, rarity: Mapping[str, float]) -> float:
    """How much of any one pair's fix the region holds: one fix of a lesson may look like the failure of another pair."""
    sides = (_Sides(pair, stream, rarity) for pair in pairs for stream in (REAL, ""))
    return max((each.share(each.good, region) for each in sides), default=0.0)


class _Sides:
    """One stream of a pair (``""``: both), weighted."""

    def __init__(self, pair: Pair, stream: str, rarity: Mapping[str, float]) -> None:
        self.bad = self._weighted(pair.bad, stream, rarity)
        self.good = self._weighted(pair.good, stream, rarity)
        self.both = self._weighted(pair.both, stream, rarity)

    @staticmethod
    def _weighted(grams: Iterable[str], stream: str, rarity: Mapping[str, float]) -> dict[str, float]:
        wanted = stream or "~"
        return {gram: weight(gram, rarity) for gram in grams if gram.startswith(wanted)}

    @staticmethod
    def share(weights: Mapping[str, float], region: Grams) -> float:
        """The share of the weight that the region holds."""
        total = sum(weights.values())
        return sum(value for gram, value in weights.items() if gram in region) / total if total else 0.0

    def margin(self, region: Grams) -> float:
        """Toward the failure (1) or toward its fix (-1)."""
        return self.share(self.bad, region) - self.share(self.good, region)

    def terms(self, region: Grams) -> tuple[str, ...]:
        """The grams only the failure has that the region holds too."""
        held: Sequence[str] = [gram for gram in self.bad if gram in region]
        return tuple(sorted(held, key=lambda gram: -self.bad[gram])[:24])
