"""A GitHub, a repository with one lesson, and the service that guards it."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from jwt.algorithms import RSAAlgorithm

from github_double import GitHubDouble
from service.judging import JudgeInThisProcess
from service.shop import Service, Shop, started
from twiceshy.service.jobs import review


@pytest.fixture(autouse=True, scope="session")
def _key_read_once() -> Iterator[None]:
    """Each token of the App's reads its key anew, which takes longer than all else of the call."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(RSAAlgorithm, "prepare_key", cache(RSAAlgorithm.prepare_key))
        yield


@pytest.fixture(scope="session")
def judging_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where registries are compiled once for all tests."""
    return tmp_path_factory.mktemp("judging")


@pytest.fixture(autouse=True)
def _judged_here(
    request: pytest.FixtureRequest, judging_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Judging takes no process of its own, unless a test is marked with ``apart``."""
    if not request.node.get_closest_marker("apart"):
        monkeypatch.setattr(review, "judge_apart", JudgeInThisProcess(judging_cache))


@pytest.fixture
def double() -> Iterator[GitHubDouble]:
    with GitHubDouble() as github:
        yield github
        assert github.violations == []


@pytest.fixture
def shop(double: GitHubDouble, tmp_path: Path) -> Shop:
    return Shop(double, tmp_path / "shop")


@pytest.fixture
def service(double: GitHubDouble, tmp_path: Path) -> Iterator[Service]:
    with started(double, tmp_path / "data") as running:
        yield running
