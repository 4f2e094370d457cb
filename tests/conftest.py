"""What many tests need: a real repository, and a cache folder nobody else uses."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from git_repository import Repo
from lanes import QUICK, SLOW
from postgres import new_database, postgres_server
from twiceshy.changes.parser.client import own_parser

# what passes here passes there, however busy the machine is; `--hypothesis-profile default`
# searches
settings.register_profile(
    "same", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("same")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the slow ones: here, and nowhere else."""
    for item in items:
        name = item.nodeid.removeprefix("tests/")
        if name.startswith(SLOW) and not name.startswith(QUICK):
            item.add_marker(pytest.mark.slow)


@pytest.fixture(autouse=True, scope="session")
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> None:
    os.environ["XDG_CACHE_HOME"] = str(tmp_path_factory.mktemp("cache"))
    os.environ["TWICESHY_PATIENCE"] = "20"  # no limit by the clock is reached by a busy machine
    os.environ.update(
        {
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            "COLUMNS": "100",
            "NO_COLOR": "1",
        }
    )


@pytest.fixture(autouse=True)
def _parser() -> Iterator[None]:
    """One parser for a test, as a judging has one."""
    with own_parser():
        yield


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a PostgreSQL that all tests of this process share."""
    with postgres_server() as server:
        yield server


@pytest.fixture
def postgres_database(postgres: str) -> str:
    """The URL of an empty database of the test's own."""
    return new_database(postgres)


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return Repo(tmp_path / "repo")
