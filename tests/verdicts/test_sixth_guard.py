"""A guard is added in its own module and in ``registered``: nothing else knows guards by name."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from making import finding
from service.shop import LESSON
from twiceshy.changes.change import Change
from twiceshy.cli.schema import report_schema
from twiceshy.guards import registered
from twiceshy.guards.finding import Finding, GuardKind, GuardResult
from twiceshy.guards.rules import RULES
from twiceshy.learning.autopsy import Covered, autopsy
from twiceshy.lessons.index import Compiled, Entry, Index, Unit
from twiceshy.verdicts.formats import Format
from twiceshy.verdicts.guard import Guard
from twiceshy.verdicts.reasons import Why
from twiceshy.verdicts.render import FORMATS, render
from twiceshy.verdicts.verdict import Action, Conclusion, Report

TOY = GuardKind("toy", precision=60, reads_code=True)
DIFF = "--- /dev/null\n+++ b/app.py\n@@ -0,0 +1,2 @@\n+x = 1\n+toy()\n"


class ToyCompiler:
    name = TOY.name
    version = "1"

    def compile(self, units: Sequence[Unit]) -> Compiled:
        return Compiled(tuple(Entry("toy", "toy", unit.lesson.id) for unit in units))


class ToyGuard:
    def __init__(self, kind: GuardKind) -> None:
        self.kind = kind

    def check(self, change: Change, index: Index) -> GuardResult:
        lessons = [entry.lesson for entry in index.find("toy", ["toy"])]
        findings: list[Finding] = []
        for file in change.files:
            for line in file.added:
                if "toy()" in line.text and line.new:
                    findings += [self._finding(name, file.path, line.new) for name in lessons]
        return GuardResult(tuple(findings))

    def _finding(self, name: str, path: str, line: int) -> Finding:
        place = {"lesson": name, "path": path, "start_line": line, "end_line": line}
        return finding(self.kind, **place, score=0.95, headline=f"a toy like that of {name}")


def judged_with(kind: GuardKind, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Report:
    guards, compilers = registered.guards(), registered.compilers()
    monkeypatch.setattr(registered, "guards", lambda *_: (*guards, ToyGuard(kind)))
    monkeypatch.setattr(registered, "compilers", lambda: (*compilers, ToyCompiler()))
    (folder / "lessons").mkdir()
    (folder / "lessons/INC-245.md").write_text(LESSON)
    return Guard.load(folder, cache=folder / "cache").check(DIFF)


def test_a_sixth_guard_speaks_in_every_format(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = judged_with(TOY, tmp_path, monkeypatch)
    assert report.problems == ()
    assert report.conclusion is Conclusion.FAILURE
    (row,) = report.shown
    assert (row.finding.guard, row.action, row.why) == (TOY, Action.BLOCK, None)
    for form in FORMATS:
        text = render(report, form)
        assert "INC-245" in text.replace("\\", "")
        assert "a toy like that of" in text
    assert tuple(Format) == FORMATS
    Draft202012Validator(report_schema()).validate(json.loads(render(report, "json")))


def test_the_schema_names_the_guards_there_are() -> None:
    row = report_schema()["properties"]["findings"]["items"]["properties"]["guard"]
    assert row == {"enum": ["rules", "recall", "safeguards", "companions", "scars"]}
    names = [guard.kind.name for guard in registered.guards()]
    assert row["enum"] == names == [compiler.name for compiler in registered.compilers()]


@pytest.mark.parametrize(
    ("traits", "action", "why", "inline", "covered"),
    [
        ({}, Action.BLOCK, None, True, Covered.OVERRIDDEN),
        ({"exact": False}, Action.COMMENT, Why.BELOW_BLOCK_AT, True, Covered.OVERRIDDEN),
        ({"may_block": False}, Action.COMMENT, Why.NEVER_BLOCKS, True, Covered.OVERRIDDEN),
        ({"place_only": True}, Action.BLOCK, None, False, Covered.NOT),
    ],
)
def test_what_policy_must_know_the_guard_declares(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    traits: dict[str, Any],
    action: Action,
    why: Why | None,
    inline: bool,
    covered: Covered,
) -> None:
    report = judged_with(replace(TOY, **traits), tmp_path, monkeypatch)
    (row,) = report.shown
    assert (row.action, row.why, row.inline) == (action, why, inline)
    assert autopsy(report, {"app.py": frozenset({1})}).covered is covered


def test_no_two_guards_are_as_precise_as_each_other() -> None:
    kinds = [guard.kind for guard in registered.guards()]
    assert len({kind.precision for kind in kinds}) == len(kinds)
    assert max(kinds, key=lambda kind: kind.precision) == RULES
