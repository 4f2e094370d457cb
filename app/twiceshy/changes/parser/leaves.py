"""The leaves of a syntax tree that are code: no comments, no documentation. Iterative; never raises
for code.
"""

import re
from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from twiceshy.changes.parser.trees import grammar_of, root_of
from twiceshy.lessons.language import Grammar, words

if TYPE_CHECKING:
    from ast_grep_py import SgNode

FOREIGN = "foreign"
"""The kind of text that is in no leaf of this language: a script in a page, what an error left."""

LONG_LEAF = 80
"""A leaf that is longer and has blanks in it is foreign."""


class LeafKind(StrEnum):
    """What a token is, as far as resemblance cares."""

    NAME = "name"
    STRING = "string"
    NUMBER = "number"
    SIGN = "sign"
    WORD = "word"  # a keyword, or any word of a language whose words are its meaning


_NAMES = words("identifier simple_identifier variable_name shorthand_property_identifier_pattern")
_WORD = re.compile(r"\w")
_BLOCK_END = "}"
"""Stands for a dedent: where a block ends is part of the code, whether or not a sign says so."""


def leaves(text: str, language: str) -> list[Any]:
    """Rows of text, ``LeafKind`` or FOREIGN, and 1-based line, in the order of the text.

    What no leaf holds, as around an error, is FOREIGN too: no word is lost but those of comments.
    """
    grammar = grammar_of(language)
    rows = _Rows(text)
    waiting: list[tuple[SgNode, str] | int] = [(root_of(text, language), "")]
    while waiting:
        step = waiting.pop()
        if isinstance(step, int):
            rows.add(_BLOCK_END, LeafKind.SIGN, step)
            continue
        node, above = step
        kind = node.kind()
        if "comment" in kind:
            rows.pass_over(node)
        elif kind in grammar.strings:
            rows.take(node, node.text(), LeafKind.STRING)
        elif kind in grammar.numbers:
            rows.take(node, node.text(), LeafKind.NUMBER)
        elif children := node.children():
            if kind == "block" and grammar.dedent_ends_block:
                waiting.append(node.range().end.line + 1)
            if _is_documentation(kind, children, grammar):
                rows.pass_over(node)
            else:
                waiting.extend((child, kind) for child in reversed(children))
        elif word := node.text().strip():
            rows.take(node, word, _kind(word, kind, above, node))
    return rows.whole()


class _Rows:
    """The rows so far, and how far into the text they reach."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._end = 0  # in characters, as ranges of nodes are
        self._rows: list[tuple[str, str, int]] = []

    def take(self, node: "SgNode", word: str, kind: str) -> None:
        """A row for a node, after what stands before it and is in no node."""
        span = node.range()
        self._fill(span.start.index, span.start.line + 1)
        self._end = span.end.index
        self.add(word, kind, span.start.line + 1)

    def pass_over(self, node: "SgNode") -> None:
        """No row for a node, only for what stands before it."""
        span = node.range()
        self._fill(span.start.index, span.start.line + 1)
        self._end = span.end.index

    def add(self, word: str, kind: str, line: int) -> None:
        """A row for what is not written."""
        self._rows.append((word, kind, line))

    def whole(self) -> list[Any]:
        """All rows, with what stands after the last node."""
        self._fill(len(self._text), self._text.count("\n") + 1)
        return self._rows

    def _fill(self, until: int, line: int) -> None:
        """A row for what no node holds up to here, if there is a word in it."""
        gap = self._text[self._end : until].lstrip()
        if gap and _WORD.search(gap):
            self.add(gap.rstrip(), FOREIGN, line - gap.count("\n"))


def _is_documentation(kind: str, children: Sequence["SgNode"], grammar: Grammar) -> bool:
    """Whether a node is a string that nobody uses."""
    alone = kind == "expression_statement" and len(children) == 1
    return alone and children[0].kind() in grammar.strings


def _kind(word: str, kind: str, above: str, node: "SgNode") -> str:
    if len(word) > LONG_LEAF and any(char.isspace() for char in word):
        return FOREIGN
    if "identifier" not in kind and kind not in ("variable_name", "word"):
        return LeafKind.WORD if word[0].isalnum() or word[0] == "_" else LeafKind.SIGN
    names_argument = above == "keyword_argument" and node.prev() is None
    return LeafKind.NAME if kind in _NAMES and not names_argument else LeafKind.WORD
