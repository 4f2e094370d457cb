from dataclasses import replace
from typing import Any

import pytest

from making import finding, lesson
from twiceshy.guards.companions import COMPANIONS
from twiceshy.guards.finding import Finding, GuardKind
from twiceshy.guards.recall.recall_guard import RECALL
from twiceshy.guards.recall.structure_finding import STRUCTURE
from twiceshy.guards.rules import RULES
from twiceshy.guards.safeguards import SAFEGUARDS
from twiceshy.guards.scars import SCARS
from twiceshy.lessons.lesson import Lesson, Mode, Severity
from twiceshy.verdicts.policy import Memory, Trust, conclude, decide, fingerprinted, out_of_scope
from twiceshy.verdicts.settings import RecallSettings, Settings
from twiceshy.verdicts.verdict import Action, Conclusion, JudgedFinding


def judge(
    *findings: Finding,
    lessons: tuple[Lesson, ...] = (lesson(),),
    standing: Trust | None = None,
    **settings: Any,
) -> tuple[JudgedFinding, ...]:
    by_id = {row.id: row for row in lessons}
    trusted = {name: standing or Trust() for name in by_id}
    return decide(findings, by_id.get, replace(Settings(), **settings), trusted)


@pytest.mark.parametrize(
    ("guard", "mode", "severity", "score", "action", "reason"),
    [
        (RULES, Mode.BLOCK, Severity.HIGH, 1.0, Action.BLOCK, ""),
        (RULES, Mode.BLOCK, Severity.CRITICAL, 1.0, Action.BLOCK, ""),
        (
            RULES,
            Mode.BLOCK,
            Severity.MEDIUM,
            1.0,
            Action.COMMENT,
            "severity medium is under block_at: high",
        ),
        (RULES, Mode.COMMENT, Severity.CRITICAL, 1.0, Action.COMMENT, ""),
        (
            RULES,
            Mode.OBSERVE,
            Severity.CRITICAL,
            1.0,
            Action.OBSERVE,
            "its lesson is in observe mode",
        ),
        (RECALL, Mode.BLOCK, Severity.HIGH, 0.99, Action.BLOCK, ""),
        (
            RECALL,
            Mode.BLOCK,
            Severity.LOW,
            0.99,
            Action.COMMENT,
            "severity low is under block_at: high",
        ),
        (
            RECALL,
            Mode.BLOCK,
            Severity.HIGH,
            0.95,
            Action.COMMENT,
            "resembles at 0.95, under block_at 0.98",
        ),
        (RECALL, Mode.COMMENT, Severity.HIGH, 0.99, Action.COMMENT, ""),
        (
            RECALL,
            Mode.BLOCK,
            Severity.HIGH,
            0.89,
            Action.OBSERVE,
            "resembles at 0.89, under comment_at 0.90",
        ),
        (
            STRUCTURE,
            Mode.BLOCK,
            Severity.HIGH,
            0.99,
            Action.COMMENT,
            "likenesses under other names never block",
        ),
        (SAFEGUARDS, Mode.BLOCK, Severity.HIGH, 1.0, Action.BLOCK, ""),
        (COMPANIONS, Mode.BLOCK, Severity.HIGH, 1.0, Action.BLOCK, ""),
        (SCARS, Mode.BLOCK, Severity.CRITICAL, 1.0, Action.COMMENT, "scars never block"),
    ],
)
def test_a_finding_is_as_loud_as_mode_severity_and_score_allow(
    guard: GuardKind, mode: Mode, severity: Severity, score: float, action: Action, reason: str
) -> None:
    (judged,) = judge(finding(guard, score=score), lessons=(lesson(mode=mode, severity=severity),))
    assert (judged.action, judged.reason) == (action, reason)


def test_the_same_structure_under_other_names_can_be_switched_off() -> None:
    off = RecallSettings(structure=False)
    (judged,) = judge(finding(STRUCTURE, score=0.99), recall=off)
    assert (judged.action, judged.reason) == (
        Action.OBSERVE,
        "the same structure under other names is off: `recall.structure`",
    )


def test_what_stood_there_before_is_only_observed() -> None:
    (judged,) = judge(finding(stands_at_base=True))
    assert (judged.action, judged.reason) == (Action.OBSERVE, "it was there before this change")


def test_a_lesson_that_failed_its_self_check_only_observes() -> None:
    (judged,) = judge(finding(), standing=Trust("rule r fires on its own good code"))
    assert judged.action is Action.OBSERVE
    assert judged.reason == "the lesson failed its self-check: rule r fires on its own good code"


def test_a_rule_without_evidence_comments_but_does_not_block() -> None:
    (judged,) = judge(finding(rule="r"), standing=Trust(unproven_rules=frozenset({"r"})))
    assert (judged.action, judged.reason) == (
        Action.COMMENT,
        "a rule without evidence may comment but not block",
    )


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"mode": Mode.RETIRED}, "retired"),
        ({"mode": Mode.DRAFT}, "a draft: set its mode to observe, comment or block"),
        ({"applies_to": ("web/**", "*.go")}, "out of scope: applies to web/**, *.go"),
        ({"applies_to": ("app/**/*.py",)}, None),
    ],
)
def test_lessons_out_of_scope_say_nothing(given: dict[str, Any], reason: str | None) -> None:
    out = lesson(**given)
    scope = out_of_scope(out, "app/pay.py")
    assert (scope.text if scope else None) == reason
    assert bool(judge(finding(), lessons=(out,))) is (reason is None)


