import json
import os
import stat
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from making import lesson
from twiceshy.changes.change import Change, FileChange, Hunk, Line, LineKind, Status
from twiceshy.changes.diff_file import change_from_diff
from twiceshy.changes.not_looked_at import NotLookedAt, Unseen
from twiceshy.guards.finding import Escape, EscapeKind, GuardResult
from twiceshy.guards.rules import RulesCompiler, RulesGuard
from twiceshy.guards.semgrep import binary, prefilter
from twiceshy.guards.semgrep.binary import Semgrep
from twiceshy.guards.semgrep.core import Engine, Match, RunResult, Target
from twiceshy.guards.semgrep.targets import canonical, languages_of
from twiceshy.lessons.index import Compiled, MemoryIndex, Unit
from twiceshy.lessons.lesson import Mode, Rule
from twiceshy.lessons.rule_files import read_rules

CORPUS = Path(__file__).parents[1] / "fixtures" / "semgrep_corpus"
FILES: dict[str, str] = yaml.safe_load((CORPUS / "files.yaml").read_text())
RULES = read_rules((CORPUS / "rules.yaml").read_text(), "rules.yaml").rules


def rule(
    name: str = "r",
    pattern: str = "danger(...)",
    languages: tuple[str, ...] = ("python",),
    **more: Any,
) -> Rule:
    document = {
        "id": name,
        "languages": list(languages),
        "severity": "ERROR",
        "message": f"mind $X of {name}",
        "metadata": {"lesson": "INC-1"},
        "pattern": pattern,
        **more,
    }
    document = {key: value for key, value in document.items() if value is not None}
    return Rule(name, "INC-1", languages, json.dumps(document), "rules/r.yaml", 2)


def index_of(*rules: Rule) -> MemoryIndex:
    return MemoryIndex([Unit(lesson(), rules)], [RulesCompiler()])


def added(path: str, text: str, only: set[int] | None = None, base: str | None = None) -> Change:
    """A change that adds a file, or (``only``) some of its lines."""
    lines = tuple(
        Line(LineKind.ADDED, line, None, number)
        for number, line in enumerate(text.split("\n"), 1)
        if only is None or number in only
    )
    status = Status.ADDED if base is None else Status.MODIFIED
    file = FileChange(path, status, hunks=(Hunk(1, 1, lines),))
    return Change(
        (file,), read_head=lambda asked: text if asked == path else None, read_base=lambda _: base
    )


def look(change: Change, *rules: Rule, engine: Engine | None = None) -> GuardResult:
    return RulesGuard(engine).check(change, index_of(*rules))


def claims(matches: tuple[Match, ...]) -> set[tuple[Any, ...]]:
    return {
        (m.rule.rsplit(".", 1)[-1], m.path, m.start_line, m.start_col, m.end_line, m.end_col)
        for m in matches
        if not m.ignored
    }


def test_the_corpus_is_wide_enough() -> None:
    assert len(RULES) >= 25
    assert len(FILES) >= 20
    assert len({canonical(name) for rule in RULES for name in rule.languages}) >= 10


def test_prefiltered_core_finds_what_semgrep_scan_finds() -> None:
    """The same rules and files, judged by the guard's own road and by stock Semgrep: the same
    matches, place by place.
    """
    engine = Engine()
    assert engine.passes_canary()
    targets = [Target(path, text, languages_of(path, text)) for path, text in FILES.items()]
    with engine._scan([rule.document for rule in RULES], targets) as finish:
        stock = finish()
    index = MemoryIndex([Unit(lesson("L"), RULES)], [RulesCompiler()])
    assert index.problems == ()
    files = tuple(added(path, text).files[0] for path, text in FILES.items())
    seen = RulesGuard(engine).check(Change(files, read_head=FILES.get), index)
    expected = {
        (rule_id, path, start, end) for rule_id, path, start, _, end, _ in claims(stock.matches)
    }
    assert {(f.rule, f.path, f.start_line, f.end_line) for f in seen.findings} == expected
    assert len(expected) >= 35
    assert {rule_id for rule_id, *_ in expected} == {rule.id for rule in RULES}
    direct = engine.run(RULES, targets)
    assert claims(direct.matches) == claims(stock.matches)


