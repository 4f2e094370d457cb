"""Where Semgrep's own suppressing comment stands, and what it suppresses. Pure; for us it decides
nothing.

What counts is said at https://semgrep.dev/docs/ignoring-files-folders-code and held against the
engine by a test.
"""

import re
from collections.abc import Sequence

_IDS = r"nosem(?:grep)?(?:[:=]\s?(?P<ids>[^,\s]+(?:[,\s]+[^,\s]+)*))?"
_SAME_LINE = re.compile(rf" {_IDS}", re.IGNORECASE)
_LINE_BEFORE = re.compile(rf"^[^a-zA-Z0-9]*{_IDS}", re.IGNORECASE)
_SEPARATOR = re.compile(r"[,\s]+")
LONGEST_LINE = 2_000
"""Characters looked at of a line: nobody writes a comment behind more."""


def comment_line(lines: Sequence[str], start: int, rule: str) -> int:
    """The line (1-based) of the comment that suppresses a rule's match at ``start``; ``start``
    without any.
    """
    same_line = _SAME_LINE.search(_text(lines, start))
    on_same_line = same_line and _names(same_line["ids"], rule)
    if on_same_line or not _LINE_BEFORE.search(_text(lines, start - 1)):
        return start
    return start - 1


def suppresses(lines: Sequence[str], start: int, rule: str) -> bool:
    """Whether a comment on the match's first line, or alone on the line before, suppresses a
    rule.
    """
    comments = _SAME_LINE.search(_text(lines, start)), _LINE_BEFORE.search(_text(lines, start - 1))
    return any(comment and _names(comment["ids"], rule) for comment in comments)


def _names(ids: str | None, rule: str) -> bool:
    return ids is None or rule in _SEPARATOR.split(ids)


def _text(lines: Sequence[str], number: int) -> str:
    return lines[number - 1][:LONGEST_LINE] if 1 <= number <= len(lines) else ""
