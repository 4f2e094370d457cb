"""The days a text names, however they are spelled. Pure; guesses nothing: a day that could be read
in two ways is not read, and a day without a year is none.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

EARLIEST, LATEST = 1970, 2099
_CENTURY = 2000

_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(?P<month>jan(?:uary)?|feb(?:r?uary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?"
)
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_TO = r"(?:\s{0,2}(?:-|–|—|to|and|&|/)\s{0,2}(?:[A-Za-z]{3,9}\.?\s)?\d{1,2}(?:st|nd|rd|th)?)?"
_YEAR = r"(?P<year>\d{4})(?!\d)"
_SHAPES = (
    re.compile(
        r"(?<![\w.])(?P<year>\d{4})"
        r"(?:(?P<by>[-/])(?P<month>\d\d?)(?P=by)(?P<day>\d\d?)(?!\d)"
        r"|\.(?P<dotted_month>\d\d)\.(?P<dotted_day>\d\d)(?![\d.]))"
    ),
    re.compile(
        rf"\b{_MONTH}[\s-]{{0,2}}{_DAY}\b{_TO}(?:\s\([A-Z]{{2,5}}\))?(?:\s{{0,2}},)?[\s-]{{0,2}}{_YEAR}",
        re.IGNORECASE,
    ),
    re.compile(
        rf"(?<![\d.:]){_DAY}\b{_TO}\.?[\s-]{{0,2}}(?:of\s)?{_MONTH},?[\s-]{{0,2}}{_YEAR}",
        re.IGNORECASE,
    ),
    re.compile(
        r"(?<![\w/.-])(?P<first>\d\d?)(?P<by>[/.-])(?P<second>\d\d?)(?P=by)(?P<year>\d{4}|\d\d)(?!\d|(?P=by)\d)"
    ),
)


class DaySource(StrEnum):
    """Where the day of an incident was read, the surest first; for people to see."""

    INCIDENT = "said to be the incident's"
    TITLE = "in the title"
    FIELD = "said to be the date"
    STORY = "the first in the story"
    TIMELINE = "the first in the timeline"
    TEXT = "the first in the text"
    FILE = "in the file's name"
    PUBLISHED = "the day it was published"

    @property
    def is_sure(self) -> bool:
        """Whether the day needs no asking: somebody wrote it as a day of what happened."""
        return self not in (DaySource.TEXT, DaySource.FILE, DaySource.PUBLISHED)


@dataclass(frozen=True, slots=True, order=True)
class NamedDay:
    """A day, and where in the text it stands."""

    start: int
    end: int
    day: date


def named_days(text: str) -> list[NamedDay]:
    """Every day the text names, in the order they stand there."""
    named: list[NamedDay] = []
    for shape in _SHAPES:
        for match in shape.finditer(text):
            day = _read(match.groupdict())
            if day:
                named.append(NamedDay(match.start(), match.end(), day))
    return sorted(named)


def days_in(text: str) -> list[date]:
    """The days alone."""
    return [named.day for named in named_days(text)]


def _read(parts: dict[str, str | None]) -> date | None:
    year = int(parts["year"] or 0)
    if "first" in parts:
        year += _CENTURY if len(parts["year"] or "") == 2 else 0  # noqa: PLR2004 - two digits
        readings = set(_either_way(parts, year))
        return readings.pop() if len(readings) == 1 else None
    month = parts["month"] or parts["dotted_month"] or ""
    day = parts["day"] or parts["dotted_day"] or ""
    number = int(month) if month.isdigit() else _NAMES.index(month[:3].lower()) + 1
    return _day(year, number, int(day))


def _either_way(parts: dict[str, str | None], year: int) -> Iterator[date]:
    """The day as it is written in one country and in the other; with dots the day comes first."""
    first, second = int(parts["first"] or 0), int(parts["second"] or 0)
    day_first = _day(year, second, first)
    month_first = None if parts["by"] == "." else _day(year, first, second)
    for day in (day_first, month_first):
        if day:
            yield day


def _day(year: int, month: int, day: int) -> date | None:
    if not EARLIEST <= year <= LATEST:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None
