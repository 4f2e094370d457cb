"""How much a region resembles a lesson's failure rather than its fix, and whether the change moved it there. Pure.

Shares of weight become a dozen readable features; a logistic of these is the score. ``benchmarks/recall.py`` fits its
numbers and shows what they are worth on real data.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import exp, log1p

from twiceshy.guards.recall.grams import Grams, View
from twiceshy.guards.recall.signature import Pair, Part, Signature

WEIGHTS: Mapping[str, float] = {
    "intercept": -5.38,
    "gain": 2.23,  # how far the change moved the code toward the failure, and how far along it now is: the lesser
    "bad": 1.03,  # share of what only the failing code has that is here
    "good": -1.87,  # share of what only the fixed code has that is here
    "context": 2.62,  # share of what both have that is here
    "fresh_context": 2.86,  # share of what both have that the change brought: the whole block is new
    "gone": 5.50,  # share of what only the fixed code has that the change took out
    "real_over_shape": 1.73,  # how much more the failing code is here under its own names than under any
    "borrowed": -1.93,  # the failing code has nothing of its own: what stands around the fix was compared
    "uncontrasted": -6.00,  # the lesson shows no fix
    "size": -0.43,  # log of the weight of what the fix changed
    "evidence": 0.73,  # log of the weight of all that the change brought of the failing code
    "gain_evidence": 0.92,  # gain times the log of the weight of what only the failing code has and the change brought
}
"""Fitted by ``benchmarks/recall.py --fit``, except for ``uncontrasted``: all lessons there show their fix."""

BY_ITSELF = 0.2
"""What a gram weighs before its words are counted: order alone tells a little."""

ALONE = 0.8
"""Without a fix to compare with, less of the failing code than this is no resemblance at all."""

Weights = tuple[Mapping[int, float], ...]
"""By view, the weight of each gram of one side of a pair."""


@dataclass(frozen=True)
class Sides:
    """A pair with the weight of every gram and their sums: what is computed once for a lesson and a change."""

    pair: Pair
    bad: Weights
    good: Weights
    both: Weights
    sums: tuple[tuple[float, float, float], ...]  # by view: bad, good, both


@dataclass(frozen=True)
class Place:
    """What a region offers to be compared: after, before, and what the change took out anywhere (moved is not new)."""

    after: Grams
    before: Grams
    removed: Grams


@dataclass(frozen=True, slots=True)
class Resemblance:
    """What a score was made of; shares are 0..1 of the lesson's weight, in the view that shows more."""

    score: float
    view: View
    bad: float
    good: float
    features: Mapping[str, float]


def sides_of(made: Signature, worth: Mapping[str, float]) -> tuple[Sides, ...]:
    """A lesson's pairs weighed by what their words tell in this registry."""
    values = [worth[word] for word in made.words]
    return tuple(_sides(pair, values) for pair in made.pairs)


def _sides(pair: Pair, values: Sequence[float]) -> Sides:
    bad, good, both = (tuple(_weighed(part, values) for part in side) for side in (pair.bad, pair.good, pair.both))
    sums = tuple((sum(bad[view].values()), sum(good[view].values()), sum(both[view].values())) for view in View)
    return Sides(pair, bad, good, both, sums)


def _weighed(part: Part, values: Sequence[float]) -> dict[int, float]:
    return {gram: (BY_ITSELF + sum([values[at] for at in places])) * shared for gram, shared, *places in part}


def resemblance(sides: Sides, place: Place) -> Resemblance:
    """How the place stands to one pair; 0 when the change brought nothing of the failure and took nothing of the fix."""
    shares = _shares if sides.pair.contrasted else _shares_alone
    views = [shares(sides, place, view) for view in View]
    best = View.REAL if views[View.REAL].gain >= views[View.SHAPE].gain else View.SHAPE
    features = _features(sides, views, best)
    moved = any(shares.fresh > 0 or shares.gone > 0 for shares in views)
    score = scored(features, WEIGHTS) if moved else 0.0
    return Resemblance(score, best, views[best].bad, views[best].good, features)


def scored(features: Mapping[str, float], weights: Mapping[str, float]) -> float:
    """The logistic of weighted features."""
    total = sum(weights[name] * value for name, value in features.items())
    return 1 / (1 + exp(-max(-30.0, min(30.0, total))))


@dataclass(frozen=True, slots=True)
class _Shares:
    """Of one view: shares of the pair's weight that are there after, were there before, and what the change did."""

    bad: float
    good: float
    bad_before: float
    good_before: float
    both: float
    fresh: float  # weight of the bad side that the change brought
    fresh_both: float  # weight of the common part that the change brought
    fresh_share: float  # the same as a share
    gone: float

    @property
    def gain(self) -> float:
        now = self.bad - self.good
        return min(now, now - (self.bad_before - self.good_before))


def _features(sides: Sides, views: Sequence[_Shares], best: View) -> dict[str, float]:
    real, shape = views
    shares = views[best]
    sums = sides.sums[View.REAL]
    values = (
        1.0,
        shares.gain,
        shares.bad,
        shares.good,
        max(real.both, shape.both),
        max(real.fresh_share, shape.fresh_share),
        max(real.gone, shape.gone),
        real.bad - shape.bad,
        float(sides.pair.borrowed),
        float(not sides.pair.contrasted),
        log1p(sums[0] + sums[1]) if sides.pair.contrasted else 0.0,
        log1p(shares.fresh + shares.fresh_both),
        shares.gain * log1p(shares.fresh),
    )
    return dict(zip(WEIGHTS, values, strict=True))


def _shares(sides: Sides, place: Place, view: View) -> _Shares:
    after, before, removed = place.after.views[view], place.before.views[view], place.removed.views[view]
    bad, good, both = sides.bad[view], sides.good[view], sides.both[view]
    all_bad, all_good, all_both = sides.sums[view]
    held = [gram for gram in bad if gram in after]
    common = [gram for gram in both if gram in after]
    fresh_both = sum([both[gram] for gram in common if gram not in before])
    return _Shares(
        bad=_share(sum([bad[gram] for gram in held]), all_bad),
        good=_share(sum([value for gram, value in good.items() if gram in after]), all_good),
        bad_before=_share(sum([v for gram, v in bad.items() if gram in before or gram in removed]), all_bad),
        good_before=_share(sum([value for gram, value in good.items() if gram in before]), all_good),
        both=_share(sum([both[gram] for gram in common]), all_both),
        fresh=sum([bad[gram] for gram in held if gram not in before and gram not in removed]),
        fresh_both=fresh_both,
        fresh_share=_share(fresh_both, all_both),
        gone=_share(sum([v for gram, v in good.items() if gram in before and gram not in after]), all_good),
    )


def _shares_alone(sides: Sides, place: Place, view: View) -> _Shares:
    """Where there is only failing code, all of it is also the context, and a part of it says little."""
    held = _shares(sides, place, view)
    bad, before = (max(0.0, (share - ALONE) / (1 - ALONE)) for share in (held.bad, held.bad_before))
    fresh = held.fresh * bad
    return replace(held, bad=bad, bad_before=before, both=bad, fresh_share=max(0.0, bad - before), fresh=fresh)


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0
