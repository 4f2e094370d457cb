"""How much a region resembles a lesson's failure rather than its fix, and whether the change moved
it there. Pure.

Shares of weight become a dozen readable features; a logistic of these is the score.
``benchmarks/recall`` fits its numbers and shows what they are worth on real data.
"""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from enum import StrEnum
from math import exp, log1p

from twiceshy.guards.recall.grams import LONG_RUN, Grams, View, size_of
from twiceshy.guards.recall.keywords import share_failing
from twiceshy.guards.recall.name_parts import parts_of
from twiceshy.guards.recall.signature import Part, Signature, SignaturePair
from twiceshy.guards.recall.tokens import joined
from twiceshy.lessons.languages import language_named

WEIGHTS: Mapping[str, float] = {
    "intercept": -2.86,
    # how far the change moved the code toward the failure, times how much of its surroundings is
    # here
    "gain_context": 4.24,
    "edit_gain": 3.31,  # the same gain, times how much of what the change brought is the lesson's
    "rarest": 2.12,  # the weight of the rarest thing only the failing code has that is here
    # log of the weight of all that the change brought of the failing code, whatever its names
    "evidence": 0.75,
    "undoing": 1.92,  # how much of what the change took out is the lesson's fix
    "gone": 1.61,  # share of what only the fixed code has that the change took out
    # how much more the failing code is here under its own names than under any
    "real_over_shape": 0.11,
    "fix_lines": -0.39,  # share of the fix's lines that stand here
    "fix_lines_context": -0.39,  # the same, times how much of the surroundings is here
    "rarest_fix": -0.57,  # the weight of the rarest thing only the fixed code has that is here
    "fix_words": -0.12,  # share of the words in names only the fix has that stand here
    "fix_words_gone": 1.19,  # and that the change took out
    "no_fix_words": -0.89,  # the fix has none of its own
    "shared_words": 1.88,  # share of the words in names that the failing and the fixed code share
    "size": -1.21,  # log of the weight of what only the failing code has
    # the failing code has nothing of its own: what stands around the fix was compared
    "borrowed": 0.31,
    "one_edit": -2.82,  # compared was one of several edits of the fix
    "inserts": -2.02,  # the fix only puts something in
    "gap": 1.07,  # what it puts that between stands side by side, its words stand nowhere
    # share of what the fix changed of calls' keywords that the change leaves as it failed
    "keywords": 0.54,
    "places": -0.70,  # log of how many other places of the host resemble the lesson, and one
    "keys": -4.00,  # the lesson is configuration: other people's looks much the same
    "uncontrasted": -10.55,  # the lesson shows no fix
}
"""Fitted by ``benchmarks/recall --fit`` on the code of 53 projects, with their hosts. By hand:
``places`` (-0.33 fitted, moved on for shapes that stand all over one project), ``keys`` (until
configuration drew three alarms in 5,280 changes), ``uncontrasted`` (all lessons there show their
fix), and 3.0 added to the intercept: a score is a promise of its threshold. Of the findings that
are this sure or surer so many are right where one change in 200 repeats a lesson.
"""

BY_ITSELF = 0.2
"""What a gram weighs before its words are counted: order alone tells a little."""

ALONE = 0.8
"""Without a fix to compare with, less of the failing code than this is no resemblance at all."""

SAME_BLOCK = 0.5
"""From this share of the code around the mistake on, it is the block that is back, not only the
mistake.
"""


MOST_BETWEEN = 8
"""Tokens between two that stand side by side."""


class Level(StrEnum):
    """What resembles."""

    BLOCK = "block"  # the code that failed is back, whole or nearly so
    MISTAKE = "mistake"  # other code makes the same edit-sized mistake


Weights = tuple[Mapping[int, float], ...]
"""By view, the weight of each gram of one side of a pair."""


@dataclass(frozen=True)
class Sides:
    """A pair with the weight of every gram and their sums: what is computed once for a lesson and a
    change.
    """

    pair: SignaturePair
    bad: Weights
    good: Weights
    both: Weights
    sums: tuple[tuple[float, float, float], ...]  # by view: bad, good, both


@dataclass(frozen=True, slots=True)
class RegionView:
    """One view of a place: its grams after and before, and what the change did to them."""

    after: Set[int]
    before: Set[int]
    earlier: Set[int]  # before, or removed anywhere in the change: what moved is not new
    fresh: Set[int]  # after, not before
    new: Set[int]  # after, not earlier
    gone: Set[int]  # before, not after


@dataclass(frozen=True, slots=True)
class RegionViews:
    """What a region offers to be compared."""

    views: tuple[RegionView, ...]
    text: str  # its tokens, joined by blanks
    words: Set[str]  # in its names, see ``name_parts``
    gone_words: Set[str]  # those that the change took out
    after: Grams
    before: Grams
    removed: Grams  # anywhere in the change


