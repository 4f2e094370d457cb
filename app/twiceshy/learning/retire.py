"""Which lessons may have done their work, and the evidence for it: proposals, for people to decide.
Pure.
"""

from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from datetime import date, timedelta

from twiceshy.changes.globs import matches_any
from twiceshy.lessons.languages import language_of_path
from twiceshy.lessons.lesson import Lesson, Mode

YOUNG = timedelta(days=365)
"""A lesson of a rare failure may well be silent for a year."""

ENOUGH = 500
"""Changes that must have been replayed before silence says anything."""


@dataclass(frozen=True, slots=True)
class Today:
    """What is known of the repository now."""

    day: date
    files: Set[str]
    languages: Set[str]  # those of the files, see ``languages_here``
    spoke: Mapping[str, int]  # by lesson, in the replayed past
    replayed: int  # changes, as far as they were replayed
    answers: Mapping[str, str]  # by lesson, why people's answers speak against it


def languages_here(lessons: Iterable[Lesson], files: Iterable[str]) -> frozenset[str]:
    """The languages of a repository's files; none where most lessons are about other code: a
    registry of its own.
    """
    languages = frozenset(filter(None, map(language_of_path, files)))
    shown = about_these = 0
    for lesson in lessons:
        if lesson.evidence:
            shown += 1
            about_these += not languages.isdisjoint(_languages_of(lesson))
    return languages if 2 * about_these > shown else frozenset()


def _languages_of(lesson: Lesson) -> set[str]:
    return {block.language for block in lesson.evidence}


def reasons(lesson: Lesson, today: Today) -> tuple[str, ...]:
    """Why a lesson could be retired; empty for most, and for those that do not guard anyway."""
    if lesson.mode in (Mode.DRAFT, Mode.RETIRED) or lesson.no_check:
        return ()
    return tuple(_reasons(lesson, today))


def _reasons(lesson: Lesson, today: Today) -> Iterator[str]:
    languages = _languages_of(lesson)
    if lesson.applies_to and not any(matches_any(lesson.applies_to, path) for path in today.files):
        yield f"it applies to {', '.join(lesson.applies_to)}, and no file here is like that"
    elif languages and today.languages and not languages & today.languages:
        yield f"no {' or '.join(sorted(languages))} is left here"
    gone = [scar.path for scar in lesson.scars if scar.path not in today.files]
    if gone and len(gone) == len(lesson.scars):
        yield f"the places that failed are gone ({', '.join(gone[:3])})"
    if (
        today.replayed >= ENOUGH
        and not today.spoke.get(lesson.id)
        and today.day - lesson.date > YOUNG
    ):
        yield f"it would have said nothing in {today.replayed} changes"
    if lesson.id in today.answers:
        yield today.answers[lesson.id]
