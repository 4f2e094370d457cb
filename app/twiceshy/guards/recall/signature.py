"""A lesson as recall remembers it: for each pair of evidence, what only the bad has, only the good
has, and both have.

Says so when a pair cannot be told apart, or is too small to be recognised. Pure.
"""

import json
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, replace
from functools import lru_cache
from textwrap import dedent
from typing import Any, NamedTuple

from twiceshy.guards.recall.edits import edits_of
from twiceshy.guards.recall.grams import NO_GRAMS, Grams, View, grams_of, size_of, words_at
from twiceshy.guards.recall.keywords import KeywordEdit, keyword_edits
from twiceshy.guards.recall.name_parts import parts_of
from twiceshy.guards.recall.tokens import Token, joined, tokenize
from twiceshy.guards.recall.word_weight import word_weight
from twiceshy.lessons.languages import language_named
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

NEAR_GAP = 2
"""Tokens from a gap; what ends before it or begins after it so near stands beside it."""

MOST_MISSING, LONGEST_MISSING = 8, 160
"""Lines of the fix that are kept, and characters of one."""

FEWEST_TOKENS = 8
FEWEST_OF_KEYS = 5
"""Of configuration: a key and its value under another key say what failed."""

FEWEST_TELLING = 2.0
FEWEST_TELLING_ALONE = 3.0
"""What the fix changes must tell as much as two names, or the code around it as much as four; a
single edit of several as much as three.
"""


class Part(NamedTuple):
    """The grams of one view and side, most telling first; by columns, because thousands are read
    for a change.
    """

    grams: Sequence[int]
    runs: Sequence[int]  # of each gram, which of the signature's runs of words it holds
    # in how many of the lesson's pairs it is on this side; empty where there is one pair
    pairs: Sequence[int]


class Gap(NamedTuple):
    """Where the first of what a fix puts in is missing from the failing code: by view, the grams
    that end there and those that begin there.
    """

    before: Sequence[Sequence[int]]
    after: Sequence[Sequence[int]]


@dataclass(frozen=True, slots=True)
class SignaturePair:
    """One pair of evidence; of each side a part for each view."""

    language: str
    bad: tuple[Part, ...]  # what only the failing code has
    good: tuple[Part, ...]  # what only the fixed code has
    both: tuple[Part, ...]
    # what the fix changed of what calls are given by name
    keyword_edits: tuple[KeywordEdit, ...]
    gap: Gap | None  # where a fix puts something in that does nothing else
    contrasted: bool  # whether there was a good side at all
    # the bad side has nothing of its own: what stands around the fix is in its place
    borrowed: bool
    # lines of the fix that the bad code lacks, as written and as joined tokens
    missing: tuple[tuple[str, str], ...]
    # not the whole of a pair: one of several edits of its fix
    one_edit: bool = False
    # words in names that only the fixed code has, and that both have; see ``name_parts``
    fix_words: Sequence[str] = ()
    shared_words: Sequence[str] = ()
    # by view, the grams nearest to the change: only to be found by
    near: tuple[Sequence[int], ...] = ()


@dataclass(frozen=True, slots=True)
class Signature:
    """What the index keeps of a lesson."""

    words: tuple[str, ...]
    # the distinct runs of words that grams hold, as places in ``words``
    runs: tuple[Sequence[int], ...]
    pairs: tuple[SignaturePair, ...]


_Counts = Counter[tuple[int, int]]
"""By view and gram, in how many pairs of a lesson it is."""


def signature(lesson: Lesson) -> tuple[Signature, tuple[Problem, ...]]:
    """The pairs that can be recognised, and a problem for each that cannot."""
    numbers = _WordNumbers()
    pairs: list[SignaturePair] = []
    edits: list[SignaturePair] = []
    problems: list[Problem] = []
    good = {block.pair: block for block in lesson.evidence if block.side is Side.GOOD}
    for block in lesson.evidence:
        if block.side is not Side.BAD:
            continue
        pair = _pair(block, good.get(block.pair), numbers)
        if isinstance(pair, str):
            message = f"recall cannot guard with this evidence: {pair}"
            problems.append(Problem(lesson.source, block.line, message))
        else:
            pairs.append(pair)
            edits += _single_edits(block, good.get(block.pair), numbers)
    words, runs = tuple(numbers.words), tuple(numbers.runs)
    return Signature(words, runs, (*_generalised(pairs), *edits)), tuple(problems)


