"""The code around each shown finding, for renderers that draw it. Pure; bounded in lines, not in
their length.
"""

from collections.abc import Iterable

from twiceshy.changes.change import Change, FileChange, LineKind
from twiceshy.verdicts.verdict import Action, Excerpt, JudgedFinding

CONTEXT = 2
MOST_LINES = 16


def excerpts(judged: Iterable[JudgedFinding], change: Change) -> dict[str, Excerpt]:
    """By fingerprint, the lines at head around every finding that is said."""
    files = {file.path: file for file in change.files}
    shown: dict[str, Excerpt] = {}
    for row in judged:
        file = files.get(row.finding.path)
        if row.action is not Action.OBSERVE and file:
            shown[row.fingerprint] = _excerpt(row, file, change)
    return shown


def _excerpt(judged: JudgedFinding, file: FileChange, change: Change) -> Excerpt:
    first = max(1, judged.finding.start_line - CONTEXT)
    last = min(judged.finding.end_line + CONTEXT, first + MOST_LINES - 1)
    lines = _lines_at_head(file, change)[first - 1 : last]
    if not lines:
        first, lines = _from_hunks(file, first, last)
    return Excerpt(file.path, first, tuple(lines), file.added_numbers)


def _lines_at_head(file: FileChange, change: Change) -> list[str]:
    text = change.read_head(file.path)
    return [line.removesuffix("\r") for line in text.split("\n")] if text is not None else []


def _from_hunks(file: FileChange, first: int, last: int) -> tuple[int, list[str]]:
    """The head side of the hunks within the range; it ends at the first gap."""
    shown: dict[int, str] = {}
    for hunk in file.hunks:
        for line in hunk.lines:
            if line.new and line.kind is not LineKind.REMOVED:
                shown[line.new] = line.text
    start = next((number for number in range(first, last + 1) if number in shown), first)
    lines: list[str] = []
    for number in range(start, last + 1):
        if number not in shown:
            break
        lines.append(shown[number])
    return start, lines
