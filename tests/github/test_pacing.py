"""An installation's budget is kept by waiting for it, never by fixed pauses."""

import pytest

from twiceshy.github.errors import Limited
from twiceshy.github.pacing import (
    CONTENT_A_MINUTE,
    CONTENT_AN_HOUR,
    POINTS_A_MINUTE,
    RESERVED_POINTS,
    Pacer,
)


class Clock:
    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def pacer(share: float = 1.0) -> tuple[Pacer, Clock]:
    clock = Clock()
    return Pacer(share, lambda: clock.now, clock.sleep), clock


def test_within_the_budget_nothing_waits() -> None:
    tested, clock = pacer()
    for _ in range(POINTS_A_MINUTE - RESERVED_POINTS):
        tested.wait(writes=False)
    assert clock.slept == []


def test_over_it_a_request_waits_until_the_oldest_is_a_minute_old() -> None:
    tested, clock = pacer()
    for _ in range((POINTS_A_MINUTE - RESERVED_POINTS) // 5):
        tested.wait(writes=True)
    clock.now = 20.0
    assert tested.delay() == 40.0
    assert tested.wait(writes=True) == 40.0
    assert clock.now == 60.0


def test_what_makes_content_has_a_budget_of_its_own() -> None:
    tested, clock = pacer()
    for _ in range(CONTENT_A_MINUTE):
        tested.wait(writes=True, content=True)
    assert tested.wait(writes=True) == 0
    assert tested.wait(writes=True, content=True) == 60.0
    assert clock.now == 60.0


def test_a_share_is_a_part_of_it() -> None:
    tested, _ = pacer(0.25)
    for _ in range((POINTS_A_MINUTE - RESERVED_POINTS) // 4):
        tested.wait(writes=False)
    assert tested.wait(writes=False) == 60.0


def test_a_new_heads_check_does_not_wait_for_others_reviews() -> None:
    tested, _ = pacer()
    for _ in range((POINTS_A_MINUTE - RESERVED_POINTS) // 5):
        tested.wait(writes=True)
    assert tested.delay(content=False) == 60.0
    for _ in range(RESERVED_POINTS // 5):
        assert tested.wait(writes=True, urgent=True) == 0
    assert tested.delay(content=False, urgent=True) == 60.0


def test_when_the_hours_content_is_spent_nobody_sleeps_in_a_request() -> None:
    tested, clock = pacer()
    for _ in range(CONTENT_AN_HOUR):
        tested.wait(writes=True, content=True)
        clock.now += 1.0
    assert tested.wait(writes=True, urgent=True) == 0
    with pytest.raises(Limited) as limited:
        tested.wait(writes=True, content=True)
    assert limited.value.wait > 60.0
