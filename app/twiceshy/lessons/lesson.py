"""The values a registry is made of: lessons, their evidence, rules, and what is wrong with them.

Plain frozen dataclasses, because the hot path reads thousands of them back from the compiled index;
validation of what people write happens once, in ``frontmatter``. Nothing here reads a file.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Severity(StrEnum):
    """How bad the incident was."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """0 for low to 3 for critical."""
        return list(Severity).index(self)


class Mode(StrEnum):
    """How loud a lesson may be; modes are earned, see the policy."""

    DRAFT = "draft"
    OBSERVE = "observe"
    COMMENT = "comment"
    BLOCK = "block"
    RETIRED = "retired"


class Side(StrEnum):
    """Which half of a pair of evidence a block is."""

    BAD = "bad"
    GOOD = "good"


@dataclass(frozen=True, slots=True)
class Problem:
    """Something a person can mend: where it is and what to write instead."""

    path: str
    line: int  # 1-based; 0 when it concerns the whole file
    message: str

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}" if self.line else self.path
        return f"{place}: {self.message}"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One fenced block of a lesson: code that failed, or the code that fixed it."""

    side: Side
    language: str  # canonical name, see ``languages``
    code: str  # without the fence, ends with a newline unless empty
    pair: int  # 0-based: a ``good`` block belongs to the pair of the ``bad`` block before it
    line: int  # 1-based line of the code's first line in the lesson file
    path: str | None = None  # where the code lived, when the lesson says so


@dataclass(frozen=True, slots=True)
class Companion:
    """When files matching ``when`` change (and an added line matches ``pattern``), ``require`` must
    change too.
    """

    when: str
    require: str
    because: str = ""
    pattern: str | None = None


@dataclass(frozen=True, slots=True)
class Scar:
    """A place where an incident's root cause lived."""

    path: str
    symbol: str | None = None


@dataclass(frozen=True, slots=True)
class NoCheck:
    """Why a lesson cannot be a check, said honestly."""

    reason: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Condition:
    """One of the things that had to be true for the incident to happen."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class ActionItem:
    """What somebody promised to do about it."""

    what: str
    done_when: str | None = None
    owner: str | None = None
    due: date | None = None
    verify: str | None = None
    done: date | None = None


@dataclass(frozen=True, slots=True)
class Expiry:
    """From when on a lesson has done its work: a day, or a condition, see ``expiry``."""

    day: date | None = None
    when: str = ""  # as it was written; empty where there is a day
    because: str = ""


@dataclass(frozen=True, slots=True)
class Lesson:
    """One incident's lesson, as its file says it."""

    id: str
    title: str
    date: date
    severity: Severity
    mode: Mode
    source: str  # the file it was read from, relative to its registry's folder
    summary: str = ""  # the story's first sentence, plain text
    mitigation: str = ""
    owner: str | None = None
    services: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    postmortem: str | None = None
    fix: str | None = None
    applies_to: tuple[str, ...] = ()
    scars: tuple[Scar, ...] = ()
    companions: tuple[Companion, ...] = ()
    no_check: NoCheck | None = None
    conditions: tuple[Condition, ...] = ()
    actions: tuple[ActionItem, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    body: str = ""  # everything under the front matter, as written
    expires: Expiry | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """One Semgrep rule whose ``metadata.lesson`` names a lesson."""

    id: str
    lesson: str
    languages: tuple[str, ...]  # as Semgrep names them
    document: str  # the rule as JSON, ready for Semgrep
    source: str
    line: int


@dataclass(frozen=True, slots=True)
class Registry:
    """All lessons and rules of one or more folders, joined, with what was left out and why."""

    lessons: tuple[Lesson, ...] = ()
    rules: tuple[Rule, ...] = ()
    problems: tuple[Problem, ...] = ()
