"""Where the leaves of a syntax tree stand, to the character, and how much of a text does not parse:
what is needed to write a text anew and know that it is still code. Iterative.
"""

from enum import StrEnum
from typing import TYPE_CHECKING, Any

from twiceshy.changes.parser.leaves import LeafKind
from twiceshy.changes.parser.trees import grammar_of, root_of
from twiceshy.lessons.language import Grammar, words

if TYPE_CHECKING:
    from ast_grep_py import SgNode

_IMPORTING = words("using_directive preproc_include package_clause package_declaration")
_ARGUMENT = "keyword_argument"


class Role(StrEnum):
    """What a leaf is for, where that decides whether its name may be another."""

    NONE = ""
    IMPORTED = "imported"  # it stands in a statement that brings in what others named
    ARGUMENT = "argument"  # the name of an argument: whoever is called chose it
    TYPE = "type"


def places(text: str, language: str) -> list[Any]:
    """Rows of 0-based start and end (characters, exclusive), 1-based line, ``LeafKind``, ``Role``;
    in the order of the text, without comments.
    """
    grammar = grammar_of(language)
    rows: list[Any] = []
    waiting: list[tuple[SgNode, str, bool]] = [(root_of(text, language), "", False)]
    while waiting:
        node, above, imported = waiting.pop()
        kind = node.kind()
        if "comment" in kind:
            continue
        children = node.children()
        if leaf := _leaf_kind(node, kind, bool(children), grammar):
            rows.append(_row(node, leaf, _role(node, kind, above, imported)))
            continue
        imports = imported or importing(kind)
        waiting.extend((child, kind, imports) for child in reversed(children))
    return rows


def faults(text: str, language: str) -> list[Any]:
    """One row: how many pieces of a text are no code, or had to be imagined to make it code."""
    count = 0
    waiting = [root_of(text, language)]
    while waiting:
        node = waiting.pop()
        children = node.children()
        span = node.range()
        count += node.kind() == "ERROR"
        count += not children and span.start.index == span.end.index
        waiting.extend(children)
    return [count]


def _leaf_kind(node: "SgNode", kind: str, has_children: bool, grammar: Grammar) -> LeafKind | None:
    """What a leaf is; None for what is none, or holds no sign."""
    if kind in grammar.strings:
        return LeafKind.STRING
    if kind in grammar.numbers:
        return LeafKind.NUMBER
    word = node.text().strip()
    if has_children or not word:
        return None
    if not (word[0].isalnum() or word[0] in "_@$"):
        return LeafKind.SIGN
    # a keyword's kind is what it says
    return LeafKind.NAME if node.is_named() and kind != word else LeafKind.WORD


def _row(node: "SgNode", leaf: LeafKind, role: Role) -> tuple[int, int, int, str, str]:
    span = node.range()
    return span.start.index, span.end.index, span.start.line + 1, leaf, role


def _role(node: "SgNode", kind: str, above: str, imported: bool) -> Role:
    if imported:
        return Role.IMPORTED
    if above == _ARGUMENT and node.prev() is None:
        return Role.ARGUMENT
    return Role.TYPE if "type" in kind else Role.NONE


def importing(kind: str) -> bool:
    """Whether a kind of node brings in what others named."""
    return kind in _IMPORTING or "import_" in kind or kind.startswith("use_")