@dataclass(frozen=True, slots=True)
class Resemblance:
    """What a score was made of; shares are 0..1 of the lesson's weight, in the view that shows
    more.
    """

    score: float
    view: View
    bad: float
    good: float
    context: float
    features: Mapping[str, float]

    @property
    def bad_as_written(self) -> float:
        """The share of what only the failing code has that is here under its own names."""
        return self.bad if self.view is View.REAL else self.bad + self.features["real_over_shape"]

    @property
    def level(self) -> Level:
        """The same block when most of what stood around the mistake is here too."""
        return Level.BLOCK if self.context >= SAME_BLOCK else Level.MISTAKE


def views_of(after: Grams, before: Grams, removed: Grams) -> RegionViews:
    """A region's grams, and those the change removed anywhere, made ready for many comparisons."""
    views: list[RegionView] = []
    for view in View:
        all_after, all_before = after.views[view].keys(), before.views[view].keys()
        views.append(_region_view(all_after, all_before, removed.views[view].keys()))
    words = parts_of(after.tokens)
    gone = (parts_of(before.tokens) | parts_of(removed.tokens)) - words
    return RegionViews(tuple(views), joined(after.tokens), words, gone, after, before, removed)


def _region_view(after: Set[int], before: Set[int], removed: Set[int]) -> RegionView:
    fresh, earlier = after - before, before | removed
    return RegionView(after, before, earlier, fresh, fresh - earlier, before - after)


def sides_of(signature: Signature, worth: Mapping[str, float]) -> tuple[Sides, ...]:
    """A lesson's pairs weighed by what their words tell in this registry."""
    values = [worth[word] for word in signature.words]
    run_weights: list[float] = []
    for run in signature.runs:
        run_weights.append(BY_ITSELF + sum(map(values.__getitem__, run)))
    return tuple(_sides(pair, run_weights) for pair in signature.pairs)


def _sides(pair: SignaturePair, run_weights: Sequence[float]) -> Sides:
    bad = _all_weighed(pair.bad, run_weights)
    good = _all_weighed(pair.good, run_weights)
    both = _all_weighed(pair.both, run_weights)
    sums: list[tuple[float, float, float]] = []
    for view in View:
        weights = bad[view], good[view], both[view]
        sums.append((sum(weights[0].values()), sum(weights[1].values()), sum(weights[2].values())))
    return Sides(pair, bad, good, both, tuple(sums))


def _all_weighed(side: Iterable[Part], run_weights: Sequence[float]) -> Weights:
    return tuple(_weighed(part, run_weights) for part in side)


def _weighed(part: Part, run_weights: Sequence[float]) -> dict[int, float]:
    """What all pairs of a lesson share keeps its weight; what only some have weighs less."""
    weights = map(run_weights.__getitem__, part.runs)
    if not part.pairs:
        return dict(zip(part.grams, weights, strict=True))
    most = max(part.pairs)
    weighed: dict[int, float] = {}
    for gram, weight, pairs in zip(part.grams, weights, part.pairs, strict=True):
        weighed[gram] = weight * pairs / most
    return weighed


def resemblance(sides: Sides, place: RegionViews) -> Resemblance:
    """How the place stands to one pair; 0 when the change brought nothing of the failure and took
    nothing of the fix.
    """
    shares = _shares if sides.pair.contrasted else _shares_alone
    real, shape = shares(sides, place, View.REAL), shares(sides, place, View.SHAPE)
    best, view = (real, View.REAL) if real.gain >= shape.gain else (shape, View.SHAPE)
    keywords = _keywords(sides.pair, place)
    features = _features(sides, place, (real, shape), view, keywords)
    score = 0.0
    if real.moved or shape.moved or keywords:
        score = scored(features, WEIGHTS)
    context = max(real.both, shape.both)
    return Resemblance(score, view, best.bad, best.good, context, features)


def with_places(like: Resemblance, places: int) -> Resemblance:
    """The resemblance where so many other places of the host resemble the lesson too."""
    features = {**like.features, "places": log1p(places)}
    return replace(like, score=scored(features, WEIGHTS), features=features)


def scored(features: Mapping[str, float], weights: Mapping[str, float]) -> float:
    """The logistic of weighted features."""
    total = sum(weights[name] * value for name, value in features.items())
    return 1 / (1 + exp(-max(-30.0, min(30.0, total))))


@dataclass(frozen=True, slots=True)
class _Shares:
    """Of one view: shares of the pair's weight that are there after, were there before, and what
    the change did.
    """

    bad: float
    good: float
    bad_before: float
    good_before: float
    both: float
    fresh: float  # weight of the bad side that the change brought
    fresh_both: float  # weight of the common part that the change brought
    gone: float
    rarest: float  # the weight of the rarest thing of the bad side that is here
    rarest_good: float  # and of the good side
    edit: float  # how much of what the change brought, by count, is the lesson's
    undoing: float  # how much of what the change took out, by count, is the lesson's fix

    @property
    def gain(self) -> float:
        now = self.bad - self.good
        return min(now, now - (self.bad_before - self.good_before))

    @property
    def moved(self) -> bool:
        """Whether the change brought anything of the failure or took anything of the fix."""
        return self.fresh > 0 or self.gone > 0


