"""An installation's budget is kept by waiting for it, never by fixed pauses."""

from twiceshy.github.pacing import CONTENT_A_MINUTE, POINTS_A_MINUTE, Pacer


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
    made, clock = pacer()
    for _ in range(POINTS_A_MINUTE):
        made.wait(writes=False)
    assert clock.slept == []


def test_over_it_a_request_waits_until_the_oldest_is_a_minute_old() -> None:
    made, clock = pacer()
    for _ in range(POINTS_A_MINUTE // 5):
        made.wait(writes=True)
    clock.now = 20.0
    assert made.delay() == 40.0
    assert made.wait(writes=True) == 40.0
    assert clock.now == 60.0


def test_what_makes_content_has_a_budget_of_its_own() -> None:
    made, clock = pacer()
    for _ in range(CONTENT_A_MINUTE):
        made.wait(writes=True, content=True)
    assert made.wait(writes=True) == 0
    assert made.wait(writes=True, content=True) == 60.0
    assert clock.now == 60.0


def test_a_share_is_a_part_of_it() -> None:
    made, _ = pacer(0.25)
    for _ in range(POINTS_A_MINUTE // 4):
        made.wait(writes=False)
    assert made.wait(writes=False) == 60.0
