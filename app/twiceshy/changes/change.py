"""The values a change is made of: files, hunks, lines, and two ways to read a file's text. Nothing
here runs git.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from twiceshy.changes.host import HostTree
from twiceshy.changes.not_looked_at import NotLookedAt
from twiceshy.lessons.lesson import Problem

Reader = Callable[[str], str | None]
"""Text of a file by its path, decoded leniently; None when it does not exist, is binary or is over
the size limit.
"""


def read_nothing(path: str) -> str | None:  # noqa: ARG001 - a Reader
    """The reader of a change whose files cannot be seen: hunks alone are judged."""
    return None


class Status(StrEnum):
    """What happened to a file."""

    ADDED = "added"
    MODIFIED = "modified"
    DELETED = "deleted"
    RENAMED = "renamed"
    COPIED = "copied"


class LineKind(StrEnum):
    """A diff line's first character."""

    CONTEXT = " "
    ADDED = "+"
    REMOVED = "-"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a hunk; ``old`` and ``new`` are 1-based line numbers, None on the side where it
    does not exist.
    """

    kind: LineKind
    text: str  # without the line's end
    old: int | None
    new: int | None


@dataclass(frozen=True, slots=True)
class Hunk:
    """A run of changed lines with their context."""

    old_start: int
    new_start: int
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class FileChange:
    """What a change does to one file."""

    path: str  # at head; for a deleted file, at base
    status: Status = Status.MODIFIED
    old_path: str | None = None  # at base, when it differs
    hunks: tuple[Hunk, ...] = ()
    binary: bool = False
    submodule: bool = False

    @property
    def base_path(self) -> str:
        """Where the file stood at base."""
        return self.old_path or self.path

    @cached_property
    def added(self) -> tuple[Line, ...]:
        """Every added line, in order."""
        return tuple(self._lines(LineKind.ADDED))

    @cached_property
    def removed(self) -> tuple[Line, ...]:
        """Every removed line, in order."""
        return tuple(self._lines(LineKind.REMOVED))

    @cached_property
    def added_numbers(self) -> frozenset[int]:
        """Line numbers at head of what was added."""
        return frozenset(line.new for line in self.added if line.new is not None)

    def _lines(self, kind: LineKind) -> Iterator[Line]:
        for hunk in self.hunks:
            for line in hunk.lines:
                if line.kind is kind:
                    yield line


@dataclass(frozen=True)
class Change:
    """What a pull request, a commit or the index changes, and how to read its files at head and at
    base.
    """

    files: tuple[FileChange, ...]
    read_head: Reader = read_nothing
    read_base: Reader = read_nothing
    base: str = ""  # commit or label, as the report shows it
    head: str = ""
    problems: tuple[Problem, ...] = field(default=())
    not_looked_at: tuple[NotLookedAt, ...] = ()
    # changed as well, but not to be looked at: generated, vendored, ignored
    out_of_sight: tuple[FileChange, ...] = ()
    # the code that stands in the repository without the change; None where nobody knows it
    host: HostTree | None = None


def as_added(path: str, text: str) -> FileChange:
    """A text as a file that a change adds: every line of it is new."""
    texts = text.removesuffix("\n").split("\n") if text else ()
    lines: list[Line] = []
    for number, line in enumerate(texts, 1):
        lines.append(Line(LineKind.ADDED, line.removesuffix("\r"), None, number))
    return FileChange(path, Status.ADDED, hunks=(Hunk(0, 1, tuple(lines)),))
