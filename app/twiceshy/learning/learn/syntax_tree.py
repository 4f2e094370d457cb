"""The syntax tree of a piece of evidence, as a value. Made by the parser's process."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from twiceshy.changes.parser.client import ask
from twiceshy.lessons.languages import language_named

MOST_NODES = 6_000
"""A text with more of them is no piece of evidence, and has no tree here."""


@dataclass(frozen=True, slots=True)
class Tree:
    """A node: equal to another of the same kind and words, wherever it stands."""

    kind: str
    key: str  # its text, each blank one space
    start: int = field(compare=False)  # characters of the whole text
    end: int = field(compare=False)
    source: str = field(compare=False, repr=False)  # the whole text
    children: "tuple[Tree, ...]" = field(compare=False, repr=False)

    @property
    def column(self) -> int:
        """How many characters stand before it in its line."""
        return self.start - self.source.rfind("\n", 0, self.start) - 1


def tree_of(text: str, language: str) -> Tree | None:
    """The root; None without a grammar, or of a text that is too large. Comments are left out,
    strings and numbers are leaves.
    """
    grammar = language_named(language).grammar
    rows: list[Any] = ask("nodes", text, language) or []
    if grammar is None or len(rows) > MOST_NODES:
        return None
    done: list[tuple[int, Tree]] = []  # with their depth
    for kind, depth, start, end, _, _ in reversed(rows):
        # the children of a node stand after it, so they are done and the first is the last done
        children: list[Tree] = []
        while done and done[-1][0] == depth + 1:
            children.append(done.pop()[1])
        if "comment" not in kind:
            inner = () if kind in grammar.numbers else tuple(children)
            key = " ".join(text[start:end].split())
            done.append((depth, Tree(str(kind), key, start, end, text, inner)))
    return done[0][1] if done else None


def leaves_of(tree: Tree) -> Iterator[Tree]:
    """The nodes without children, in order."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if node.children:
            waiting.extend(reversed(node.children))
        else:
            yield node


def common_ends(one: Sequence[Tree], other: Sequence[Tree]) -> tuple[int, int]:
    """How many nodes at the beginning, and of the rest at the end, are equal."""
    most = min(len(one), len(other))
    first = 0
    while first < most and one[first] == other[first]:
        first += 1
    last = 0
    while last < most - first and one[-1 - last] == other[-1 - last]:
        last += 1
    return first, last
