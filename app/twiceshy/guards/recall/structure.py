"""Code as the structure that is left when every name its project chose is taken out.

A name of the language or of its libraries stays; a path of own names (``self.lock``) becomes one
symbol, and literals one each. That two symbols are the same is kept: within a run of three or five,
and as a link from one use of a symbol to the next. Linear; looks at tokens, parses nothing.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple
from zlib import decompress

from twiceshy.changes.parser.leaves import LeafKind
from twiceshy.guards.library_names import library_names
from twiceshy.guards.recall.grams import gram_number, gram_of, runs
from twiceshy.guards.recall.tokens import Token
from twiceshy.lessons.languages import KEYWORDS, family_of, language_named

_OWN = "~own"
_OWNERS = frozenset(["self", "this", "cls", "@"])
_ACCESS = frozenset([".", "->", "::", "?.", "&.", "!."])
_CALLS = frozenset(["(", "!"])
_SMALL = frozenset(["0", "1", "-1"])
_TYPE_WORDS = frozenset(['"string', "number"])
"""TypeScript's grammar calls these types by the kinds of its literals."""

_RUN, _LINK = 7, 11
"""Salts, so that no gram of one sort is one of another."""

TABLE_BITS = 19
"""The background has so many bits of places: half a million, of which a tenth are taken."""


class Structure(NamedTuple):
    """The symbols of a text by line and by the own name each stands for ("" for none), and its
    grams, each with the place (0-based) of its first symbol; of a link, of its last.
    """

    lines: Sequence[int]
    names: Sequence[str]
    grams: Mapping[int, int]


NO_STRUCTURE = Structure((), (), {})


def has_structure(language: str | None) -> bool:
    """Whether names can be told from what they are about: code, not configuration."""
    return language_named(language).local_names


def structure_of(tokens: Sequence[Token], language: str | None) -> Structure:
    """The structure of tokens of a language; none where names are the meaning."""
    if not has_structure(language):
        return NO_STRUCTURE
    symbols = _Symbols(library_names(family_of(language) or ""))
    symbols.read(tokens)
    return Structure(symbols.lines, symbols.names, symbols.grams())


class _Symbols:
    """The symbols so far: of each its number, the name it stands for if it is an own one, its
    line.
    """

    def __init__(self, library: frozenset[str]) -> None:
        self._library = library
        self.numbers: list[int] = []
        self.names: list[str] = []
        self.lines: list[int] = []

    def read(self, tokens: Sequence[Token]) -> None:
        place, end = 0, len(tokens)
        while place < end:
            token = tokens[place]
            place += 1
            if token.text == "$":
                continue  # PHP writes it before each variable
            if _is_name(token, tokens[place - 2].text if place > 1 else "") and not (
                self._is_library(tokens, place - 1)
            ):
                place = self._read_path(tokens, place)
            else:
                self._add(_abstract(token), "", token.line)

    def _read_path(self, tokens: Sequence[Token], place: int) -> int:
        """An own name and the own names it leads to; the place behind them."""
        first = tokens[place - 1]
        path = [first.text]
        last = len(tokens) - 1
        while place < last and tokens[place].text in _ACCESS:
            following = tokens[place + 1]
            if following.kind not in (LeafKind.NAME, LeafKind.WORD):
                break
            is_member = len(path) == 1 and path[0] in _OWNERS
            if not is_member and self._is_library(tokens, place + 1):
                break
            path.append(following.text)
            place += 2
        self._add(_OWN, ".".join(path), first.line)
        return place

    def _is_library(self, tokens: Sequence[Token], place: int) -> bool:
        """Whether a name is one that a project does not choose, as it is used here."""
        text = tokens[place].text
        if text in _OWNERS:
            return False
        is_called = place + 1 < len(tokens) and tokens[place + 1].text in _CALLS
        return (f"{text}(" if is_called else text) in self._library

    def _add(self, text: str, name: str, line: int) -> None:
        self.numbers.append(gram_number(text))
        self.names.append(name)
        self.lines.append(line)

    def grams(self) -> dict[int, int]:
        last: dict[str, int] = {}
        back: list[int] = []
        again: list[int] = []
        links: dict[int, int] = {}
        numbers = self.numbers
        for place, name in enumerate(self.names):
            step = place - last.get(name, place) if name else 0
            if name:
                last[name] = place
            back.append(step)
            again.append(_again(step) if 0 < step < _NEAR else numbers[place])
            if step:
                links.setdefault(_link(numbers, place - step, place), place)
        return {**links, **runs(numbers, again, back, _RUN)}


_NEAR = 5


def _is_name(token: Token, before: str) -> bool:
    if token.kind is LeafKind.SIGN:
        return token.text[0] == "@" and len(token.text) > 1
    if token.kind is LeafKind.NAME:
        return True
    return token.kind is LeafKind.WORD and (before in _ACCESS or not _is_keyword(token.text))


@lru_cache(maxsize=16_384)
def _is_keyword(text: str) -> bool:
    return text not in _OWNERS and text.lower() in KEYWORDS


def _abstract(token: Token) -> str:
    if token.text in _TYPE_WORDS:
        return token.text
    if token.kind is LeafKind.STRING:
        return "~text"
    if token.kind is LeafKind.NUMBER:
        return token.text if token.text in _SMALL else "~number"
    return token.text


@lru_cache(maxsize=_NEAR)
def _again(step: int) -> int:
    return gram_number(f"{_OWN}-{step}")


def _link(numbers: Sequence[int], earlier: int, place: int) -> int:
    """A name's use and its use before, each by the symbols around it."""
    end = len(numbers) - 1
    around = (
        numbers[earlier - 1] if earlier else 0,
        numbers[earlier + 1],
        numbers[place - 1],
        numbers[place + 1] if place < end else 0,
    )
    return gram_of(around, _LINK)


@lru_cache(maxsize=1)
def _background() -> bytes:
    packed = files(__package__).joinpath("structure_background.bin").read_bytes()
    return decompress(packed)


def rarity(gram: int) -> float:
    """How rare a gram is in code at large: 1 where it is hardly ever met, 0 where everywhere."""
    return 1 - _background()[(gram >> 1) & ((1 << TABLE_BITS) - 1)] / 255
