"""``kill -9`` at every step in turn: afterwards there is exactly one review and one completed
check.
"""

from pathlib import Path

import pytest

from github_double import GitHubDouble
from patience import wait_until
from service.processes import Process, process
from service.shop import BUG, Shop

STEPS = {
    "opening the check": ("POST", r"/check-runs$"),
    "reading the files": ("GET", r"/files$"),
    "reading the texts": ("POST", r"/graphql$"),
    "the review": ("POST", r"/reviews$"),
    "closing the check": ("PATCH", r"/check-runs/\d+$"),
}


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("step", STEPS)
def test_a_process_killed_at_any_step_loses_and_repeats_nothing(
    double: GitHubDouble, shop: Shop, tmp_path: Path, step: str, after: bool
) -> None:
    verb, path = STEPS[step]
    pull = shop.pull({"src/refund.py": BUG})
    first: list[Process] = []

    def kill() -> None:
        first[0].kill()

    fault = double.fail(verb, path, after=after, then=kill)
    with process(double, tmp_path / "data") as killed:
        first.append(killed)
        assert killed.deliver(double, pull) == 202
        double.wait(lambda: not killed.alive())
    assert fault.times == 0
    with process(double, tmp_path / "data"):
        double.wait(
            lambda: any(check["status"] == "completed" for check in double.checks_of(pull.head))
        )
    [check] = double.checks_of(pull.head)
    assert (
        check["conclusion"],
        len(check["annotations"]),
        len(pull.reviews),
        len(pull.comments),
    ) == (
        "failure",
        1,
        1,
        1,
    )


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_process_killed_while_it_finds_out_what_was_said_repeats_nothing(
    double: GitHubDouble, shop: Shop, tmp_path: Path, after: bool
) -> None:
    """The first dies with a review sent and not noted, the second while it asks GitHub whether it
    arrived.
    """
    pull = shop.pull({"src/refund.py": BUG})
    running: list[Process] = []

    def kill_second() -> None:
        wait_until(lambda: len(running) == 2)  # it takes its work up before it is known to be ready
        running[1].kill()

    def kill() -> None:
        running[0].kill()

    double.fail("POST", r"/reviews$", after=True, then=kill)
    for _ in range(2):
        with process(double, tmp_path / "data") as killed:
            running.append(killed)
            if len(running) == 1:
                assert killed.deliver(double, pull) == 202
            double.wait(lambda killed=killed: not killed.alive())  # type: ignore[misc]  # bound now
        if len(running) == 1:  # not before: a request of the first one's may still be under way
            double.fail("GET", r"/pulls/\d+/comments$", after=after, then=kill_second)
    with process(double, tmp_path / "data"):
        double.wait(
            lambda: any(check["status"] == "completed" for check in double.checks_of(pull.head))
        )
    [check] = double.checks_of(pull.head)
    assert (check["conclusion"], len(pull.reviews), len(pull.comments)) == ("failure", 1, 1)


def test_an_orderly_stop_ends_well_and_leaves_nothing_half_done(
    double: GitHubDouble, shop: Shop, tmp_path: Path
) -> None:
    pull = shop.pull({"src/refund.py": BUG})
    double.latency = 0.1
    with process(double, tmp_path / "data", fresh=True) as serving:
        assert serving.deliver(double, pull) == 202
        double.wait(lambda: _statuses(double, pull.head) == ["in_progress"])
        assert serving.stop() == 0
    [check] = double.checks_of(pull.head)
    assert (check["status"], len(pull.reviews)) == ("completed", 1)


def _statuses(double: GitHubDouble, head: str) -> list[str]:
    return [check["status"] for check in double.checks_of(head)]
