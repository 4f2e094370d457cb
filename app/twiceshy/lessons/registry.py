"""Lessons and rules joined into a registry: one broken file is left out loudly, the rest guards.
Pure.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from twiceshy.lessons.lesson import Lesson, Problem, Registry, Rule
from twiceshy.lessons.lesson_reader import read_lesson
from twiceshy.lessons.proofs import Proof, read_proof
from twiceshy.lessons.rule_files import read_rules
from twiceshy.lessons.sources import (
    MAX_FILE_BYTES,
    TOO_LARGE,
    Content,
    Folder,
    SourceKind,
    Unreadable,
)


@dataclass(frozen=True, slots=True)
class Reading:
    """What one file of a registry says."""

    path: str
    lesson: Lesson | None = None
    rules: tuple[Rule, ...] = ()
    problems: tuple[Problem, ...] = ()
    proof: Proof | None = None


_LFS_POINTER = b"version https://git-lfs.github.com/spec/"
_NOT_IN_GIT = Unreadable(
    "a Git LFS pointer: lessons and rules must be in git itself, see .gitattributes"
)


def read_source(path: str, kind: SourceKind, content: Content) -> Reading:
    """Read one file's content; None stands for a file that could not be read. Never raises for what
    is in it.
    """
    if content is None:
        content = Unreadable("cannot be read: check its permissions")
    elif isinstance(content, bytes) and len(content) > MAX_FILE_BYTES:
        content = TOO_LARGE
    elif isinstance(content, bytes) and content.startswith(_LFS_POINTER):
        content = _NOT_IN_GIT
    if isinstance(content, Unreadable):
        return Reading(path, problems=(Problem(path, 0, content.why),))
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        return Reading(path, problems=(Problem(path, line, "not UTF-8: save the file as UTF-8"),))
    return _read_text(path, kind, text)


def _read_text(path: str, kind: SourceKind, text: str) -> Reading:
    if kind is SourceKind.LESSON:
        lesson = read_lesson(text, path)
        return Reading(path, lesson.lesson, problems=lesson.problems)
    if kind is SourceKind.RULES:
        rules = read_rules(text, path)
        return Reading(path, rules=rules.rules, problems=rules.problems)
    proof = read_proof(text, path)
    if isinstance(proof, Problem):
        return Reading(path, problems=(proof,))
    return Reading(path, proof=proof)


def join(readings: Sequence[Reading]) -> Registry:
    """All readings as one registry. Of two lessons or rules with one id, the first stands; both are
    named.
    """
    problems: list[Problem] = []
    for reading in readings:
        problems += reading.problems
    lessons = _joined_lessons(readings, problems)
    rules = _joined_rules(readings, lessons, problems)
    guarded = {rule.lesson for rule in rules.values()}
    for lesson in tuple(lessons.values()):
        if not _guards(lesson) and lesson.id not in guarded:
            del lessons[lesson.id]
            problems.append(_guards_nothing(lesson))
    return Registry(tuple(lessons.values()), tuple(rules.values()), tuple(problems))


def _guards_nothing(lesson: Lesson) -> Problem:
    message = (
        f"lesson {lesson.id} guards nothing yet: add evidence (a ```LANGUAGE bad block), "
        f"a rule whose metadata.lesson is {lesson.id}, a companion, a scar, "
        "or say with no_check why it cannot be a check"
    )
    return Problem(lesson.source, 1, message)


def _joined_lessons(readings: Iterable[Reading], problems: list[Problem]) -> dict[str, Lesson]:
    lessons: dict[str, Lesson] = {}
    for reading in readings:
        lesson = reading.lesson
        if lesson and lesson.id in lessons:
            first = lessons[lesson.id].source
            message = f"id {lesson.id} is taken by {first}: give one of them another id"
            problems.append(Problem(lesson.source, 2, message))
        elif lesson:
            lessons[lesson.id] = lesson
    return lessons


def read_registry(folders: Iterable[Path]) -> Registry:
    """Read folders that hold ``lessons/`` and ``rules/`` (for one-off use; a check asks the
    compiled index).
    """
    readings: list[Reading] = []
    for folder in folders:
        source = Folder(folder)
        contents = source.read(source.files())
        for file in source.files():
            readings.append(read_source(file.path, file.kind, contents[file.path]))
    return join(readings)


def _guards(lesson: Lesson) -> bool:
    return bool(lesson.evidence or lesson.companions or lesson.scars or lesson.no_check)


def _joined_rules(
    readings: Iterable[Reading], lessons: Mapping[str, Lesson], problems: list[Problem]
) -> dict[str, Rule]:
    rules: dict[str, Rule] = {}
    for reading in readings:
        for rule in reading.rules:
            wrong = _wrong_with(rule, rules, lessons)
            if wrong:
                problems.append(Problem(rule.source, rule.line, wrong))
            else:
                rules[rule.id] = rule
    return rules


def _wrong_with(rule: Rule, rules: Mapping[str, Rule], lessons: Mapping[str, Lesson]) -> str:
    if rule.id in rules:
        first = rules[rule.id]
        place = f"{first.source}:{first.line}"
        return f"rule id {rule.id} is taken by {place}: give one of them another id"
    if rule.lesson in lessons:
        return ""
    near = get_close_matches(rule.lesson, lessons, 1)
    hint = f"did you mean {near[0]}?" if near else "write the lesson, or mend metadata.lesson"
    return f"rule {rule.id} names no known lesson: {rule.lesson}; {hint}"
