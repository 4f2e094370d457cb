"""Is the guard of this repository on? Each question has an answer and, where something is wrong,
what to do about it.

Looks where ``check`` looks: settings and lessons of the base. Changes nothing but the cache that
every check uses; asks the network for nothing but the registries that the settings name.
"""

import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from twiceshy.changes import git
from twiceshy.changes.change import Change, as_added
from twiceshy.changes.change_error import ChangeError
from twiceshy.changes.parser import client
from twiceshy.changes.registry_tree import TreeSource
from twiceshy.cli.registries import lessons_of, told_blind
from twiceshy.guards.semgrep import binary
from twiceshy.guards.semgrep.core import Engine
from twiceshy.lessons.famous import FAMOUS
from twiceshy.lessons.languages import example_path
from twiceshy.lessons.lesson import Evidence, Lesson, Mode, Side
from twiceshy.lessons.sources import Folder, Source
from twiceshy.verdicts.guard import Guard, user_cache
from twiceshy.verdicts.readiness import AWAKE, Readiness
from twiceshy.verdicts.render.markdown import count
from twiceshy.verdicts.settings import FILE_NAME, SettingsError
from twiceshy.workspace import Workspace, settings_of_commit

MOST_NAMED = 10
MOST_TRIED = 20
"""Lessons whose own bad code is tried before the guard is called deaf."""

STARTERS = (
    ".pre-commit-config.yaml",
    ".gitlab-ci.yml",
    "azure-pipelines.yml",
    "bitbucket-pipelines.yml",
    "Jenkinsfile",
    ".circleci/config.yml",
    ".travis.yml",
    "lefthook.yml",
    ".husky/pre-commit",
    ".husky/pre-push",
    "Makefile",
    ".git/hooks/pre-commit",
    ".git/hooks/pre-push",
)
_LOUDEST = (Mode.BLOCK, Mode.COMMENT, Mode.OBSERVE)
_SEMGREP = "pip install semgrep==1.180.0"


class Health(StrEnum):
    """How one part of the guard is."""

    WELL = "well"
    WEAK = "weak"  # the guard is on, and less than it could be
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What was examined, how it is, what was seen, and what to do when it is not well."""

    subject: str
    health: Health
    seen: str
    mend: str = ""


def examine_guard(root: Path) -> Iterator[Diagnosis]:
    """Every answer about a repository's guard, in the order in which a person would mend things."""
    try:
        base = git.default_base(root)
        fork = git.merge_base(root, base, "HEAD")
    except ChangeError as error:
        mend = "a check needs a base to hold changes against"
        yield Diagnosis("base", Health.OFF, str(error), mend)
        return
    # as it is now: lessons learned since hold for this branch too
    commit = git.resolve(root, base) or fork
    yield Diagnosis("base", Health.WELL, f"{base}, which this branch left at {fork[:12]}")
    try:
        settings = settings_of_commit(root, commit)
    except SettingsError as error:
        yield Diagnosis("settings", Health.OFF, str(error), f"mend {FILE_NAME} on {base}")
        return
    seen = f"no {FILE_NAME} on {base}: the defaults"
    if settings.written:
        seen = f"{FILE_NAME} of {commit[:12]}"
    yield Diagnosis("settings", Health.WELL, seen)
    yield from _examine_registry(root, Workspace.from_commit(root, commit, settings))


def _examine_registry(root: Path, named: Workspace) -> Iterator[Diagnosis]:
    """Whether the lessons, the tools and what starts them are there, and a lesson speaks."""
    workspace = named.without_withheld()
    guard = workspace.open()
    yield from _registry(guard, workspace)
    yield from _tools(guard)
    yield _starter(root)
    yield _self_test(guard)


def _registry(guard: Guard, workspace: Workspace) -> Iterator[Diagnosis]:
    for source in workspace.sources:
        seen = f"{_named(source)}: {count(len(source.files()), 'file')}"
        yield Diagnosis("registry", Health.WELL, seen)
    mend = f"mend {FILE_NAME} on the base, or bring what it names"
    for problem in workspace.left_out:
        yield Diagnosis("registry", Health.WEAK, str(problem), mend)
    readiness = guard.readiness()
    if readiness.guards:
        yield Diagnosis("lessons", Health.WELL, _counted(guard))
    else:
        yield _blind(readiness, workspace)
    yield from _left_out(guard)


def _left_out(guard: Guard) -> Iterator[Diagnosis]:
    mend = "`twiceshy lint` names all, with what to write instead"
    for problem in guard.problems[:MOST_NAMED]:
        yield Diagnosis("left out", Health.WEAK, str(problem), mend)
    if len(guard.problems) > MOST_NAMED:
        yield Diagnosis("left out", Health.WEAK, f"and {len(guard.problems) - MOST_NAMED} more")


