"""What a fix did to a syntax tree: the smallest pieces that came, went or became another. Pure.

Compares the two trees from their roots down: what is the same is passed over, what is alike is
looked into. Bounded: a list of more than MOST_CHILDREN is compared by its ends only.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from twiceshy.learning.learn.rule_candidates.tree import Node

MOST_CHILDREN = 400
MOST_EDITS = 60
"""A fix of more pieces is a rewrite: its first pieces are looked at."""

ALIKE = 0.4
"""Share of words in common from which a node may have become another of its kind."""


_BRACKETS = frozenset("([{")


@dataclass(frozen=True, slots=True)
class TreeEdit:
    """A node that came, went, or became another; ``before`` and ``after`` are what it stood in."""

    old: Node | None
    new: Node | None
    before: Node
    after: Node


def tree_edits(before: Node, after: Node) -> list[TreeEdit]:
    """The pieces, in the order of the text."""
    edits: list[TreeEdit] = []
    for edit in _between(before, after):
        edits.append(edit)
        if len(edits) >= MOST_EDITS:
            break
    return edits


def _between(old: Node, new: Node) -> Iterator[TreeEdit]:
    if old.code == new.code and old.kind == new.kind:
        return
    if old.kind != new.kind or not old.children or not new.children:
        if old.parent is not None and new.parent is not None:
            yield TreeEdit(old, new, old.parent, new.parent)
        return
    for gone, came in _pieces(old.children, new.children):
        yield from _of_children(old, new, gone, came)


def _pieces(
    old: Sequence[Node], new: Sequence[Node]
) -> Iterator[tuple[Sequence[Node], Sequence[Node]]]:
    """The runs of children that are not the same on both sides."""
    if max(len(old), len(new)) > MOST_CHILDREN:
        old, new = _without_ends(old, new)
        old, new = old[:MOST_CHILDREN], new[:MOST_CHILDREN]
    codes = [node.code for node in old], [node.code for node in new]
    for kind, low, high, start, end in SequenceMatcher(None, *codes, False).get_opcodes():
        if kind != "equal":
            yield old[low:high], new[start:end]


def _without_ends(
    old: Sequence[Node], new: Sequence[Node]
) -> tuple[Sequence[Node], Sequence[Node]]:
    """What is left without the children that are the same at both ends."""
    start, shortest = 0, min(len(old), len(new))
    while start < shortest and old[start].code == new[start].code:
        start += 1
    end = 0
    while end < shortest - start and old[-1 - end].code == new[-1 - end].code:
        end += 1
    return old[start : len(old) - end], new[start : len(new) - end]


def _of_children(
    before: Node, after: Node, gone: Sequence[Node], came: Sequence[Node]
) -> Iterator[TreeEdit]:
    partners = _partners(gone, came)
    taken = {id(node) for node in partners.values()}
    for old in gone:
        new = partners.get(id(old))
        if new is None:
            yield TreeEdit(old, None, before, after)
        else:
            yield from _paired(old, new, before, after)
    for new in came:
        if id(new) not in taken:
            yield TreeEdit(None, new, before, after)


def _paired(old: Node, new: Node, before: Node, after: Node) -> Iterator[TreeEdit]:
    if not _are_frames(old, new) and (holds(new, old.code) or holds(old, new.code)):
        yield TreeEdit(old, new, before, after)
    else:
        yield from _between(old, new)


def _are_frames(old: Node, new: Node) -> bool:
    """Whether the same thing only stands around both: a block of one statement has that statement's
    code, and brackets nest, yet neither is a wrapper of the other.
    """
    if old.kind != new.kind:
        return False
    return 1 in (len(old.children), len(new.children)) or old.code[:1] in _BRACKETS


def _partners(gone: Sequence[Node], came: Sequence[Node]) -> dict[int, Node]:
    """What became what, by the identity of what is gone."""
    partners: dict[int, Node] = {}
    free = list(came)
    for old in gone:
        best = max(free, key=lambda new: _likeness(old, new), default=None)
        if best is not None and _likeness(old, best) >= ALIKE:
            partners[id(old)] = best
            free.remove(best)
    left = [old for old in gone if id(old) not in partners and not old.is_sign]
    others = [new for new in free if not new.is_sign]
    if len(left) == len(others) == 1:
        partners[id(left[0])] = others[0]
    signs = [old for old in gone if old.is_sign], [new for new in free if new.is_sign]
    if len(signs[0]) == len(signs[1]) == 1:
        partners[id(signs[0][0])] = signs[1][0]
    return partners


def _likeness(old: Node, new: Node) -> float:
    """0..1; a node that the other holds whole is more than alike."""
    if old.is_sign or new.is_sign:
        return 0.0
    if holds(new, old.code) or holds(old, new.code):
        return 2.0
    if old.kind != new.kind:
        return 0.0
    first, second = set(_words(old)), set(_words(new))
    return 2 * len(first & second) / max(1, len(first) + len(second))


def _words(node: Node) -> Iterator[str]:
    for inner in node.walk():
        if not inner.children:
            yield inner.code


def holds(node: Node, code: str) -> bool:
    """Whether this code stands in a node as a node of its own."""
    if len(code) >= len(node.code) or code not in node.code:
        return False
    return any(inner.code == code and not inner.is_sign for inner in node.walk())
