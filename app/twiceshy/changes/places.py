"""The signs, names and literals of a text with their places, and whether a text is still code.
Never raises for what is in a text.
"""

from dataclasses import dataclass

from twiceshy.changes.parser.client import ask
from twiceshy.changes.parser.leaves import LeafKind
from twiceshy.changes.parser.places import Role


@dataclass(frozen=True, slots=True)
class Place:
    """A leaf of the syntax tree: 0-based characters (end exclusive), its 1-based line, what it
    says.
    """

    start: int
    end: int
    line: int
    kind: LeafKind
    role: Role
    text: str


def places(text: str, language: str) -> tuple[Place, ...]:
    """Every leaf that is code, in order; none without a grammar, or where the parser cannot."""
    rows = ask("places", text, language) or []
    leaves: list[Place] = []
    for start, end, line, kind, role in rows:
        leaves.append(Place(start, end, line, LeafKind(kind), Role(role), text[start:end]))
    return tuple(leaves)


def parses_as_well(text: str, other: str, language: str) -> bool:
    """Whether ``text`` has no more in it that is no code than ``other`` has; False when nobody can
    tell.
    """
    faults, allowed = ask("faults", text, language), ask("faults", other, language)
    return faults is not None and allowed is not None and faults <= allowed
