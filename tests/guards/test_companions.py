from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from changing import change, look
from making import lesson
from twiceshy.changes.change import Change
from twiceshy.changes.globs import matches
from twiceshy.changes.not_looked_at import Unseen
from twiceshy.guards import companions
from twiceshy.guards.companions import (
    COMPANIONS,
    CompanionsCompiler,
    CompanionsGuard,
    anchor,
    anchors,
)
from twiceshy.guards.finding import Finding, GuardResult
from twiceshy.guards.tied_patterns import _compiled
from twiceshy.lessons.index import Unit
from twiceshy.lessons.lesson import Companion, Lesson, Mode

SETTINGS, VALUES = "services/pay/settings.py", "deploy/pay/values.yaml"
PINNED = Companion("services/*/settings.py", "deploy/*/values.yaml", "the chart pins its own copy")
MIGRATED = Companion("**/*.sql", "docs/**", pattern=r"DROP\s+TABLE")


def judged(made: Change, *companions: Companion, **given: Any) -> GuardResult:
    return look(
        CompanionsGuard(), CompanionsCompiler(), made, lesson(companions=companions, **given)
    )


def test_a_change_that_forgets_a_companion_is_told_once_at_its_first_added_line() -> None:
    seen_change = change(
        {SETTINGS: "A = 1\nB = 2\n", VALUES: "a: 1\n"},
        {SETTINGS: "A = 1\nB = 3\nC = 4\n", VALUES: "a: 1\n"},
    )
    assert judged(seen_change, PINNED) == GuardResult(
        (
            Finding(
                COMPANIONS,
                lesson="INC-1",
                path=SETTINGS,
                start_line=2,
                end_line=2,
                score=1.0,
                headline=f"{SETTINGS} changed and {VALUES} did not: see INC-1",
                why="the chart pins its own copy. deploy/*/values.yaml must change with services/*/settings.py.",
                key="services/*/settings.py\0deploy/*/values.yaml\0\0pay",
            ),
        ),
        silent={},
    )


def test_a_change_that_brings_the_companion_is_silent_and_says_which() -> None:
    seen_change = change(
        {SETTINGS: "A = 1\n", VALUES: "a: 1\n"}, {SETTINGS: "A = 2\n", VALUES: "a: 2\n"}
    )
    assert judged(seen_change, PINNED) == GuardResult(
        silent={"INC-1": f"deploy/*/values.yaml changed too: {VALUES}"}
    )


def test_several_files_that_ask_for_one_companion_are_one_finding() -> None:
    other = "services/web/settings.py"
    seen_change = change(
        {SETTINGS: "A = 1\n", other: "A = 1\n"}, {SETTINGS: "A = 2\n", other: "A = 2\n"}
    )
    untied = Companion("services/**/settings.py", "CHANGES.md")
    assert [finding.path for finding in judged(seen_change, untied).findings] == [SETTINGS]


def both(*paths: str, left_out: tuple[str, ...] = ()) -> Change:
    """A change of a line in each file."""
    seen_change = change(
        dict.fromkeys((*paths, *left_out), "A = 1\n"), dict.fromkeys((*paths, *left_out), "A = 2\n")
    )
    seen = tuple(file for file in seen_change.files if file.path in paths)
    return replace(
        seen_change,
        files=seen,
        out_of_sight=tuple(file for file in seen_change.files if file.path in left_out),
    )


@pytest.mark.parametrize(
    ("when", "require", "paths", "missing"),
    [
        (
            "services/*/settings.py",
            "deploy/*/values.yaml",
            (SETTINGS, "deploy/other/values.yaml"),
            [VALUES],
        ),
        ("services/*/settings.py", "deploy/*/values.yaml", (SETTINGS, VALUES), []),
        (
            "services/*/settings.py",
            "deploy/*/values.yaml",
            (SETTINGS, "services/web/settings.py", VALUES),
            ["deploy/web/values.yaml"],
        ),
        (
            "services/*/settings.py",
            "deploy/*/values.yaml",
            (SETTINGS, "services/web/settings.py"),
            [VALUES, "deploy/web/values.yaml"],
        ),
        (
            "{team}/{name}.py",
            "docs/{name}/{team}.md",
            ("pay/api.py", "docs/pay/api.md"),
            ["docs/api/pay.md"],
        ),
        ("{team}/{name}.py", "docs/{name}/{team}.md", ("pay/api.py", "docs/api/pay.md"), []),
        ("{name}/{name}.py", "docs/{name}.md", ("pay/pay.py", "docs/web.md"), ["docs/pay.md"]),
        ("*/*.sql", "models/*_*.py", ("pay/order.sql", "models/pay_order.py"), []),
        (
            "*/*.sql",
            "models/*_*.py",
            ("pay/order.sql", "models/order_pay.py"),
            ["models/pay_order.py"],
        ),
        # more than one way to read it: a_b and c, or a and b_c
        ("*_*.sql", "models/*_*.py", ("a_b_c.sql", "models/a_b_c.py"), []),
        ("*-*.sql", "*/*.py", ("a-b-c.sql", "a/b-c.py"), []),
        ("services/*/a.py", "docs/**", (SETTINGS.replace("settings", "a"), "docs/x.md"), []),
        ("services/**/a.py", "deploy/*/b.yaml", ("services/x/a.py", "deploy/y/b.yaml"), []),
        ("schema.sql", "migrations/*.sql", ("schema.sql", "migrations/7.sql"), []),
    ],
)
def test_the_same_wildcard_is_the_same_text(
    when: str, require: str, paths: tuple[str, ...], missing: list[str]
) -> None:
    findings = judged(both(*paths), Companion(when, require)).findings
    assert [
        finding.headline.split(" changed and ")[1].split(" did not")[0] for finding in findings
    ] == missing


