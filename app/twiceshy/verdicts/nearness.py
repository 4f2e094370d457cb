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

    def is_one(self, one: Finding, other: Finding) -> bool:
        """Whether two findings are about one edit."""
        if one.path != other.path:
            return False
        gap = max(one.start_line, other.start_line) - min(one.end_line, other.end_line)
        if one.guard is other.guard:
            return gap <= 0  # a guard tells its own places apart
        if gap <= 1:
            return True
        return self._in_one_hunk(one, other) and self._in_one_function(one, other, gap)

    def _in_one_hunk(self, one: Finding, other: Finding) -> bool:
        file = self._files.get(one.path)
        for hunk in file.hunks if file else ():
            lines = now_at(hunk)
            if lines and all(_meets(finding, min(lines), max(lines)) for finding in (one, other)):
                return True
        return False

    def _in_one_function(self, one: Finding, other: Finding, gap: int) -> bool:
        mine = around(self._functions_of(one.path), one.start_line)
        others = around(self._functions_of(one.path), other.start_line)
        if not mine and not others:
            return gap <= GAP
        return bool(mine and others) and mine[-1] == others[-1]

    def _functions_of(self, path: str) -> tuple[Function, ...]:
        if path not in self._functions:
            self._functions[path] = functions(
                self._change.read_head(path) or "", language_of_path(path)
            )
        return self._functions[path]


def _meets(finding: Finding, first: int, last: int) -> bool:
    return finding.start_line <= last and first <= finding.end_line
