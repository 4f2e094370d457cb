"""Code as tokens in two streams, real and with local names taken out, so that renaming and reformatting hide nothing.

From the syntax tree where there is a grammar, else from a plain lexer. Linear and bounded; never raises for code.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from twiceshy.changes.parsing import root_of

if TYPE_CHECKING:
    from ast_grep_py import SgNode

MAX_CHARACTERS = 1_000_000
MAX_TEXT = 40
"""Of one token: a longer literal says no more."""

_LEXER = re.compile(
    r"""(?P<comment>/\*.*?\*/|(?:\#|//|--\s)[^\n]*)"""
    r"""|(?P<string>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`[^`]*`)"""
    r"""|(?P<number>\d[\w.]*)|(?P<name>[^\W\d]\w*)|(?P<sign>[^\w\s])""",
    re.DOTALL | re.VERBOSE,
)
_KEEP = re.compile(r"^(?:[A-Z][A-Z0-9_]+|__\w+__)$")
_STRINGS = frozenset({"string", "string_literal", "interpreted_string_literal", "raw_string_literal", "char_literal",
                      "template_string", "string_value", "character_literal", "encapsed_string", "line_string_literal",
                      "double_quote_scalar", "single_quote_scalar", "regex", "heredoc_body"})  # fmt: skip
_NUMBERS = frozenset({"integer", "float", "number", "int_literal", "float_literal", "integer_literal", "number_literal",
                      "decimal_integer_literal", "integer_scalar", "numeric_lit", "real_literal"})  # fmt: skip
_PLAIN_NAMES = frozenset({"identifier", "variable_name", "simple_identifier", "shorthand_property_identifier_pattern",
                          "word"})  # fmt: skip
_CALLS = frozenset({"call", "call_expression", "method_invocation", "invocation_expression", "macro_invocation",
                    "function_call_expression", "member_call_expression", "new_expression", "decorator",
                    "object_creation_expression", "function_call", "command"})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Token:
    """A token as written, as abstracted, and its 1-based line."""

    text: str
    shape: str
    line: int


def tokenize(text: str, language: str | None) -> tuple[Token, ...]:
    """Every token that is not a comment; none for a text over the limit."""
    if len(text) > MAX_CHARACTERS:
        return ()
    root = root_of(text, language)
    if root is not None:
        return tuple(_from_tree(root))
    return tuple(_from_lexer(text))


def _from_tree(root: "SgNode") -> Iterator[Token]:
    waiting: list[tuple[SgNode, SgNode | None]] = [(root, None)]
    while waiting:
        node, parent = waiting.pop()
        kind = node.kind()
        if "comment" in kind:
            continue
        if kind in _STRINGS:
            yield _literal("STR", node)
        elif kind in _NUMBERS:
            yield _literal("NUM", node)
        else:
            children = node.children()
            if children:
                waiting.extend((child, node) for child in reversed(children))
            elif word := node.text().strip():
                yield Token(word[:MAX_TEXT], _shape(word, kind, node, parent), node.range().start.line + 1)


def _literal(kind: str, node: "SgNode") -> Token:
    return Token(" ".join(node.text().split())[:MAX_TEXT] or kind, kind, node.range().start.line + 1)


def _shape(word: str, kind: str, node: "SgNode", parent: "SgNode | None") -> str:
    """Local names become ID; what is called, accessed, typed or a constant keeps its name: it is what code is about."""
    if kind not in _PLAIN_NAMES or _KEEP.match(word) or parent is None:
        return word[:MAX_TEXT]
    if parent.kind() in _CALLS:
        first = parent.child(0)
        return word[:MAX_TEXT] if first is not None and first.range() == node.range() else "ID"
    if _is_member(node, parent):
        return word[:MAX_TEXT]
    return "ID"


def _is_member(node: "SgNode", parent: "SgNode") -> bool:
    """The name behind a dot, the name of a keyword argument, a key."""
    for role in ("attribute", "field", "property", "name", "key", "method"):
        held = parent.field(role)
        if held is not None and held.range() == node.range():
            return "definition" not in parent.kind() and "declar" not in parent.kind() and "param" not in parent.kind()
    return False


def _from_lexer(text: str) -> Iterator[Token]:
    """For languages without a grammar: every word keeps its name, for in configuration the words are the meaning."""
    line, at = 1, 0
    for match in _LEXER.finditer(text):
        line += text.count("\n", at, match.start())
        at = match.start()
        kind, word = match.lastgroup or "sign", " ".join(match[0].split())[:MAX_TEXT]
        if kind == "comment":
            continue
        shape = {"string": "STR", "number": "NUM"}.get(kind, word.lower() if kind == "name" else word)
        yield Token(word.lower() if kind == "name" else word, shape, line)