def _named(source: Source) -> str:
    if isinstance(source, TreeSource):
        return f"{source.folder or 'lessons/ and rules/'} on the base"
    famous = isinstance(source, Folder) and source.shown_as == FAMOUS
    return "the famous incidents" if famous else source.label


def _blind(readiness: Readiness, workspace: Workspace) -> Diagnosis:
    return Diagnosis("lessons", Health.OFF, told_blind(readiness, workspace), readiness.advice)


def _counted(guard: Guard) -> str:
    modes = Counter(lesson.mode for lesson in lessons_of(guard.index).values())
    by_mode = ", ".join(f"{modes[mode]} {mode}" for mode in Mode if modes[mode])
    lessons, rules = guard.index.lesson_count, guard.index.rule_count
    return f"{count(lessons, 'lesson')} ({by_mode}), {count(rules, 'rule')}"


def _tools(guard: Guard) -> Iterator[Diagnosis]:
    yield _semgrep(guard.index.rule_count)
    yield _parser()
    yield _cache(user_cache())


def _parser() -> Diagnosis:
    if client.ask("definitions", "def f():\n    pass\n", "python"):
        return Diagnosis("parser", Health.WELL, "reads a function")
    mend = "pip install --force-reinstall ast-grep-py"
    return Diagnosis("parser", Health.WEAK, "gives no answer, so recall sees less", mend)


def _semgrep(rules: int) -> Diagnosis:
    semgrep = binary.find()
    if semgrep.core is None and semgrep.scan is None:
        health = Health.OFF if rules else Health.WEAK
        return Diagnosis(
            "semgrep", health, f"not found: {count(rules, 'rule')} cannot be checked", _SEMGREP
        )
    if not Engine().passes_canary():
        return Diagnosis(
            "semgrep", Health.WEAK, "its core does not find a canary, so checks are slow", _SEMGREP
        )
    return Diagnosis("semgrep", Health.WELL, f"{semgrep.release} finds a canary")


def _cache(folder: Path) -> Diagnosis:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as trial:
            trial.write(b"x")
    except OSError as error:
        return Diagnosis(
            "cache",
            Health.WEAK,
            f"{folder} cannot be written ({error.strerror}): each check compiles anew",
            "free some space, or point XDG_CACHE_HOME at a folder you can write to",
        )
    return Diagnosis("cache", Health.WELL, f"{folder} can be written")


def _starter(root: Path) -> Diagnosis:
    workflows = sorted((root / ".github" / "workflows").glob("*.y*ml"))
    places = [*workflows, *(root / name for name in STARTERS)]
    starting = [place.relative_to(root).as_posix() for place in places if _names_us(place)]
    if starting:
        return Diagnosis("started by", Health.WELL, ", ".join(starting))
    return Diagnosis(
        "started by",
        Health.WEAK,
        "no workflow and no hook here; a GitHub App cannot be seen from here",
        "without the App nothing is checked: `twiceshy init` writes a workflow",
    )


def _names_us(place: Path) -> bool:
    try:
        return place.is_file() and b"twiceshy" in place.read_bytes()
    except OSError:
        return False


def _self_test(guard: Guard) -> Diagnosis:
    """Judge what a lesson calls its failing code, as if somebody had just written it."""
    tried = _lessons_to_try(guard)
    for lesson in tried:
        if speaker := _caught_by(guard, lesson):
            seen = f"the failing code of {lesson.id}, as if new, is found by {speaker}"
            return Diagnosis("self-test", Health.WELL, seen)
    if tried:
        names = ", ".join(lesson.id for lesson in tried[:3])
        seen = f"the failing code of {names}, as if new, is not found"
        mend = "`twiceshy verify` says what each lesson catches"
        return Diagnosis("self-test", Health.OFF, seen, mend)
    seen = "no lesson shows failing code to try"
    return Diagnosis("self-test", Health.WEAK, seen, "add a ```LANGUAGE bad block to one")


def _lessons_to_try(guard: Guard) -> list[Lesson]:
    """Lessons that are held against changes and show failing code, the loudest first."""
    lessons = []
    for lesson in lessons_of(guard.index).values():
        if lesson.mode in AWAKE and _failing(lesson):
            lessons.append(lesson)
    lessons.sort(key=lambda lesson: _LOUDEST.index(lesson.mode))
    return lessons[:MOST_TRIED]


def _failing(lesson: Lesson) -> list[Evidence]:
    return [block for block in lesson.evidence if block.side is Side.BAD]


def _caught_by(guard: Guard, lesson: Lesson) -> str:
    """The guard that finds a lesson's own failing code; empty when none does."""
    for block in _failing(lesson):
        path = block.path or example_path(block.language)
        change = Change((as_added(path, block.code),), read_head={path: block.code}.get)
        for judged in guard.judge(change).findings:
            in_sight = judged.finding.escape is None
            if judged.lesson.id == lesson.id and in_sight:
                return str(judged.finding.guard)
    return ""
