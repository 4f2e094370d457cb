"""What an author is told of a lesson before it guards: not found again, taken for its fix or for
another, everywhere.
"""

from collections.abc import Mapping
from pathlib import Path

import pytest

from changing import pair
from git_repository import Repo
from making import lesson
from recall_samples import PYTHON
from twiceshy.changes.change import read_nothing
from twiceshy.changes.git_host import GitHostTree
from twiceshy.guards import host_words
from twiceshy.guards.recall.host import whole_host
from twiceshy.learning.lint.recognition import recognition
from twiceshy.lessons.lesson import Evidence, Lesson, Mode, Side

BAD = "def charge(order):\n    reply = requests.post(PARTNER, json=order.dict())\n    return reply.json()\n"
GOOD = BAD.replace(".dict())", ".dict(), timeout=3)")


def advice(*lessons: Lesson) -> list[str]:
    names = frozenset(lesson.id for lesson in lessons)
    return [str(piece) for piece in recognition(lessons, names, None, 0.9)]


def advice_in(repo: Repo, *lessons: Lesson) -> list[str]:
    """Likewise, where the lessons guard what is committed in a repository."""
    names = frozenset(lesson.id for lesson in lessons)
    tree = GitHostTree.at(repo.root)
    assert tree is not None
    with whole_host(tree, None, read_nothing) as host:
        return [str(piece) for piece in recognition(lessons, names, host, 0.9)]


def clients(number: int) -> Mapping[str, str | bytes | None]:
    """The failing code in so many files."""
    files: dict[str, str | bytes | None] = {}
    for part in range(number):
        files[f"pay/client{part}.py"] = BAD.replace("PARTNER", f"BANK{part}")
    return files


def test_a_lesson_that_recall_can_work_with_needs_no_advice() -> None:
    assert advice(lesson(evidence=pair(PYTHON.bad, PYTHON.good))) == []


def test_a_draft_is_looked_at_as_if_it_guarded() -> None:
    assert advice(lesson(evidence=pair("x = 1\n", "x = 2\n"), mode=Mode.DRAFT)) == [
        "lessons/INC-1.md:1: warning: recall cannot guard with this evidence: 3 tokens of code are too few to recognise; "
        "add the lines around what failed"
    ]


def test_code_too_common_to_be_recognised_is_named() -> None:
    small = "def put(self, key, value):\n    self.data[key] = value\n"
    checked = small.replace("    self", "    if key:\n        self")
    assert advice(lesson(evidence=pair(small, checked))) == [
        "lessons/INC-1.md:1: warning: so little code with so few names of its own that other code will look the same: "
        "add the lines around what failed, or write a rule"
    ]


def test_two_lessons_of_the_same_mistake_are_named() -> None:
    one, two = lesson("INC-1", evidence=pair(BAD, GOOD)), lesson("INC-2", evidence=pair(BAD, GOOD))
    assert [line.split(":")[0] for line in advice(one, two)] == [
        "lessons/INC-1.md",
        "lessons/INC-2.md",
    ]
    assert (
        "this code is also taken for INC-2: if it is the same mistake, keep one lesson"
        in advice(one, two)[0]
    )


OTHERS: dict[str, str | bytes | None] = {
    f"shop/part{part}.py": f"def part_{part}():\n    return {part}\n" for part in range(7)
}


def test_a_lesson_that_today_s_code_is_full_of_is_named(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "repo")
    repo.commit({**clients(5), **OTHERS})
    assert advice_in(repo, lesson(evidence=pair(BAD, GOOD))) == [
        "lessons/INC-1.md: warning: its shape stands in 5 other places (pay/client0.py:1, "
        "pay/client1.py:1, pay/client2.py:1, ...): if they are the same failure, mend them "
        "(twiceshy sweep finds them, and keeps your word on each); if not, show more of what went "
        "wrong"
    ]


def test_a_lesson_whose_shape_is_half_of_the_host_wants_a_rule(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "repo")
    repo.commit({**clients(7), **OTHERS, "README.md": "no code"})
    assert advice_in(repo, lesson(evidence=pair(BAD, GOOD))) == [
        "lessons/INC-1.md: warning: its shape stands in 7 other places (pay/client0.py:1, "
        "pay/client1.py:1, pay/client2.py:1, ...), in 7 of the 14 files of its language: this is "
        "how your code is written; write a rule"
    ]


def test_a_host_that_is_counted_in_part_is_named_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(host_words, "MOST_FILES", 13)
    repo = Repo(tmp_path / "repo")
    repo.commit({**clients(7), **OTHERS})
    (message,) = advice_in(repo, lesson(evidence=pair(BAD, GOOD)))
    assert "; counted in 13 of 14 files)" in message


def test_a_lesson_with_few_places_needs_no_advice(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "repo")
    repo.commit({**clients(3), **OTHERS})
    assert advice_in(repo, lesson(evidence=pair(BAD, GOOD))) == []


def test_evidence_without_a_fix_is_held_to_less() -> None:
    alone = lesson(evidence=(Evidence(Side.BAD, "python", BAD, 0, 1),))
    assert advice(alone) == []