def test_only_findings_on_added_lines_count() -> None:
    text = "danger(1)\nsafe()\ndanger(2)\n"
    seen = look(added("a.py", text, only={2, 3}), rule())
    assert [(finding.start_line, finding.why) for finding in seen.findings] == [(3, "mind $X of r")]
    seen = look(added("a.py", text, only={2}), rule())
    assert (seen.findings, seen.silent) == (
        (),
        {"INC-1": "rule r matches a.py:3, but not on an added line"},
    )


def test_a_finding_that_only_touches_an_added_line_counts() -> None:
    text = "danger(\n    1,\n    2,\n)\n"
    (finding,) = look(added("a.py", text, only={3}), rule()).findings
    assert (finding.start_line, finding.end_line) == (1, 4)


def test_nosemgrep_is_honoured_and_said() -> None:
    seen = look(added("a.py", "danger(1)  # nosemgrep\n"), rule())
    assert (seen.findings, seen.silent) == ((), {"INC-1": "nosemgrep at a.py:1"})


SUPPRESSIONS = {
    "danger(1)  # nosemgrep": True,
    "danger(1)  # nosem": True,
    "danger(1)  # NOSEM": True,
    "danger(1)  #nosem": False,
    "danger(1)  # nosemgrep: r": True,
    "danger(1)  # nosemgrep: other": False,
    "danger(1)  # nosem=r, other": True,
    "# nosemgrep\ndanger(1)": True,
    "#nosem\ndanger(1)": True,
    "x = 1  # nosem\ndanger(1)": False,
    "danger(\n  1)  # nosemgrep": False,
    "danger(1); y = ' nosem'": True,
}
"""A text, and whether its match is suppressed."""


@pytest.mark.parametrize("way", ["core", "scan"])
def test_both_roads_name_what_semgreps_comment_suppresses(way: str) -> None:
    engine = Engine()
    targets = [
        Target(f"{number}.py", text + "\n", frozenset({"python"}))
        for number, text in enumerate(SUPPRESSIONS)
    ]
    if way == "core":
        ran = engine.run([rule()], targets)
    else:
        with engine._scan([rule().document], targets) as finish:
            ran = finish()
    ignored = {match.path: match.ignored for match in ran.matches}
    assert [ignored[target.path] for target in targets] == list(SUPPRESSIONS.values())


def test_a_suppressed_match_is_kept_with_its_comment() -> None:
    (finding,) = look(added("a.py", "x = 1\n# nosemgrep\ndanger(1)\n"), rule()).escaped
    assert (finding.start_line, finding.escape) == (3, Escape(EscapeKind.NOSEMGREP, 2, added=True))


def test_a_suppressed_match_has_the_comment_that_names_its_rule() -> None:
    (finding,) = look(
        added("a.py", "# nosemgrep: r\ndanger(1)  # nosemgrep: other\n"), rule()
    ).escaped
    assert finding.escape == Escape(EscapeKind.NOSEMGREP, 1, added=True)


def test_five_languages_need_one_start() -> None:
    engine = Engine()
    engine.passes_canary()
    started = engine.starts
    files = {
        "a.py": "danger(1)\n",
        "a.js": "danger(1);\n",
        "a.go": "package a\nfunc f() { danger(1) }\n",
        "a.rb": "danger(1)\n",
        "A.java": "class A { void f() { danger(1); } }\n",
    }
    rules = tuple(rule(name, languages=(name,)) for name in ("python", "js", "go", "ruby", "java"))
    change = Change(
        tuple(added(path, text).files[0] for path, text in files.items()), read_head=files.get
    )
    seen = RulesGuard(engine).check(change, index_of(*rules))
    assert sorted((finding.rule, finding.path) for finding in seen.findings) == [
        ("go", "a.go"),
        ("java", "A.java"),
        ("js", "a.js"),
        ("python", "a.py"),
        ("ruby", "a.rb"),
    ]
    assert engine.starts - started == 1


def test_nothing_is_started_when_no_rule_can_match(tmp_path: Path) -> None:
    engine = Engine(semgrep=Semgrep(tmp_path / "never-run", None))
    seen = look(added("a.py", "safe(1)\n"), rule(), engine=engine)
    assert (seen, engine.starts) == (GuardResult(), 0)


