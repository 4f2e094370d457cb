"""A lesson as recall remembers it: for each pair of evidence, what only the bad has, only the good
has, and both have.

Says so when a pair cannot be told apart, or is too small to be recognised. Pure.
"""

import json
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from textwrap import dedent
from typing import Any, NamedTuple

from twiceshy.guards.recall.grams import NO_GRAMS, Grams, View, grams_of, words_at
from twiceshy.guards.recall.tokens import Token, joined, tokenize
from twiceshy.guards.recall.word_weight import word_weight
from twiceshy.lessons.lesson import Evidence, Lesson, Problem, Side

ANCHORS = 20
"""Grams of each view and side that a lesson can be found by; the most telling ones."""

MOST_GRAMS = 160
"""Of each view and part that are kept; longer evidence should be cut down to what failed."""

NEAR = 40
"""Grams around a pure insertion that stand for a bad side that has nothing of its own."""

NEAR_ANCHORS = 8
"""Grams nearest to what the fix changed that a lesson can also be found by: its own may be gone
with a name or a literal.
"""

FEWEST_TOKENS = 8
FEWEST_TELLING = 2.0
"""What the fix changes must tell as much as two names, or the code around it as much as four."""


class Part(NamedTuple):
    """The grams of one view and side, most telling first; by columns, because thousands are read
    for a change.
    """

    grams: Sequence[int]
    runs: Sequence[int]  # of each gram, which of the signature's runs of words it holds
    pairs: Sequence[
        int
    ]  # in how many of the lesson's pairs it is on this side; empty where there is one pair


@dataclass(frozen=True, slots=True)
class SignaturePair:
    """One pair of evidence; of each side a part for each view."""

    language: str
    bad: tuple[Part, ...]  # what only the failing code has
    good: tuple[Part, ...]  # what only the fixed code has
    both: tuple[Part, ...]
    contrasted: bool  # whether there was a good side at all
    borrowed: (
        bool  # the bad side has nothing of its own: what stands around the fix is in its place
    )
    missing: tuple[
        tuple[str, str], ...
    ]  # lines of the fix that the bad code lacks, as written and as joined tokens
    near: tuple[
        Sequence[int], ...
    ] = ()  # by view, the grams nearest to the change: only to be found by


@dataclass(frozen=True, slots=True)
class Signature:
    """What the index keeps of a lesson."""

    words: tuple[str, ...]
    runs: tuple[
        Sequence[int], ...
    ]  # the distinct runs of words that grams hold, as places in ``words``
    pairs: tuple[SignaturePair, ...]


def signature(lesson: Lesson) -> tuple[Signature, tuple[Problem, ...]]:
    """The pairs that can be recognised, and a problem for each that cannot."""
    known = _Known()
    pairs: list[SignaturePair] = []
    problems: list[Problem] = []
    good = {block.pair: block for block in lesson.evidence if block.side is Side.GOOD}
    for block in lesson.evidence:
        if block.side is Side.BAD:
            made = _pair(block, good.get(block.pair), known)
            if isinstance(made, str):
                problems.append(
                    Problem(
                        lesson.source, block.line, f"recall cannot guard with this evidence: {made}"
                    )
                )
            else:
                pairs.append(made)
    return Signature(tuple(known.words), tuple(known.runs), _generalised(pairs)), tuple(problems)


def anchors(pairs: Iterable[SignaturePair]) -> Iterator[str]:
    """The keys a lesson is found by: ``b`` what its failure brings, ``g`` what goes when its fix
    goes.
    """
    for pair in pairs:
        for view in (View.REAL, View.SHAPE):
            for mark, part in (("b", pair.bad[view]), ("g", pair.good[view])):
                yield from (key(mark, gram) for gram in part.grams[:ANCHORS])
            yield from (key("b", gram) for gram in (pair.near[view] if pair.near else ()))


def key(mark: str, gram: int) -> str:
    """A gram as the index knows it."""
    return f"{mark}{gram:x}"


