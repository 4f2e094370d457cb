"""Whether two findings are about one edit, so that one lesson says one thing about it. Pure; reads
files only when asked.

Guards point at an edit from different sides: a removed line is shown at the line that took its
place, a resemblance at the statement around it. One edit is what overlaps or touches, or stands in
one hunk and in one function. Where no function is known the few unchanged lines that git shows
around an edit are the measure.
"""

from functools import cached_property

from twiceshy.changes.change import Change, FileChange
from twiceshy.changes.functions import Function, functions
from twiceshy.guards.finding import Finding
from twiceshy.guards.locations import around, now_at
from twiceshy.lessons.languages import language_of_path

GAP = 3
"""Lines; what git shows around an edit by default."""


class Edits:
    """The edits of a change."""

    def __init__(self, change: Change) -> None:
        self._change = change
        self._functions: dict[str, tuple[Function, ...]] = {}

    @cached_property
    def _files(self) -> dict[str, FileChange]:
        return {file.path: file for file in (*self._change.files, *self._change.out_of_sight)}

    def is_one(self, finding: Finding, other: Finding) -> bool:
        """Whether two findings are about one edit."""
        if finding.path != other.path:
            return False
        gap = max(finding.start_line, other.start_line) - min(finding.end_line, other.end_line)
        if finding.guard == other.guard:
            return gap <= 0  # a guard tells its own places apart
        if gap <= 1:
            return True
        in_one_hunk = self._in_one_hunk(finding, other)
        return in_one_hunk and self._in_one_function(finding, other, gap)

    def _in_one_hunk(self, finding: Finding, other: Finding) -> bool:
        file = self._files.get(finding.path)
        for hunk in file.hunks if file else ():
            lines = now_at(hunk)
            if not lines:
                continue
            first, last = min(lines), max(lines)
            if _meets(finding, first, last) and _meets(other, first, last):
                return True
        return False

    def _in_one_function(self, finding: Finding, other: Finding, gap: int) -> bool:
        functions_there = self._functions_of(finding.path)
        around_first = around(functions_there, finding.start_line)
        around_second = around(functions_there, other.start_line)
        if not around_first and not around_second:
            return gap <= GAP
        return bool(around_first and around_second) and around_first[-1] == around_second[-1]

    def _functions_of(self, path: str) -> tuple[Function, ...]:
        if path not in self._functions:
            self._functions[path] = functions(
                self._change.read_head(path) or "", language_of_path(path)
            )
        return self._functions[path]


def _meets(finding: Finding, first: int, last: int) -> bool:
    return finding.start_line <= last and first <= finding.end_line