def test_a_rule_semgrep_rejects_is_named_and_the_others_run() -> None:
    index = index_of(rule("bad", "danger((("), rule("tongue", languages=("klingon",)), rule())
    assert [(str(problem)[:75], problem.line) for problem in index.problems] == [
        ("rules/r.yaml:2: rule bad is left out: Semgrep cannot read it (Rule parse er", 2),
        ("rules/r.yaml:2: rule tongue is left out: Semgrep cannot read it (no such la", 2),
    ]
    seen = RulesGuard().check(added("a.py", "danger(1)\n"), index)
    assert [finding.rule for finding in seen.findings] == ["r"]


@pytest.mark.parametrize(
    "text", ["    x = danger( 1 )  # why\n", "    y, ä = 'ö', danger( 1 )\n", "\tdanger( 1 )\r\n"]
)
def test_a_fix_is_offered_as_whole_lines(text: str) -> None:
    (finding,) = look(
        added("a.py", f"def f():\n{text}"), rule(pattern="danger($X)", fix="safe($X)")
    ).findings
    assert finding.suggestion == text.rstrip("\r\n").replace("danger( 1 )", "safe(1)")


def test_a_moved_match_is_old_and_an_added_copy_is_new() -> None:
    before = "def f():\n    danger(1)\n"
    after = "def f():\n    if a:\n        danger(1)\n    danger(1)\n"
    lines = (
        Line(LineKind.CONTEXT, "def f():", 1, 1),
        Line(LineKind.REMOVED, "    danger(1)", 2, None),
        Line(LineKind.ADDED, "    if a:", None, 2),
        Line(LineKind.ADDED, "        danger(1)", None, 3),
        Line(LineKind.ADDED, "    danger(1)", None, 4),
    )
    file = FileChange("a.py", hunks=(Hunk(1, 1, lines),))
    seen = look(Change((file,), read_head=lambda _: after, read_base=lambda _: before), rule())
    assert [(finding.start_line, finding.stands_at_base) for finding in seen.findings] == [
        (3, True),
        (4, False),
    ]


def test_a_hunk_alone_is_judged_where_no_file_can_be_read() -> None:
    diff = "--- a/a.py\n+++ b/a.py\n@@ -40,2 +40,3 @@ class A:\n"
    diff += "         def f(self):\n+            danger(1)\n             pass\n"
    (finding,) = look(change_from_diff(diff), rule(fix="safe()")).findings
    assert (finding.start_line, finding.suggestion) == (41, None)


def test_a_file_that_does_not_parse_is_still_judged() -> None:
    seen = look(added("a.py", "def broken(:\n\ndanger(1)\n"), rule())
    assert [finding.start_line for finding in seen.findings] == [3]


def test_a_run_over_its_time_is_ended_and_said(tmp_path: Path) -> None:
    slow = tmp_path / "semgrep-core"
    slow.write_text("#!/bin/sh\nsleep 60\n")
    slow.chmod(slow.stat().st_mode | stat.S_IXUSR)
    semgrep = Semgrep(slow, None)
    binary.remember(semgrep, True)
    seen = look(
        added("a.py", "danger(1)\n"),
        rule(),
        engine=Engine(semgrep, run_seconds=0.2, clock_seconds=0.2),
    )
    message = "Semgrep did not finish: it took over 0.2 s; rules were not checked"
    assert seen == GuardResult(
        not_looked_at=(NotLookedAt(Unseen.GUARD_LATE, "rules", message),), silent={}, rules_run=1
    )


def test_a_core_that_does_not_sing_is_replaced_by_the_whole_program(tmp_path: Path) -> None:
    mute = tmp_path / "semgrep-core"
    mute.write_text("#!/bin/sh\necho '{}'\n")
    mute.chmod(mute.stat().st_mode | stat.S_IXUSR)
    seen = look(
        added("dir/a.py", "danger(1)\n"), rule(), engine=Engine(Semgrep(mute, binary.find().scan))
    )
    assert [(finding.rule, finding.path, finding.start_line) for finding in seen.findings] == [
        ("r", "dir/a.py", 1)
    ]
    assert "semgrep-core did not pass its test" in str(seen.problems[0])


def test_without_semgrep_the_check_says_so_and_is_not_green() -> None:
    seen = look(added("a.py", "danger(1)\n"), rule(), engine=Engine(Semgrep(None, None)))
    message = "Semgrep is not installed, so no rule was checked: pip install semgrep==1.180.0"
    assert seen == GuardResult(not_looked_at=(NotLookedAt(Unseen.GUARD_FAILED, "rules", message),))


