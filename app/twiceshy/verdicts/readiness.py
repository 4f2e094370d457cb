"""Whether a registry guards anything: green must mean that something looked, and could have spoken.

Pure but for asking the index and, when nothing guards, listing the sources' files. Decides no
verdict and ends nothing: who asks says what follows (the command line stops, the App concludes
neutral).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from twiceshy.lessons.index import Index
from twiceshy.lessons.lesson import Lesson, Mode, Problem
from twiceshy.lessons.sources import Source, SourceKind

AWAKE = frozenset({Mode.OBSERVE, Mode.COMMENT, Mode.BLOCK})
"""Lessons of other modes are never held against a change."""


class Blindness(StrEnum):
    """Why a registry guards nothing."""

    NO_REGISTRY = "no registry"  # there was no place to read lessons from
    NO_LESSON = "no lesson"  # the places are not there, or hold neither a lesson nor a rule
    UNREADABLE = "unreadable"  # files are there, and of one place's no lesson could be made
    ASLEEP = "asleep"  # every lesson is a draft or retired
    UNARMED = "unarmed"  # lessons are awake, and no guard has anything to hold against a change


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether a registry guards, and what was found when it does not; the counts stay 0 when it
    does.
    """

    blindness: Blindness | None = None
    files: int = 0  # lesson and rule files of all sources
    lessons: int = 0  # that could be read
    problem: Problem | None = None  # the first of the registry's

    @property
    def guards(self) -> bool:
        """Whether a finding was possible at all."""
        return self.blindness is None

    @property
    def seen(self) -> str:
        """What was found, as the end of a sentence that begins with ``nothing guards:``; empty when
        it guards.
        """
        return "" if self.blindness is None else _SEEN[self.blindness].format(**self._counts())

    @property
    def advice(self) -> str:
        """What to do about it; empty when it guards."""
        return "" if self.blindness is None else _ADVICE[self.blindness]

    def _counts(self) -> dict[str, str]:
        return {
            "files": f"{self.files} file{'s' * (self.files != 1)}",
            "lessons": f"{self.lessons} lesson{'s' * (self.lessons != 1)}",
            "first": f" (the first: {self.problem})" if self.problem else "",
        }


_SEEN = {
    Blindness.NO_REGISTRY: "no registry could be read",
    Blindness.NO_LESSON: "the registry holds no lesson",
    Blindness.UNREADABLE: "no lesson can be used of {files}{first}",
    Blindness.ASLEEP: "of {lessons} every one is a draft or retired",
    Blindness.UNARMED: "of {lessons} none has anything that can be held against a change{first}",
}

_ADVICE = {
    Blindness.NO_REGISTRY: "name one that can be read here: "
    "registries: [{path: .}] or [{builtin: famous}]",
    Blindness.NO_LESSON: "write a first lesson (twiceshy init), or guard with the famous "
    "incidents: registries: [{builtin: famous}] in .twiceshy.yml",
    Blindness.UNREADABLE: "mend what `twiceshy lint` names",
    Blindness.ASLEEP: "wake one with `twiceshy promote ID`",
    Blindness.UNARMED: "give a lesson evidence (a ```LANGUAGE bad block) or a rule, "
    "and see `twiceshy coverage`",
}


def readiness_of(index: Index, sources: Sequence[Source]) -> Readiness:
    """Whether any lesson of the index can speak, and no place is broken as a whole, whatever the
    others hold.

    Cheap when the registry is sound: the first lesson that can speak is enough. Raises IndexDamaged
    when the index is.
    """
    if index.problems and (broken := _broken_as_a_whole(index, sources)):
        return broken
    lessons = awake = 0
    for name in index.lesson_ids():
        lesson = index.lesson(name)
        lessons += lesson is not None
        awake += _is_awake(lesson)
        if _is_awake(lesson) and index.is_guarded(name):
            return Readiness()
    files = sum(_count(source) for source in sources)
    problem = next(iter(index.problems), None)
    return Readiness(_blindness(len(sources), files, lessons, awake), files, lessons, problem)


def _count(source: Source) -> int:
    return sum(file.kind is not SourceKind.PROOF for file in source.files())


def _broken_as_a_whole(index: Index, sources: Sequence[Source]) -> Readiness | None:
    """The first place that has lesson files and gave no lesson."""
    owners = _owners(sources)
    silent = set(owners.values())
    for name in index.lesson_ids():
        lesson = index.lesson(name)
        if lesson and lesson.source in owners:
            silent.discard(owners[lesson.source])
        if not silent:
            return None
    for source in sources:
        if source in silent and not _any_lesson(source):
            files = sum(owner is source for owner in owners.values())
            problems = (problem for problem in index.problems if owners.get(problem.path) is source)
            return Readiness(Blindness.UNREADABLE, files, 0, next(problems, None))
    return None


def _owners(sources: Sequence[Source]) -> dict[str, Source]:
    """By the path of a lesson file, the place that it is read from."""
    owners: dict[str, Source] = {}
    for source in sources:
        for file in source.files():
            if file.kind is SourceKind.LESSON:
                owners[file.path] = source
    return owners


def _any_lesson(source: Source) -> bool:
    """Whether a lesson can be read there: one that is left out because it stands elsewhere too does
    no harm.
    """
    from twiceshy.lessons.registry import read_source  # noqa: PLC0415 - pydantic, seldom needed

    files = [file for file in source.files() if file.kind is SourceKind.LESSON]
    contents = source.read(files)
    return any(read_source(file.path, file.kind, contents.get(file.path)).lesson for file in files)


def _is_awake(lesson: Lesson | None) -> bool:
    return lesson is not None and lesson.mode in AWAKE


def _blindness(sources: int, files: int, lessons: int, awake: int) -> Blindness:
    if not sources:
        return Blindness.NO_REGISTRY
    if not files:
        return Blindness.NO_LESSON
    if not lessons:
        return Blindness.UNREADABLE
    return Blindness.UNARMED if awake else Blindness.ASLEEP