def test_a_renamed_file_needs_a_partner_of_one_of_its_names() -> None:
    new, text = "services/payments/settings.py", "A = 1\nB = 2\nC = 3\n"
    before = {SETTINGS: text, VALUES: "a: 1\n"}
    moved = change(before, {new: text + "D = 4\n", VALUES: "a: 2\n"}, {SETTINGS: new})
    assert judged(moved, PINNED).findings == ()
    alone = change(before, {new: text + "D = 4\n", VALUES: "a: 1\n"}, {SETTINGS: new})
    (finding,) = judged(alone, PINNED).findings
    assert finding.headline.startswith(f"{new} changed and deploy/payments/values.yaml did not")


def test_a_deleted_file_needs_its_partner_too() -> None:
    gone = change({SETTINGS: "A = 1\n", VALUES: "a: 1\n"}, {VALUES: "a: 1\n"})
    assert [finding.path for finding in judged(gone, PINNED).findings] == [SETTINGS]
    both_gone = change({SETTINGS: "A = 1\n", VALUES: "a: 1\n"}, {})
    assert judged(both_gone, PINNED).findings == ()


def test_a_partner_may_be_a_file_that_nobody_looks_into() -> None:
    locked = Companion("package.json", "package-lock.json")
    assert judged(both("package.json", left_out=("package-lock.json",)), locked).findings == ()
    assert len(judged(both("package.json"), locked).findings) == 1


def test_a_dismissal_for_one_service_is_none_for_another() -> None:
    findings = judged(both(SETTINGS, "services/web/settings.py"), PINNED).findings
    assert len({finding.key for finding in findings}) == 2


@pytest.mark.parametrize(
    ("when", "require", "said"),
    [
        ("services/*/*.py", "deploy/*/values.yaml", "has 2 `*` in `when` and 1 in `require`"),
        ("services/{name}/a.py", "deploy/{nam}/b.yaml", "names {nam} in `require` only"),
    ],
)
def test_wildcards_that_cannot_be_tied_are_a_problem(when: str, require: str, said: str) -> None:
    compiled = CompanionsCompiler().compile(
        [Unit(lesson(companions=(Companion(when, require),)), ())]
    )
    assert compiled.entries == ()
    assert said in compiled.problems[0].message


def test_brackets_around_nothing_are_two_characters() -> None:
    """They ended the compiling of every lesson."""
    compiled = CompanionsCompiler().compile(
        [Unit(lesson(companions=(Companion("a[]/*.py", "b/*.md"),)), ())]
    )
    assert (len(compiled.entries), compiled.problems) == (1, ())


SEGMENT = st.sampled_from(["a", "b", "*", "**", "a*", "*.py", "?", "[ab]", "[!a]", "a**b", "*b*"])
NAME = st.sampled_from(["a", "b", "c", "ab", "a.py", "b.py", "axb", "aab"])


@given(
    st.lists(SEGMENT, min_size=1, max_size=4), st.lists(NAME, min_size=1, max_size=4), st.booleans()
)
def test_tied_patterns_match_what_git_would(
    pattern: list[str], path: list[str], rooted: bool
) -> None:
    written = f"{'/' if rooted else ''}{'/'.join(pattern)}"
    assert (_compiled(written).fullmatch("/".join(path)) is not None) == matches(
        written, "/".join(path)
    )


def test_a_change_of_other_files_is_not_considered() -> None:
    assert judged(change({"services/pay/deep/settings.py": "A = 1\n"}, {}), PINNED) == GuardResult(
        silent={}
    )


def test_only_added_lines_that_match_the_pattern_ask_for_the_companion() -> None:
    before = {"db/1.sql": "SELECT 1;\nDROP TABLE a;\n"}
    quiet = change(before, {"db/1.sql": "SELECT 2;\nDROP TABLE a;\n"})
    assert judged(quiet, MIGRATED) == GuardResult(
        silent={"INC-1": r"**/*.sql changed, but no added line matches DROP\s+TABLE"}
    )
    loud = change(before, {"db/1.sql": "SELECT 1;\nDROP TABLE a;\nDROP  TABLE b;\n"})
    assert [finding.start_line for finding in judged(loud, MIGRATED).findings] == [3]