def test_the_canarys_answer_is_kept_for_a_build_and_asked_anew_for_another(tmp_path: Path) -> None:
    core = tmp_path / "semgrep-core"
    core.write_text("one")
    assert binary.remembered(Semgrep(core, None)) is None
    binary.remember(Semgrep(core, None), False)
    assert binary.remembered(Semgrep(core, None)) is False
    core.write_text("another")
    os.utime(core, (1, 1))
    assert binary.remembered(Semgrep(core, None)) is None


def test_a_rule_whose_lesson_retired_is_not_compiled() -> None:
    unit = Unit(replace(lesson(), mode=Mode.RETIRED), (rule(),))
    assert RulesCompiler().compile([unit]) == Compiled()


@pytest.mark.parametrize(
    ("formula", "anchors"),
    [
        (None, ("*",)),
        (["Pred", ["Idents", ["requests", "get"]]], ("requests",)),
        (["And", [["Pred", ["Idents", ["a"]]], ["Pred", ["Idents", ["longest"]]]]], ("longest",)),
        (["Or", [["Pred", ["Idents", ["one"]]], ["Pred", ["Idents", ["two"]]]]], ("one", "two")),
        (["Or", [["Pred", ["Idents", ["one"]]], ["Pred", ["Regexp", "x"]]]], ("*",)),
        (["Something", ["new"]], ("*",)),
    ],
)
def test_anchors_are_words_a_match_cannot_do_without(
    formula: Any, anchors: tuple[str, ...]
) -> None:
    assert prefilter.anchors(formula, whole_words=True) == anchors
    assert prefilter.anchors(formula, whole_words=False) == ("*",)


@pytest.mark.parametrize(
    ("document", "languages", "whole"),
    [
        ({"pattern": "f(...)"}, ("python",), True),
        ({"pattern": "f(...)"}, ("python", "generic"), False),
        ({"patterns": [{"pattern": "f(...)"}, {"pattern-regex": "FO+BAR"}]}, ("python",), False),
        ({"match": {"any": [{"regex": "FO+BAR"}]}}, ("python",), False),
        (
            {
                "patterns": [
                    {"pattern": "f($X)"},
                    {"metavariable-regex": {"metavariable": "$X", "regex": "a"}},
                ]
            },
            ("go",),
            True,
        ),
    ],
)
def test_identifiers_of_a_regular_expression_may_be_parts_of_words(
    document: dict[str, Any], languages: tuple[str, ...], whole: bool
) -> None:
    assert prefilter.of_whole_words(json.dumps(document), languages) is whole


def test_a_whole_word_is_not_found_inside_another() -> None:
    formula = ["And", [["Pred", ["Idents", ["re"]]], ["Pred", ["Idents", ["sub"]]]]]
    text = "return subject"
    assert prefilter.may_match(formula, text)
    assert not prefilter.may_match(formula, text, prefilter.words(text))
    assert prefilter.may_match(formula, "re.sub()", prefilter.words("re.sub()"))


@pytest.mark.parametrize(
    ("path", "text", "language"),
    [
        ("a.py", "", "python"),
        ("Dockerfile", "", "dockerfile"),
        ("run", "#!/usr/bin/env python3\n", "python3"),
        ("run", "#!/bin/bash -e\n", "bash"),
        ("a.tsx", "", "ts"),
        ("main.tf", "", "terraform"),
        ("x", "#!", "regex"),
        ("hook.PY", "", "python"),
        ("hook.pyw", "", "python"),
        ("a.mts", "", "ts"),
    ],
)
def test_a_files_languages_are_known_by_name_or_first_line(
    path: str, text: str, language: str
) -> None:
    assert language in languages_of(path, text)


def test_many_changes_asked_about_at_once_find_what_each_finds_alone() -> None:
    index = MemoryIndex([Unit(lesson("L"), RULES)], [RulesCompiler()])
    changes = [
        added(path, text) for path, text in FILES.items()
    ] * 2  # the same text twice is asked about once
    engine = Engine()
    engine.passes_canary()
    before = engine.starts
    guard = RulesGuard(engine).prepare(changes, index)
    assert engine.starts == before + 1
    alone = RulesGuard()
    assert [guard.check(change, index) for change in changes] == [
        alone.check(change, index) for change in changes
    ]
    assert engine.starts == before + 1
    assert sum(len(guard.check(change, index).findings) for change in changes) > 20
    unknown = added("new.py", "import hashlib\nhashlib.md5(x)\n")
    assert guard.check(unknown, index) == alone.check(unknown, index)