def dumps(made: Signature) -> str:
    """A signature as the index keeps it."""
    rows = [
        [p.language, p.bad, p.good, p.both, p.contrasted, p.borrowed, p.missing] for p in made.pairs
    ]
    return json.dumps([made.words, made.runs, rows], ensure_ascii=False, separators=(",", ":"))


def loads(text: str) -> Signature:
    """A signature back from the index."""
    words, runs, rows = json.loads(text)
    return Signature(tuple(words), tuple(runs), tuple(_loaded(*row) for row in rows))


def _loaded(language: str, bad: Any, good: Any, both: Any, *rest: Any) -> SignaturePair:
    bad, good, both = (tuple(Part(*columns) for columns in side) for side in (bad, good, both))
    return SignaturePair(language, bad, good, both, *rest)


class _Known:
    """The words and runs of words of a lesson so far, each with its place."""

    def __init__(self) -> None:
        self.words: dict[str, int] = {}
        self.runs: dict[tuple[int, ...], int] = {}

    def run(self, words: Iterable[str]) -> int:
        """The place of a run of words."""
        places = tuple(self.words.setdefault(word, len(self.words)) for word in words)
        return self.runs.setdefault(places, len(self.runs))


def _pair(bad: Evidence, good: Evidence | None, known: _Known) -> SignaturePair | str:
    failed = grams_of(tokenize(dedent(bad.code), bad.language))
    if len(failed.tokens) < FEWEST_TOKENS:
        return f"{len(failed.tokens)} tokens of code are too few to recognise; add the lines around what failed"
    fixed = grams_of(tokenize(dedent(good.code), good.language)) if good else NO_GRAMS
    if good and _texts(failed.tokens) == _texts(fixed.tokens):
        return "bad and good are the same code; show what the fix changed"
    made = _SignatureSides(failed, fixed, known)
    if made.told() < FEWEST_TELLING and made.told_around() < 2 * FEWEST_TELLING:
        return "it cannot tell bad from good: what differs is too common; add the lines around what failed"
    bad_parts, good_parts = made.only_bad(), made.only_good()
    borrowed = good is not None and not bad_parts[View.REAL].grams
    bad_parts = tuple(
        made.near(view) if good_parts[view].grams and not bad_parts[view].grams else bad_parts[view]
        for view in View
    )
    near = tuple(made.around(view)[:NEAR_ANCHORS] for view in View) if good else ()
    return SignaturePair(
        bad.language,
        bad_parts,
        good_parts,
        made.both(),
        good is not None,
        borrowed,
        _missing(bad, good, fixed.tokens),
        near,
    )


def _texts(tokens: Sequence[Token]) -> list[str]:
    return [token.text for token in tokens]


def _missing(
    bad: Evidence, good: Evidence | None, fixed: Sequence[Token]
) -> tuple[tuple[str, str], ...]:
    lines = {line.strip() for line in bad.code.split("\n")}
    tokens: dict[int, list[Token]] = {}
    for token in fixed:
        tokens.setdefault(token.line, []).append(token)
    fix = enumerate(good.code.split("\n"), 1) if good else ()
    told = {
        line.strip()[:160]: joined(tokens[number])
        for number, line in fix
        if number in tokens and line.strip() not in lines
    }
    return tuple(told.items())[:8]


