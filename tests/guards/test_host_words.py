"""The words of a host: counted once, renewed by what changed, kept for the next check."""

import sqlite3
from pathlib import Path

import pytest

from git_repository import Repo
from twiceshy.changes.git_host import GitHostTree
from twiceshy.changes.host import HostFile
from twiceshy.guards import host_words as module
from twiceshy.guards.host_words import HostWords, host_words

CLIENT = "import requests\n\n\ndef charge(order):\n    return requests.post(PARTNER, timeout=3)\n"
POOL = "def drain(pool):\n    pool.timeout = 5\n    pool.close()\n"


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    repo = Repo(tmp_path / "repo")
    repo.commit({"pay/client.py": CLIENT, "pool.py": POOL, "README.txt": "timeout timeout"})
    return repo


def tree_of(repo: Repo, name: str = "HEAD") -> GitHostTree:
    tree = GitHostTree.at(repo.root, name)
    assert tree is not None
    return tree


def counted(repo: Repo, folder: Path | None, *words: str) -> dict[str, int]:
    with host_words(tree_of(repo), folder) as host:
        return host.counts(words)


def test_a_word_counts_once_a_file_of_code(repo: Repo) -> None:
    counts = counted(repo, None, "timeout", "requests", "nowhere")
    assert counts == {"timeout": 2, "requests": 1}


def test_what_is_not_code_of_people_is_left_out(repo: Repo) -> None:
    repo.commit(
        {
            "vendor/lib.py": POOL,
            "yarn.lock": "timeout",
            "lessons/INC-1.md": "timeout",
            "made.py": POOL,
            ".gitattributes": "made.py linguist-generated\n",
            "huge.py": "timeout = 1\n" * 40_000,
        }
    )
    paths = {file.path for file in tree_of(repo).files()}
    assert paths == {"pay/client.py", "pool.py"}


def test_the_next_commit_is_counted_by_what_it_changed(repo: Repo, tmp_path: Path) -> None:
    folder = tmp_path / "cache"
    assert counted(repo, folder, "drain") == {"drain": 1}
    repo.commit({"pool.py": None, "queue.py": "def drain(queue):\n    queue.join()\n"})
    assert counted(repo, folder, "drain", "pool", "queue", "timeout") == {
        "drain": 1,
        "queue": 1,
        "timeout": 1,
    }
    with host_words(tree_of(repo), folder) as host:
        assert (host.files, host.total, host.complete) == (2, 2, True)


def test_only_so_many_are_counted_at_once_the_nearest_first(repo: Repo, tmp_path: Path) -> None:
    repo.commit({"pay/refund.py": "refund = 1\n", "zoo.py": "zebra = 1\n"})
    folder = tmp_path / "cache"
    with host_words(tree_of(repo), folder, near=["pay/order.py"], most=2) as host:
        assert host.counts(["refund", "charge", "drain", "zebra"]) == {"refund": 1, "charge": 1}
        assert (host.files, host.total, host.complete) == (2, 4, False)
    with host_words(tree_of(repo), folder, most=2) as host:
        assert host.counts(["refund", "charge", "drain", "zebra"]).keys() == {
            "refund",
            "charge",
            "drain",
            "zebra",
        }
        assert host.complete


def test_of_a_very_large_repository_the_same_files_are_counted_each_time(
    repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_FILES", 5)
    repo.commit({f"part{number}.py": f"word{number} = 1\n" for number in range(30)})
    words = [f"word{number}" for number in range(30)]
    first = counted(repo, tmp_path / "one", *words)
    repo.commit({"more.py": "other = 1\n"})
    assert len(first) <= 5
    assert len(first.keys() - counted(repo, tmp_path / "one", *words).keys()) <= 1
    with host_words(tree_of(repo), tmp_path / "one") as host:
        assert (host.files, host.total) == (5, 33)


def test_files_are_found_by_the_weight_of_the_words_they_hold(repo: Repo) -> None:
    words = {"timeout": 1.0, "pool": 2.0, "nowhere": 1.0}
    with host_words(tree_of(repo), None) as host:
        found = host.holding(words, "python", 0.2)
        assert [file.path for file in found] == ["pool.py", "pay/client.py"]
        assert [file.path for file in host.holding(words, "python", 0.5)] == ["pool.py"]
        assert host.holding(words, "go", 0.2) == []


def test_a_damaged_file_is_made_anew(repo: Repo, tmp_path: Path) -> None:
    folder = tmp_path / "cache"
    counted(repo, folder, "drain")
    (kept,) = folder.glob("*.sqlite")
    kept.write_bytes(b"no database" * 1000)
    assert counted(repo, folder, "drain") == {"drain": 1}
    assert counted(repo, folder, "drain") == {"drain": 1}
    assert kept.read_bytes().startswith(b"SQLite format 3")


def test_where_another_process_writes_this_one_goes_on_with_what_there_is(
    repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_BUSY_SECONDS", 0.01)
    folder = tmp_path / "cache"
    counted(repo, folder, "drain")
    repo.commit({"late.py": "late = 1\n"})
    (kept,) = folder.glob("*.sqlite")
    other = sqlite3.connect(kept, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        assert counted(repo, folder, "drain", "late") == {"drain": 1}
    finally:
        other.close()
    assert counted(repo, folder, "drain", "late") == {"drain": 1, "late": 1}


def test_where_nothing_can_be_kept_it_is_counted_all_the_same(repo: Repo, tmp_path: Path) -> None:
    folder = tmp_path / "cache"
    folder.write_text("a file stands where the folder should")
    assert counted(repo, folder, "drain") == {"drain": 1}


def test_what_a_guard_noted_of_a_content_is_kept(repo: Repo, tmp_path: Path) -> None:
    folder = tmp_path / "cache"
    with host_words(tree_of(repo), folder) as host:
        host.set_note("b1", "recall", "[[1, 2]]")
    with host_words(tree_of(repo), folder) as host:
        assert host.note("b1", "recall") == "[[1, 2]]"
        assert host.note("b2", "recall") is None


def test_a_repository_that_lies_bare_is_read_through_its_name(repo: Repo) -> None:
    files = tree_of(repo).files()
    assert HostFile("pool.py", repo.git("rev-parse", "HEAD:pool.py")) in files


def test_no_host_where_there_is_no_commit(tmp_path: Path) -> None:
    assert GitHostTree.at(Repo(tmp_path / "empty").root) is None


def test_a_new_database_is_for_its_owner_alone(repo: Repo, tmp_path: Path) -> None:
    counted(repo, tmp_path / "cache", "drain")
    (kept,) = (tmp_path / "cache").glob("*.sqlite")
    assert kept.stat().st_mode & 0o077 == 0


def test_an_empty_host_counts_nothing() -> None:
    host = HostWords(module._connected(None))
    assert host.counts(["any"]) == {}
    assert host.holding({}, "python", 0.5) == []