def test_a_run_over_many_changes_that_does_not_end_is_done_one_by_one() -> None:
    index = index_of(rule())
    changes = [added("a.py", "danger(1)\n"), added("b.py", "danger(2)\n")]

    class Hasty(Engine):
        def run(self, rules: Sequence[Rule], targets: Sequence[Target]) -> RunResult:
            return RunResult(broken=True) if len(targets) > 1 else super().run(rules, targets)

    guard = RulesGuard(Hasty()).prepare(changes, index)
    assert [len(guard.check(change, index).findings) for change in changes] == [1, 1]


@pytest.mark.parametrize(
    "body", ["def total(lines):\n    return sum(lines)\n\n", "    total = total + 1\n"]
)
def test_a_huge_hunk_of_a_file_that_cannot_be_read_is_judged_in_pieces(body: str) -> None:
    """An 80,000-line file with the bug at its end; with and without lines to cut it at."""
    lines = 80_000
    huge = added(
        "big.py", body * (lines // body.count("\n")) + "\ndef refund(t):\n    return danger(t)\n"
    ).files[0]
    result = look(Change((huge,)), rule())
    assert [(finding.path, finding.start_line) for finding in result.findings] == [
        ("big.py", len(huge.added) - 1)
    ]


GIVES_UP = """#!/bin/sh
while [ "$1" != -targets ]; do shift; done
path=$(grep -o '"fpath": "[^"]*"' "$2" | cut -d'"' -f4)
echo '{"results": [], "errors": [{"error_type": "Timeout", "message": "Timeout", "rule_id": "r",'
echo '"location": {"path": "'$path'", "start": {"line": 1}, "end": {"line": 1}}}]}'
"""


def test_a_rule_that_gives_up_on_a_file_is_said(tmp_path: Path) -> None:
    slow = tmp_path / "semgrep-core"
    slow.write_text(GIVES_UP)
    slow.chmod(slow.stat().st_mode | stat.S_IXUSR)
    semgrep = Semgrep(slow, None)
    binary.remember(semgrep, True)
    seen = look(added("a.py", "danger(1)\n"), rule(), engine=Engine(semgrep))
    assert [(missed.reason, missed.subject) for missed in seen.not_looked_at] == [
        (Unseen.RULE_TIMED_OUT, "a.py")
    ]


@pytest.mark.parametrize(
    ("about", "reason", "subject"),
    [
        ('"error_type": "Fatal error"', Unseen.GUARD_FAILED, "rules"),
        ('"error_type": "Internal matching error", "rule_id": "r"', Unseen.GUARD_FAILED, "rules"),
        (
            '"error_type": "Stack overflow", "location": {"path": "\'$path\'"}',
            Unseen.RULE_TIMED_OUT,
            "a.py",
        ),
    ],
)
def test_whatever_semgrep_gave_up_is_said(
    tmp_path: Path, about: str, reason: Unseen, subject: str
) -> None:
    """Also when it names no rule or no file."""
    broken = tmp_path / "semgrep-core"
    start, _, _ = GIVES_UP.partition("echo")
    broken.write_text(
        f"""{start}echo '{{"results": [], "errors": [{{"message": "died", {about}}}]}}'\n"""
    )
    broken.chmod(broken.stat().st_mode | stat.S_IXUSR)
    semgrep = Semgrep(broken, None)
    binary.remember(semgrep, True)
    seen = look(added("a.py", "danger(1)\n"), rule(), engine=Engine(semgrep))
    assert [(missed.reason, missed.subject) for missed in seen.not_looked_at] == [(reason, subject)]
    assert "None" not in seen.not_looked_at[0].detail


def test_added_code_that_semgrep_cannot_read_is_said() -> None:
    hidden = "import os\ndef g():\n    danger(1)\n\ndef f(x):\n    match x:\n     case = = 3\n"
    seen = look(added("a.py", hidden), rule())
    assert [(missed.reason, missed.subject) for missed in seen.not_looked_at] == [
        (Unseen.PARTLY_READ, "a.py")
    ]
