"""Lessons and rules joined into a registry: one broken file is left out loudly, the rest guards.
Pure.
"""

from collections.abc import Iterable, Sequence
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


def read_source(path: str, kind: SourceKind, content: Content) -> Reading:
    """Read one file's content; None stands for a file that could not be read. Never raises for what
    is in it.
    """
    if content is None:
        content = Unreadable("cannot be read: check its permissions")
    elif isinstance(content, bytes) and len(content) > MAX_FILE_BYTES:
        content = TOO_LARGE
    elif isinstance(content, bytes) and content.startswith(_LFS_POINTER):
        content = Unreadable(
            "a Git LFS pointer: lessons and rules must be in git itself, see .gitattributes"
        )
    if isinstance(content, Unreadable):
        return Reading(path, problems=(Problem(path, 0, content.why),))
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        return Reading(path, problems=(Problem(path, line, "not UTF-8: save the file as UTF-8"),))
    if kind is SourceKind.LESSON:
        read = read_lesson(text, path)
        return Reading(path, read.lesson, problems=read.problems)
    if kind is SourceKind.PROOF:
        proof = read_proof(text, path)
        return (
            Reading(path, problems=(proof,))
            if isinstance(proof, Problem)
            else Reading(path, proof=proof)
        )
    rules = read_rules(text, path)
    return Reading(path, rules=rules.rules, problems=rules.problems)


_LFS_POINTER = b"version https://git-lfs.github.com/spec/"


def join(readings: Sequence[Reading]) -> Registry:
    """All readings as one registry. Of two lessons or rules with one id, the first stands; both are
    named.
    """
    problems = [problem for reading in readings for problem in reading.problems]
    lessons: dict[str, Lesson] = {}
    for lesson in (reading.lesson for reading in readings if reading.lesson):
        if lesson.id in lessons:
            first = lessons[lesson.id].source
            problems.append(
                Problem(
                    lesson.source,
                    2,
                    f"id {lesson.id} is taken by {first}: give one of them another id",
                )
            )
        else:
            lessons[lesson.id] = lesson
    rules = _joined_rules(
        (rule for reading in readings for rule in reading.rules), lessons, problems
    )
    guarded = {rule.lesson for rule in rules.values()}
    for name in [
        name for name, lesson in lessons.items() if not _guards(lesson) and name not in guarded
    ]:
        message = (
            f"lesson {name} guards nothing yet: add evidence (a ```LANGUAGE bad block), a rule whose metadata.lesson is "
            f"{name}, a companion, a scar, or say with no_check why it cannot be a check"
        )
        problems.append(Problem(lessons.pop(name).source, 1, message))
    return Registry(tuple(lessons.values()), tuple(rules.values()), tuple(problems))


def read_registry(folders: Iterable[Path]) -> Registry:
    """Read folders that hold ``lessons/`` and ``rules/`` (for one-off use; a check asks the
    compiled index).
    """
    readings = []
    for folder in folders:
        source = Folder(folder)
        contents = source.read(source.files())
        readings += [
            read_source(file.path, file.kind, contents[file.path]) for file in source.files()
        ]
    return join(readings)


def _guards(lesson: Lesson) -> bool:
    return bool(lesson.evidence or lesson.companions or lesson.scars or lesson.no_check)


def _joined_rules(
    found: Iterable[Rule], lessons: dict[str, Lesson], problems: list[Problem]
) -> dict[str, Rule]:
    rules: dict[str, Rule] = {}
    for rule in found:
        if rule.id in rules:
            first = rules[rule.id]
            message = f"rule id {rule.id} is taken by {first.source}:{first.line}: give one of them another id"
            problems.append(Problem(rule.source, rule.line, message))
        elif rule.lesson not in lessons:
            near = get_close_matches(rule.lesson, lessons, 1)
            hint = (
                f"did you mean {near[0]}?" if near else "write the lesson, or mend metadata.lesson"
            )
            problems.append(
                Problem(
                    rule.source,
                    rule.line,
                    f"rule {rule.id} names no known lesson: {rule.lesson}; {hint}",
                )
            )
        else:
            rules[rule.id] = rule
    return rules
