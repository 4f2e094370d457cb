"""The incident itself, out of history: the commit that brought the code which failed. Reads git;
judges nothing.

A commit is taken for it only when the failing code stands in it as the lesson shows it: blame names
whoever touched the lines last, and code that failed has often become what it was in several steps.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from twiceshy.changes.change import Change
from twiceshy.changes.change_error import ChangeError
from twiceshy.changes.git import commit_change
from twiceshy.learning.learn.draft import cause_of
from twiceshy.learning.learn.windows import stands_in
from twiceshy.learning.verify.trials import Incident
from twiceshy.lessons.lesson import Lesson, Side

_COMMIT = re.compile(r"[0-9a-f]{7,64}")


def incident_of(root: Path, lesson: Lesson) -> Incident | None:
    """The commit that brought this lesson's failure; None when the fix is no commit here, or nobody
    can tell.
    """
    if not lesson.fix or not _COMMIT.fullmatch(lesson.fix):
        return None
    try:
        _, origin = cause_of(root, lesson.fix)
        change = commit_change(root, origin.id) if origin else None
    except ChangeError:
        return None
    failed = frozenset(_failed(lesson, change)) if change else frozenset()
    return Incident(origin.id, change, failed) if origin and change and failed else None


def _failed(lesson: Lesson, change: Change) -> Iterator[str]:
    """The files of a change in which a piece of the lesson's failing code stands whole."""
    codes = [block.code for block in lesson.evidence if block.side is Side.BAD]
    for file in change.files:
        text = change.read_head(file.path) or ""
        if any(stands_in(code, text) for code in codes):
            yield file.path
