"""A syntax tree as a value: what the parser's process says of a text, node by node. Asks, never
judges.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from twiceshy.changes.parser.client import ask
from twiceshy.lessons.language import words

NAMES = frozenset(["identifier", "simple_identifier", "variable_name", "constant"])
"""Kinds of leaves that are a name by itself: no member, no type."""


_VALUES = words("true false null nil None True False this self super undefined")


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """A node; its code stands on one line and is without comments."""

    kind: str
    code: str
    first: int  # its lines, 1-based and inclusive
    last: int
    parent: "Node | None"
    children: list["Node"] = field(default_factory=list)

    def walk(self) -> Iterator["Node"]:
        """The node and all nodes in it, each before what it holds."""
        waiting = [self]
        while waiting:
            node = waiting.pop()
            yield node
            waiting.extend(reversed(node.children))

    def above(self) -> Iterator["Node"]:
        """What it stands in, the nearest first."""
        node = self.parent
        while node is not None:
            yield node
            node = node.parent

    def named(self) -> list["Node"]:
        """Children that are more than a sign or a keyword."""
        return [child for child in self.children if not child.is_sign]

    @property
    def is_sign(self) -> bool:
        """A sign or a keyword is named by its own text; so are some values."""
        return not self.children and self.kind == self.code and self.code not in _VALUES

    def has_sign(self, *signs: str) -> bool:
        """Whether one of these signs stands directly in it."""
        return any(child.kind in signs for child in self.children)

    def after(self) -> list["Node"]:
        """What stands beside it, further down."""
        siblings = self.parent.children if self.parent else [self]
        return siblings[siblings.index(self) + 1 :]

    def before(self) -> list["Node"]:
        """What stands beside it, further up."""
        siblings = self.parent.children if self.parent else [self]
        return siblings[: siblings.index(self)]


def tree_of(text: str, language: str) -> Node | None:
    """The root of a text; None where it has no tree."""
    rows = ask("nodes", text, language)
    if not rows:
        return None
    code = _without_comments(text, rows)
    path: list[Node] = []
    for kind, depth, start, end, first, last in rows:
        if "comment" in kind:
            continue
        parent = path[depth - 1] if depth else None
        node = Node(kind, " ".join(code[start:end].split()), first, last, parent)
        if parent is not None:
            parent.children.append(node)
        path[depth:] = [node]
    return path[0]


def _without_comments(text: str, rows: list[list[object]]) -> str:
    """The text with blanks in place of its comments; every character stays where it was."""
    parts: list[str] = []
    reached = 0
    for kind, _, start, end, *_ in rows:
        if "comment" in str(kind) and isinstance(start, int) and isinstance(end, int):
            parts.append(text[reached : max(reached, start)])
            parts.append(" " * (end - max(reached, start)))
            reached = max(reached, end)
    return "".join([*parts, text[reached:]])
