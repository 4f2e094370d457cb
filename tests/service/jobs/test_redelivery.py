"""What GitHub could not bring is asked for again until it is here: all of it, soon, paced, and not
for ever.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from github_double import GitHubDouble
from github_double.webhooks import pull_payload
from patience import wait_until
from service.shop import BUG, Shop, environment, started
from twiceshy.github import pacing
from twiceshy.github.api import App, next_page
from twiceshy.github.deliveries import attempts_since
from twiceshy.service import doctor
from twiceshy.service.context import Context
from twiceshy.service.jobs.redelivery import (
    ASKED_AT_ONCE,
    DAY,
    PAUSES,
    USUAL_PAUSE,
    Redelivery,
    missing,
)
from twiceshy.store import leases, missed_deliveries
from twiceshy.store.database import open_database

NOW = 1_795_000_000.0


class Outage:
    """A clock that goes only when it is told to, and what GitHub kept while nobody answered."""

    def __init__(self, double: GitHubDouble) -> None:
        self.now, self.double = NOW, double
        double.clock = lambda: self.now
        self.ids = iter(range(9_000_000, 10_000_000))

    def attempt(self, guid: str, code: int, ago: float, **more: Any) -> dict[str, Any]:
        self.now -= ago
        row = {
            "id": next(self.ids),
            "guid": guid,
            "status_code": code,
            "status": "OK" if code == 202 else "failed",
            "delivered_at": self.double.now(),
            "event": "pull_request",
            "redelivery": False,
            **more,
        }
        self.now += ago
        self.double.deliveries.append(row)
        return row

    def rounds(self, catching: Redelivery, until: Callable[[], bool]) -> int:
        """Go on from look to look until something is true. Gives how many looks that took."""
        for count in range(1, 200):
            catching.tick()
            if until():
                return count
            self.now = max(self.now, catching.next_at)
        raise AssertionError("it did not happen in 200 looks")


@pytest.fixture
def outage(double: GitHubDouble, monkeypatch: pytest.MonkeyPatch) -> Outage:
    monkeypatch.setattr(pacing, "POINTS_A_MINUTE", 1_000_000)  # what is paced here is the portions
    return Outage(double)


@contextmanager
def context_over(double: GitHubDouble, folder: Path) -> Iterator[Context]:
    folder.mkdir(exist_ok=True)
    values = environment(double, folder)
    engine = open_database(values.database_url)
    try:
        yield Context(
            values, engine, App(double.app_id, double.private_key, double.url), double.slug
        )
    finally:
        engine.dispose()


def catching_up(context: Context, outage: Outage) -> Redelivery:
    return Redelivery(context, lambda: outage.now)


def test_the_list_is_paged_by_its_link_header(outage: Outage, double: GitHubDouble) -> None:
    for number in range(250):
        outage.attempt(f"g{number}", 202, ago=1_000.0 - number)
    api = App(double.app_id, double.private_key, double.url).itself()
    rows = list(api.linked("/app/hook/deliveries", 1_000))
    assert [row["guid"] for row in rows] == [f"g{number}" for number in reversed(range(250))]
    assert len(api.get("/app/hook/deliveries", per_page=1_000, page=7)) == 100, (
        "`page` means nothing to GitHub"
    )
    assert next_page(
        '<https://h/x?per_page=100&cursor=v1_9>; rel="next", <https://h/x>; rel="prev"'
    ) == {
        "per_page": "100",
        "cursor": "v1_9",
    }
    assert next_page('<https://h/x?cursor=1>; rel="prev"') is None


def test_450_deliveries_of_three_days_all_come_back_a_portion_at_a_time(
    outage: Outage, double: GitHubDouble, tmp_path: Path
) -> None:
    lost = {f"g{number}" for number in range(450)}
    for number in range(450):
        outage.attempt(f"g{number}", 502 if number % 2 else 0, ago=2.9 * DAY * (450 - number) / 450)
    with context_over(double, tmp_path) as context:
        catching = catching_up(context, outage)
        catching.tick()
        assert len(double.redelivered) == ASKED_AT_ONCE
        assert 0 < catching.next_at - outage.now <= 60
        outage.rounds(catching, lambda: context.transaction(missed_deliveries.next_time) is None)
        assert {row["guid"] for row in double.deliveries if row["redelivery"]} == lost
        assert len(double.redelivered) == 450, "each once"
        assert catching.next_at - outage.now == USUAL_PAUSE


def test_what_fails_again_because_the_port_is_not_open_yet_is_asked_for_again_soon(
    outage: Outage, double: GitHubDouble, tmp_path: Path
) -> None:
    outage.attempt("early", 502, ago=60.0)
    opened_at = outage.now + 40.0
    double.arrives = lambda delivery: 202 if outage.now >= opened_at else 502
    with context_over(double, tmp_path) as context:
        catching = catching_up(context, outage)
        outage.rounds(catching, lambda: context.transaction(missed_deliveries.next_time) is None)
    assert 2 <= len(double.redelivered) <= 4
    assert outage.now - NOW < 180.0, "and not ten minutes later"


def test_what_fails_each_time_is_given_up_by_name(
    outage: Outage, double: GitHubDouble, tmp_path: Path
) -> None:
    outage.attempt("cursed", 500, ago=60.0)
    double.arrives = lambda delivery: 500
    with context_over(double, tmp_path) as context:
        catching = catching_up(context, outage)
        outage.rounds(catching, lambda: context.transaction(missed_deliveries.next_time) is None)
        assert len(double.redelivered) == len(PAUSES)
        outage.now += USUAL_PAUSE
        catching.tick()
        assert len(double.redelivered) == len(PAUSES), "given up is given up"
        answer = next(
            diagnosis
            for diagnosis in doctor.examine(context.environment)
            if diagnosis.subject == "deliveries given up"
        )
    assert (answer.well, "cursed" in answer.seen, "pull_request" in answer.seen) == (
        False,
        True,
        True,
    )


def test_what_github_refuses_to_bring_again_is_given_up_at_once(
    outage: Outage, double: GitHubDouble, tmp_path: Path
) -> None:
    outage.attempt("too old", 502, ago=3.2 * DAY)
    with context_over(double, tmp_path) as context:
        catching_up(context, outage).tick()
        [row] = context.transaction(missed_deliveries.given_up, 9)
        assert (row.guid, row.event) == ("too old", "pull_request")


def test_one_that_was_under_way_at_the_last_look_is_seen_at_the_next_though_its_id_is_lower(
    outage: Outage, double: GitHubDouble, tmp_path: Path
) -> None:
    slow = outage.attempt("slow", 504, ago=8.0, under_way=True)
    outage.attempt("quick", 202, ago=2.0)
    with context_over(double, tmp_path) as context:
        catching = catching_up(context, outage)
        catching.tick()
        assert double.redelivered == []
        del slow["under_way"]
        outage.now += USUAL_PAUSE
        catching.tick()
    assert double.redelivered == [slow["id"]]


def test_only_what_was_never_brought_is_asked_for(
    outage: Outage, double: GitHubDouble, tmp_path: Path
) -> None:
    outage.attempt("a", 202, ago=50.0)
    outage.attempt("b", 502, ago=40.0)
    outage.attempt("c", 0, ago=30.0)
    outage.attempt("c", 202, ago=20.0, redelivery=True)
    api = App(double.app_id, double.private_key, double.url).itself()
    failures, brought = missing(attempts_since(api, NOW - DAY))
    assert ([failure.guid for failure in failures], brought) == (["b"], {"a", "c"})


def test_a_look_that_fails_is_tried_again_soon_and_nothing_is_lost(
    outage: Outage, double: GitHubDouble, tmp_path: Path
) -> None:
    outage.attempt("a", 502, ago=60.0)
    double.fail("GET", r"/deliveries$", times=3, status=502)
    with context_over(double, tmp_path) as context:
        outage.rounds(catching_up(context, outage), lambda: len(double.redelivered) == 1)
    assert outage.now - NOW < 120.0


def test_an_answer_nobody_expected_ends_no_looking(
    outage: Outage, double: GitHubDouble, tmp_path: Path
) -> None:
    outage.attempt("a", 502, ago=60.0)
    outage.attempt("b", 502, ago=50.0, delivered_at="some day")
    with context_over(double, tmp_path) as context:
        catching = catching_up(context, outage)
        catching.tick()
        assert catching.next_at > outage.now
        double.deliveries.pop()
        outage.rounds(catching, lambda: len(double.redelivered) == 1)


def test_of_many_processes_one_looks(outage: Outage, double: GitHubDouble, tmp_path: Path) -> None:
    with context_over(double, tmp_path) as context:
        taken = context.transaction(leases.take, "catching up", "another", 60.0)
        catching_up(context, outage).tick()
        assert double.made("GET", r"/deliveries$") == []
        context.transaction(leases.release, "catching up", str(taken))
        catching_up(context, outage).tick()
    assert len(double.made("GET", r"/deliveries$")) == 1


def test_a_started_service_brings_back_what_it_missed(
    double: GitHubDouble, shop: Shop, tmp_path: Path
) -> None:
    pull = shop.pull({"src/refund.py": BUG})
    with started(double, tmp_path / "data") as service:
        payload = pull_payload("opened", pull)
        double.arrives = lambda delivery: service.deliver("pull_request", payload, delivery["guid"])
        double.deliveries.append(
            {
                "id": 5,
                "guid": "g",
                "status_code": 502,
                "status": "failed",
                "delivered_at": double.now(),
                "event": "pull_request",
                "redelivery": False,
            }
        )
        redelivery = Redelivery(service.workflows.context, lambda: double.clock() + 2.0)

        def asked_for() -> bool:
            redelivery.next_at = 0.0  # the service's own may be looking just now
            redelivery.tick()
            return bool(double.redelivered)

        wait_until(asked_for)
        assert service.check(pull)["conclusion"] == "failure"
