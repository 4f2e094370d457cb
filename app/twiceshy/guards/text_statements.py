"""Code as statements: tokens without spacing, comments and line breaks, so that reformatting
changes nothing.

Pure and linear in the text; knows no grammar, so it reads configuration files and half-finished
code alike.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache

from twiceshy.lessons.language import CommentMark
from twiceshy.lessons.languages import IMPORTING_WORDS, language_named

Tokens = tuple[str, ...]

MAX_LINE = 2_000
"""Characters; a longer line was not written by hand and is passed over."""

MAX_LINES = 40
"""Lines one statement may span; past that a bracket was probably never meant to be one."""

MAX_COMPARED = 300
"""Tokens of a statement that are compared for likeness."""

_MARKS = {
    CommentMark.HASH: r"(?<!\S)#.*",
    CommentMark.SLASHES: r"(?<!:)//.*",
    CommentMark.DASHES: r"--.*",
    CommentMark.SEMICOLONS: r";;.*",
    CommentMark.BLOCK: r"/\*.*?(?:\*/|$)",
    CommentMark.MARKUP: r"<!--.*?(?:-->|$)",
    CommentMark.TEMPLATE: r"\{\{-?\s*/\*.*?(?:\*/\s*-?\}\}|$)",
}
"""What of one line is a comment."""

_UNKNOWN = r"(?<!\S)(?:#|//)\s.*"
_LEXEME = (
    r'"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\'|`[^`]*`'
    r"|\w+|[<>=!]=+|=>|->|:=|::|&&|\|\||[^\w\s]"
)

_WORDS = """
if else elif elsif unless for while do done then fi end begin return try except catch finally
rescue ensure raise throw throws with as in is not and or import from include using use require
package def fn func function class struct public private protected static final const let var val
mut new nil null none None true True false False self this pass break continue switch case default
async await yield lambda err error int string bool void str echo set
"""
_COMMON = frozenset(_WORDS.split())
_OFF = frozenset(
    [
        "none",
        "null",
        "nil",
        "undefined",
        "false",
        "0",
        "off",
        "no",
        "disabled",
        '"off"',
        '"no"',
        '"false"',
    ]
)
_SIGNS = frozenset({"=", ":", ":=", "=>"})
_OPENING, _CLOSING = frozenset("([{"), frozenset(")]}")
_LAYOUT = frozenset(";\\")
_WORD = re.compile(r"[^\W\d]\w*")
_SHORTEST_STRING = 6
"""With its quotes; a shorter one says nothing."""


@dataclass(frozen=True, slots=True)
class Statement:
    """What stands between two line ends, or between brackets that span several lines."""

    tokens: Tokens
    first: int  # 0-based, of the lines given
    last: int


def statements(lines: Sequence[str], language: str | None) -> tuple[Statement, ...]:
    """The statements of some lines, which may begin and end anywhere in a file. Blank and comment
    lines are none.
    """
    return tuple(statement for statement in _split(lines, language) if statement.tokens)


def _split(lines: Sequence[str], language: str | None) -> Iterator[Statement]:
    tokens: list[str] = []
    brackets: list[str] = []
    start = 0
    for number, line in enumerate(lines):
        if not tokens:
            start = number
        own = _tokens(line, language)
        tokens += own
        _follow(brackets, own)
        goes_on = (brackets and brackets[-1] in "([") or (own and own[-1] == "\\")
        if tokens and (not goes_on or number - start + 1 >= MAX_LINES):
            yield Statement(_tidy(tokens), start, number)
            tokens = []
            brackets = [] if goes_on else [bracket for bracket in brackets if bracket == "{"]
    if tokens:
        yield Statement(_tidy(tokens), start, len(lines) - 1)


def stream(lines: Iterable[str], language: str | None) -> str:
    """All tokens of some lines as one text that ``times`` counts in."""
    tokens: list[str] = []
    for line in lines:
        tokens += _tokens(line, language)
    return _encoded(_tidy(tokens))


def times(tokens: Tokens, text: str) -> int:
    """How often the tokens stand in a ``stream``, one right after the other."""
    return text.count(_encoded(tokens))


def names(tokens: Iterable[str]) -> frozenset[str]:
    """What a person named: identifiers that are not the language's own words, and strings that say
    something.
    """
    return frozenset(token.strip('"`') for token in tokens if _says_something(token))


def _says_something(token: str) -> bool:
    if token[0] in '"`' and len(token) >= _SHORTEST_STRING:
        return True
    return _WORD.fullmatch(token) is not None and token not in _COMMON


def given(tokens: Sequence[str], depth: int = 0) -> dict[str, str]:
    """Names given a value inside at least ``depth`` brackets, as in ``f(timeout=5)``, with the
    value's first token.
    """
    values: dict[str, str] = {}
    inside = 0
    for place, token in enumerate(tokens):
        inside += (token in _OPENING) - (token in _CLOSING)
        if token in _SIGNS and 0 < place < len(tokens) - 1 and inside >= depth:
            name = tokens[place - 1].strip('"`')
            if _WORD.fullmatch(name):
                values.setdefault(name, tokens[place + 1])
    return values


def is_off(value: str) -> bool:
    """Whether a value says that there is none: ``timeout=None`` guards nothing."""
    return value.lower() in _OFF


def is_import(tokens: Tokens) -> bool:
    """Whether a statement only brings names in."""
    first = tokens[1] if tokens[0] == "#" and len(tokens) > 1 else tokens[0]
    return first in IMPORTING_WORDS


def likeness(left: Tokens, right: Tokens) -> float:
    """How much of two statements is the same, in order: 0 for nothing, 1 for all (Ratcliff and
    Obershelp).
    """
    matcher = SequenceMatcher(None, left[:MAX_COMPARED], right[:MAX_COMPARED], autojunk=False)
    return min(matcher.real_quick_ratio(), matcher.quick_ratio()) and matcher.ratio()


def same_shape(left: Tokens, right: Tokens) -> bool:
    """Whether the two differ in names alone."""
    return len(left) == len(right) and all(map(_both_names, left, right))


def _both_names(left: str, right: str) -> bool:
    return left == right or bool(names((left,)) and names((right,)))


def switched_off(before: Mapping[str, str], after: Mapping[str, str]) -> bool:
    """Whether a name that was given a value is now given none."""
    return any(
        not is_off(value) and is_off(after.get(name, value)) for name, value in before.items()
    )


@lru_cache(maxsize=64)
def _pattern(language: str | None) -> re.Pattern[str]:
    marks = [_MARKS[comment] for comment in language_named(language).comments]
    comment = "|".join(marks) or _UNKNOWN
    return re.compile(f"(?P<comment>{comment})|(?P<token>{_LEXEME})")


def _tokens(line: str, language: str | None) -> list[str]:
    if len(line) > MAX_LINE:
        return []
    tokens: list[str] = []
    for match in _pattern(language).finditer(line):
        token = match["token"]
        if token and token[0] == "'" and len(token) > 1:
            # black and prettier turn one kind of quotes into the other
            token = f'"{token[1:-1]}"'
        if token:
            tokens.append(token)
    return tokens


def _follow(brackets: list[str], tokens: Iterable[str]) -> None:
    for token in tokens:
        if token in _OPENING:
            brackets.append(token)
        elif token in _CLOSING and brackets:
            brackets.pop()


def _tidy(tokens: Sequence[str]) -> Tokens:
    """Without what formatters add and take away: semicolons, line continuations, commas before a
    closing bracket.
    """
    tidy: list[str] = []
    for token in tokens:
        if token in _LAYOUT:
            continue
        if token in _CLOSING and tidy and tidy[-1] == ",":
            tidy.pop()
        tidy.append(token)
    if tidy and tidy[-1] == ",":
        tidy.pop()
    return tuple(tidy)


def _encoded(tokens: Iterable[str]) -> str:
    return "".join(f"\0{token}\1" for token in tokens)
