"""Tokens as n-grams: runs of three and five tokens, as stable numbers, with the words that give
them weight. Pure.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property, lru_cache
from hashlib import blake2b
from itertools import accumulate
from math import log

from twiceshy.guards.recall.keywords import Calls, calls_of
from twiceshy.guards.recall.tokens import Token
from twiceshy.guards.recall.word_weight import KEYWORD_WEIGHT, word_weight

MASK = (1 << 44) - 1
"""44 bits: a chance meeting of two grams is one in millions even against 50,000 lessons, and a key
stays short.
"""

_STEP = 0x9E3779B1  # 2**32 / golden ratio: Knuth, The Art of Computer Programming 3, section 6.4

LONG_RUN = 5
"""Tokens of the longer of the two sizes."""

TELLS = 0.5
"""From this weight on a word can point at a lesson, see ``word_weight``."""


class View(IntEnum):
    """The two ways a text is looked at."""

    REAL = 0  # runs of tokens as written
    # the same with local names taken out; that two of them in a run are the same one is kept
    SHAPE = 1


@dataclass(frozen=True)
class Grams:
    """For each view the grams of a text, each with the place (0-based) of its first token in
    ``tokens``.
    """

    tokens: tuple[Token, ...]
    views: tuple[Mapping[int, int], ...]

    def of(self, view: View) -> Mapping[int, int]:
        """The grams of one view."""
        return self.views[view]

    @cached_property
    def calls(self) -> Calls:
        """What its calls are given by name."""
        return calls_of(self.tokens)


NO_GRAMS = Grams((), ({}, {}))


def grams_of(tokens: tuple[Token, ...]) -> Grams:
    """Every gram of both views; of one that comes again, the first place."""
    real = [gram_number(token.text) for token in tokens]
    views = runs(real, real, [0] * len(real), 3), _shapes(tokens)
    for salt, view in enumerate(views, start=7):
        for gram, place in _nested(tokens, salt):
            view.setdefault(gram, place)
    return Grams(tokens, views)


def _nested(tokens: Sequence[Token], salt: int) -> Iterator[tuple[int, int]]:
    """For each key that stands under another, it with that one, and with that one and its value:
    nested keys are known wherever they are cut out.
    """
    for place, token in enumerate(tokens):
        if token.under:
            value = (salt * _STEP + gram_number(token.under)) * _STEP + gram_number(token.text)
            yield _mixed(value & _WIDE) & MASK & ~1, place
            for following in tokens[place + 1 : place + LONG_RUN]:
                if following.line == token.line:
                    value = value * _STEP + gram_number(following.text) & _WIDE
            yield _mixed(value & _WIDE) & MASK | 1, place


def size_of(gram: int) -> int:
    """How many tokens a gram runs over: its lowest bit says which of the two sizes it is."""
    return 5 if gram & 1 else 3


def _shapes(tokens: Sequence[Token]) -> dict[int, int]:
    """Runs with local names taken out; a name that came before in the same run is told from one
    that did not.
    """
    last: dict[str, int] = {}
    back: list[int] = []
    plain: list[int] = []
    again: list[int] = []
    for place, token in enumerate(tokens):
        is_local = token.abstract == "ID"
        step = place - last[token.text] if is_local and token.text in last else 0
        if is_local:
            last[token.text] = place
        number = gram_number(f"~{token.abstract}")
        back.append(step)
        plain.append(number)
        again.append(gram_number(f"~ID-{step}") if 0 < step < LONG_RUN else number)
    return runs(plain, again, back, 5)


def runs(
    plain: Sequence[int], again: Sequence[int], back: Sequence[int], salt: int
) -> dict[int, int]:
    """Runs of three and five; ``again`` stands for a token whose earlier self, ``back`` tokens
    before, is in the run.
    """
    runs: dict[int, int] = {}
    count = len(plain)
    for place in range(count - 2):
        value = salt * _STEP + plain[place]
        for step in (1, 2):
            numbers = again if 0 < back[place + step] <= step else plain
            value = value * _STEP + numbers[place + step] & _WIDE
        runs.setdefault(_mixed(value) & MASK & ~1, place)
        if place + 4 < count:
            for step in (3, 4):
                numbers = again if 0 < back[place + step] <= step else plain
                value = value * _STEP + numbers[place + step] & _WIDE
            runs.setdefault(_mixed(value) & MASK | 1, place)
    return runs


def gram_of(numbers: Iterable[int], salt: int) -> int:
    """A gram of other numbers than a run's: of the longer size."""
    value = salt
    for number in numbers:
        value = value * _STEP + number & _WIDE
    return _mixed(value) & MASK | 1


_WIDE = (1 << 62) - 1


def _mixed(value: int) -> int:
    return (value ^ (value >> 29)) >> 7


@lru_cache(maxsize=131_072)
def gram_number(word: str) -> int:
    """A word as grams know it: the same everywhere."""
    return int.from_bytes(blake2b(word.encode("utf-8", "replace"), digest_size=6).digest(), "big")


def words_at(grams: Grams, view: View, gram: int) -> tuple[str, ...]:
    """The words of a gram that can be rare or common: no signs, no placeholders."""
    first = grams.views[view][gram]
    run = grams.tokens[first : first + size_of(gram)]
    words: list[str] = []
    for token in run:
        word = token.abstract if view is View.SHAPE else token.text
        if word_weight(word) >= KEYWORD_WEIGHT:
            words.append(word)
    return tuple(words)


def telling(grams: Grams, view: View) -> list[int]:
    """The grams that can find a lesson: they hold a name that tells something; under other names a
    long run will do.

    The others would only be looked up in vain.
    """
    tells: list[bool] = []
    for token in grams.tokens:
        word = token.abstract if view is View.SHAPE else token.text
        tells.append(word_weight(word) >= TELLS)
    until = [0, *accumulate(tells)]
    last = len(tells)  # a key and its value may be the last tokens, and fewer than a run
    any_long = view is View.SHAPE
    return [
        gram
        for gram, first in grams.views[view].items()
        if (any_long and gram & 1) or until[min(first + size_of(gram), last)] > until[first]
    ]


@dataclass(frozen=True, slots=True)
class HostCounts:
    """In how many of a host's files words stand."""

    files: int
    files_with: Mapping[str, int]


def worths(
    counts: Mapping[str, int], words: Iterable[str], lessons: int, host: HostCounts | None = None
) -> dict[str, float]:
    """What each word tells: by its kind, times its inverse document frequency scaled to 0..1, the
    mean of the registry's and, where files of it are counted, the host's.

    K. Sparck Jones 1972, smoothed; a word that no lesson or file has counts as rare.
    """
    worth: dict[str, float] = {}
    for word in words:
        rarity = _rarity(counts.get(word, 1), lessons)
        if host and host.files:
            rarity = (rarity + _rarity(1 + host.files_with.get(word, 0), host.files)) / 2
        worth[word] = word_weight(word) * rarity
    return worth


def _rarity(holding: int, of: int) -> float:
    return log(1 + of / holding) / log(1 + max(of, 1))
