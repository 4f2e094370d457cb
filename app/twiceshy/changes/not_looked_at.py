"""What of a change was not looked at, as values: green means looked at. Pure; decides nothing,
reads nothing.

A file out of scope by design (a picture, a lock file, what is generated, vendored or ignored) is
none of these.
"""

from dataclasses import dataclass
from enum import StrEnum

from twiceshy.lessons.lesson import Problem


class Unseen(StrEnum):
    """Why something was not, or not wholly, looked at."""

    FILE_TOO_LARGE = "file too large"
    TOO_MANY_FILES = "too many files"
    NO_PATCH = "no patch"
    NOT_TEXT = "not text"
    PARTLY_READ = "partly read"
    LINE_TOO_LONG = "line too long"
    TOO_MANY_PLACES = "too many places"
    RULE_TIMED_OUT = "rule timed out"
    PARSER_DIED = "parser died"
    DIFF_NOT_UNDERSTOOD = "diff not understood"
    REGISTRY_NOT_READ = "registry not read"
    NO_LESSONS = "no lessons"
    SKIPPED = "new file skipped"
    GUARD_FAILED = "guard failed"
    GUARD_LATE = "guard late"
    JUDGING_FAILED = "judging failed"
    JUDGING_LATE = "judging late"

    @property
    def died(self) -> bool:
        """Whether the judging itself broke or was late, whatever the change holds: what
        ``on_failure`` is about.
        """
        return self in _DIED

    @property
    def unfinished(self) -> bool:
        """Whether a limit of time or a death kept a guard from its end: another try may end
        otherwise.
        """
        return self.died or self in _CUT_SHORT


_CUT_SHORT = frozenset({Unseen.RULE_TIMED_OUT, Unseen.PARSER_DIED})
_DIED = frozenset(
    {Unseen.GUARD_FAILED, Unseen.GUARD_LATE, Unseen.JUDGING_FAILED, Unseen.JUDGING_LATE}
)


@dataclass(frozen=True, slots=True)
class NotLookedAt:
    """Something of a change that was not, or not wholly, looked at."""

    reason: Unseen
    subject: str  # a path, a guard's or a registry's name; empty when it is the whole change
    detail: str  # a sentence for the person: what was not done, and what to do about it
    figure: str = ""  # for the title, like "9.1 MB"
    line: int = 0  # 1-based; 0 when it concerns the whole file

    @property
    def problem(self) -> Problem:
        """The same as a problem, with all that can be said of it."""
        return Problem(self.subject, self.line, self.detail)


def megabytes(size: int) -> str:
    """``9.1 MB`` of a size in bytes."""
    return f"{size / 1_000_000:,.1f} MB"


def too_large(path: str, size: int, limit: int) -> NotLookedAt:
    """A file over the limit (both in bytes), of which the hunks alone are judged."""
    detail = f"{size:,} bytes, the limit is {limit:,} (max_file_bytes): its hunks alone were judged"
    return NotLookedAt(Unseen.FILE_TOO_LARGE, path, detail, megabytes(size))
