from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from changing import change, look
from making import lesson
from twiceshy.changes.globs import matches
from twiceshy.changes.model import Change
from twiceshy.guards import companions
from twiceshy.guards.companions import CompanionsCompiler, CompanionsGuard, anchor, anchors
from twiceshy.guards.finding import Finding, GuardName, Look
from twiceshy.lessons.index import Unit
from twiceshy.lessons.model import Companion, Lesson, Mode

SETTINGS, VALUES = "services/pay/settings.py", "deploy/pay/values.yaml"
PINNED = Companion("services/*/settings.py", "deploy/*/values.yaml", "the chart pins its own copy")
MIGRATED = Companion("**/*.sql", "docs/**", pattern=r"DROP\s+TABLE")


def judged(made: Change, *companions: Companion, **given: Any) -> Look:
    return look(CompanionsGuard(), CompanionsCompiler(), made, lesson(companions=companions, **given))


def test_a_change_that_forgets_a_companion_is_told_once_at_its_first_added_line() -> None:
    made = change({SETTINGS: "A = 1\nB = 2\n", VALUES: "a: 1\n"}, {SETTINGS: "A = 1\nB = 3\nC = 4\n", VALUES: "a: 1\n"})
    assert judged(made, PINNED) == Look(
        (
            Finding(
                GuardName.COMPANIONS,
                lesson="INC-1",
                path=SETTINGS,
                start_line=2,
                end_line=2,
                score=1.0,
                headline=f"{SETTINGS} changed and deploy/*/values.yaml did not: see INC-1",
                why="the chart pins its own copy. deploy/*/values.yaml must change with services/*/settings.py.",
                key="services/*/settings.py\0deploy/*/values.yaml\0",
            ),
        ),
        silent={},
    )


def test_a_change_that_brings_the_companion_is_silent_and_says_which() -> None:
    made = change({SETTINGS: "A = 1\n", VALUES: "a: 1\n"}, {SETTINGS: "A = 2\n", VALUES: "a: 2\n"})
    assert judged(made, PINNED) == Look(silent={"INC-1": f"deploy/*/values.yaml changed too: {VALUES}"})


def test_several_files_that_ask_for_one_companion_are_one_finding() -> None:
    other = "services/web/settings.py"
    made = change({SETTINGS: "A = 1\n", other: "A = 1\n"}, {SETTINGS: "A = 2\n", other: "A = 2\n"})
    assert [found.path for found in judged(made, PINNED).findings] == [SETTINGS]


def test_a_change_of_other_files_is_not_considered() -> None:
    assert judged(change({"services/pay/deep/settings.py": "A = 1\n"}, {}), PINNED) == Look(silent={})


def test_only_added_lines_that_match_the_pattern_ask_for_the_companion() -> None:
    before = {"db/1.sql": "SELECT 1;\nDROP TABLE a;\n"}
    quiet = change(before, {"db/1.sql": "SELECT 2;\nDROP TABLE a;\n"})
    assert judged(quiet, MIGRATED) == Look(
        silent={"INC-1": r"**/*.sql changed, but no added line matches DROP\s+TABLE"}
    )
    loud = change(before, {"db/1.sql": "SELECT 1;\nDROP TABLE a;\nDROP  TABLE b;\n"})
    assert [found.start_line for found in judged(loud, MIGRATED).findings] == [3]


@pytest.mark.parametrize(
    ("after", "moved"),
    [
        ({}, {}),
        ({"old/settings.py": "A = 1\n"}, {SETTINGS: "old/settings.py"}),
        ({SETTINGS: ""}, {}),
    ],
)
def test_deleting_renaming_and_emptying_a_file_count_as_changes(after: dict[str, str], moved: dict[str, str]) -> None:
    assert [found.start_line for found in judged(change({SETTINGS: "A = 1\n"}, after, moved), PINNED).findings] == [1]


def test_moving_a_file_to_where_the_companion_lives_is_a_change_of_the_companion() -> None:
    made = change({SETTINGS: "A = 1\n", "x.yaml": "a\n"}, {SETTINGS: "A = 2\n", VALUES: "a\n"}, {"x.yaml": VALUES})
    assert judged(made, PINNED).findings == ()


def test_a_pattern_that_is_no_regular_expression_is_named_and_the_other_companion_guards() -> None:
    made = CompanionsCompiler().compile([Unit(lesson(companions=(Companion("a/*", "b", pattern="(x"), PINNED)), ())])
    assert [str(problem) for problem in made.problems] == [
        "lessons/INC-1.md: the companion of a/* is left out: its pattern is not a regular expression "
        "(missing ), unterminated subpattern at position 0): mend it"
    ]
    assert len(made.entries) == 1


@pytest.mark.parametrize("pattern", ["(a+)+$", r"(\w*\s*)*;", "((ab)*c?){2,}", "(?:x|y+)*z"])
def test_a_pattern_that_could_take_forever_is_left_out(pattern: str) -> None:
    (problem,) = (
        CompanionsCompiler().compile([Unit(lesson(companions=(Companion("a", "b", "", pattern),)), ())]).problems
    )
    assert "repeats a group that itself repeats" in problem.message


@pytest.mark.parametrize("pattern", [r"(a\+)+", "([+*])+", "(ab)+", "(a{2})+", r"\(x+\)+", "timeout=(None|0)"])
def test_a_pattern_that_only_looks_like_it_guards(pattern: str) -> None:
    assert (
        CompanionsCompiler().compile([Unit(lesson(companions=(Companion("a", "b", "", pattern),)), ())]).problems == ()
    )


def test_a_line_too_long_to_be_written_by_hand_is_not_matched() -> None:
    assert judged(change({"a.sql": "\n"}, {"a.sql": " " * 3000 + "DROP TABLE a;\n"}), MIGRATED).findings == ()


def test_slow_patterns_on_a_hostile_change_stop_and_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = ("x" * 1000 + "\n") * 2000
    monkeypatch.setattr(companions, "MAX_SECONDS", 0.05)
    found = judged(change({"a.sql": "\n"}, {"a.sql": lines}), Companion("*.sql", "docs/", pattern=".*.*=.*!"))
    assert [str(problem) for problem in found.problems] == [
        "a.sql: companions' patterns took over 0.05 s, the rest was not looked at: simplify them"
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


WORDS = st.sampled_from(["a", "*", "**", "b.py", "*.py", "a*", "?.sql", ".env", "x.y.z", "!a", "\\*", "[ab].py"])
PATHS = st.lists(st.sampled_from(["a", "b.py", "ab", "c.sql", ".env", "x.y.z", "*", "a.py"]), min_size=1, max_size=4)


@given(st.lists(WORDS, min_size=1, max_size=4).map("/".join), PATHS.map("/".join))
def test_whatever_matches_a_path_is_found_by_its_key(when: str, path: str) -> None:
    assert not matches(when, path) or anchor(when) in anchors([path])
