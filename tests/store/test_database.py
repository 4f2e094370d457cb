"""Which database a URL names."""

from pathlib import Path

import pytest

from twiceshy.store.database import sqlite_file, sqlite_folder, with_driver


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_postgresql_is_opened_with_the_driver_that_is_shipped(scheme: str) -> None:
    assert with_driver(f"{scheme}://db/twiceshy") == "postgresql+psycopg://db/twiceshy"


@pytest.mark.parametrize(
    "url",
    [
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite:///file:x?mode=memory&uri=true",
        "postgres://db/twiceshy",
    ],
)
def test_only_a_sqlite_file_has_a_file(url: str) -> None:
    assert sqlite_file(url) is None
    assert sqlite_folder(url) is None


def test_a_sqlite_file_stands_in_its_folder() -> None:
    assert sqlite_file("sqlite:////var/lib/twiceshy.sqlite") == Path("/var/lib/twiceshy.sqlite")
    assert sqlite_folder("sqlite:///data/twiceshy.sqlite") == Path("data")
