"""The syntax tree of a short text, flat: for what is compared node by node. Iterative and bounded;
never raises for code.
"""

from typing import TYPE_CHECKING, Any

from twiceshy.changes.parser.trees import grammar_of, root_of

if TYPE_CHECKING:
    from ast_grep_py import SgNode

MOST_NODES = 6_000
"""A text with more of them is no piece of evidence, and has no tree here."""

DEEPEST = 150
"""What lies deeper is a leaf with its whole text."""


def syntax(text: str, language: str) -> list[Any]:
    """Rows of kind, first and last character (exclusive), and number of children; each node before
    its children. Comments are left out, texts and numbers are leaves; no rows beyond MOST_NODES.
    """
    grammar = grammar_of(language)
    literals = grammar.strings | grammar.numbers
    rows: list[Any] = []
    waiting: list[tuple[SgNode, int]] = [(root_of(text, language), 0)]
    while waiting:
        node, depth = waiting.pop()
        kind = node.kind()
        children: list[SgNode] = []
        if kind not in literals and depth < DEEPEST:
            children = [child for child in node.children() if "comment" not in child.kind()]
        span = node.range()
        rows.append((kind, span.start.index, span.end.index, len(children)))
        if len(rows) > MOST_NODES:
            return []
        waiting.extend((child, depth + 1) for child in reversed(children))
    return rows
