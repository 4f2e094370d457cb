"""The pieces a file is made of: what can be left out of it so that the rest is still code. Never
raises for what is in a text.
"""

from dataclasses import dataclass

from twiceshy.changes.parser.client import ask
from twiceshy.changes.parser.outline import ItemKind

__all__ = ["Item", "ItemKind", "outline", "parses"]


@dataclass(frozen=True, slots=True)
class Item:
    """A statement, member, case or element on lines of its own; 1-based and inclusive."""

    first: int
    last: int
    container: int  # items of one number are pieces of the same block, body or literal
    kind: ItemKind

    def holds(self, place: float) -> bool:
        """Whether a line, or with a half the gap after it, is in it."""
        return self.first <= place <= self.last


def outline(text: str, language: str) -> tuple[Item, ...]:
    """All items, outer before inner. Where no tree shows them every line is one."""
    rows = ask("outline", text, language)
    if rows:
        return tuple(Item(row[0], row[1], row[2], ItemKind(row[3])) for row in rows)
    count = text.count("\n") + (not text.endswith("\n"))
    return tuple(Item(line, line, 0, ItemKind.PLAIN) for line in range(1, count + 1))


def parses(text: str, language: str) -> bool:
    """Whether all of a text is code, as far as a grammar can tell."""
    answer = ask("faults", text, language)
    return not (answer and answer[0])
