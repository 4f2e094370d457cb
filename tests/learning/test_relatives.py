"""What incidents have in common, and which of them are of one kind."""

from dataclasses import replace
from pathlib import Path

import pytest

from making import lesson
from twiceshy.cli.main import run
from twiceshy.learning.relatives import Facet, groups, relatives, vectors
from twiceshy.lessons.lesson import Condition, Lesson
from twiceshy.lessons.questions import ASK_STORY, QUESTIONS

ROOT = Path(__file__).parents[2]


def told(name: str, title: str, **more: object) -> Lesson:
    return replace(lesson(name), title=title, body="", mitigation="", **more)  # type: ignore[arg-type]


LESSONS = [
    told(
        "A",
        "Partner timeouts held the workers",
        tags=("timeouts",),
        services=("checkout",),
        conditions=(Condition("detection", "alerts watch errors, not latency"),),
    ),
    told(
        "B",
        "Slow partner, no timeouts",
        tags=("timeouts",),
        conditions=(Condition("detection", "nobody watches latency"),),
    ),
    told("C", "Certificates expired at night", tags=("certificates",)),
    told("D", "Expired certificates again", tags=("certificates",), services=("checkout",)),
    told("E", "A disk was full"),
]


def test_the_nearest_say_what_they_share() -> None:
    by_lesson = vectors(LESSONS, {"A": ["urlopen"], "B": ["urlopen"]})
    first, second = relatives("A", by_lesson)
    assert first.lesson == "B"
    assert first.shared[Facet.TAGS] == ("timeouts",)
    assert first.shared[Facet.CODE] == ("urlopen",)
    assert "latency" in first.shared[Facet.CONDITIONS]
    assert (second.lesson, second.shared) == ("D", {Facet.SERVICES: ("checkout",)})
    assert relatives("E", by_lesson) == ()


def test_groups_are_of_one_kind_and_a_loner_is_in_none() -> None:
    grouped = groups(vectors(LESSONS, {}))
    assert [group.lessons for group in grouped] == [("A", "B"), ("C", "D")]
    assert grouped[1].shared[Facet.TAGS] == ("certificates",)
    assert groups(vectors([], {})) == ()


def test_a_chain_is_not_one_group() -> None:
    chain = [told(f"L{number}", "", tags=(f"t{number}", f"t{number + 1}")) for number in range(12)]
    assert max(len(group.lessons) for group in groups(vectors(chain, {}))) <= 4


def test_the_famous_incidents_about_time_belong_together(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["relatives", "--registry", str(ROOT)]) == 0
    out = capsys.readouterr().out
    assert out.startswith("2 lessons of one kind\n  AZURE-2012-02-29  ")
    assert "  conditions: clock\n" in out
    assert run(["relatives", "AZURE-2012-02-29", "--registry", str(ROOT), "--most", "1"]) == 0
    assert "CLOUDFLARE-2017-01-01  A leap second" in capsys.readouterr().out
    assert run(["relatives", "NOBODY", "--registry", str(ROOT)]) == 2
    assert "no lesson NOBODY here" in capsys.readouterr().err


def test_drafts_that_nobody_answered_have_nothing_in_common() -> None:
    """Each has the same questions, and a comment of its fix: those are nobody's words."""
    asked = f"{ASK_STORY}\n\n<!-- The fix says: Widen the retry budget -->\n"
    asked += "".join(f"\n## {title}\n\n{question}\n" for title, question in QUESTIONS)
    drafts = [replace(told(name, name), body=asked) for name in ("A", "B")]
    others = [replace(told(f"L{n}", f"L{n}"), body=f"Story {n}") for n in range(4)]
    assert relatives("A", vectors([*drafts, *others], {})) == ()
