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
    found = {}
    for each in judged:
        file = files.get(each.finding.path)
        if each.action is not Action.OBSERVE and file:
            found[each.fingerprint] = _excerpt(each, file, change)
    return found


def _excerpt(judged: JudgedFinding, file: FileChange, change: Change) -> Excerpt:
    first = max(1, judged.finding.start_line - CONTEXT)
    last = min(judged.finding.end_line + CONTEXT, first + MOST_LINES - 1)
    text = change.read_head(file.path)
    lines = (
        [line.removesuffix("\r") for line in text.split("\n")][first - 1 : last]
        if text is not None
        else ()
    )
    if not lines:
        first, lines = _from_hunks(file, first, last)
    return Excerpt(file.path, first, tuple(lines), file.added_numbers)


def _from_hunks(file: FileChange, first: int, last: int) -> tuple[int, list[str]]:
    """The head side of the hunks within the range; it ends at the first gap."""
    known = {
        line.new: line.text
        for hunk in file.hunks
        for line in hunk.lines
        if line.new and line.kind is not LineKind.REMOVED
    }
    start = next((number for number in range(first, last + 1) if number in known), first)
    lines: list[str] = []
    while start + len(lines) in known and start + len(lines) <= last:
        lines.append(known[start + len(lines)])
    return start, lines