class _SignatureSides:
    """Both sides of a pair as grams, and what each has alone."""

    def __init__(self, failed: Grams, fixed: Grams, known: _Known) -> None:
        self._failed, self._fixed, self._known = failed, fixed, known

    def only_bad(self) -> tuple[Part, ...]:
        return tuple(
            self._part(self._failed, view, self._alone(self._failed, self._fixed, view))
            for view in View
        )

    def only_good(self) -> tuple[Part, ...]:
        return tuple(
            self._part(self._fixed, view, self._alone(self._fixed, self._failed, view))
            for view in View
        )

    def both(self) -> tuple[Part, ...]:
        return tuple(self._part(self._failed, view, self._shared(view)) for view in View)

    def near(self, view: View) -> Part:
        """The grams of the failing code that stand nearest to where the fix inserts."""
        return self._part(self._failed, view, self.nearest(view)[:NEAR])

    def nearest(self, view: View) -> list[int]:
        """The grams of the failing code, those nearest to what the fix changed first."""
        at = self._changed_at()
        places = self._failed.of(view)
        return sorted(places, key=lambda gram: _distance(at, places[gram]))

    def around(self, view: View) -> list[int]:
        """The grams both have, those nearest to what the fix changed first."""
        fixed = self._fixed.of(view)
        return [gram for gram in self.nearest(view) if gram in fixed]

    def _changed_at(self) -> list[int]:
        """Where the failing code stops being the fixed code, in tokens, ascending."""
        alone = self._alone(self._failed, self._fixed, View.REAL)
        if alone:
            return sorted(self._failed.of(View.REAL)[gram] for gram in alone)
        return [_divergence(_texts(self._failed.tokens), _texts(self._fixed.tokens))]

    def told(self) -> float:
        """How much what differs tells."""
        sides = ((self._failed, self._fixed), (self._fixed, self._failed))
        return _telling(
            word
            for mine, other in sides
            for word in _words(mine, self._alone(mine, other, View.REAL))
        )

    def told_around(self) -> float:
        """How much what both have tells."""
        return _telling(_words(self._failed, self._shared(View.REAL)))

    @staticmethod
    def _alone(mine: Grams, other: Grams, view: View) -> list[int]:
        return [gram for gram in mine.of(view) if gram not in other.of(view)]

    def _shared(self, view: View) -> list[int]:
        return [gram for gram in self._failed.of(view) if gram in self._fixed.of(view)]

    def _part(self, grams: Grams, view: View, chosen: Iterable[int]) -> Part:
        """The grams that tell most, first; ties in the order of the code."""
        told = [(gram, words_at(grams, view, gram)) for gram in chosen]
        told.sort(key=lambda each: -sum(map(word_weight, each[1])))
        kept = told[:MOST_GRAMS]
        return Part([gram for gram, _ in kept], [self._known.run(words) for _, words in kept], ())


def _divergence(left: Sequence[str], right: Sequence[str]) -> int:
    return next(
        (at for at, (a, b) in enumerate(zip(left, right, strict=False)) if a != b),
        min(len(left), len(right)),
    )


def _distance(marks: Sequence[int], at: int) -> int:
    after = bisect_left(marks, at)
    return min(abs(mark - at) for mark in marks[max(0, after - 1) : after + 1])


def _words(grams: Grams, chosen: Iterable[int]) -> Iterator[str]:
    return (word for gram in chosen for word in words_at(grams, View.REAL, gram))


def _telling(words: Iterable[str]) -> float:
    """How much words tell together, each once."""
    return sum(map(word_weight, set(words)))


def _generalised(pairs: Sequence[SignaturePair]) -> tuple[SignaturePair, ...]:
    """What several pairs of a lesson have in common is what it is about: it weighs as often as it
    is there.
    """
    if len(pairs) < 2:  # noqa: PLR2004 - several
        return tuple(pairs)
    bad, good, both = (
        _counted(getattr(pair, side) for pair in pairs) for side in ("bad", "good", "both")
    )
    return tuple(
        replace(
            pair,
            bad=_shared(pair.bad, bad),
            good=_shared(pair.good, good),
            both=_shared(pair.both, both),
        )
        for pair in pairs
    )


def _counted(sides: Iterable[Sequence[Part]]) -> Counter[tuple[int, int]]:
    return Counter(
        (view, gram) for side in sides for view, part in enumerate(side) for gram in part.grams
    )


def _shared(side: Sequence[Part], counts: Mapping[tuple[int, int], int]) -> tuple[Part, ...]:
    return tuple(
        part._replace(pairs=[counts[view, gram] for gram in part.grams])
        for view, part in enumerate(side)
    )
