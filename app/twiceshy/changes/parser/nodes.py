"""All nodes of a syntax tree, so that two versions of a text can be compared as trees. Bounded,
iterative; never raises for code.
"""

from typing import TYPE_CHECKING, Any

from twiceshy.changes.parser.trees import grammar_of, root_of

if TYPE_CHECKING:
    from ast_grep_py import SgNode

MOST_NODES = 60_000
DEEPEST = 120
"""What is nested deeper is one node: whoever reads the rows may go down them by calls."""


def nodes(text: str, language: str) -> list[Any]:
    """Rows of kind, depth, 0-based start and end (characters, exclusive), 1-based first and last
    line; a node before its children. None at all of a text with more than MOST_NODES.

    A string is one node, as it is for whoever wrote it.
    """
    strings = grammar_of(language).strings
    rows: list[Any] = []
    waiting: list[tuple[SgNode, int]] = [(root_of(text, language), 0)]
    while waiting:
        node, depth = waiting.pop()
        kind, span = node.kind(), node.range()
        start, end = span.start, span.end
        rows.append((kind, depth, start.index, end.index, start.line + 1, end.line + 1))
        if len(rows) > MOST_NODES:
            return []
        if kind not in strings and "comment" not in kind and depth < DEEPEST:
            waiting.extend((child, depth + 1) for child in reversed(node.children()))
    return rows
