"""What a repository's own people ask of likenesses: answers in, a score out."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from making import finding, lesson
from twiceshy.guards.recall.comparison import RECALL
from twiceshy.guards.rules import RULES
from twiceshy.verdicts.local_threshold import MOST, Answer, local_threshold
from twiceshy.verdicts.policy import Memory, decide
from twiceshy.verdicts.settings import RecallSettings, Settings
from twiceshy.verdicts.verdict import Action

WRONG = Answer(1.0, "maria", 0.92)
RIGHT = Answer(2.0)


def asked(*answers: Answer) -> tuple[float, str] | None:
    threshold = local_threshold(answers)
    return (round(threshold.score, 3), str(threshold)) if threshold else None


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ((), None),
        ((RIGHT,), None),
        ((WRONG,), (0.95, "dismissed as wrong once, by maria")),
        ((replace(WRONG, score=0.97),), (0.982, "dismissed as wrong once, by maria")),
        ((replace(WRONG, score=0.999),), (0.985, "dismissed as wrong once, by maria")),
        ((replace(RIGHT, at=0.5), WRONG), (0.95, "dismissed as wrong once, by maria")),
        ((RIGHT, WRONG), (0.92, "dismissed as wrong once, by maria, confirmed once since")),
        (
            (WRONG, RIGHT, Answer(3.0, "otto", 0.93)),
            (0.956, "dismissed as wrong twice, by maria, otto, confirmed once since"),
        ),
        (
            tuple(Answer(float(at), f"p{at}", 0.91) for at in range(5)),
            (0.943, "dismissed as wrong 5 times, by p0, p1, p2 …"),
        ),
    ],
)
def test_a_dismissal_asks_for_more_and_a_confirmation_for_less(
    answers: tuple[Answer, ...], expected: tuple[float, str] | None
) -> None:
    assert asked(*answers) == expected


ANSWERS = st.lists(
    st.builds(
        Answer,
        st.floats(0, 1e10),
        st.sampled_from(["", "maria", "otto"]),
        st.floats(0, 1),
    ),
    max_size=30,
)


@given(ANSWERS)
def test_whatever_is_answered_it_never_asks_for_more_than_a_near_copy_has(
    answers: list[Answer],
) -> None:
    threshold = local_threshold(answers)
    assert threshold is None or 0 <= threshold.score <= MOST + 1e-9


@given(ANSWERS, st.floats(0, 1))
def test_taking_a_dismissal_back_undoes_exactly_it(answers: list[Answer], score: float) -> None:
    before = local_threshold(answers)
    more = [*answers, Answer(5.0, "robin", score)]
    assert local_threshold([row for row in more if row.who != "robin"]) == before


def said(score: float, settings: Settings, *answers: Answer) -> tuple[Action, str]:
    threshold = local_threshold(answers)
    memory = Memory(local={("INC-1", "recall"): threshold} if threshold else {})
    found = finding(RECALL, score=score)
    [row] = decide([found], {"INC-1": lesson()}.get, settings, {}, memory)
    return row.action, row.reason


def test_the_same_kind_of_alarm_is_silent_and_says_who_called_it_wrong() -> None:
    assert said(0.93, Settings(), WRONG) == (
        Action.OBSERVE,
        "resembles at 0.93, under comment_at 0.95, which it asks for here: "
        "dismissed as wrong once, by maria",
    )
    assert said(0.99, Settings(), replace(WRONG, score=0.999))[0] is Action.BLOCK
    assert said(0.93, Settings(), WRONG, RIGHT)[0] is Action.COMMENT


def test_an_organisation_that_asks_for_more_anyway_keeps_what_it_asks_for() -> None:
    strict = Settings(recall=RecallSettings(0.99, 0.995))
    assert said(0.988, strict, WRONG) == (
        Action.OBSERVE,
        "resembles at 0.99, under comment_at 0.99",
    )


def test_a_lesson_s_rule_speaks_on() -> None:
    threshold = local_threshold([replace(WRONG, score=0.999)])
    assert threshold is not None
    memory = Memory(local={("INC-1", "recall"): threshold, ("INC-1", "rules"): threshold})
    [row] = decide([finding(RULES)], {"INC-1": lesson()}.get, Settings(), {}, memory)
    assert row.action is Action.BLOCK
