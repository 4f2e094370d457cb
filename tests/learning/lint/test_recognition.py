"""What an author is told of a lesson before it guards: not found again, taken for its fix or for
another, everywhere.
"""

from collections.abc import Mapping

from changing import pair
from making import lesson
from recall_samples import PYTHON
from twiceshy.learning.lint.recognition import recognition
from twiceshy.lessons.lesson import Evidence, Lesson, Mode, Side

BAD = "def charge(order):\n    reply = requests.post(PARTNER, json=order.dict())\n    return reply.json()\n"
GOOD = BAD.replace(".dict())", ".dict(), timeout=3)")


def advice(*lessons: Lesson, host: Mapping[str, str] | None = None) -> list[str]:
    names = frozenset(each.id for each in lessons)
    return [str(advice) for advice in recognition(lessons, names, host or {}, 0.9)]


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


def test_a_lesson_that_today_s_code_is_full_of_is_named() -> None:
    host = {
        f"pay/client{number}.py": BAD.replace("PARTNER", f"BANK{number}") for number in range(5)
    }
    (message,) = advice(lesson(evidence=pair(BAD, GOOD)), host=host)
    assert message == (
        "lessons/INC-1.md: warning: today's code resembles it in 5 places (pay/client0.py:2, pay/client1.py:2, "
        "pay/client2.py:2, ...): if they are the same failure, mend them (twiceshy sweep finds them); if not, show more of "
        "what went wrong"
    )


def test_evidence_without_a_fix_is_held_to_less() -> None:
    alone = lesson(evidence=(Evidence(Side.BAD, "python", BAD, 0, 1),))
    assert advice(alone) == []
