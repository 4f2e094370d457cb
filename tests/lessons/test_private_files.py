"""What is kept of lessons is its owner's alone: made so, and made so again where an older version
was less careful.
"""

import os
import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from samples import LESSON as SAMPLE_LESSON
from twiceshy import Guard
from twiceshy.lessons.private_files import private_database, private_file, private_folder, tighten
from twiceshy.store.database import open_database, prepare_sqlite


@pytest.fixture(autouse=True)
def open_handed() -> Iterator[None]:
    """As on a machine where everything new may be read by everybody."""
    before = os.umask(0)
    yield
    os.umask(before)


def modes(folder: Path) -> set[str]:
    """Whatever others may do with anything under a folder."""
    return {
        f"{path.relative_to(folder)}: {mode:o}"
        for path in folder.rglob("*")
        if (mode := others(path))
    }


def others(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode) & 0o077


def test_what_a_check_keeps_is_its_owners(tmp_path: Path) -> None:
    (tmp_path / "registry/lessons").mkdir(parents=True)
    (tmp_path / "registry/lessons/INC-245.md").write_text(SAMPLE_LESSON)
    cache = tmp_path / "cache"
    Guard.load(tmp_path / "registry", cache=cache)
    assert others(cache) == 0 and modes(cache) == set()
    for path in (cache / "index", *(cache / "index").iterdir()):
        path.chmod(0o777 if path.is_dir() else 0o666)
    Guard.load(tmp_path / "registry", cache=cache)
    assert modes(cache) == set(), "tightened without being made anew"


def test_what_else_stands_in_a_folder_named_by_somebody_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "registry/lessons").mkdir(parents=True)
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared/theirs.txt").write_text("theirs")
    Guard.load(tmp_path / "registry", cache=tmp_path / "shared")
    assert others(tmp_path / "shared") and others(tmp_path / "shared/theirs.txt")


def test_a_database_and_what_stands_beside_it_are_its_owners(tmp_path: Path) -> None:
    place = tmp_path / "twiceshy.sqlite"
    for ending in ("", "-wal", "-shm"):
        (tmp_path / f"twiceshy.sqlite{ending}").touch()
    (tmp_path / "elsewhere").symlink_to(place)
    private_database(tmp_path / "elsewhere")
    assert modes(tmp_path) == set()
    engine = open_database(f"sqlite:///{tmp_path / 'new.sqlite'}")
    prepare_sqlite(f"sqlite:///{tmp_path / 'new-work.sqlite'}")
    with engine.connect() as connection:
        connection.exec_driver_sql("CREATE TABLE a (b)")
        connection.commit()
        assert (tmp_path / "new.sqlite-wal").exists()
        assert modes(tmp_path) == set()
    engine.dispose()
    prepare_sqlite("sqlite://")
    assert not (tmp_path / ":memory:").exists()


def test_a_whole_data_folder_is_tightened_and_links_are_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "file").touch()
    data = tmp_path / "data"
    (data / "registries/abc/lessons").mkdir(parents=True)
    (data / "registries/abc/lessons/INC-1.md").touch()
    (data / "link").symlink_to(outside)
    (data / "file-link").symlink_to(outside / "file")
    tighten(data, deep=True)
    assert others(data) == 0 and others(data / "registries/abc/lessons/INC-1.md") == 0
    assert others(outside) and others(outside / "file")


def test_a_link_in_the_place_of_a_file_is_not_written_through(tmp_path: Path) -> None:
    (tmp_path / "victim").write_text("mine")
    (tmp_path / "cache").symlink_to(tmp_path / "victim")
    with pytest.raises(OSError, match="cache"):
        private_file(tmp_path / "cache")


def test_many_threads_at_once_make_one_private_folder(tmp_path: Path) -> None:
    threads = [
        threading.Thread(target=private_folder, args=(tmp_path / "a/b/c",)) for _ in range(16)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert modes(tmp_path) == set()
