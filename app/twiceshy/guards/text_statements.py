"""Code as statements: tokens without spacing, comments and line breaks, so that reformatting
changes nothing.

Pure and linear in the text; knows no grammar, so it reads configuration files and half-finished
code alike.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache

from twiceshy.lessons.language import Comment
from twiceshy.lessons.languages import IMPORTING_WORDS, language_named

Tokens = tuple[str, ...]

MAX_LINE = 2_000
"""Characters; a longer line was not written by hand and is passed over."""

MAX_LINES = 40
"""Lines one statement may span; past that a bracket was probably never meant to be one."""

MAX_COMPARED = 300
"""Tokens of a statement that are compared for likeness."""

_MARKS = {
    Comment.HASH: r"(?<!\S)#.*",
    Comment.SLASHES: r"(?<!:)//.*",
    Comment.DASHES: r"--.*",
    Comment.SEMICOLONS: r";;.*",
    Comment.BLOCK: r"/\*.*?(?:\*/|$)",
    Comment.MARKUP: r"<!--.*?(?:-->|$)",
}
"""What of one line is a comment."""

_UNKNOWN = r"(?<!\S)(?:#|//)\s.*"
_LEXEME = r'"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\'|`[^`]*`|\w+|[<>=!]=+|=>|->|:=|::|&&|\|\||[^\w\s]'

_WORDS = """
if else elif elsif unless for while do done then fi end begin return try except catch finally rescue ensure raise throw
throws with as in is not and or import from include using use require package def fn func function class struct public
private protected static final const let var val mut new nil null none None true True false False self this pass break
continue switch case default async await yield lambda err error int string bool void str echo set
"""
_COMMON = frozenset(_WORDS.split())
_OFF = frozenset(
    {
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
    }
)
_SIGNS = frozenset({"=", ":", ":=", "=>"})
_OPENING, _CLOSING = frozenset("([{"), frozenset(")]}")
_LAYOUT = frozenset(";\\")
_WORD = re.compile(r"[^\W\d]\w*")


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
    found: list[Statement] = []
    held: list[str] = []
    brackets: list[str] = []
    start = 0
    for number, line in enumerate(lines):
        if not held:
            start = number
        tokens = _tokens(line, language)
        held += tokens
        _follow(brackets, tokens)
        goes_on = (brackets and brackets[-1] in "([") or (tokens and tokens[-1] == "\\")
        if held and (not goes_on or number - start + 1 >= MAX_LINES):
            found.append(Statement(_tidy(held), start, number))
            held, brackets = [], [each for each in brackets if not goes_on and each == "{"]
    if held:
        found.append(Statement(_tidy(held), start, len(lines) - 1))
    return tuple(each for each in found if each.tokens)


def stream(lines: Iterable[str], language: str | None) -> str:
    """All tokens of some lines as one text that ``times`` counts in."""
    return _encoded(_tidy([token for line in lines for token in _tokens(line, language)]))


def times(tokens: Tokens, text: str) -> int:
    """How often the tokens stand in a ``stream``, one right after the other."""
    return text.count(_encoded(tokens))


def names(tokens: Iterable[str]) -> frozenset[str]:
    """What a person named: identifiers that are not the language's own words, and strings that say
    something.
    """
    return frozenset(
        token.strip('"`')
        for token in tokens
        if (_WORD.fullmatch(token) and token not in _COMMON)
        or (token[0] in '"`' and len(token) > 5)  # noqa: PLR2004 - quotes count
    )


def given(tokens: Sequence[str], depth: int = 0) -> dict[str, str]:
    """Names given a value inside at least ``depth`` brackets, as in ``f(timeout=5)``, with the
    value's first token.
    """
    found: dict[str, str] = {}
    inside = 0
    for at, token in enumerate(tokens):
        inside += (token in _OPENING) - (token in _CLOSING)
        if token in _SIGNS and 0 < at < len(tokens) - 1 and inside >= depth:
            name = tokens[at - 1].strip('"`')
            if _WORD.fullmatch(name):
                found.setdefault(name, tokens[at + 1])
    return found


def is_off(value: str) -> bool:
    """Whether a value says that there is none: ``timeout=None`` guards nothing."""
    return value.lower() in _OFF


def is_import(tokens: Tokens) -> bool:
    """Whether a statement only brings names in."""
    first = tokens[1] if tokens[0] == "#" and len(tokens) > 1 else tokens[0]
    return first in IMPORTING_WORDS


def likeness(one: Tokens, other: Tokens) -> float:
    """How much of two statements is the same, in order: 0 for nothing, 1 for all (Ratcliff and
    Obershelp).
    """
    matcher = SequenceMatcher(None, one[:MAX_COMPARED], other[:MAX_COMPARED], autojunk=False)
    return min(matcher.real_quick_ratio(), matcher.quick_ratio()) and matcher.ratio()


def same_shape(one: Tokens, other: Tokens) -> bool:
    """Whether the two differ in names alone."""
    return len(one) == len(other) and all(
        mine == yours or bool(names((mine,)) and names((yours,)))
        for mine, yours in zip(one, other, strict=True)
    )


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
    found = (match["token"] for match in _pattern(language).finditer(line))
    # black and prettier turn one kind of quotes into the other
    return [
        f'"{token[1:-1]}"' if token[0] == "'" and len(token) > 1 else token
        for token in found
        if token
    ]


def _follow(brackets: list[str], tokens: Iterable[str]) -> None:
    for each in tokens:
        if each in _OPENING:
            brackets.append(each)
        elif each in _CLOSING and brackets:
            brackets.pop()


def _tidy(tokens: Sequence[str]) -> Tokens:
    """Without what formatters add and take away: semicolons, line continuations, commas before a
    closing bracket.
    """
    kept = [each for each in tokens if each not in _LAYOUT]
    following = (*kept[1:], ")")
    return tuple(
        each
        for each, after in zip(kept, following, strict=False)
        if each != "," or after not in _CLOSING
    )


def _encoded(tokens: Iterable[str]) -> str:
    return "".join(f"\0{token}\1" for token in tokens)
