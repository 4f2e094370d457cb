"""What a guard claims, and the protocol every guard keeps. Nothing here decides what is said."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Protocol, runtime_checkable

from twiceshy.changes.change import Change
from twiceshy.changes.not_looked_at import NotLookedAt
from twiceshy.lessons.index import Index
from twiceshy.lessons.lesson import Problem

GAP = "⋮"
"""Stands for lines that are left out of code that is shown."""


@dataclass(frozen=True, slots=True)
class GuardKind:
    """A guard's name, and all that others must know of it: each guard declares its own."""

    name: str
    precision: int
    """How precisely it says what is wrong: of several at one place the most precise speaks."""

    exact: bool = True  # False: it finds likenesses, which must reach the thresholds of ``recall``
    may_block: bool = True
    place_only: bool = False  # it knows the place, not the failure: a quiet line, never a comment
    reads_code: bool = False  # it can hold a file that was put out of sight against the lessons
    knows_failure: bool = False  # it knows failing code wherever it stands: what ``verify`` tries
    under_other_names: bool = False  # it looks past all names: ``recall.structure`` turns it off

    def __str__(self) -> str:
        return self.name


class EscapeKind(StrEnum):
    """By what something in the change itself keeps a finding from being said."""

    NOSEMGREP = "nosemgrep"  # Semgrep's own comment
    IGNORE = "ignore"  # a ``twiceshy: ignore`` comment with reason and end
    SKIPPED = "skipped"  # the file's name or text says that it is not worth looking at


@dataclass(frozen=True, slots=True)
class Escape:
    """What keeps a finding from being said, where it stands, and whether the change itself brings
    it.
    """

    kind: EscapeKind
    line: int  # of the comment, 1-based at head; 0 for a whole file
    added: bool  # by this change
    reason: str = ""  # a person's own words, or what the file was skipped as
    until: date | None = None
    decided: bool = False  # the base branch's settings or attributes say so, by hand


@dataclass(frozen=True, slots=True)
class Finding:
    """One guard's claim about one place in a change."""

    guard: GuardKind
    lesson: str
    path: str
    start_line: int  # 1-based at head; of removed lines, the line that now stands there
    end_line: int
    score: float  # 0..1
    headline: str  # one line: "this block resembles INC-245"
    why: str  # what decided, in words; may have several lines
    # what identifies the claim besides lesson and path, stable under line shifts: feeds the
    # fingerprint
    key: str
    rule: str | None = None
    suggestion: str | None = None  # text that replaces start_line..end_line when the fix is certain
    stands_at_base: bool = False  # the same claim holds for the base: an old finding
    # the lesson's own lines that decided, held beside the change's; GAP for lines left out
    then: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()  # lines of the fix that are not here
    escape: Escape | None = None  # what in the change itself keeps it from being said
    brief: str = ""  # of a likeness, the headline that another guard's finding here may borrow
    held_back: str = ""  # what made it less sure in this very repository


@dataclass(frozen=True, slots=True)
class GuardResult:
    """All one guard has to say about a change."""

    findings: tuple[Finding, ...] = ()
    problems: tuple[Problem, ...] = ()
    # lesson id -> why this guard considered it and kept silent, for --explain
    silent: Mapping[str, str] | None = None
    near: frozenset[str] = frozenset()  # of the silent: those the change has a weak likeness to
    rules_run: int = 0
    not_looked_at: tuple[NotLookedAt, ...] = ()  # the verdict must not look green
    # what a comment in the code suppresses, each with its ``escape``
    escaped: tuple[Finding, ...] = ()


class ChangeGuard(Protocol):
    """One way to look at a change with the registry in hand."""

    @property
    def kind(self) -> GuardKind:
        """Its name, and what policy must know of it."""
        ...

    def check(self, change: Change, index: Index) -> GuardResult:
        """Hold the change against the index. Must not raise for bad input: report it in
        ``problems``.
        """
        ...


@runtime_checkable
class SlowGuard(ChangeGuard, Protocol):
    """A guard that mostly waits for another process: the others can look meanwhile."""

    def start(
        self, change: Change, index: Index
    ) -> AbstractContextManager[Callable[[], GuardResult]]:
        """Begin to look. What comes back waits for the end of it; leaving ends what still runs."""
        ...


@runtime_checkable
class BatchGuard(ChangeGuard, Protocol):
    """A guard that looks at many changes for much less than at each of them."""

    def prepare(self, changes: Sequence[Change], index: Index) -> ChangeGuard:
        """A guard of the same kind that has done the costly part for these changes."""
        ...
