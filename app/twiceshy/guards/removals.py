"""What became of a removed statement: taken away, weakened, moved, rewritten, or gone with the code
it guarded. Pure.

Errs to silence: only what stands nowhere any more, while the code it guarded still stands, is
called removed.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from itertools import product

from twiceshy.changes.change import Status
from twiceshy.guards.locations import is_symbol, same_name, same_path
from twiceshy.guards.sides import AddedCode, BothSides, Removed, Replacement
from twiceshy.guards.text_statements import (
    Tokens,
    given,
    is_off,
    likeness,
    names,
    same_shape,
    switched_off,
)
from twiceshy.lessons.languages import language_of_path

ALIKE = 0.6
"""Likeness from which an added statement is taken for the removed one, rewritten; difflib's own
idea of "close".
"""

MAX_CANDIDATES = 60
"""Added statements of a hunk that are compared with a removed one."""

UNMISTAKABLE = 4
"""Names a line must hold to be known by its content alone where nothing of the evidence stands
around it.
"""


class Known(Enum):
    """How a lesson knows a removed statement for its own."""

    AT_PATH = "by path and content"
    ELSEWHERE = "by file name, function and content, or by content alone"


@dataclass(frozen=True, slots=True)
class Safeguard:
    """One statement a fix brought, as the index remembers it."""

    good: Tokens
    bad: Tokens = ()  # what it was made from; empty when the fix added it whole
    symbol: str = ""  # the function it stands in
    paths: tuple[str, ...] = ()
    # statements of the evidence that it guards: both sides have them
    context: tuple[Tokens, ...] = ()
    language: str = ""

    def is_at(self, paths: Iterable[str]) -> bool:
        """Whether a remembered path is one of these."""
        return any(same_path(remembered, path) for path, remembered in product(paths, self.paths))

    @property
    def switches(self) -> tuple[str, ...]:
        """Arguments the fix gave a value, as in ``f(timeout=5)``: they guard whatever else becomes
        of the line.
        """
        if not self.bad:
            return ()
        before = given(self.bad, depth=1)
        switches: list[str] = []
        for name, value in given(self.good, depth=1).items():
            if before.get(name) != value and not is_off(value):
                switches.append(name)
        return tuple(switches)

    def to_json(self) -> str:
        """As the index holds it."""
        return json.dumps(
            [self.good, self.bad, self.symbol, self.paths, self.context, self.language]
        )

    @classmethod
    def from_json(cls, text: str) -> "Safeguard":
        """The reverse of ``to_json``."""
        good, bad, symbol, paths, context, language = json.loads(text)
        around = tuple(map(tuple, context))
        return cls(tuple(good), tuple(bad), symbol, tuple(paths), around, language)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Why a removed safeguard is passed over; or, without ``silence``, what is said of it."""

    silence: str | None = None
    known: Known | None = None
    instead: str = ""  # the weaker line that took its place
    now: tuple[int, int] | None = None  # and that line's place at head


def judge(
    removed: Removed, safeguard: Safeguard, sides: BothSides, added: AddedCode, own: set[Tokens]
) -> Verdict | None:
    """What to say of a removed statement that a lesson may remember; None when the lesson does not
    mean it.

    ``own`` holds the statements the same lesson remembers and this change removes: they do not
    count as guarded code.
    """
    known = _recognised(removed, safeguard, sides)
    if known is None:
        return None
    where = f"the safeguard at {removed.file.base_path}:{removed.lines[0].old}"
    if silence := _still_there(removed, safeguard, sides, added):
        return Verdict(f"{where} {silence}")
    if removed.file.status is Status.DELETED:
        return Verdict(f"{where} went with its file: the guarded code itself is gone")
    instead = _replacement(removed, sides)
    if instead and (silence := _rewritten(removed, safeguard, instead.tokens)):
        return Verdict(f"{where} {silence}")
    # a rewritten line holds the guarded code itself; one the fix added stands beside it
    gone = not instead if safeguard.bad else _guarded_is_gone(removed, safeguard, sides, own)
    if gone:
        return Verdict(f"{where} went with what it guarded: the guarded code itself is gone")
    return Verdict(None, known, instead.text, instead.now) if instead else Verdict(None, known)


