"""What ``twiceshy: ignore`` comments in the code mean for findings, and what is wrong with those a
change adds. Pure.

Only says what stands where; whether it lifts anything is policy's.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from functools import cached_property

from twiceshy.changes.change import Change, FileChange, LineKind
from twiceshy.changes.ignore_comments import PROSE, Ignore, ignores, wrong_with
from twiceshy.guards.finding import Escape, EscapeKind, Finding
from twiceshy.lessons.lesson import Problem

MOST_PROBLEMS = 20


class Suppressions:
    """The comments of a change's files; each file is read only when it is asked about."""

    def __init__(self, change: Change, today: date) -> None:
        self._change = change
        self._today = today
        self._by_path: dict[str, tuple[Ignore, ...]] = {}

    @cached_property
    def _files(self) -> Mapping[str, FileChange]:
        return {file.path: file for file in self._change.files}

    def marked(self, finding: Finding) -> Finding:
        """The finding with the comment that is meant for it: on its lines, or on the line
        before.
        """
        for ignore in self._of(finding.path):
            near = finding.start_line - 1 <= ignore.line <= finding.end_line
            if near and ignore.counts and finding.lesson in ignore.lessons:
                added = ignore.line in self._files[finding.path].added_numbers
                escape = Escape(EscapeKind.IGNORE, ignore.line, added, ignore.reason, ignore.until)
                return replace(finding, escape=escape)
        return finding

    def problems(
        self, findings: Iterable[Finding], known: Callable[[str], bool]
    ) -> tuple[Problem, ...]:
        """What to mend in the comments that this change adds. ``known``: whether an id is a
        lesson's.
        """
        silenced = {(finding.path, finding.escape.line) for finding in findings if finding.escape}
        problems: list[Problem] = []
        for file in self._change.files:
            if file.path.lower().endswith(PROSE):
                continue
            lines = ((line.new or 1, line.text) for line in file.added)
            for ignore in ignores(lines, self._today):
                wrong = self._wrong(ignore, (file.path, ignore.line) in silenced, known)
                problems += [Problem(file.path, ignore.line, wrong)] if wrong else []
        return tuple(problems[:MOST_PROBLEMS])

    def _wrong(self, ignore: Ignore, used: bool, known: Callable[[str], bool]) -> str:
        wrong = wrong_with(ignore, known, self._today)
        if wrong or used:
            return wrong
        return (
            "this `twiceshy: ignore` silences nothing today, "
            f"as {', '.join(ignore.lessons)} has nothing to say here: "
            "take it away, or it will silence what somebody writes here later"
        )

    def _of(self, path: str) -> tuple[Ignore, ...]:
        if path not in self._by_path:
            file = self._files.get(path)
            lines = _lines_at_head(file, self._change) if file else ()
            self._by_path[path] = tuple(ignores(lines, self._today))
        return self._by_path[path]


def _lines_at_head(file: FileChange, change: Change) -> Iterator[tuple[int, str]]:
    text = change.read_head(file.path)
    if text is not None:
        yield from enumerate(text.split("\n"), 1)
        return
    for hunk in file.hunks:
        for line in hunk.lines:
            if line.kind is not LineKind.REMOVED and line.new is not None:
                yield line.new, line.text
