"""Code as tokens in two streams, real and with local names taken out, so that renaming and
reformatting hide nothing.

Leaves of the syntax tree where there is a grammar, and of a plain lexer where there is none, where
the tree has a gap, and for configuration, whose text is templates and halves of files. Linear,
iterative and bounded; never raises for code, however broken: trees are made even of what does not
parse.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from twiceshy.changes.parser.client import ask_each
from twiceshy.changes.parser.leaves import FOREIGN, LeafKind
from twiceshy.guards.recall.keys import keys_above
from twiceshy.guards.recall.lexer import MAX_TEXT, Leaf, lexed, text_leaves
from twiceshy.lessons.language import Language
from twiceshy.lessons.languages import DEFINING_WORDS, language_named

MAX_CHARACTERS = 1_000_000
MAX_LINE = 20_000
"""A longer line is not code a person wrote: it goes through the plain lexer, which no nesting can
slow down.
"""


@dataclass(frozen=True, slots=True)
class Token:
    """A token as written, as abstracted (``ID`` for a local name), its kind, its 1-based line."""

    text: str
    abstract: str
    kind: LeafKind
    line: int
    under: str = ""  # of a line's key, the key that it stands under; empty elsewhere


Result = TypeVar("Result")
_SELF = frozenset(["self", "this", "cls", "super"])
_ACCESS = frozenset([".", "->", "::", "?.", "&."])
_SMALL = frozenset(["0", "1", "-1"])
_NOISE = frozenset([";"])
_CLOSING = frozenset([")", "]", "}"])
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
        questions.append(("leaves", text, language if _has_tree(text, language) else None))
    return ask_each(questions, read)


def _has_tree(text: str, language: str | None) -> bool:
    if language_named(language).nested_keys:
        return False
    if len(text) <= MAX_LINE:
        return True
    return len(text) <= MAX_CHARACTERS and max(map(len, text.split("\n"))) <= MAX_LINE


def _tokens(text: str, language: str | None, rows: list[Any] | None) -> tuple[Token, ...]:
    if len(text) > MAX_CHARACTERS:
        return ()
    record = language_named(language)
    read = lexed(text, language, 1) if rows is None else _leaves_of(rows, language)
    leaves = [leaf for leaf in read if leaf[0] not in _NOISE]
    return tuple(_abstracted(leaves, record, keys_above(text, leaves, record)))


def _leaves_of(rows: Iterable[Sequence[Any]], language: str | None) -> Iterator[Leaf]:
    for row in rows:
        yield from _read(row, language)


def joined(tokens: Iterable[Token]) -> str:
    """Tokens in one line with blanks between and around them, so that one run can be looked for in
    another.
    """
    return f" {' '.join(token.text for token in tokens)} "


def _read(row: Sequence[Any], language: str | None) -> Iterator[Leaf]:
    """One leaf of the tree; more when no leaf of it holds the text."""
    text, kind, line = row
    if kind == FOREIGN:
        yield from lexed(text, language, line)
    elif kind == LeafKind.STRING:
        yield from text_leaves(text, language, line)
    else:
        yield text[:MAX_TEXT], LeafKind(kind), line


def _abstracted(
    leaves: Sequence[Leaf], language: Language, above: Mapping[int, str]
) -> Iterator[Token]:
    """Local names become ID; what is called, accessed, typed or a constant keeps its name: it is
    what code is about. Where words are the meaning, all that is written keeps its name.
    """
    last = len(leaves) - 1
    before, key_line = "", 0
    for number, (text, kind, line) in enumerate(leaves):
        after = leaves[number + 1][0] if number < last else ""
        if text == "," and after in _CLOSING:
            continue  # a trailing comma is formatting
        abstract = text if language.words_are_meaning else _abstract(text, kind, before, after)
        under = ""
        if line != key_line and kind is not LeafKind.SIGN:
            key_line, under = line, above.get(line, "")
        yield Token(text, abstract, kind, line, under)
        before = text


def _abstract(text: str, kind: LeafKind, before: str, after: str) -> str:
    if kind is LeafKind.STRING:
        return "STR"
    if kind is LeafKind.NUMBER:
        return text if text in _SMALL else "NUM"
    return "ID" if kind is LeafKind.NAME and _is_local(text, before, after) else text


def _is_local(text: str, before: str, after: str) -> bool:
    if before in DEFINING_WORDS:
        return True
    if before in _ACCESS or after in ("(", "!") or text in _SELF:
        return False
    return not _CONSTANT.match(text)
