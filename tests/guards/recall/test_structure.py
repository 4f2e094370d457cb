"""The same failure is found under other names throughout, and its twin with the fix is silent."""

from dataclasses import replace

import pytest

from changing import change, look, pair
from making import lesson
from twiceshy.guards.finding import Finding
from twiceshy.guards.recall.recall_guard import RecallCompiler, RecallGuard
from twiceshy.guards.recall.regions import regions
from twiceshy.guards.recall.structure import NO_STRUCTURE, structure_of
from twiceshy.guards.recall.structure_finding import STRUCTURE
from twiceshy.guards.recall.structure_guard import under_other_names
from twiceshy.guards.recall.structure_score import (
    STRUCTURE_AT,
    held_against_places,
    structure_pairs,
)
from twiceshy.guards.recall.structure_search import alike
from twiceshy.guards.recall.tokens import tokenize
from twiceshy.lessons.index import MemoryIndex, Unit
from twiceshy.lessons.languages import example_path
from twiceshy.lessons.lesson import Lesson
from twin_samples import TWINS, Twin

COMMENT_AT = 0.90
"""The policy's default: from here on a resemblance is said out loud."""

each_twin = pytest.mark.parametrize("twin", TWINS, ids=lambda twin: twin.name)
FLUSH = TWINS[0]


def told(twin: Twin) -> Lesson:
    path = f"old/{example_path(twin.language)}"
    return lesson("INC-1", evidence=pair(twin.bad, twin.good, path, twin.language))


def loud(twin: Twin, code: str, before: str = "") -> list[Finding]:
    path = f"new/{example_path(twin.language)}"
    files = {path: before} if before else {}
    result = look(RecallGuard(), RecallCompiler(), change(files, {path: code}), told(twin))
    return [finding for finding in result.findings if finding.score >= COMMENT_AT]


@each_twin
def test_the_failure_is_found_under_other_names(twin: Twin) -> None:
    assert [finding.lesson for finding in loud(twin, twin.failing)] == ["INC-1"]


@each_twin
def test_its_twin_with_the_fix_is_silent(twin: Twin) -> None:
    assert loud(twin, twin.correct) == []


def test_it_is_told_whose_name_is_whose() -> None:
    file = f"new/{example_path(FLUSH.language)}"
    compiled = MemoryIndex([Unit(told(FLUSH), ())], [RecallCompiler()])
    (finding,) = under_other_names(regions(change({}, {file: FLUSH.failing})), compiled)
    assert finding.guard is STRUCTURE
    assert finding.headline == (
        "the same structure under other names as INC-1: What INC-1 was about"
    )
    assert finding.why == (
        "Other names: `self.pending` for `self._group_buffer`, `letters` for `batch`, "
        "`letter` for `entry`, `letter.text` for `entry.body`\n"
        "What the fix had, under its own names: `with self.mutex:`\n"
        "The mistake: 100% of the structure that only the failing code had is here, "
        "0% of what only its fix had.\n"
        "The block: 90% of the structure around the mistake is here."
    )
    assert finding.then == (
        "def flush(self):",
        "    if not self._group_buffer:",
        "    ⋮",
        "    self._group_buffer.clear()",
        "    for entry in batch:",
    )
    assert finding.lacks == ("with self.mutex:",)


def test_a_library_s_names_are_no_other_names() -> None:
    other = FLUSH.failing.replace(".clear()", ".freeze()").replace("list(", "Snapshot(")
    assert loud(FLUSH, other) == []


def test_it_speaks_of_what_a_change_brings_only() -> None:
    assert loud(FLUSH, FLUSH.failing + "\n\nLATER = 1\n", FLUSH.failing) == []


def test_three_lines_are_too_few() -> None:
    short = Twin("", "python", "def f(a):\n    b = a.go()\n    return b.x\n", "", "", "")
    fixed = replace(short, good=short.bad.replace("b.x", "b.x if b else None"))
    assert structure_pairs(told(fixed)) == ()


def test_configuration_takes_no_part() -> None:
    assert structure_of(tokenize("a:\n  b: c\n", "yaml"), "yaml") is NO_STRUCTURE


def test_the_types_of_typescript_are_no_literals() -> None:
    typed, untyped = "let own: string = found;", 'let own: "text" = found;'
    structures = [
        structure_of(tokenize(code, "typescript"), "typescript").grams
        for code in (typed, typed.replace("own", "other"), untyped)
    ]
    assert structures[0] == structures[1] != structures[2]


def test_what_already_stands_in_the_host_must_be_surer() -> None:
    file = f"new/{example_path(FLUSH.language)}"
    compiled = MemoryIndex([Unit(told(FLUSH), ())], [RecallCompiler()])
    (candidate,) = alike(regions(change({}, {file: FLUSH.failing})), compiled)
    scores = [held_against_places(candidate.like, places).score for places in (0, 1, 40)]
    alone, with_one, with_many = scores
    assert alone > with_one > with_many
    assert alone >= STRUCTURE_AT > with_many


def test_code_with_the_same_calls_in_another_order_is_another_structure() -> None:
    lines = FLUSH.failing.splitlines(keepends=True)
    assert loud(FLUSH, "".join([lines[0], *reversed(lines[1:])])) == []
