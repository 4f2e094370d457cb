"""How surely removed lines of a fix mean that it is taken back, not that its code went on. Pure.

Fixes evolve: most commits that remove a line of an old fix rewrite what it did. What tells the two
apart becomes a few readable features; a logistic of these is the score. ``benchmarks/safeguards``
fits its numbers and shows what they are worth on histories they have not seen.
"""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import chain
from math import log1p

from twiceshy.guards.recall.score import scored
from twiceshy.guards.sides import BothSides, Removed
from twiceshy.guards.text_statements import Tokens, names

WEIGHTS: Mapping[str, float] = {
    "intercept": 0.20,
    "undone": 1.12,  # share of the fix's statements, of those that stood, that are gone
    "left": -0.57,  # log of how many of them still stand
    "restored": 3.00,  # share of what the fix took away that is back
    "foreign": -0.69,  # log of the statements brought near them that were not in the failing code
    "rewritten": -2.12,  # share of the fix's own names that stand in those statements
    "also_gone": 0.14,  # log of the statements beside them that went too and are not of the fix
    "churn": -0.42,  # log of all lines the change adds to the file and takes from it
    "told": 0.46,  # log of the names in the removed statements
    "homeless": -1.22,  # the function they stood in is no more
    "repeated": -0.65,  # log of how often they stood in the file, beyond once each
    "elsewhere": -1.00,  # known by content, not by path
}
"""Fitted by ``benchmarks/safeguards --fit``, except for ``elsewhere``: all lessons there name their
path.
"""


@dataclass(frozen=True, slots=True)
class Fix:
    """What one pair of evidence changed: the statements only its good side has, and only its bad
    one.
    """

    good: frozenset[Tokens]
    bad: frozenset[Tokens]

    def to_json(self) -> str:
        """As the index holds it."""
        return json.dumps([sorted(self.good), sorted(self.bad)])

    @classmethod
    def from_json(cls, text: str) -> "Fix":
        """The reverse of ``to_json``."""
        good, bad = json.loads(text)
        return cls(frozenset(map(tuple, good)), frozenset(map(tuple, bad)))


@dataclass(frozen=True, slots=True)
class Removal:
    """All that one change takes out of one file of one fix."""

    fix: Fix
    removed: tuple[Removed, ...]
    remembered: frozenset[Tokens]  # the fix's statements that these were recognised as
    at_path: bool


def removal_score(features: Mapping[str, float]) -> float:
    """Probability, 0..1, that the fix is taken back, where one change in 40 does so."""
    return scored(features, WEIGHTS)


def removal_features(removal: Removal, sides: BothSides) -> dict[str, float]:
    """The numbers by name, in the order of ``WEIGHTS``."""
    fix = removal.fix
    gone, left = _gone_and_left(removal, sides)
    came = _foreign(removal, sides)
    own = {statement.tokens for statement in removal.removed} | fix.good
    values = (
        1.0,
        len(gone) / max(1, len(gone) + len(left)),
        log1p(len(left)),
        _restored(fix, sides),
        log1p(len(came)),
        _rewritten(removal, came),
        log1p(len(_also_gone(removal, sides, own))),
        log1p(len(sides.file.added) + len(sides.file.removed)),
        log1p(len(names(chain.from_iterable(statement.tokens for statement in removal.removed)))),
        float(_is_homeless(removal, sides)),
        log1p(sum(max(0, sides.counts(tokens)[0] - 1) for tokens in removal.remembered)),
        float(not removal.at_path),
    )
    return dict(zip(WEIGHTS, values, strict=True))


def _gone_and_left(removal: Removal, sides: BothSides) -> tuple[set[Tokens], set[Tokens]]:
    """The fix's statements that this change takes out, and those it leaves."""
    gone = set(removal.remembered)
    left: set[Tokens] = set()
    for tokens in removal.fix.good - gone:
        before, after = sides.counts(tokens)
        if before > after:
            gone.add(tokens)
        elif after:
            left.add(tokens)
    return gone, left


def _restored(fix: Fix, sides: BothSides) -> float:
    """1 when there was nothing to bring back."""
    if not fix.bad:
        return 1.0
    back = [tokens for tokens in fix.bad if _grew(sides.counts(tokens))]
    return len(back) / len(fix.bad)


def _grew(counts: tuple[int, int]) -> bool:
    before, after = counts
    return before < after


def _hunks(removal: Removal) -> set[int]:
    return {statement.number for statement in removal.removed}


def _foreign(removal: Removal, sides: BothSides) -> list[Tokens]:
    """Statements that these hunks add and that neither the fix nor the failing code had."""
    known = removal.fix.bad | removal.fix.good
    came: list[Tokens] = []
    for number in _hunks(removal):
        for statement in sides.hunks_added[number]:
            if statement.tokens not in known and names(statement.tokens):
                came.append(statement.tokens)
    return came


def _rewritten(removal: Removal, came: Iterable[Tokens]) -> float:
    own = _names_of(removal.remembered) - _names_of(removal.fix.bad)
    return len(own & _names_of(came)) / len(own) if own else 0.0


def _names_of(statements: Iterable[Tokens]) -> frozenset[str]:
    return names(chain.from_iterable(statements))


def _also_gone(removal: Removal, sides: BothSides, own: Collection[Tokens]) -> list[Tokens]:
    gone: list[Tokens] = []
    for number in _hunks(removal):
        for statement in sides.hunks_removed[number]:
            if statement not in own and names(statement):
                gone.append(statement)
    return gone


def _is_homeless(removal: Removal, sides: BothSides) -> bool:
    here = {function.qualified for function in sides.head_functions}
    functions = [sides.function_of(statement) for statement in removal.removed]
    homes = [function.qualified for function in functions if function]
    return bool(homes) and not any(home in here for home in homes)
