"""The leaves of a syntax tree that are code: no comments, no documentation. Iterative; never raises
for code.
"""

from enum import StrEnum
from typing import TYPE_CHECKING, Any

from twiceshy.changes.parser.trees import root_of
from twiceshy.lessons.languages import language_named

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


_STRINGS = frozenset(
    {
        "string",
        "string_literal",
        "interpreted_string_literal",
        "raw_string_literal",
        "char_literal",
        "template_string",
        "string_value",
        "character_literal",
        "encapsed_string",
        "line_string_literal",
        "double_quote_scalar",
        "single_quote_scalar",
        "regex",
        "heredoc_body",
        "concatenated_string",
        "rune_literal",
        "text_block",
        "quoted_attribute_value",
        "verbatim_string_literal",
    }
)
_NUMBERS = frozenset(
    {
        "integer",
        "float",
        "number",
        "int_literal",
        "float_literal",
        "integer_literal",
        "number_literal",
        "decimal_integer_literal",
        "integer_scalar",
        "numeric_lit",
        "real_literal",
        "hex_integer_literal",
        "float_scalar",
        "decimal_floating_point_literal",
        "octal_integer_literal",
    }
)
_BLOCK_END = "}"
"""Stands for a dedent: in Python where a block ends is as much part of the code as in other
languages.
"""


def leaves(text: str, language: str) -> list[Any]:
    """Rows of text, ``Kind`` or FOREIGN, and 1-based line, in the order of the text."""
    dedent_ends_block = language_named(language).dedent_ends_block
    found: list[Any] = []
    waiting: list[tuple[SgNode, str] | int] = [(root_of(text, language), "")]
    while waiting:
        held = waiting.pop()
        if isinstance(held, int):
            found.append((_BLOCK_END, LeafKind.SIGN, held))
            continue
        node, above = held
        kind = node.kind()
        if "comment" in kind:
            continue
        children = node.children()
        if kind in _STRINGS or kind in _NUMBERS:
            found.append(
                (node.text(), LeafKind.STRING if kind in _STRINGS else LeafKind.NUMBER, _line(node))
            )
        elif children:
            if kind == "block" and dedent_ends_block:
                waiting.append(node.range().end.line + 1)
            if (
                kind != "expression_statement"
                or len(children) > 1
                or children[0].kind() not in _STRINGS
            ):
                waiting.extend(
                    (child, kind) for child in reversed(children)
                )  # else it is documentation
        elif word := node.text().strip():
            found.append((word, _kind(word, kind, above, node), _line(node)))
    return found


def _line(node: "SgNode") -> int:
    return node.range().start.line + 1


def _kind(word: str, kind: str, above: str, node: "SgNode") -> str:
    if len(word) > LONG_LEAF and any(char.isspace() for char in word):
        return FOREIGN
    if "identifier" not in kind and kind not in ("variable_name", "word"):
        return LeafKind.WORD if word[0].isalnum() or word[0] == "_" else LeafKind.SIGN
    if kind in (
        "identifier",
        "simple_identifier",
        "variable_name",
        "shorthand_property_identifier_pattern",
    ):
        return (
            LeafKind.WORD if above == "keyword_argument" and node.prev() is None else LeafKind.NAME
        )
    return LeafKind.WORD
