"""However long the queue is, a head's check is there at once: opened on a road of its own, before
anything is judged.
"""

import subprocess
import threading
from collections.abc import Iterator

import pytest

from github_double import GitHubDouble, Pull
from github_double.webhooks import payload, pull_payload
from service.shop import Service, Shop
from twiceshy.publishing.values import Publication
from twiceshy.service.jobs import review

HEADS = 100


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Judging waits for this; what it would say is not the subject here."""
    released = threading.Event()

    def judge(*_: object) -> Publication:
        released.wait(600)
        return Publication("success", "nothing to say", "nothing")

    monkeypatch.setattr(review, "judge_apart", judge)
    yield released
    released.set()


def many_pulls(shop: Shop, count: int) -> list[Pull]:
    """Branches with a commit each, written by one git process."""
    stream = []
    for number in range(count):
        text = f"x = {number}\n"
        stream.append(
            f"commit refs/heads/topic-{number}\n"
            "committer Robin <robin@example.org> 1790000000 +0000\n"
            "data 1\nx\nfrom refs/heads/main\n"
            f"M 644 inline src/part_{number}.py\ndata {len(text)}\n{text}\n"
        )
    subprocess.run(
        ["git", "fast-import", "--quiet"],
        cwd=shop.git.root,
        input="".join(stream).encode(),
        check=True,
    )
    return [shop.github.open_pull(f"topic-{number}") for number in range(count)]


def _statuses(double: GitHubDouble, pull: Pull) -> list[str]:
    return [check["status"] for check in double.checks_of(pull.head)]


def test_all_of_a_hundred_heads_have_their_check_before_one_is_judged(
    service: Service, shop: Shop, double: GitHubDouble, gate: threading.Event
) -> None:
    pulls = many_pulls(shop, HEADS)
    for pull in pulls:
        assert service.deliver("pull_request", pull_payload("opened", pull)) == 202
    double.wait(lambda: len(double.checks) == HEADS, 600)
    assert not gate.is_set()
    assert [len(double.checks_of(pull.head)) for pull in pulls] == [1] * HEADS
    assert not any(check["conclusion"] for check in double.checks.values())
    queued = [check for check in double.checks.values() if check["status"] == "queued"]
    assert len(queued) > HEADS / 2
    titles = {check["output"]["title"] for check in queued}
    assert all(title.startswith("queued, ") and title.endswith(" before it") for title in titles)
    assert len(titles) > HEADS / 10, "each says its place; those that came together say the same"
    first = pulls[0]
    gate.set()
    double.wait(lambda: bool(service.completed(first)), 600)
    assert len(double.checks_of(first.head)) == 1, (
        "the judging goes on with the check that is there"
    )


def test_a_command_that_waits_for_github_keeps_no_new_head_waiting(
    service: Service, shop: Shop, double: GitHubDouble, gate: threading.Event
) -> None:
    stall, [pull] = threading.Event(), many_pulls(shop, 1)
    double.fail("POST", r"/graphql$", times=9, status=502, then=lambda: stall.wait(600) and None)
    try:
        for number in range(9):
            push = payload(
                "push", "", shop.github, ref="refs/heads/main", after=shop.github.sha("main")
            )
            push["commits"] = [
                {"added": [f"lessons/INC-{number}.md"], "removed": [], "modified": []}
            ]
            service.deliver("push", push)
        assert service.deliver("pull_request", pull_payload("opened", pull)) == 202
        double.wait(lambda: bool(double.checks_of(pull.head)), 600)
        assert not stall.is_set()
    finally:
        stall.set()


def test_a_head_that_is_superseded_while_it_waits_is_concluded_and_costs_no_judging(
    service: Service, shop: Shop, double: GitHubDouble, gate: threading.Event
) -> None:
    pulls = many_pulls(shop, 6)
    for pull in pulls:
        service.deliver("pull_request", pull_payload("opened", pull))
    double.wait(lambda: len(double.checks) == 6, 600)
    waiting = next(pull for pull in reversed(pulls) if _statuses(double, pull) == ["queued"])
    old = waiting.head
    shop.push(waiting, {"src/more.py": "y = 1\n"})
    service.deliver("pull_request", pull_payload("synchronize", waiting))
    double.wait(lambda: bool(double.checks_of(waiting.head)), 600)
    gate.set()
    double.wait(lambda: all(check["conclusion"] for check in double.checks_of(old)), 600)
    [superseded] = double.checks_of(old)
    assert (superseded["conclusion"], superseded["output"]["title"]) == ("neutral", "superseded")
    double.wait(lambda: bool(service.completed(waiting)), 600)