def anchors(pairs: Iterable[SignaturePair]) -> Iterator[str]:
    """The keys a lesson is found by: ``b`` what its failure brings, ``g`` what goes when its fix
    goes.
    """
    for pair in pairs:
        for view in (View.REAL, View.SHAPE):
            for gram in pair.bad[view].grams[:ANCHORS]:
                yield key("b", gram)
            for gram in pair.good[view].grams[:ANCHORS]:
                yield key("g", gram)
            for gram in pair.near[view] if pair.near else ():
                yield key("b", gram)


def key(mark: str, gram: int) -> str:
    """A gram as the index knows it."""
    return f"{mark}{gram:x}"


def dumps(signature: Signature) -> str:
    """A signature as the index keeps it."""
    rows = [_row(pair) for pair in signature.pairs]
    columns = [signature.words, signature.runs, rows]
    return json.dumps(columns, ensure_ascii=False, separators=(",", ":"))


def _row(pair: SignaturePair) -> list[Any]:
    return [
        pair.language,
        pair.bad,
        pair.good,
        pair.both,
        pair.keyword_edits,
        pair.gap,
        pair.contrasted,
        pair.borrowed,
        pair.missing,
        pair.one_edit,
        pair.fix_words,
        pair.shared_words,
    ]


def loads(text: str) -> Signature:
    """A signature back from the index."""
    words, runs, rows = json.loads(text)
    return Signature(tuple(words), tuple(runs), tuple(_loaded(*row) for row in rows))


def _loaded(
    language: str, bad: Any, good: Any, both: Any, edits: Any, gap: Any, *rest: Any
) -> SignaturePair:
    parts = _parts(bad), _parts(good), _parts(both)
    keyword_edits = tuple(KeywordEdit(*edit) for edit in edits)
    return SignaturePair(language, *parts, keyword_edits, Gap(*gap) if gap else None, *rest)


def _parts(side: Any) -> tuple[Part, ...]:
    return tuple(Part(*columns) for columns in side)


class _WordNumbers:
    """The words and runs of words of a lesson so far, each with its place."""

    def __init__(self) -> None:
        self.words: dict[str, int] = {}
        self.runs: dict[tuple[int, ...], int] = {}

    def run(self, words: Iterable[str]) -> int:
        """The place of a run of words."""
        places: list[int] = []
        for word in words:
            places.append(self.words.setdefault(word, len(self.words)))
        return self.runs.setdefault(tuple(places), len(self.runs))


def _pair(bad: Evidence, good: Evidence | None, numbers: _WordNumbers) -> SignaturePair | str:
    failed = _grams(bad)
    if len(failed.tokens) < _fewest_tokens(bad.language):
        return (
            f"{len(failed.tokens)} tokens of code are too few to recognise; "
            "add the lines around what failed"
        )
    fixed = _grams(good) if good else NO_GRAMS
    if good and _texts(failed.tokens) == _texts(fixed.tokens):
        return "bad and good are the same code; show what the fix changed"
    sides = _SignatureSides(failed, fixed, numbers)
    if sides.weight_alone() < FEWEST_TELLING and sides.weight_around() < 2 * FEWEST_TELLING:
        return (
            "it cannot tell bad from good: what differs is too common; "
            "add the lines around what failed"
        )
    return sides.pair(bad.language, _missing(bad, good, fixed.tokens), contrasted=good is not None)


def _single_edits(
    bad: Evidence, good: Evidence | None, numbers: _WordNumbers
) -> Iterator[SignaturePair]:
    """Each edit of a fix of several as a pair of its own: one of them may come back alone."""
    if good is None:
        return
    missing = _missing(bad, good, _grams(good).tokens)
    for edit in edits_of(_grams(bad).tokens, _grams(good).tokens):
        sides = _SignatureSides(grams_of(edit.failed), grams_of(edit.fixed), numbers)
        if sides.weight_alone() >= FEWEST_TELLING_ALONE:
            text = joined(edit.fixed)
            own = tuple(line for line in missing if line[1] in text)
            pair = sides.pair(bad.language, own, contrasted=True)
            yield replace(pair, one_edit=True, near=())


@lru_cache(maxsize=4)
def _grams(evidence: Evidence) -> Grams:
    return grams_of(tokenize(dedent(evidence.code), evidence.language))


def _fewest_tokens(language: str | None) -> int:
    return FEWEST_OF_KEYS if language_named(language).nested_keys else FEWEST_TOKENS


def _texts(tokens: Sequence[Token]) -> list[tuple[str, str]]:
    """Words, each with the key it stands under: an indentation can be all that a fix changed."""
    return [(token.text, token.under) for token in tokens]


