"""The same failure is found under other names throughout, and its twin with the fix is silent."""

import pytest

from changing import change, look, pair
from making import lesson
from twiceshy.guards.finding import Finding
from twiceshy.guards.recall.recall_guard import RecallCompiler, RecallGuard
from twiceshy.guards.recall.structure_finding import STRUCTURE
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
    finding = loud(FLUSH, FLUSH.failing)[0]
    assert finding.guard is STRUCTURE
    assert finding.headline == "the same structure under other names as INC-1: INC-1"
    assert finding.why == ""
    assert finding.then == ()


def test_code_with_the_same_calls_in_another_order_is_another_structure() -> None:
    lines = FLUSH.failing.splitlines(keepends=True)
    assert loud(FLUSH, "".join([lines[0], *reversed(lines[1:])])) == []