def test_a_finding_of_an_unknown_lesson_is_dropped() -> None:
    assert judge(finding(lesson="INC-9")) == ()


def test_one_place_and_lesson_is_said_once_by_the_guard_that_can_say_most() -> None:
    recall = finding(RECALL, start_line=8, end_line=11, score=0.99)
    first, second = judge(recall, finding(rule="r"))
    assert (first.finding.guard, first.action, first.also) == (
        RULES,
        Action.BLOCK,
        ("recall",),
    )
    assert (second.finding.guard, second.action) == (RECALL, Action.OBSERVE)
    assert second.reason == "said once already, by rules"


def test_two_lessons_or_two_places_are_two_comments() -> None:
    lessons = (lesson(), lesson("INC-2"))
    judged = judge(
        finding(), finding(start_line=40, end_line=40), finding(lesson="INC-2"), lessons=lessons
    )
    assert [row.action for row in judged] == [Action.BLOCK] * 3


def test_the_loudest_get_the_inline_places_and_scars_take_none() -> None:
    lessons = (lesson(), lesson("INC-2", mode=Mode.COMMENT), lesson("INC-3"))
    scar = finding(SCARS, lesson="INC-3", start_line=1, end_line=1)
    judged = judge(
        finding(lesson="INC-2"),
        scar,
        finding(),
        finding(start_line=30, end_line=30, key="other"),
        lessons=lessons,
        max_comments=2,
    )
    assert [(row.lesson.id, row.action, row.inline) for row in judged] == [
        ("INC-1", Action.BLOCK, True),
        ("INC-1", Action.BLOCK, True),
        ("INC-2", Action.COMMENT, False),
        ("INC-3", Action.COMMENT, False),
    ]


def test_the_fingerprint_survives_line_shifts_and_tells_copies_apart() -> None:
    first, second = finding(), finding(start_line=50, end_line=52)
    prints = [print_ for _, print_ in fingerprinted([first, second])]
    shifted = [
        replace(row, start_line=row.start_line + 7, end_line=row.end_line + 7)
        for row in (first, second)
    ]
    assert [print_ for _, print_ in fingerprinted(shifted)] == prints
    assert len(set(prints)) == 2
    assert [print_ for _, print_ in fingerprinted([replace(first, path="app/other.py")])] != prints[
        :1
    ]


def test_the_conclusion_follows_the_loudest() -> None:
    block, comment = judge(
        finding(),
        finding(SCARS, start_line=1, end_line=1, lesson="INC-2"),
        lessons=(lesson(), lesson("INC-2")),
    )
    assert conclude([block, comment]) is Conclusion.FAILURE
    assert conclude([comment]) is Conclusion.NEUTRAL
    assert conclude([replace(comment, action=Action.OBSERVE)]) is Conclusion.SUCCESS
    assert conclude([]) is Conclusion.SUCCESS


def test_what_people_said_of_a_lesson_moves_its_own_threshold_and_is_told() -> None:
    shy, sure = (
        finding(RECALL, score=0.93),
        finding(RECALL, score=0.85, path="b.py"),
    )
    careful = Memory(caution={"INC-1": (0.5, "2 of 2 judged findings were not useful")})
    trusting = Memory(caution={"INC-1": (-0.7, "3 of 3 judged findings were useful")})

    def said(memory: Memory) -> list[tuple[Action, str]]:
        judged = decide((shy, sure), {"INC-1": lesson()}.get, Settings(), {}, memory)
        return [(row.action, row.reason) for row in judged]

    assert said(careful) == [
        (
            Action.OBSERVE,
            "resembles at 0.93, under comment_at 0.94, "
            "because 2 of 2 judged findings were not useful",
        ),
        (
            Action.OBSERVE,
            "resembles at 0.85, under comment_at 0.94, "
            "because 2 of 2 judged findings were not useful",
        ),
    ]
    assert [action for action, _ in said(trusting)] == [Action.COMMENT, Action.COMMENT]


def test_only_a_resemblance_that_its_score_alone_kept_silent_looked_alike() -> None:
    shy = finding(RECALL, score=0.5)
    assert [row.alike for row in judge(shy)] == [True]
    assert [row.alike for row in judge(shy, lessons=(lesson(mode=Mode.OBSERVE),))] == [False]
    assert [row.alike for row in judge(replace(shy, stands_at_base=True))] == [False]


def test_a_rule_s_finding_borrows_the_lines_recall_compared() -> None:
    recalled = finding(RECALL, then=("a()",), lacks=("b()",), brief="this resembles INC-1")
    first, second = judge(finding(), recalled)
    assert (first.finding.guard, first.finding.then, first.finding.lacks) == (
        RULES,
        ("a()",),
        ("b()",),
    )
    assert (first.also, second.action) == (("recall",), Action.OBSERVE)


def test_what_recall_saw_too_is_said_in_its_words() -> None:
    titled = lesson(title="A title")
    matched = finding(headline="this is what INC-1 was about")
    recalled = finding(
        RECALL,
        headline="this block resembles INC-1: A title",
        brief="this block resembles INC-1",
    )
    assert (
        judge(matched, recalled, lessons=(titled,))[0].finding.headline
        == "this block resembles INC-1"
    )
    unsure = replace(recalled, score=0.5)
    assert (
        judge(matched, unsure, lessons=(titled,))[0].finding.headline
        == "this is what INC-1 was about"
    )
