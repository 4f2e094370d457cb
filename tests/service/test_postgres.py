"""Many processes over one PostgreSQL: the work is shared, nothing is lost and nothing is done
twice.
"""

from pathlib import Path

from github_double import GitHubDouble, Pull
from service.processes import Process, process
from service.shop import BUG, CLEAN, Shop, started


def test_the_same_service_works_over_postgresql(
    double: GitHubDouble, shop: Shop, tmp_path: Path, postgres_database: str
) -> None:
    with started(double, tmp_path / "data", postgres_database) as service:
        pull = shop.pull({"src/refund.py": BUG})
        assert service.opened(pull)["conclusion"] == "failure"
        assert len(pull.reviews) == 1


def _is_concluded(double: GitHubDouble, pull: Pull) -> bool:
    return any(check["conclusion"] for check in double.checks_of(pull.head))


def test_workers_share_the_work_and_outlive_one_another(
    double: GitHubDouble, shop: Shop, tmp_path: Path, postgres_database: str
) -> None:
    pulls = [
        shop.pull({f"src/part_{number}.py": BUG if number % 3 == 0 else CLEAN}, f"topic-{number}")
        for number in range(9)
    ]
    workers: list[Process] = []

    def kill() -> None:
        workers[0].kill()

    double.fail("POST", r"/reviews$", after=True, then=kill)
    with (
        process(double, tmp_path / "web", database_url=postgres_database) as web,
        process(double, tmp_path / "one", database_url=postgres_database, web=False) as first,
        process(double, tmp_path / "two", database_url=postgres_database, web=False),
    ):
        workers.append(first)
        assert [web.deliver(double, pull) for pull in pulls] == [202] * 9
        double.wait(lambda: all(_is_concluded(double, pull) for pull in pulls))
    for number, pull in enumerate(pulls):
        [check] = double.checks_of(pull.head)
        expected = ("failure", 1) if number % 3 == 0 else ("success", 0)
        assert (check["conclusion"], len(pull.reviews)) == expected
