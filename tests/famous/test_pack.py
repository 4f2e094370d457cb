"""The famous incidents pack proves itself: each rule is red on its own failure, silent on its fix
and on all others.
"""

import json
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from twiceshy.changes.change import Change, FileChange, Hunk, Line, LineKind, Status
from twiceshy.guards.recall.recall_guard import RecallCompiler, RecallGuard
from twiceshy.lessons.famous import famous_folder
from twiceshy.lessons.index import MemoryIndex, Unit
from twiceshy.lessons.languages import example_path
from twiceshy.lessons.lesson import Evidence, Lesson, Side
from twiceshy.lessons.lesson_reader import read_lesson
from twiceshy.lessons.registry import read_registry

PACK = famous_folder()
LESSONS = sorted((PACK / "lessons").glob("*.md"))
REGISTRY = read_registry([PACK])


def _name(path: Path) -> str:
    return path.stem


def _place(lesson: Lesson, number: int) -> str:
    """The file a block of evidence is written to."""
    return f"{lesson.id}.{number}.{example_path(lesson.evidence[number].language)}"


PLACES: dict[str, tuple[Lesson, Evidence]] = {
    _place(lesson, number): (lesson, block)
    for lesson in REGISTRY.lessons
    for number, block in enumerate(lesson.evidence)
}


@pytest.fixture(scope="module")
def red(tmp_path_factory: pytest.TempPathFactory) -> set[tuple[str, str]]:
    """Every (file, rule) that Semgrep finds in the evidence of the whole pack, from one run."""
    folder = tmp_path_factory.mktemp("evidence")
    for name, (_, block) in PLACES.items():
        (folder / name).write_text(block.code, encoding="utf-8")
    semgrep = shutil.which("semgrep", path=str(Path(sys.executable).parent)) or "semgrep"
    command = [
        semgrep,
        "scan",
        "--metrics=off",
        "--disable-version-check",
        "--json",
        "--quiet",
        "--no-git-ignore",
    ]
    ran = subprocess.run(
        [*command, "--config", str(PACK / "rules"), "."],
        cwd=folder,
        capture_output=True,
        check=False,
    )
    answer = json.loads(ran.stdout)
    assert answer["errors"] == []
    return {
        (Path(row["path"]).name, row["check_id"].rsplit(".", 1)[-1]) for row in answer["results"]
    }


def _rules_of(lesson: Lesson) -> set[str]:
    return {rule.id for rule in REGISTRY.rules if rule.lesson == lesson.id}


def test_the_pack_reads_without_a_problem() -> None:
    assert REGISTRY.problems == ()
    assert len(REGISTRY.lessons) == len(LESSONS) >= 8


def test_the_pack_speaks_at_least_five_languages_and_configuration_is_among_them() -> None:
    languages = {block.language for lesson in REGISTRY.lessons for block in lesson.evidence}
    assert len(languages) >= 5
    assert languages & {"yaml", "sql", "hcl", "dockerfile"}


@pytest.mark.parametrize("path", LESSONS, ids=_name)
def test_a_lesson_is_whole(path: Path) -> None:
    read = read_lesson(path.read_text(encoding="utf-8"), path.name)
    assert read.problems == ()
    lesson = read.lesson
    assert lesson is not None
    assert lesson.id == path.stem
    assert lesson.id.endswith(lesson.date.isoformat())
    assert (lesson.postmortem or "").startswith("https://")
    assert lesson.mitigation
    assert lesson.summary
    assert len({condition.kind for condition in lesson.conditions}) >= 3
    assert {block.side for block in lesson.evidence} == {Side.BAD, Side.GOOD}
    headings = [line for line in lesson.body.splitlines() if line.startswith("## ")]
    assert headings == [
        "## Surprise",
        "## Conditions",
        "## Response",
        "## Systemic",
        "## What went well",
    ]


@pytest.mark.parametrize("path", LESSONS, ids=_name)
def test_a_rule_file_is_named_after_its_lesson(path: Path) -> None:
    rules = [rule for rule in REGISTRY.rules if rule.lesson == path.stem]
    assert {rule.source for rule in rules} == {f"rules/{path.stem.lower()}.yaml"}
    assert all(rule.id.startswith(f"{path.stem.lower()}-") for rule in rules)
    links = {json.loads(rule.document)["metadata"]["postmortem"] for rule in rules}
    assert links == {lesson.postmortem for lesson in REGISTRY.lessons if lesson.id == path.stem}


@pytest.mark.parametrize(
    "place", [name for name, (_, block) in PLACES.items() if block.side is Side.BAD]
)
def test_a_rule_of_the_lesson_catches_what_failed(place: str, red: set[tuple[str, str]]) -> None:
    lesson, _ = PLACES[place]
    assert {rule for name, rule in red if name == place} & _rules_of(lesson)


@pytest.mark.parametrize(
    "place", [name for name, (_, block) in PLACES.items() if block.side is Side.GOOD]
)
def test_no_rule_of_the_pack_speaks_on_a_fix(place: str, red: set[tuple[str, str]]) -> None:
    assert {rule for name, rule in red if name == place} == set()


def test_no_rule_speaks_on_the_evidence_of_another_lesson(red: set[tuple[str, str]]) -> None:
    assert {(name, rule) for name, rule in red if rule not in _rules_of(PLACES[name][0])} == set()


def test_every_rule_is_shown_by_some_evidence(red: set[tuple[str, str]]) -> None:
    assert {rule for _, rule in red} == {rule.id for rule in REGISTRY.rules}


@cache
def _index() -> MemoryIndex:
    units = [Unit(lesson, ()) for lesson in REGISTRY.lessons]
    return MemoryIndex(units, [RecallCompiler()])


def _recalled(code: str, path: str) -> set[str]:
    """Lessons that recall names when a change adds this code as a new file."""
    lines = tuple(
        Line(LineKind.ADDED, line, None, number) for number, line in enumerate(code.splitlines(), 1)
    )
    change = Change(
        (FileChange(path, Status.ADDED, hunks=(Hunk(0, 1, lines),)),), read_head={path: code}.get
    )
    return {finding.lesson for finding in RecallGuard().check(change, _index()).findings}


@pytest.mark.parametrize("place", PLACES)
def test_recall_tells_the_failure_from_the_fix(place: str) -> None:
    lesson, block = PLACES[place]
    assert _recalled(block.code, place) == ({lesson.id} if block.side is Side.BAD else set())
