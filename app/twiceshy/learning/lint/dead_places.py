"""Places a lesson names that no file of today is like, and patterns its own evidence has not: they
can never speak. Pure.
"""

import re
from collections.abc import Iterator, Sequence

from twiceshy.guards.companions import MAX_LINE, pattern_problem
from twiceshy.guards.tied_patterns import TiedPatterns
from twiceshy.learning.lint.advice import Advice, Weight
from twiceshy.lessons.lesson import Companion, Lesson, Mode, Side

MOST_COMPARED = 5_000_000
"""Patterns times files; beyond it nothing is said of places, so that lint stays quick."""

FOREIGN = "no file here is like it: mend it, or it can never speak"


def dead_places(lessons: Sequence[Lesson], tracked: Sequence[str]) -> Iterator[Advice]:
    """What to mend in scars and companions. ``tracked``: the repository's files, without its
    lessons and rules.

    Where not one place of any lesson is here, the registry guards other repositories, and nothing
    is said of places.
    """
    alive = [lesson for lesson in lessons if lesson.mode is not Mode.RETIRED]
    named = {pattern for lesson in alive for pattern in _places(lesson)}
    few = len(named) * len(tracked) <= MOST_COMPARED
    places = {pattern: _is_here(pattern, tracked) for pattern in named} if few else {}
    if any(places.values()):
        for lesson in alive:
            dead = dict.fromkeys(pattern for pattern in _places(lesson) if not places[pattern])
            yield from (
                Advice(Weight.WARNING, lesson.source, 0, f"`{pattern}`: {FOREIGN}")
                for pattern in dead
            )
    for lesson in alive:
        for companion in lesson.companions:
            if _shown_nowhere(companion, lesson):
                message = f"`{companion.pattern}` is in no line of its failing code in {companion.when}: mend the pattern"
                yield Advice(Weight.WARNING, lesson.source, 0, message)


def _places(lesson: Lesson) -> Iterator[str]:
    yield from (scar.path for scar in lesson.scars)
    for companion in lesson.companions:
        yield from (companion.when, companion.require)


def _is_here(pattern: str, tracked: Sequence[str]) -> bool:
    try:
        any_file = TiedPatterns(pattern, pattern)
        return any(any_file.when_ties(path) is not None for path in tracked)
    except re.error:
        return True  # the compiler names it


def _shown_nowhere(companion: Companion, lesson: Lesson) -> bool:
    """Whether the evidence shows a file like ``when``, and no line of it has the companion's
    pattern.
    """
    if companion.pattern is None or pattern_problem(companion.pattern):
        return False  # the compiler names it
    tied = TiedPatterns(companion.when, companion.require)
    try:
        wanted = re.compile(companion.pattern)
        shown = [
            block
            for block in lesson.evidence
            if block.side is Side.BAD and block.path and tied.when_ties(block.path) is not None
        ]
    except (re.error, OverflowError, RecursionError):
        return False
    lines = [line for block in shown for line in block.code.split("\n")]
    return bool(lines) and not any(wanted.search(line[:MAX_LINE]) for line in lines)
