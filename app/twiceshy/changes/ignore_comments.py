"""``twiceshy: ignore INC-245 until 2027-01-31 because …``, the comment that silences a lesson at
a place, and reading it.

In any comment syntax. One that gives no reason or no end does not count. Pure: text in, values out;
silences nothing.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

FARTHEST = timedelta(days=366)
"""After which nobody remembers why: a later end counts, and is asked about."""

LONGEST_LINE, LONGEST_REASON, MOST_LESSONS = 2_000, 300, 20
"""Characters, characters and ids; of what is longer the rest is not read."""

PROSE = (".md", ".rst", ".adoc", ".txt")
"""Where such a comment is only written about."""

MARK = "twiceshy:"
"""What a file holds in which there is one, in whatever case."""

FORM = "twiceshy: ignore {lesson} until YYYY-MM-DD because ..."

_MARK = re.compile(r"\btwiceshy:\s*ignore\b", re.IGNORECASE)
_LEADER = re.compile(
    r"""(?:\#|//|/\*|\*|--|<!--|;|%|"|'|`|\(\*|\{-|\brem|\bdnl)[\#/*!;%-]*\s*$""",
    re.IGNORECASE | re.VERBOSE,
)
"""What a comment begins with, in the languages there are; in JSON, which has none, the quote of a
text.
"""

_REASON = re.compile(r"\bbecause\b[\s:]*(?P<reason>.*)", re.IGNORECASE)
_UNTIL = re.compile(r"\buntil\b[\s:]*(?P<until>\S*)", re.IGNORECASE)
_CLOSING = re.compile(r"(?:\*/|-->|\*\)|-\}|%>|[\"'`]+[,;)\]}]*)\s*$")
_LONGEST_EDGE = 20
"""Characters before and behind the words of a comment in which its signs are looked for: it bounds
the time.
"""

_SEPARATOR = re.compile(r"[,\s]+")


class IgnoreProblem(StrEnum):
    """Why a comment does not count, or is asked about."""

    NO_LESSON = "names no lesson"
    NO_REASON = "gives no reason"
    NO_END = "gives no day until when it holds"
    BAD_DAY = "has a day that is none"
    EXPIRED = "has ended"
    FAR = "holds for over a year"  # it counts all the same


@dataclass(frozen=True, slots=True)
class Ignore:
    """One such comment."""

    line: int  # 1-based
    lessons: tuple[str, ...]
    until: date | None
    reason: str
    fault: IgnoreProblem | None  # None: it counts

    @property
    def counts(self) -> bool:
        """Whether it silences anything."""
        return self.fault in (None, IgnoreProblem.FAR)


def ignores(lines: Iterable[tuple[int, str]], today: date) -> Iterator[Ignore]:
    """Every such comment in numbered lines."""
    for number, line in lines:
        text = line[:LONGEST_LINE]
        mark = _MARK.search(text)
        if mark and _LEADER.search(text[max(0, mark.start() - _LONGEST_EDGE) : mark.start()]):
            yield _read(number, text[mark.end() :], today)


def what_to_write(ignore: Ignore, today: date) -> str:
    """What is wrong with a comment and what to write instead; empty when nothing is."""
    if ignore.fault is None:
        return ""
    if ignore.fault is IgnoreProblem.FAR:
        latest = today + FARTHEST
        return (
            f"this `twiceshy: ignore` {ignore.fault}: "
            f"choose a day before {latest}, and look again then"
        )
    wanted = FORM.format(lesson=", ".join(ignore.lessons) or "INC-245")
    return f"this `twiceshy: ignore` {ignore.fault}, so it does not count: write `{wanted}`"


def wrong_with(ignore: Ignore, is_lesson: Callable[[str], bool], today: date) -> str:
    """As ``what_to_write``, and whether it names lessons at all. ``is_lesson``: whether an id
    is a lesson's.
    """
    unknown = [name for name in ignore.lessons if not is_lesson(name)]
    if unknown:
        return f"this `twiceshy: ignore` names {', '.join(unknown)[:100]}, which is no lesson here"
    return what_to_write(ignore, today)


def _read(number: int, rest: str, today: date) -> Ignore:
    rest = rest.rstrip()
    rest = rest[:-_LONGEST_EDGE] + _CLOSING.sub("", rest[-_LONGEST_EDGE:])
    because = _REASON.search(rest)
    reason = " ".join(because["reason"].split())[:LONGEST_REASON] if because else ""
    before = rest[: because.start()] if because else rest
    until = _UNTIL.search(before)
    names = before[: until.start()] if until else before
    lessons = tuple(name for name in _SEPARATOR.split(names.strip(" :")) if name)[:MOST_LESSONS]
    day = _day(until["until"]) if until else None
    fault = _fault(lessons, reason, until is not None, day, today)
    return Ignore(number, lessons, day, reason, fault)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.rstrip(",.;:"))
    except ValueError:
        return None


def _fault(
    lessons: tuple[str, ...], reason: str, ends: bool, day: date | None, today: date
) -> IgnoreProblem | None:
    if not lessons:
        return IgnoreProblem.NO_LESSON
    if not ends:
        return IgnoreProblem.NO_END
    if day is None:
        return IgnoreProblem.BAD_DAY
    if not any(map(str.isalnum, reason)):
        return IgnoreProblem.NO_REASON
    if day < today:
        return IgnoreProblem.EXPIRED
    return IgnoreProblem.FAR if day - today > FARTHEST else None
