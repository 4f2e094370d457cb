"""The words of a host: counted once, renewed by what changed, kept for the next check."""

import sqlite3
import subprocess
from pathlib import Path

import pytest

from git_repository import Repo
from twiceshy.changes import git_host, git_process
from twiceshy.changes.change import read_nothing
from twiceshy.changes.change_error import ChangeError
from twiceshy.changes.git_host import GitHostTree
from twiceshy.changes.host import HostFile
from twiceshy.guards import host_words as module
from twiceshy.guards.host_words import HostWords, host_words
from twiceshy.guards.recall.comparison import told_part
from twiceshy.guards.recall.host import whole_host
from twiceshy.guards.recall.signature import Signature

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
    paths = {file.path for file in tree_of(repo).files().files}
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
    files = tree_of(repo).files().files
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


def many(repo: Repo, count: int) -> str:
    """A commit of so many files of one content, in folders of a hundred."""
    lines = ["blob", "mark :1", "data 6", "x = 1\n", "commit refs/heads/many", "mark :2"]
    lines += ["committer Robin <robin@example.org> 0 +0000", "data 4", "many"]
    for number in range(count):
        lines.append(f"M 100644 :1 part{number // 100:06}/file{number:08}.py")
    given = "\n".join([*lines, "", ""]).encode()
    subprocess.run(("git", "fast-import", "--quiet"), cwd=repo.root, input=given, check=True)
    return "many"


def test_of_a_huge_repository_the_listing_stops_at_a_limit_and_says_so(
    repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(git_host, "MOST_LISTED", 2_000)
    read: list[int] = []
    next_piece = git_process._next_piece

    def counting(process: "subprocess.Popen[bytes]", deadline: float) -> bytes:
        piece = next_piece(process, deadline)
        read.append(len(piece))
        return piece

    monkeypatch.setattr(git_process, "_next_piece", counting)
    listing = tree_of(repo, many(repo, 30_000)).files()
    assert (len(listing.files), listing.is_whole) == (2_000, False)
    assert listing.files[-1].path == "part000019/file00001999.py"
    assert sum(read) < 300_000  # of the 2.6 million bytes that all of them take


def test_a_listing_as_long_as_the_limit_is_whole(
    repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(git_host, "MOST_LISTED", 300)
    assert tree_of(repo, many(repo, 300)).files().is_whole


def test_what_was_not_listed_is_told_wherever_the_host_is(
    repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(git_host, "MOST_LISTED", 20)
    tree = tree_of(repo, many(repo, 30))
    for _ in range(2):  # counted, and kept
        with whole_host(tree, tmp_path / "cache", read_nothing) as host:
            standing = host.standing(Signature((), (), ()), ())
            assert standing.is_part
            assert told_part(standing) == "counted in 20 of over 20 files"


def test_a_listing_that_git_does_not_finish_is_an_error(
    repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(git_process, "TIMEOUT_SECONDS", 0.0)
    with pytest.raises(ChangeError, match="git ls-tree took over 0 s"):
        tree_of(repo, many(repo, 30)).files()


def test_a_listing_that_git_breaks_off_is_an_error(repo: Repo) -> None:
    tree = tree_of(repo)
    folder = repo.git("rev-parse", "HEAD:pay")
    (repo.root / ".git/objects" / folder[:2] / folder[2:]).unlink()
    with pytest.raises(ChangeError, match="git ls-tree failed: exit code"):
        tree.files()