def _missing(
    bad: Evidence, good: Evidence | None, fixed: Sequence[Token]
) -> tuple[tuple[str, str], ...]:
    if good is None:
        return ()
    bad_lines = set(map(str.strip, bad.code.split("\n")))
    tokens: dict[int, list[Token]] = {}
    for token in fixed:
        tokens.setdefault(token.line, []).append(token)
    missing: dict[str, str] = {}
    for number, line in enumerate(map(str.strip, good.code.split("\n")), start=1):
        if number in tokens and line not in bad_lines:
            missing[line[:LONGEST_MISSING]] = joined(tokens[number])
    return tuple(missing.items())[:MOST_MISSING]


class _SignatureSides:
    """Both sides of a pair as grams, and what each has alone."""

    def __init__(self, failed: Grams, fixed: Grams, numbers: _WordNumbers) -> None:
        self._failed, self._fixed, self._numbers = failed, fixed, numbers

    def pair(
        self, language: str, missing: tuple[tuple[str, str], ...], *, contrasted: bool
    ) -> SignaturePair:
        """Both sides as they are kept."""
        bad, good = self.only_bad(), self.only_good()
        edits = self.keyword_edits() if contrasted else ()
        return SignaturePair(
            language,
            self.with_neighbours(bad, good),
            good,
            self.both(),
            edits,
            self.gap() if contrasted else None,
            contrasted=contrasted,
            borrowed=contrasted and not bad[View.REAL].grams,
            missing=missing,
            fix_words=self.words_of_fix(),
            shared_words=self.words_of_both(),
            near=self.near_anchors(edits) if contrasted else (),
        )

    def only_bad(self) -> tuple[Part, ...]:
        return self._parts(self._failed, self._alone_bad)

    def only_good(self) -> tuple[Part, ...]:
        return self._parts(self._fixed, self._alone_good)

    def both(self) -> tuple[Part, ...]:
        return self._parts(self._failed, self._shared)

    def _parts(self, grams: Grams, choose: Callable[[View], list[int]]) -> tuple[Part, ...]:
        return tuple(self._part(grams, view, choose(view)) for view in View)

    def with_neighbours(self, bad: Sequence[Part], good: Sequence[Part]) -> tuple[Part, ...]:
        """The parts of the bad side; where only the good one has any, what stands around the
        insertion.
        """
        parts = list(bad)
        for view in View:
            if good[view].grams and not bad[view].grams:
                parts[view] = self.near(view)
        return tuple(parts)

    def words_of_fix(self) -> tuple[str, ...]:
        """The words in names that only the fixed code has."""
        return tuple(sorted(parts_of(self._fixed.tokens) - parts_of(self._failed.tokens)))

    def words_of_both(self) -> tuple[str, ...]:
        """Those that both have."""
        return tuple(sorted(parts_of(self._fixed.tokens) & parts_of(self._failed.tokens)))

    def keyword_edits(self) -> tuple[KeywordEdit, ...]:
        """What the fixed code gives calls by name that the failing code does not, and the
        reverse.
        """
        return keyword_edits(self._failed.calls, self._fixed.calls)

    def gap(self) -> Gap | None:
        """Where the fix puts in the first of what it puts in; None where it does anything else."""
        failed, fixed = _texts(self._failed.tokens), _texts(self._fixed.tokens)
        rest = iter(fixed)
        if not all(token in rest for token in failed):
            return None
        place = _divergence(failed, fixed)
        before = tuple(self._ending(view, place) for view in View)
        return Gap(before, tuple(self._beginning(view, place) for view in View))

    def _ending(self, view: View, place: int) -> list[int]:
        ends: list[int] = []
        for gram, first in self._failed.of(view).items():
            if 0 <= place - first - size_of(gram) <= NEAR_GAP:
                ends.append(gram)
        return ends

    def _beginning(self, view: View, place: int) -> list[int]:
        grams = self._failed.of(view).items()
        return [gram for gram, first in grams if 0 <= first - place <= NEAR_GAP]

    def near_anchors(self, edits: Sequence[KeywordEdit]) -> tuple[Sequence[int], ...]:
        """By view, what both sides have, nearest to the change; and of a call whose keywords the
        fix changed its name, which may stand far from them.
        """
        called = {edit.call for edit in edits}
        return tuple(self._near_anchors(view, called) for view in View)

    def _near_anchors(self, view: View, called: Set[str]) -> list[int]:
        near = self.around(view)
        calls: list[int] = []
        for gram in near if called else ():
            if not called.isdisjoint(words_at(self._failed, view, gram)):
                calls.append(gram)
        return [*near[:NEAR_ANCHORS], *calls[:NEAR_ANCHORS]]

    def near(self, view: View) -> Part:
        """The grams of the failing code that stand nearest to where the fix inserts."""
        return self._part(self._failed, view, self.nearest(view)[:NEAR])

    def nearest(self, view: View) -> list[int]:
        """The grams of the failing code, those nearest to what the fix changed first."""
        changed = self._changed_places()
        places = self._failed.of(view)
        return sorted(places, key=lambda gram: _distance(changed, places[gram]))

    def _changed_places(self) -> list[int]:
        """Where the failing code stops being the fixed code, in tokens, ascending."""
        alone = self._alone_bad(View.REAL)
        if alone:
            return sorted(map(self._failed.of(View.REAL).__getitem__, alone))
        return [_divergence(_texts(self._failed.tokens), _texts(self._fixed.tokens))]

    def around(self, view: View) -> list[int]:
        """The grams both have, those nearest to what the fix changed first."""
        fixed = self._fixed.of(view)
        return [gram for gram in self.nearest(view) if gram in fixed]

    def weight_alone(self) -> float:
        """How much what differs tells."""
        words = _words(self._failed, self._alone_bad(View.REAL))
        words |= _words(self._fixed, self._alone_good(View.REAL))
        return _telling(words)

    def weight_around(self) -> float:
        """How much what both have tells."""
        return _telling(_words(self._failed, self._shared(View.REAL)))

    def _alone_bad(self, view: View) -> list[int]:
        fixed = self._fixed.of(view)
        return [gram for gram in self._failed.of(view) if gram not in fixed]

    def _alone_good(self, view: View) -> list[int]:
        failed = self._failed.of(view)
        return [gram for gram in self._fixed.of(view) if gram not in failed]

    def _shared(self, view: View) -> list[int]:
        fixed = self._fixed.of(view)
        return [gram for gram in self._failed.of(view) if gram in fixed]

    def _part(self, grams: Grams, view: View, chosen: Iterable[int]) -> Part:
        """The grams that tell most, first; ties in the order of the code."""
        words = {gram: words_at(grams, view, gram) for gram in chosen}
        most_telling = sorted(words, key=lambda gram: -sum(map(word_weight, words[gram])))
        grams_kept = most_telling[:MOST_GRAMS]
        return Part(grams_kept, [self._numbers.run(words[gram]) for gram in grams_kept], ())


