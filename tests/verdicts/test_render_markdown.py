"""A job's summary keeps to its limit whatever the registry or a rule brings."""

import re
from dataclasses import replace

import pytest

from making import finding, lesson
from twiceshy.lessons.lesson import Problem
from twiceshy.verdicts.render import markdown
from twiceshy.verdicts.verdict import Action, Conclusion, JudgedFinding, Report

BLOCK = JudgedFinding(
    finding(suggestion="\n".join(["x"] * 5_000)), lesson(), Action.BLOCK, "0123456789abcdef"
)
REPORT = Report(Conclusion.FAILURE, (BLOCK,))


def test_a_long_suggestion_is_cut_and_says_so() -> None:
    assert "… 4960 more lines" in markdown.render(REPORT)


@pytest.mark.parametrize("limit", [65_535, 1_000_000])
def test_many_problems_leave_room_for_the_findings_and_are_counted(limit: int) -> None:
    many = replace(
        REPORT,
        problems=tuple(Problem(f"lessons/{number}.md", 1, "x*" * 400) for number in range(2_000)),
    )
    text = markdown.render(many, limit)
    assert len(text.encode()) <= limit
    assert "this block resembles" in text
    listed = text.count("\n- lessons/")
    assert re.search(rf"^- … and {2_000 - listed} more$", text, re.MULTILINE)
