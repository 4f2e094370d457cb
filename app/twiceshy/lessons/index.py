"""The compiled registry on disk: lessons, and an inverted file the guards fill and ask. Never
judges, never runs rules.

A guard compiles each lesson (and its rules) into entries on a *shelf* of its own; a check then asks
for the keys that occur in the change. The cost of a check follows the change, not the number of
lessons.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from twiceshy.lessons.lesson import Lesson, Problem, Registry, Rule
from twiceshy.lessons.proofs import Proof


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing to be found under a key of a shelf."""

    shelf: str
    key: str
    lesson: str
    payload: str = ""  # the guard's own; usually JSON


@dataclass(frozen=True, slots=True)
class Unit:
    """What is compiled together, and again when either changes: a lesson and its rules."""

    lesson: Lesson
    rules: tuple[Rule, ...]


def units_of(registry: Registry) -> tuple[Unit, ...]:
    """The registry's lessons, each with its rules, in the registry's order."""
    rules: dict[str, list[Rule]] = {}
    for rule in registry.rules:
        rules.setdefault(rule.lesson, []).append(rule)
    return tuple(Unit(lesson, tuple(rules.get(lesson.id, ()))) for lesson in registry.lessons)


@dataclass(frozen=True, slots=True)
class Compiled:
    """What a compiler made of some units."""

    entries: tuple[Entry, ...] = ()
    problems: tuple[Problem, ...] = ()


class Compiler(Protocol):
    """A guard's half of the index."""

    @property
    def name(self) -> str:
        """The guard's name."""
        ...

    @property
    def version(self) -> str:
        """Changes when the same input would give other entries."""
        ...

    def compile(self, units: Sequence[Unit]) -> Compiled:
        """Entries for all units, in one go. Must not raise for bad lessons or rules: report them in
        ``problems``.
        """
        ...


class Index(Protocol):
    """What guards and policy may ask of a compiled registry."""

    def find(self, shelf: str, keys: Iterable[str]) -> Iterator[Entry]:
        """Every entry of the shelf under one of the keys."""
        ...

    def all(self, shelf: str) -> Iterator[Entry]:
        """Every entry of a shelf; for shelves that stay small."""
        ...

    def key_count(self, shelf: str, keys: Iterable[str], most: int) -> dict[str, int]:
        """How many entries each key has (document frequency), counted up to ``most``; keys without
        any are left out.
        """
        ...

    def lesson(self, lesson_id: str) -> Lesson | None:
        """A lesson by its id."""
        ...

    def rules(self, lesson_id: str) -> tuple[Rule, ...]:
        """The rules made from a lesson."""
        ...

    def proof(self, lesson_id: str) -> Proof | None:
        """The proof that is kept of a lesson, stale or not."""
        ...

    def is_guarded(self, lesson_id: str) -> bool:
        """Whether any guard made anything of a lesson: without an entry it can never speak."""
        ...

    def lesson_ids(self) -> tuple[str, ...]:
        """All ids, sorted."""
        ...

    @property
    def lesson_count(self) -> int: ...

    @property
    def rule_count(self) -> int: ...

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What was left out while reading and compiling, and why."""
        ...


class MemoryIndex:
    """An index held in memory: for tests, for one-off registries, and as the plainest statement of
    what one is.
    """

    def __init__(
        self, units: Sequence[Unit], compilers: Sequence[Compiler], problems: Sequence[Problem] = ()
    ) -> None:
        self._units = {unit.lesson.id: unit for unit in units}
        self._shelves: dict[str, dict[str, list[Entry]]] = {}
        self._guarded: set[str] = set()
        self._problems = tuple(problems)
        for compiler in compilers:
            self._add(compiler.compile(units))

    def _add(self, compiled: Compiled) -> None:
        self._problems += compiled.problems
        for entry in compiled.entries:
            self._shelves.setdefault(entry.shelf, {}).setdefault(entry.key, []).append(entry)
            self._guarded.add(entry.lesson)

    def find(self, shelf: str, keys: Iterable[str]) -> Iterator[Entry]:
        entries = self._shelves.get(shelf, {})
        for key in dict.fromkeys(keys):
            yield from entries.get(key, ())

    def all(self, shelf: str) -> Iterator[Entry]:
        for entries in self._shelves.get(shelf, {}).values():
            yield from entries

    def key_count(self, shelf: str, keys: Iterable[str], most: int) -> dict[str, int]:
        entries = self._shelves.get(shelf, {})
        return {key: min(len(entries[key]), most) for key in keys if key in entries}

    def lesson(self, lesson_id: str) -> Lesson | None:
        unit = self._units.get(lesson_id)
        return unit.lesson if unit else None

    def rules(self, lesson_id: str) -> tuple[Rule, ...]:
        unit = self._units.get(lesson_id)
        return unit.rules if unit else ()

    def proof(self, lesson_id: str) -> Proof | None:  # noqa: ARG002 - without a folder none is kept
        return None

    def is_guarded(self, lesson_id: str) -> bool:
        return lesson_id in self._guarded

    def lesson_ids(self) -> tuple[str, ...]:
        return tuple(sorted(self._units))

    @property
    def lesson_count(self) -> int:
        return len(self._units)

    @property
    def rule_count(self) -> int:
        return sum(len(unit.rules) for unit in self._units.values())

    @property
    def problems(self) -> tuple[Problem, ...]:
        return self._problems
