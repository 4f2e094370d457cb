"""What was not looked at in one line, for the titles of reports and checks. Pure; decides
nothing.
"""

from collections.abc import Iterable, Mapping, Sequence

from twiceshy.changes.not_looked_at import NotLookedAt, Unseen
from twiceshy.verdicts.render.escape import one_line, one_line_path

MOST_NAMED = 2
"""Subjects named after a reason; the problems name all."""

LONGEST_SUBJECT = 80

_ONE_AND_MANY: Mapping[Unseen, tuple[str, str]] = {
    Unseen.FILE_TOO_LARGE: ("1 file too large", "{} files too large"),
    Unseen.TOO_MANY_FILES: ("too many files", "too many files"),
    Unseen.NO_PATCH: ("1 file without a diff", "{} files without a diff"),
    Unseen.NOT_TEXT: ("1 source file that is not text", "{} source files that are not text"),
    Unseen.PARTLY_READ: ("the rest of 1 file", "the rest of {} files"),
    Unseen.LINE_TOO_LONG: ("lines too long in 1 file", "lines too long in {} files"),
    Unseen.TOO_MANY_PLACES: ("too many places", "too many places"),
    Unseen.RULE_TIMED_OUT: ("1 file by every rule", "{} files by every rule"),
    Unseen.PARSER_DIED: ("code that ends the parser", "code that ends the parser"),
    Unseen.DIFF_NOT_UNDERSTOOD: ("1 part of the diff", "{} parts of the diff"),
    Unseen.REGISTRY_NOT_READ: (
        "1 registry that could not be read",
        "{} registries that could not be read",
    ),
    Unseen.NO_LESSONS: (
        "anything, because no lesson guards here",
        "anything, because no lesson guards here",
    ),
    Unseen.SKIPPED: ("new files that are skipped", "new files that are skipped"),
    Unseen.GUARD_FAILED: ("what 1 guard sees, it failed", "what {} guards see, they failed"),
    Unseen.GUARD_LATE: (
        "what 1 guard sees, it took too long",
        "what {} guards see, they took too long",
    ),
    Unseen.JUDGING_FAILED: (
        "anything, because the judging failed",
        "anything, because the judging failed",
    ),
    Unseen.JUDGING_LATE: (
        "anything, because the judging took too long",
        "anything, because the judging took too long",
    ),
}


def unseen_line(not_looked_at: Iterable[NotLookedAt]) -> str:
    """``not looked at: 1 file too large (db/schema.sql, 9.1 MB)``; empty when all was looked at."""
    by_reason: dict[Unseen, list[NotLookedAt]] = {}
    for unseen in not_looked_at:
        by_reason.setdefault(unseen.reason, []).append(unseen)
    parts = [_part(reason, by_reason[reason]) for reason in Unseen if reason in by_reason]
    return f"not looked at: {', '.join(parts)}" if parts else ""


def _part(reason: Unseen, unseen: Sequence[NotLookedAt]) -> str:
    subjects = list(dict.fromkeys(part.subject for part in unseen))
    alone, several = _ONE_AND_MANY[reason]
    words = alone if len(subjects) == 1 else several.format(len(subjects))
    named = _named(unseen[0]) if len(subjects) == 1 else _listed(subjects)
    return f"{words} ({named})" if named else words


def _named(unseen: NotLookedAt) -> str:
    return ", ".join(filter(None, (_short(unseen.subject), unseen.figure)))


def _listed(subjects: Sequence[str]) -> str:
    listed = ", ".join(_short(subject) for subject in subjects[:MOST_NAMED] if subject)
    left = len(subjects) - MOST_NAMED
    return f"{listed} and {left} more" if left > 0 else listed


def _short(subject: str) -> str:
    return one_line(one_line_path(subject), LONGEST_SUBJECT)
