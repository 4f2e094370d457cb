"""Which lessons may have done their work, and the evidence for it: proposals, for people to decide.
Pure.

Silence is no evidence: a lesson of a rare failure is silent until it is needed.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date
from pathlib import PurePosixPath

from twiceshy.changes.globs import matches_any
from twiceshy.lessons.expiry import Reader, Standing, State, standing_of
from twiceshy.lessons.languages import language_of_path
from twiceshy.lessons.lesson import Expiry, Lesson, Mode

FEWEST_WORDS = 2
"""Names of failing code that must be gone: one alone may just have been renamed."""


@dataclass(frozen=True, slots=True)
class Today:
    """What is known of the repository now."""

    day: date
    files: Set[str]
    languages: Set[str]  # those of the files, see ``languages_here``
    answers: Mapping[str, str]  # by lesson, why people's answers speak against it
    read: Reader  # a file's text, None when it is not there
    # by lesson, the telling names of its failing code of which not one stands in any file here
    dead_words: Mapping[str, Sequence[str]]


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
        return ()  # it does not guard
    return tuple(_reasons(lesson, today))


def _reasons(lesson: Lesson, today: Today) -> Iterator[str]:
    if lesson.expires:
        standing = standing_of(lesson.expires, today.day, today.read)
        if standing.state is State.DUE:
            yield f"its condition has come: {told_end(lesson.expires, standing)}"
    languages = _languages_of(lesson)
    if lesson.applies_to and not any(matches_any(lesson.applies_to, path) for path in today.files):
        yield f"it applies to {', '.join(lesson.applies_to)}, and no file here is like that"
    elif languages and today.languages and not languages & today.languages:
        yield f"no {' or '.join(sorted(languages))} is left here"
    elif dead := today.dead_words.get(lesson.id, ()):
        yield f"no file here holds a name of its failing code any more ({', '.join(dead[:5])})"
    gone = [scar.path for scar in lesson.scars if not _stands(scar.path, today.files)]
    if gone and len(gone) == len(lesson.scars):
        yield f"the places that failed are gone ({', '.join(gone[:3])})"
    if lesson.id in today.answers:
        yield today.answers[lesson.id]


def told_end(expiry: Expiry, standing: Standing) -> str:
    """What a lesson's end rests on, with the reason its author gave."""
    because = f" ({expiry.because.rstrip('.')})" if expiry.because else ""
    return f"{standing.reason}{because}"


def _stands(place: str, files: Set[str]) -> bool:
    """Whether a file is like a scar's pattern, or bears its name elsewhere: moved is not gone."""
    if place in files or any(matches_any([place], path) for path in files):
        return True
    name = PurePosixPath(place).name
    return any(PurePosixPath(path).name == name for path in files)
