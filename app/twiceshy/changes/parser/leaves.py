"""The leaves of a syntax tree that are code: no comments, no documentation. Iterative; never raises
for code.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from twiceshy.changes.parser.trees import grammar_of, root_of
from twiceshy.lessons.language import Grammar, words

if TYPE_CHECKING:
    from ast_grep_py import SgNode

FOREIGN = "foreign"
"""The kind of a leaf that holds text of another language, as a script in a page does."""

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
_BLOCK_END = "}"
"""Stands for a dedent: where a block ends is part of the code, whether or not a sign says so."""


def leaves(text: str, language: str) -> list[Any]:
    """Rows of text, ``LeafKind`` or FOREIGN, and 1-based line, in the order of the text."""
    grammar = grammar_of(language)
    rows: list[Any] = []
    waiting: list[tuple[SgNode, str] | int] = [(root_of(text, language), "")]
    while waiting:
        step = waiting.pop()
        if isinstance(step, int):
            rows.append((_BLOCK_END, LeafKind.SIGN, step))
            continue
        node, above = step
        kind = node.kind()
        if "comment" in kind:
            continue
        if kind in grammar.strings:
            rows.append((node.text(), LeafKind.STRING, _line(node)))
        elif kind in grammar.numbers:
            rows.append((node.text(), LeafKind.NUMBER, _line(node)))
        elif children := node.children():
            if kind == "block" and grammar.dedent_ends_block:
                waiting.append(node.range().end.line + 1)
            if not _is_documentation(kind, children, grammar):
                waiting.extend((child, kind) for child in reversed(children))
        elif word := node.text().strip():
            rows.append((word, _kind(word, kind, above, node), _line(node)))
    return rows


def _is_documentation(kind: str, children: Sequence["SgNode"], grammar: Grammar) -> bool:
    """Whether a node is a string that nobody uses."""
    alone = kind == "expression_statement" and len(children) == 1
    return alone and children[0].kind() in grammar.strings


def _line(node: "SgNode") -> int:
    return node.range().start.line + 1


def _kind(word: str, kind: str, above: str, node: "SgNode") -> str:
    if len(word) > LONG_LEAF and any(char.isspace() for char in word):
        return FOREIGN
    if "identifier" not in kind and kind not in ("variable_name", "word"):
        return LeafKind.WORD if word[0].isalnum() or word[0] == "_" else LeafKind.SIGN
    names_argument = above == "keyword_argument" and node.prev() is None
    return LeafKind.NAME if kind in _NAMES and not names_argument else LeafKind.WORD
