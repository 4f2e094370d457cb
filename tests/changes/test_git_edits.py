"""A history as edits: place by place, whatever the lines look like, within bounds."""

from pathlib import Path

import pytest

from git_repository import Repo
from twiceshy.changes import git_edits
from twiceshy.changes.change_error import ChangeError
from twiceshy.changes.git_edits import LineEdit, commits_to_read, edits_of_commits


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return Repo(tmp_path / "shop")


def edits(repo: Repo) -> list[LineEdit]:
    return [edit for _, edit in edits_of_commits(repo.root, [repo.git("rev-parse", "HEAD")])]


def test_each_place_is_an_edit_with_the_lines_around_it(repo: Repo) -> None:
    repo.commit({"a.py": "1\n2\n3\n4\n5\n6\n7\n"})
    repo.commit({"a.py": "1\ntwo\n3\n4\n5\n5.5\n6\n"})
    assert edits(repo) == [
        LineEdit("a.py", 2, 2, ("2",), ("two",), "1", "3"),
        LineEdit("a.py", 6, 6, (), ("5.5",), "5", "6"),
        LineEdit("a.py", 7, 8, ("7",), (), "6", ""),
    ]


def test_code_that_looks_like_a_patch_is_code(repo: Repo) -> None:
    repo.commit({"a.sql": "-- old\nx\n"})
    repo.commit({"a.sql": "++ b/new\n@@ -1 +1 @@\nx\n"})
    (edit,) = edits(repo)
    assert (edit.removed, edit.added) == (("-- old",), ("++ b/new", "@@ -1 +1 @@"))


def test_what_the_repository_says_of_its_files_hides_nothing(repo: Repo) -> None:
    repo.commit({"a.py": "1\n", "my file é.py": "1\n", ".gitattributes": "* -diff\n"})
    repo.commit({"a.py": "2", "my file é.py": "2\n"})
    assert [edit.path for edit in edits(repo)] == ["a.py", "my file é.py"]


def test_what_is_huge_is_cut_and_what_is_binary_has_no_lines(
    repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(git_edits, "MOST_LINES", 3)
    repo.commit({"a.py": "x\n", "b.py": b"\0", "c.py": "x\n", "d.py": "1\n"})
    repo.commit(
        {"a.py": "y\n" * 9, "b.py": b"\0\1", "c.py": "z" * 9_000 + "\n", "d.py": "2\n" * 600_000}
    )
    assert [(edit.path, len(edit.added), len("".join(edit.added))) for edit in edits(repo)] == [
        ("a.py", 3, 3),
        ("c.py", 1, git_edits.MOST_BYTES - 1),
    ]


def test_a_history_that_lacks_objects_is_no_history_without_edits(repo: Repo) -> None:
    repo.commit({"a.py": "1\n"})
    blob = repo.git("rev-parse", "HEAD:a.py")
    repo.commit({"a.py": "2\n"})
    (repo.root / ".git/objects" / blob[:2] / blob[2:]).unlink()
    with pytest.raises(ChangeError, match="lacks objects"):
        edits(repo)


def test_all_branches_are_read_and_merges_are_not(repo: Repo) -> None:
    first = repo.commit({"a.py": "1\n"})
    side = repo.branch("side").commit({"b.py": "1\n"})
    repo.git("checkout", "--quiet", "main")
    other = repo.commit({"c.py": "1\n"})
    repo.git("merge", "--quiet", "--no-ff", "-m", "a merge", "side")
    repo.git("checkout", "--quiet", "-b", "release", first)
    release = repo.commit({"d.py": "1\n"})
    assert set(commits_to_read(repo.root, 99)) == {first, side, other, release}
    assert len(commits_to_read(repo.root, 2)) == 2