def _recognised(removed: Removed, safeguard: Safeguard, sides: BothSides) -> Known | None:
    """How the lesson means this statement; None when it does not."""
    file = removed.file
    exact = removed.tokens == safeguard.good
    function = sides.function_of(removed)
    at_home = bool(function and safeguard.symbol and is_symbol(function, safeguard.symbol))
    if safeguard.is_at((file.path, file.base_path)):
        close = exact or at_home or likeness(removed.tokens, safeguard.good) >= ALIKE
        return Known.AT_PATH if close else None
    if not exact or language_of_path(file.base_path) != safeguard.language:
        return None
    if safeguard.paths:
        return Known.ELSEWHERE if at_home and _folder_renamed(removed, safeguard, sides) else None
    at_evidence = any(sides.counts(tokens)[0] for tokens in safeguard.context)
    return Known.ELSEWHERE if at_evidence or len(names(removed.tokens)) >= UNMISTAKABLE else None


def _folder_renamed(removed: Removed, safeguard: Safeguard, sides: BothSides) -> bool:
    """Whether a remembered file may have become this one: one that still stands has not."""
    old = [path for path in safeguard.paths if same_name(path, removed.file.base_path)]
    return bool(old) and not any(map(sides.stood, old))


def _still_there(
    removed: Removed, safeguard: Safeguard, sides: BothSides, added: AddedCode
) -> str | None:
    before, after = sides.counts(removed.tokens)
    place = added.place_of(removed.tokens)
    if before <= after or place:
        return f"was moved to {place}" if place else "still stands"
    function = sides.function_of(removed)
    strayed = function and safeguard.symbol and not is_symbol(function, safeguard.symbol)
    if strayed and sides.kept_in(safeguard.symbol, removed.tokens):
        return f"still stands in {safeguard.symbol}"
    return None


def _rewritten(removed: Removed, safeguard: Safeguard, instead: Tokens) -> str | None:
    """Why a statement that took the removed one's place guards as well as it did; None when it is
    weaker.
    """
    before, after = given(removed.tokens), given(instead)
    if instead == safeguard.bad or switched_off(before, after):
        return None
    switches = set(safeguard.switches) & given(removed.tokens, depth=1).keys()
    if switches:
        lost = switches - after.keys()
        return None if lost else "was changed, not removed"
    brought = names(safeguard.good) - names(safeguard.bad)
    if same_shape(removed.tokens, instead) or brought & names(removed.tokens) <= names(instead):
        return "was changed, not removed"
    return None


def _replacement(removed: Removed, sides: BothSides) -> Replacement | None:
    """The added statement of the same hunk that the removed one most likely became."""
    added = sides.hunks_added[removed.number]
    nearest = sorted(added, key=lambda statement: abs(statement.now[0] - removed.now))
    best: Replacement | None = None
    best_likeness = 0.0
    for statement in nearest[:MAX_CANDIDATES]:
        alike = likeness(removed.tokens, statement.tokens)
        if alike >= ALIKE and alike > best_likeness:
            best, best_likeness = statement, alike
    return best


def _guarded_is_gone(
    removed: Removed, safeguard: Safeguard, sides: BothSides, own: set[Tokens]
) -> bool:
    """Whether the code around went with the safeguard, so that nothing is left unguarded."""
    present = [tokens for tokens in safeguard.context if sides.counts(tokens)[0]]
    # a function's head says nothing about what is left of its body
    bodies = [tokens for tokens in present if not _is_head(tokens)]
    guarded = bodies or present or _neighbours(removed, sides, own)
    return bool(guarded) and all(before > after for before, after in map(sides.counts, guarded))


def _is_head(tokens: Tokens) -> bool:
    return tokens[-1] in (":", "{") and not {"def", "fn", "func", "function", "class"}.isdisjoint(
        tokens[:4]
    )


def _neighbours(removed: Removed, sides: BothSides, own: set[Tokens]) -> list[Tokens]:
    """The telling statements before and after, as far as the hunk shows them, when the evidence
    names none.
    """
    hunk = sides.file.hunks[removed.number]
    first_old = next((line.old for line in hunk.lines if line.old is not None), 0)
    place = (removed.lines[0].old or 0) - first_old
    before: list[Tokens] = []
    after: list[Tokens] = []
    for statement in sides.hunks_base[removed.number]:
        if not names(statement.tokens) or statement.tokens in own:
            continue
        if statement.last < place:
            before.append(statement.tokens)
        elif statement.first > place:
            after.append(statement.tokens)
    return before[-1:] + after[:1]
