"""Everyday changes that bring a lesson back, though nobody labelled them: what they say is right.

Real histories take fixes out again, and the sets say nothing of it. By the lines alone, never by a
score.
"""

from collections.abc import Mapping
from typing import NamedTuple

from data import Row

from twiceshy.changes.diff import parse_diff

ENOUGH = 0.8


class _Lines(NamedTuple):
    bad: frozenset[str]  # only the failing code has
    good: frozenset[str]  # only the fixed code has


class Returning:
    """Knows the lessons of a set by their lines."""

    def __init__(self, lessons: Mapping[str, Row]) -> None:
        self._lessons = lessons
        self._lines: dict[str, _Lines] = {}

    def brings_back(self, row: Row, lesson: str) -> bool:
        """Whether an everyday change takes a lesson's fix out, or was made before it was
        learned.
        """
        learned = self._lessons[lesson]
        if learned["project"] != row["project"]:
            return False
        if learned["date"] and row["date"] and learned["date"] >= row["date"]:
            return True  # the day of the fix: the failure had just been written
        bad, good = self._of(lesson)
        added, removed = _changed(row)
        if good:
            return len(good & removed) >= ENOUGH * len(good)
        return len(bad & added) >= ENOUGH * len(bad)

    def _of(self, lesson: str) -> _Lines:
        if lesson not in self._lines:
            row = self._lessons[lesson]
            bad, good = _lines(row["bad"]), _lines(row["good"])
            self._lines[lesson] = _Lines(bad - good, good - bad)
        return self._lines[lesson]


def _changed(row: Row) -> tuple[frozenset[str], frozenset[str]]:
    added: list[str] = []
    removed: list[str] = []
    for file in parse_diff(row["diff"]).files:
        added += [line.text for line in file.added]
        removed += [line.text for line in file.removed]
    return _lines("\n".join(added)), _lines("\n".join(removed))


def _lines(text: str) -> frozenset[str]:
    lines = {"".join(line.split()) for line in text.split("\n")}
    return frozenset(lines - {""})