def _features(
    sides: Sides,
    place: RegionViews,
    views: Sequence[_Shares],
    best: View,
    keywords: float,
) -> dict[str, float]:
    real, shape = views
    gain, context = views[best].gain, max(real.both, shape.both)
    fix_lines = _fix_lines(sides.pair, place)
    fix_words = _held(sides.pair.fix_words, place.words)
    values = (
        1.0,
        gain * context,
        gain * max(real.edit, shape.edit),
        max(real.rarest, shape.rarest),
        log1p(shape.fresh + shape.fresh_both),
        max(real.undoing, shape.undoing),
        real.gone,
        real.bad - shape.bad,
        fix_lines,
        fix_lines * context,
        real.rarest_good,
        fix_words,
        _held(sides.pair.fix_words, place.gone_words),
        float(not sides.pair.fix_words),
        _held(sides.pair.shared_words, place.words),
        log1p(sides.sums[View.REAL][0]) if sides.pair.contrasted else 0.0,
        float(sides.pair.borrowed),
        float(sides.pair.one_edit),
        float(sides.pair.gap is not None),
        _gap(sides.pair, place) * (1 - fix_words),
        keywords,
        0.0,  # see with_places
        float(language_named(sides.pair.language).nested_keys),
        float(not sides.pair.contrasted),
    )
    return dict(zip(WEIGHTS, values, strict=True))


def _keywords(pair: SignaturePair, place: RegionViews) -> float:
    """The share of the keywords that the fix changed that the change leaves as they failed; nothing
    is read where none of their calls stands.
    """
    if not any(f" {edit.call} " in place.text for edit in pair.keyword_edits):
        return 0.0
    earlier = place.before.calls, place.removed.calls
    return share_failing(pair.keyword_edits, place.after.calls, earlier)


def _gap(pair: SignaturePair, place: RegionViews) -> float:
    """1 where what stands before and after a gap stands here side by side."""
    if pair.gap is None:
        return 0.0
    for view in View:
        first_of = place.after.of(view)
        begins = [first_of[gram] for gram in pair.gap.after[view] if gram in first_of]
        for gram in pair.gap.before[view] if begins else ():
            end = first_of.get(gram, -MOST_BETWEEN - LONG_RUN) + size_of(gram)
            if any(0 <= begin - end <= MOST_BETWEEN for begin in begins):
                return 1.0
    return 0.0


def _held(wanted: Sequence[str], words: Set[str]) -> float:
    """The share of some words that are there."""
    return _share(sum(word in words for word in wanted), len(wanted))


def _fix_lines(pair: SignaturePair, place: RegionViews) -> float:
    """The share of the lines only the fix has that the place has."""
    return _share(sum(tokens in place.text for _, tokens in pair.missing), len(pair.missing))


def _shares(sides: Sides, place: RegionViews, view: View) -> _Shares:
    region = place.views[view]
    bad, good, both = sides.bad[view], sides.good[view], sides.both[view]
    all_bad, all_good, all_both = sides.sums[view]
    failing, fixed = bad.keys() & region.after, good.keys() & region.after
    undone = good.keys() & region.gone
    fresh, common = bad.keys() & region.fresh, both.keys() & region.fresh
    return _Shares(
        bad=_share(_sum(bad, failing), all_bad),
        good=_share(_sum(good, fixed), all_good),
        bad_before=_share(_sum(bad, bad.keys() & region.earlier), all_bad),
        good_before=_share(_sum(good, good.keys() & region.before), all_good),
        both=_share(_sum(both, both.keys() & region.after), all_both),
        fresh=_sum(bad, bad.keys() & region.new),
        fresh_both=_sum(both, common),
        gone=_share(_sum(good, undone), all_good),
        rarest=max(map(bad.__getitem__, failing), default=0.0),
        rarest_good=max(map(good.__getitem__, fixed), default=0.0),
        edit=_share(len(fresh) + len(common), len(region.fresh)),
        undoing=_share(len(undone), len(region.gone)),
    )


def _sum(weights: Mapping[int, float], chosen: Iterable[int]) -> float:
    return sum(map(weights.__getitem__, chosen))


def _shares_alone(sides: Sides, place: RegionViews, view: View) -> _Shares:
    """Where there is only failing code, all of it is also the context, and a part of it says
    little.
    """
    shares = _shares(sides, place, view)
    bad, before = _enough_alone(shares.bad), _enough_alone(shares.bad_before)
    return replace(shares, bad=bad, bad_before=before, both=bad, fresh=shares.fresh * bad)


def _enough_alone(share: float) -> float:
    return max(0.0, (share - ALONE) / (1 - ALONE))


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0
