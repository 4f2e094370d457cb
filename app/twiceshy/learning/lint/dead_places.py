"""Places a lesson names that no file of today is like, and patterns its own evidence has not: they
can never speak. Pure.
"""

import re
from collections.abc import Iterator, Sequence, Set
from itertools import chain

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
    places = set(chain.from_iterable(map(_places, alive)))
    few = len(places) * len(tracked) <= MOST_COMPARED
    unlike = places.difference(tracked)  # most are the very path of a file
    dead = {place for place in unlike if not _is_here(place, tracked)} if few else places
    if dead != places:
        for lesson in alive:
            yield from _dead_places_of(lesson, dead)
    for lesson in alive:
        for companion in lesson.companions:
            if _shown_nowhere(companion, lesson):
                message = (
                    f"`{companion.pattern}` is in no line of its failing code "
                    f"in {companion.when}: mend the pattern"
                )
                yield Advice(Weight.WARNING, lesson.source, 0, message)


def _dead_places_of(lesson: Lesson, dead: Set[str]) -> Iterator[Advice]:
    for place in dict.fromkeys(_places(lesson)):
        if place in dead:
            yield Advice(Weight.WARNING, lesson.source, 0, f"`{place}`: {FOREIGN}")


def _places(lesson: Lesson) -> Iterator[str]:
    for scar in lesson.scars:
        yield scar.path
    for companion in lesson.companions:
        yield companion.when
        yield companion.require


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
    try:
        wanted = re.compile(companion.pattern)
        lines = _failing_lines(lesson, TiedPatterns(companion.when, companion.require))
    except (re.error, OverflowError, RecursionError):
        return False
    return bool(lines) and not any(wanted.search(line[:MAX_LINE]) for line in lines)


def _failing_lines(lesson: Lesson, tied: TiedPatterns) -> list[str]:
    """The lines of failing code in files like ``when``."""
    lines: list[str] = []
    for block in lesson.evidence:
        if block.side is Side.BAD and block.path and tied.when_ties(block.path) is not None:
            lines += block.code.split("\n")
    return lines
