"""Changes out of a diff, with and without the files it is about."""

import os
from contextlib import nullcontext
from pathlib import Path

import pytest

from changes.repositories import Scratch
from twiceshy.changes.change import Change
from twiceshy.changes.change_error import NotADiff
from twiceshy.changes.diff_file import change_from_diff, diff_file_change
from twiceshy.lessons.lesson import Problem

DIFF = "diff --git a/x.py b/x.py\n--- a/x.py\n+++ b/x.py\n@@ -1,2 +1,2 @@\n keep\n-old\n+new\n"
MISFIT = (
    "the file at hand is not the one the diff describes, so its hunks alone were judged: "
    "check out the diff's head"
)


def problems_of(change: Change) -> tuple[Problem, ...]:
    """All that was said of a change, as people read it."""
    return (*change.problems, *(unseen.problem for unseen in change.not_looked_at))


def read_all(change: Change, *paths: str) -> list[tuple[str | None, str | None]]:
    return [(change.read_base(path), change.read_head(path)) for path in paths]


def test_without_a_root_nothing_can_be_read() -> None:
    change = diff_file_change(DIFF)
    assert (len(change.files), problems_of(change)) == (1, ())
    assert read_all(change, "x.py") == [(None, None)]


def test_with_a_root_the_base_is_reckoned_back(tmp_path: Path) -> None:
    (tmp_path / "x.py").write_text("keep\nnew\nend\n")
    (tmp_path / "y.py").write_text("untouched\n")
    change = diff_file_change(DIFF.encode(), tmp_path)
    assert problems_of(change) == ()
    assert read_all(change, "x.py", "y.py", "z.py") == [
        ("keep\nold\nend\n", "keep\nnew\nend\n"),
        ("untouched\n", "untouched\n"),
        (None, None),
    ]


def test_the_base_read_off_a_diff_is_the_base_git_has(tmp_path: Path) -> None:
    repo = Scratch(tmp_path / "repo")
    text = "".join(f"line {number}\n" for number in range(30))
    before = {
        "moved.py": text,
        "edited.py": text.replace("\n", "\r\n"),
        "gone.py": "gone\n",
        "copied.py": text,
    }
    for path, content in before.items():
        repo.write(path, content.encode())
    base = repo.commit()
    repo.git("mv", "moved.py", "sub.py")
    repo.write("sub.py", text.replace("line 20\n", "line twenty\n"))
    repo.write(
        "edited.py",
        text.replace("line 3\n", "").replace("line 25", "x").replace("\n", "\r\n").encode(),
    )
    repo.write("moved.py", "something else\n")
    repo.write("copied.py", text + "more\n")
    repo.write("new.py", "new\n")
    (repo.root / "gone.py").unlink()
    repo.commit()
    change = diff_file_change(repo.git("diff", "-M", "-C", "-C", base, "HEAD") + "\n", repo.root)
    assert problems_of(change) == ()
    for path, content in before.items():
        assert change.read_base(path) == content, path
    assert [change.read_base(path) for path in ("sub.py", "new.py")] == [None, None]


def test_a_root_in_another_state_is_named_and_not_read(tmp_path: Path) -> None:
    (tmp_path / "x.py").write_text("keep\nold\n")
    change = diff_file_change(DIFF, tmp_path)
    assert problems_of(change) == (Problem("x.py", 0, MISFIT),)
    assert read_all(change, "x.py") == [(None, None)]


def test_a_file_that_is_not_under_the_root_is_named(tmp_path: Path) -> None:
    problem = Problem(
        "x.py", 0, f"there is no such file under {tmp_path}, so its hunks alone were judged"
    )
    assert problems_of(diff_file_change(DIFF, tmp_path)) == (problem,)


def test_a_large_file_is_named_and_not_read(tmp_path: Path) -> None:
    (tmp_path / "x.py").write_text("keep\nnew\n" * 1_200_000)
    change = diff_file_change(DIFF, tmp_path)
    message = (
        "10,800,000 bytes, the limit is 10,000,000 (max_file_bytes): its hunks alone were judged"
    )
    assert problems_of(change) == (Problem("x.py", 0, message),)
    assert change.read_head("x.py") is None


@pytest.mark.parametrize(
    "path",
    [
        "../secret",
        "link",
        "outside/secret",
        "folder",
        "pipe",
        ".git/config",
        "a\0b",
        "\ud800",
        "x" * 5000,
        "",
    ],
)
def test_only_regular_files_within_the_root_are_read(tmp_path: Path, path: str) -> None:
    (tmp_path / "secret").write_text("secret\n")
    root = tmp_path / "root"
    (root / "folder").mkdir(parents=True)
    (root / ".git").mkdir()
    (root / ".git" / "config").write_text("secret\n")
    (root / "link").symlink_to(tmp_path / "secret")
    (root / "outside").symlink_to(tmp_path)
    os.mkfifo(root / "pipe")
    change = diff_file_change(DIFF, root)
    assert change.read_head(path) is None
    assert change.read_head(str(tmp_path / "secret")) is None
    diff = f"--- a/{path}\n+++ b/{path}\n@@ -0,0 +1 @@\n+x\n"
    with (
        nullcontext()
        if path
        else pytest.raises(NotADiff, match="a file without a name is left out")
    ):
        diff_file_change(diff, root)


def test_binary_and_latin_files(tmp_path: Path) -> None:
    (tmp_path / "x.bin").write_bytes(b"\0")
    (tmp_path / "l.py").write_bytes(b"caf\xe9\n")
    change = diff_file_change(b"--- a/l.py\n+++ b/l.py\n@@ -1 +1 @@\n-x\n+caf\xe9\n", tmp_path)
    assert problems_of(change) == ()
    assert read_all(change, "l.py", "x.bin") == [("x\n", "caf\ufffd\n"), (None, None)]


def test_a_caller_s_reader_may_fail() -> None:
    change = change_from_diff(DIFF, lambda path: Path("/nowhere", path).read_text())
    assert problems_of(change) == ()
    assert read_all(change, "x.py") == [(None, None)]
    assert read_all(change_from_diff(DIFF, {"x.py": "keep\nnew\n"}.get), "x.py") == [
        ("keep\nold\n", "keep\nnew\n")
    ]


def test_a_diff_cut_in_half_keeps_what_is_whole(tmp_path: Path) -> None:
    (tmp_path / "x.py").write_text("keep\nnew\n")
    change = diff_file_change(DIFF[: DIFF.index("+new")], tmp_path)
    assert [problem.path for problem in problems_of(change)] == ["x.py"]
    assert [line.text for line in change.files[0].removed] == ["old"]
