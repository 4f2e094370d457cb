"""A GitHub, a repository with one lesson, and the service that guards it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from github_double import GitHubDouble
from service.shop import Service, Shop, started


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
