"""What to write in the ``expires`` of a lesson: a condition that can be told here, its reason, and
what to do when it has come. Pure.
"""

from collections.abc import Iterator, Sequence
from datetime import date

from twiceshy.learning.lint.advice import Advice, Weight
from twiceshy.learning.retire import told_end
from twiceshy.lessons.expiry import Reader, State, condition_of, standing_of
from twiceshy.lessons.lesson import Lesson, Mode


def end_advice(lessons: Sequence[Lesson], today: date, read: Reader) -> Iterator[Advice]:
    """For each lesson that is to end. ``read``: a file's text, None when it is not there.

    Where not one of the files that they name is here, the registry guards other repositories, and
    nothing is said of them.
    """
    ending = [lesson for lesson in lessons if lesson.expires and lesson.mode is not Mode.RETIRED]
    is_foreign = all(read(file) is None for file in _files(ending))
    for lesson in ending:
        expiry = lesson.expires
        if expiry is None:
            continue
        standing = standing_of(expiry, today, read)
        if standing.state is State.DUE:
            told = told_end(expiry, standing)
            message = f"its end has come: {told}; set `mode: retired`, or mend `expires`"
            yield Advice(Weight.HINT, lesson.source, 0, message)
        elif standing.state is State.UNKNOWN and not is_foreign:
            message = f"`expires: {expiry.when}` can never be due: {standing.reason}"
            yield Advice(Weight.WARNING, lesson.source, 0, message)
        if not expiry.because:
            message = "`expires` has no reason: add `because: …`, for whoever is to retire it"
            yield Advice(Weight.HINT, lesson.source, 0, message)


def _files(lessons: Sequence[Lesson]) -> set[str]:
    conditions = [lesson.expires.when for lesson in lessons if lesson.expires]
    return {condition_of(text).file for text in conditions if text}
