"""Code as tokens in two streams, real and with local names taken out, so that renaming and
reformatting hide nothing.

Leaves of the syntax tree where there is a grammar, else a plain lexer. Linear, iterative and
bounded; never raises for code, however broken: trees are made even of what does not parse.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar
from zlib import crc32

from twiceshy.changes.parser.client import ask_each
from twiceshy.changes.parser.leaves import FOREIGN, LeafKind
from twiceshy.lessons.language import CommentMark
from twiceshy.lessons.languages import DEFINING_WORDS, KEYWORDS, language_named

MAX_CHARACTERS = 1_000_000
MAX_LINE = 20_000
"""A longer line is not code a person wrote: it goes through the plain lexer, which no nesting can
slow down.
"""

MAX_TEXT = 40
"""Of one token: a longer literal says no more."""


@dataclass(frozen=True, slots=True)
class Token:
    """A token as written, as abstracted (``ID`` for a local name), its kind, its 1-based line."""

    text: str
    abstract: str
    kind: LeafKind
    line: int


Result = TypeVar("Result")
_Leaf = tuple[str, LeafKind, int]
"""Text, kind, line."""

_LEXEMES = (
    r"""(?P<string>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`[^`]*`)"""
    r"""|(?P<number>\d[\w.]*)|(?P<name>[^\W\d]\w*)|(?P<sign>[^\w\s])"""
)
_MARKS = {
    CommentMark.BLOCK: r"/\*[^\0]*?\*/",
    CommentMark.MARKUP: r"<!--[^\0]*?-->",
    CommentMark.HASH: r"(?<!\S)\#[^\n]*",
    CommentMark.SLASHES: r"(?<!:)//[^\n]*",
    CommentMark.DASHES: r"--[^\n]*",
    CommentMark.SEMICOLONS: r";;[^\n]*",
}
"""What of a text is a comment, where the language has such: elsewhere ``https://`` and ``#fff`` are
code.
"""

_SELF = frozenset(["self", "this", "cls", "super"])
_ACCESS = frozenset([".", "->", "::", "?.", "&."])
_SMALL = frozenset(["0", "1", "-1"])
_NOISE = frozenset([";"])
_CLOSING = frozenset([")", "]", "}"])
_QUOTED = re.compile(r"""((?:[rRbBuUfF]{1,2}(?=["']))?)(\"{3}|'{3}|["'`])?([\s\S]*)""")
_CONSTANT = re.compile(r"[A-Z]|__\w+__$")


def tokenize(text: str, language: str | None) -> tuple[Token, ...]:
    """Every token that is not a comment; none for a text over the limit."""
    return tokenize_each([(text, language)], lambda tokens: tokens)[0]


def tokenize_each(
    texts: Sequence[tuple[str, str | None]], use: Callable[[tuple[Token, ...]], Result]
) -> list[Result]:
    """What ``use`` makes of the tokens of each text (and its language); the next is parsed
    meanwhile.
    """
    waiting = iter(texts)

    def read(rows: list[Any] | None) -> Result:
        return use(_tokens(*next(waiting), rows))

    questions: list[tuple[str, str, str | None]] = []
    for text, language in texts:
        questions.append(("leaves", text, language if _plausible(text) else None))
    return ask_each(questions, read)


def _plausible(text: str) -> bool:
    if len(text) <= MAX_LINE:
        return True
    return len(text) <= MAX_CHARACTERS and max(map(len, text.split("\n"))) <= MAX_LINE


def _tokens(text: str, language: str | None, rows: list[Any] | None) -> tuple[Token, ...]:
    if len(text) > MAX_CHARACTERS:
        return ()
    leaves = _lexed(text, language, 1) if rows is None else _leaves_of(rows, language)
    return tuple(_abstracted([leaf for leaf in leaves if leaf[0] not in _NOISE], language))


def _leaves_of(rows: Iterable[Sequence[Any]], language: str | None) -> Iterator[_Leaf]:
    for row in rows:
        yield from _read(row, language)


def joined(tokens: Iterable[Token]) -> str:
    """Tokens in one line with blanks between and around them, so that one run can be looked for in
    another.
    """
    return f" {' '.join(token.text for token in tokens)} "


def _content(written: str) -> str:
    """What a string says, whichever quotes it stands in."""
    match = _QUOTED.match(written)
    prefix, quote, inside = match.groups() if match else ("", "", written)
    inside = inside.removesuffix(quote or "")
    content = prefix.lower().replace("u", "") + '"' + " ".join(inside.split())
    if len(content) <= MAX_TEXT:
        return content
    return f"{content[: MAX_TEXT - 9]}…{crc32(content.encode('utf-8', 'replace')):08x}"


def _read(row: Sequence[Any], language: str | None) -> Iterator[_Leaf]:
    """One leaf of the tree; more when it is text of another language (a script in a page)."""
    text, kind, line = row
    if kind == FOREIGN:
        yield from _lexed(text, language, line)
    else:
        yield _content(text) if kind == LeafKind.STRING else text[:MAX_TEXT], LeafKind(kind), line


@lru_cache(maxsize=64)
def _lexer(language: str | None) -> re.Pattern[str]:
    marks = language_named(language).comments
    patterns: list[str] = []
    for comment, pattern in _MARKS.items():
        if comment in marks:
            patterns.append(f"(?:{pattern})")
    return re.compile("|".join([*patterns, _LEXEMES]))


def _lexed(text: str, language: str | None, line: int) -> Iterator[_Leaf]:
    ignores_case = language_named(language).ignores_case
    counted = 0
    for match in _lexer(language).finditer(text):
        line += text.count("\n", counted, match.start())
        counted = match.start()
        kind, word = match.lastgroup, match[0]
        if kind == "string":
            yield _content(word), LeafKind.STRING, line
        elif kind == "name":
            word = word.lower() if ignores_case else word
            is_word = word.lower() in KEYWORDS
            yield word[:MAX_TEXT], LeafKind.WORD if is_word else LeafKind.NAME, line
        elif kind is not None:  # else it is a comment
            yield word[:MAX_TEXT], LeafKind.NUMBER if kind == "number" else LeafKind.SIGN, line


def _abstracted(leaves: Sequence[_Leaf], language: str | None) -> Iterator[Token]:
    """Local names become ID; what is called, accessed, typed or a constant keeps its name: it is
    what code is about.
    """
    last = len(leaves) - 1
    plain = language_named(language).words_are_meaning
    before = ""
    for number, (text, kind, line) in enumerate(leaves):
        after = leaves[number + 1][0] if number < last else ""
        if text == "," and after in _CLOSING:
            continue  # a trailing comma is formatting
        abstract = text
        if kind is LeafKind.STRING:
            abstract = "STR"
        elif kind is LeafKind.NUMBER:
            abstract = text if text in _SMALL else "NUM"
        elif kind is LeafKind.NAME and not plain and _is_local(text, before, after):
            abstract = "ID"
        yield Token(text, abstract, kind, line)
        before = text


def _is_local(text: str, before: str, after: str) -> bool:
    if before in DEFINING_WORDS:
        return True
    if before in _ACCESS or after in ("(", "!") or text in _SELF:
        return False
    return not _CONSTANT.match(text)