@pytest.mark.parametrize(
    ("after", "moved"),
    [
        ({}, {}),
        ({"old/settings.py": "A = 1\n"}, {SETTINGS: "old/settings.py"}),
        ({SETTINGS: ""}, {}),
    ],
)
def test_deleting_renaming_and_emptying_a_file_count_as_changes(
    after: dict[str, str], moved: dict[str, str]
) -> None:
    assert [
        finding.start_line
        for finding in judged(change({SETTINGS: "A = 1\n"}, after, moved), PINNED).findings
    ] == [1]


def test_moving_a_file_to_where_the_companion_lives_is_a_change_of_the_companion() -> None:
    seen_change = change(
        {SETTINGS: "A = 1\n", "x.yaml": "a\n"},
        {SETTINGS: "A = 2\n", VALUES: "a\n"},
        {"x.yaml": VALUES},
    )
    assert judged(seen_change, PINNED).findings == ()


def test_a_pattern_that_is_no_regular_expression_is_named_and_the_other_companion_guards() -> None:
    compiled = CompanionsCompiler().compile(
        [Unit(lesson(companions=(Companion("a/*", "b", pattern="(x"), PINNED)), ())]
    )
    assert [str(problem) for problem in compiled.problems] == [
        "lessons/INC-1.md: the companion of a/* is left out: its pattern is not a regular expression "
        "(missing ), unterminated subpattern at position 0): mend it"
    ]
    assert len(compiled.entries) == 1


@pytest.mark.parametrize("pattern", ["(a+)+$", r"(\w*\s*)*;", "((ab)*c?){2,}", "(?:x|y+)*z"])
def test_a_pattern_that_could_take_forever_is_left_out(pattern: str) -> None:
    (problem,) = (
        CompanionsCompiler()
        .compile([Unit(lesson(companions=(Companion("a", "b", "", pattern),)), ())])
        .problems
    )
    assert "repeats a group that itself repeats" in problem.message


@pytest.mark.parametrize(
    "pattern", [r"(a\+)+", "([+*])+", "(ab)+", "(a{2})+", r"\(x+\)+", "timeout=(None|0)"]
)
def test_a_pattern_that_only_looks_like_it_guards(pattern: str) -> None:
    assert (
        CompanionsCompiler()
        .compile([Unit(lesson(companions=(Companion("a", "b", "", pattern),)), ())])
        .problems
        == ()
    )


def test_a_line_too_long_to_be_written_by_hand_is_not_matched() -> None:
    assert (
        judged(
            change({"a.sql": "\n"}, {"a.sql": " " * 3000 + "DROP TABLE a;\n"}), MIGRATED
        ).findings
        == ()
    )


def test_slow_patterns_on_a_hostile_change_stop_and_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = ("x" * 1000 + "\n") * 2000
    monkeypatch.setattr(companions, "MAX_SECONDS", 0.05)
    result = judged(
        change({"a.sql": "\n"}, {"a.sql": lines}), Companion("*.sql", "docs/", pattern=".*.*=.*!")
    )
    message = "companions' patterns took over 0.05 s, the rest was not looked at: simplify them (at a.sql)"
    assert [(unseen.reason, unseen.subject, unseen.detail) for unseen in result.not_looked_at] == [
        (Unseen.GUARD_LATE, "companions", message)
    ]


@pytest.mark.parametrize("mode", [Mode.DRAFT, Mode.RETIRED])
def test_drafts_and_retired_lessons_have_no_companions(mode: Mode) -> None:
    given: Lesson = lesson(mode=mode, companions=(PINNED,))
    assert CompanionsCompiler().compile([Unit(given, ())]).entries == ()


@pytest.mark.parametrize(
    ("when", "key"),
    [
        ("services/*/settings.py", "in:settings.py"),
        ("/services/**", "in:services"),
        ("**/*.sql", "ext:.sql"),
        ("Dockerfile", "in:Dockerfile"),
        ("*", "*"),
        ("*.[ch]", "*"),
        ("", "*"),
    ],
)
def test_a_companion_is_shelved_under_its_longest_word(when: str, key: str) -> None:
    assert anchor(when) == key


WORDS = st.sampled_from(
    ["a", "*", "**", "b.py", "*.py", "a*", "?.sql", ".env", "x.y.z", "!a", "\\*", "[ab].py"]
)
PATHS = st.lists(
    st.sampled_from(["a", "b.py", "ab", "c.sql", ".env", "x.y.z", "*", "a.py"]),
    min_size=1,
    max_size=4,
)


@given(st.lists(WORDS, min_size=1, max_size=4).map("/".join), PATHS.map("/".join))
def test_whatever_matches_a_path_is_found_by_its_key(when: str, path: str) -> None:
    assert not matches(when, path) or anchor(when) in anchors([path])