def _divergence(left: Sequence[object], right: Sequence[object]) -> int:
    for place, (left_word, right_word) in enumerate(zip(left, right, strict=False)):
        if left_word != right_word:
            return place
    return min(len(left), len(right))


def _distance(places: Sequence[int], place: int) -> int:
    """How far a place is from the nearest of some, which ascend."""
    after = bisect_left(places, place)
    return min(abs(nearest - place) for nearest in places[max(0, after - 1) : after + 1])


def _words(grams: Grams, chosen: Iterable[int]) -> set[str]:
    words: set[str] = set()
    for gram in chosen:
        words.update(words_at(grams, View.REAL, gram))
    return words


def _telling(words: Iterable[str]) -> float:
    """How much words tell together, each once."""
    return sum(map(word_weight, set(words)))


def _generalised(pairs: Sequence[SignaturePair]) -> tuple[SignaturePair, ...]:
    """What several pairs of a lesson have in common is what it is about: it weighs as often as it
    is there.
    """
    if len(pairs) == 1:
        return tuple(pairs)
    bad: _Counts = Counter()
    good: _Counts = Counter()
    both: _Counts = Counter()
    for pair in pairs:
        _count(pair.bad, bad)
        _count(pair.good, good)
        _count(pair.both, both)
    generalised: list[SignaturePair] = []
    for pair in pairs:
        counted = _shared(pair.bad, bad), _shared(pair.good, good), _shared(pair.both, both)
        generalised.append(replace(pair, bad=counted[0], good=counted[1], both=counted[2]))
    return tuple(generalised)


def _count(side: Sequence[Part], counts: _Counts) -> None:
    for view, part in enumerate(side):
        for gram in part.grams:
            counts[view, gram] += 1


def _shared(side: Sequence[Part], counts: _Counts) -> tuple[Part, ...]:
    parts: list[Part] = []
    for view, part in enumerate(side):
        parts.append(part._replace(pairs=[counts[view, gram] for gram in part.grams]))
    return tuple(parts)
