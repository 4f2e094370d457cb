"""What is kept of repositories' code on a machine is bounded, and what is used stays longest."""

import os
import time
from pathlib import Path

import pytest

from twiceshy.service import host_store
from twiceshy.service.host_store import HostStore, Kept


@pytest.fixture
def store(tmp_path: Path) -> HostStore:
    """Three repositories of a hundred bytes each; 1 was used last, 2 longest ago."""
    hosts = HostStore(tmp_path)
    for age, repository in enumerate((1, 3, 2)):
        hosts.note_used(7, repository)
        place = hosts.place(7, repository)
        (place / "content").write_bytes(b"x" * 100)
        used = time.time() - age
        os.utime(place / host_store.USED, (used, used))
    return hosts


def kept(store: HostStore) -> list[str]:
    return sorted(path.name for path in (store.root / "7").iterdir())


def test_what_was_used_longest_ago_is_let_go(
    store: HostStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert store.tidy(before=0.0) == Kept(300, 0)
    monkeypatch.setattr(host_store, "MOST_HOSTS", 2)
    assert (store.tidy(before=0.0), kept(store)) == (Kept(200, 1), ["1", "3"])
    monkeypatch.setattr(host_store, "MOST_BYTES", 150)
    assert (store.tidy(before=0.0), kept(store)) == (Kept(100, 1), ["1"])


def test_what_nobody_used_since_a_day_is_let_go(store: HostStore) -> None:
    assert (store.tidy(before=time.time() + 60), kept(store)) == (Kept(0, 3), [])


def test_what_a_process_that_died_left_is_removed_and_what_is_fetched_now_is_not(
    store: HostStore,
) -> None:
    for name, age in ((".fetching-old", 7_200), (".fetching-now", 0)):
        left = store.place(7, 1) / name
        left.mkdir()
        os.utime(left, (time.time() - age, time.time() - age))
    store.tidy(before=0.0)
    names = {path.name for path in store.place(7, 1).iterdir()}
    assert names == {"content", "used", ".fetching-now"}


def test_when_a_repository_is_asked_again(store: HostStore) -> None:
    def asked(ago: float, why_not: str = "") -> bool:
        store.note_asked(7, 1, why_not)
        at = time.time() - ago
        os.utime(store.place(7, 1) / host_store.ASKED, (at, at))
        return store.is_due(7, 1)

    assert store.is_due(7, 1), "never asked"
    assert (asked(60), asked(7_200), asked(-7_200)) == (False, True, True)
    assert (asked(7_200, "failed"), asked(30_000, "failed")) == (False, True)
