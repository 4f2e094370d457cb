"""What a change brings with it to escape a lesson, as lines for every form of the report. Plain
text; escapes no markup.
"""

from collections.abc import Iterator

from twiceshy.guards.finding import EscapeKind
from twiceshy.verdicts.escapes import told
from twiceshy.verdicts.verdict import Action, JudgedFinding, Report

MOST_LINES = 20
"""Of more only the number is told: a dependency of many files must not crowd the findings out."""


def escape_lines(report: Report, author: str = "") -> list[str]:
    """One line for each lesson and comment, or lesson and skipped file; at most twenty and how many
    more there are.
    """
    lines = list(dict.fromkeys(told(judged, author) for judged in _first_of_each(report)))
    left = len(lines) - MOST_LINES
    return [*lines[:MOST_LINES], *([f"and {left} more like these"] if left > 0 else [])]


def silenced(report: Report) -> tuple[JudgedFinding, ...]:
    """What is not said because of something in the change, once for each lesson and comment or
    skipped file.
    """
    return tuple(judged for judged in _first_of_each(report) if judged.action is Action.OBSERVE)


def escape_headline(report: Report) -> str:
    """The verdict in one line, when all there is to say is that what would block is out of sight;
    else empty.
    """
    if not any(judged.hides_a_block for judged in report.escapes):
        return ""
    files = {judged.finding.path for judged in report.escapes if judged.hides_a_block}
    lessons = {judged.lesson.id for judged in report.escapes if judged.hides_a_block}
    said = "a lesson" if len(lessons) == 1 else f"{len(lessons)} lessons"
    where = "a new file that is" if len(files) == 1 else f"{len(files)} new files that are"
    return f"{said} would block in {where} skipped"


def _first_of_each(report: Report) -> Iterator[JudgedFinding]:
    seen: set[tuple[str, str, EscapeKind, int]] = set()
    for judged in sorted(report.escapes, key=lambda judged: -judged.without_escape.rank):
        escape = judged.finding.escape
        if escape is None:
            continue
        about = judged.lesson.id, judged.finding.path, escape.kind, escape.line
        if about not in seen:
            seen.add(about)
            yield judged
