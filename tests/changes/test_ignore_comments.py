from datetime import date

import pytest

from twiceshy.changes.ignore_comments import IgnoreProblem, ignores, what_to_write

TODAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    "line",
    [
        "pay()  # twiceshy: ignore INC-1 until 2027-01-31 because the partner is local",
        "// twiceshy: ignore INC-1 until 2027-01-31 because the partner is local",
        "/* twiceshy: ignore INC-1 until 2027-01-31 because the partner is local */",
        " * twiceshy: ignore INC-1 until 2027-01-31 because the partner is local",
        "-- TwiceShy: ignore INC-1 until 2027-01-31 because the partner is local",
        "<!-- twiceshy: ignore INC-1 until 2027-01-31 because the partner is local -->",
        "{{/* twiceshy: ignore INC-1 until 2027-01-31 because the partner is local */",
        "; twiceshy: ignore INC-1 until 2027-01-31, because the partner is local",
        "rem twiceshy: ignore INC-1 until 2027-01-31 because the partner is local",
        '"//": "twiceshy: ignore INC-1 until 2027-01-31 because the partner is local",',
    ],
)
def test_a_comment_is_read_in_any_syntax(line: str) -> None:
    (ignore,) = ignores([(7, line)], TODAY)
    assert (ignore.line, ignore.lessons, ignore.until) == (7, ("INC-1",), date(2027, 1, 31))
    assert (ignore.reason, ignore.fault) == ("the partner is local", None)


def test_several_lessons_may_share_a_comment() -> None:
    (ignore,) = ignores([(1, "# twiceshy: ignore INC-1, INC-2 until 2027-01-31 because x")], TODAY)
    assert ignore.lessons == ("INC-1", "INC-2")


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        ("", IgnoreProblem.NO_LESSON),
        ("until 2027-01-31 because x", IgnoreProblem.NO_LESSON),
        ("INC-1", IgnoreProblem.NO_END),
        ("INC-1 because x", IgnoreProblem.NO_END),
        ("INC-1 until soon because x", IgnoreProblem.BAD_DAY),
        ("INC-1 until 2027-02-31 because x", IgnoreProblem.BAD_DAY),
        ("INC-1 until 2027-01-31", IgnoreProblem.NO_REASON),
        ("INC-1 until 2027-01-31 because ...", IgnoreProblem.NO_REASON),
        ("INC-1 until 2026-11-20 because x", IgnoreProblem.EXPIRED),
    ],
)
def test_one_without_reason_or_end_does_not_count_and_says_what_to_write(
    words: str, fault: IgnoreProblem
) -> None:
    (ignore,) = ignores([(1, f"# twiceshy: ignore {words}")], TODAY)
    assert (ignore.fault, ignore.counts) == (fault, False)
    assert "does not count: write `twiceshy: ignore INC-" in what_to_write(ignore, TODAY)


def test_the_last_day_counts_and_a_far_one_is_asked_about() -> None:
    today, far = ignores(
        [
            (1, "# twiceshy: ignore INC-1 until 2026-11-21 because x"),
            (2, "# twiceshy: ignore INC-1 until 2099-01-01 because x"),
        ],
        TODAY,
    )
    assert (today.counts, what_to_write(today, TODAY)) == (True, "")
    assert (far.counts, far.fault) == (True, IgnoreProblem.FAR)
    assert "choose a day before 2027-11-22" in what_to_write(far, TODAY)


def test_words_outside_of_a_comment_are_none() -> None:
    assert list(ignores([(1, "twiceshy: ignore INC-1 until 2027-01-31 because x")], TODAY)) == []
