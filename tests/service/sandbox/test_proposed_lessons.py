"""What a pull request proposes is tried apart: nothing of it ends the judging of what the pull
request changes.
"""

from pathlib import Path

import pytest

from samples import LESSON, REGISTRY, RULE
from service.shop import BASE, Service, Shop
from twiceshy.lessons.lesson import Problem
from twiceshy.publishing.publication import LONGEST_SUMMARY, with_problems
from twiceshy.publishing.values import Publication
from twiceshy.service.sandbox.proposed_lessons import (
    MOST_PROPOSED,
    Proposed,
    proposed_by,
    try_apart,
)

BLIND = RULE.replace("requests.post($URL, ...)", "requests.post(HOOK, ...)")


@pytest.fixture
def base(tmp_path: Path) -> str:
    for name, text in REGISTRY.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return str(tmp_path)


NAMES = [
    f"lessons/{'n' * 300}.md",
    "lessons/" + "/".join(["f" * 200] * 25) + "/x.md",
    "lessons/../../../etc/x.md",
    "lessons//x.md",
    "lessons/CON.md",
    "lessons/a\nb.md",
    "lessons/\udcff.md",
    "lessons/\ud800.md",
    "lessons/x. .md",
]


def test_no_name_ends_the_trying_and_each_is_tried(base: str, tmp_path: Path) -> None:
    before = sorted(tmp_path.rglob("*"))
    problems = try_apart(
        proposed_by(dict.fromkeys(NAMES, "no lesson"), base, "shop", str(tmp_path / "cache"))
    )
    assert len(problems) == len(NAMES)
    assert all("no front matter" in problem.message for problem in problems)
    assert [path for path in sorted(tmp_path.rglob("*")) if "cache" not in path.parts] == before, (
        "nothing is written"
    )


def test_a_rule_that_is_made_blind_fails_the_lesson_s_self_check(base: str) -> None:
    [problem] = try_apart(Proposed({"rules/inc-245.yaml": BLIND}, base))
    assert (problem.path, problem.line) == ("lessons/INC-245.md", 1)
    assert "fails its self-check" in problem.message


def test_without_a_base_a_first_lesson_is_tried(tmp_path: Path) -> None:
    assert try_apart(Proposed({"lessons/INC-245.md": LESSON, "rules/inc-245.yaml": RULE})) == ()
    assert try_apart(Proposed({"lessons/INC-245.md": None})) == (), "nothing to try"


def test_of_very_many_files_the_rest_is_counted() -> None:
    texts: dict[str, str | None] = {f"lessons/{number:06}.md": "x" for number in range(100_000)}
    proposed = proposed_by({**texts, "src/app.py": "x"}, None, "shop", "")
    assert (len(proposed.texts), proposed.left) == (MOST_PROPOSED, 100_000 - MOST_PROPOSED)
    assert "99800 were not" in try_apart(Proposed({"lessons/a.md": LESSON}, left=99_800))[0].message


def test_trying_that_is_late_or_out_of_memory_is_one_problem() -> None:
    """The limits are given, not measured: no time at all, less memory than Python starts with."""
    late = try_apart(Proposed({"lessons/a.md": LESSON}), seconds=0.0)
    assert "it took over 0 s" in late[0].message
    starved = try_apart(Proposed({"lessons/a.md": LESSON}), memory=1 << 20)
    assert "trying them failed" in starved[0].message
    assert len(late) == len(starved) == 1


def test_what_is_wrong_with_it_changes_no_verdict() -> None:
    judged = Publication("failure", "1 lesson blocks this change", "summary")
    completed = with_problems(
        judged, [Problem(f"lessons/{number}.md", 1, "*bad*") for number in range(30)]
    )
    assert (completed.conclusion, completed.title, len(completed.annotations)) == (
        judged.conclusion,
        judged.title,
        30,
    )
    assert completed.summary.endswith("- … and 10 more\n")
    assert with_problems(judged, []) is judged


def test_a_few_problems_take_nothing_from_a_long_summary() -> None:
    judged = Publication("neutral", "1 lesson has something to say", "x" * 50_000)
    completed = with_problems(judged, [Problem("lessons/a.md", 1, "bad")])
    assert completed.summary.startswith(judged.summary)
    assert len(completed.summary) < LONGEST_SUMMARY
    many = [Problem("lessons/a.md", 1, "bad " * 9_000)] * 20
    assert len(with_problems(judged, many).summary) == LONGEST_SUMMARY


def test_a_lesson_that_is_renamed_is_not_there_twice(service: Service, shop: Shop) -> None:
    moved = BASE["lessons/INC-245.md"] + "\nAnd more.\n"
    check = service.opened(
        shop.pull({"lessons/INC-245.md": None, "lessons/payments-245.md": moved})
    )
    assert "is taken by" not in check["output"]["summary"], check["output"]["summary"]
