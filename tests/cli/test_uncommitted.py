"""What is not committed yet, and what git hooks are about: judged, or said not to be."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from git_repository import WHO, Repo
from samples import FIXED, REGISTRY, RENAMED
from twiceshy.changes.change import Status
from twiceshy.changes.git_worktree import worktree_change
from twiceshy.changes.not_looked_at import Unseen
from twiceshy.cli import hooks
from twiceshy.cli.main import run

TWICESHY = f"{sys.executable} -I -m twiceshy"
ZERO = "0" * 40


@pytest.fixture
def shop(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> Repo:
    """A repository with a lesson, on a branch that changes nothing yet."""
    repo.commit({**REGISTRY, "services/pay/client.py": FIXED, ".gitignore": "ignored/\n"})
    monkeypatch.chdir(repo.root)
    return repo.branch("topic")


def report(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, dict[str, Any], str]:
    capsys.readouterr()
    code = run(["check", "--format", "json", *words])
    out, err = capsys.readouterr()
    return code, json.loads(out), err


def places(values: dict[str, Any]) -> list[str]:
    return sorted({finding["path"] for finding in values["findings"]})


def test_uncommitted_work_is_judged_staged_or_not_tracked_or_new(
    shop: Repo, capsys: pytest.CaptureFixture[str]
) -> None:
    shop.write({"svc/staged.py": RENAMED, "svc/new name\n.py": RENAMED, "ignored/x.py": RENAMED})
    shop.git("add", "svc/staged.py")
    shop.write({"services/pay/client.py": FIXED.replace(", timeout=(3.05, 10)", "")})
    before = shop.git("status", "--porcelain"), shop.git("count-objects", "-v")
    code, values, err = report(capsys, "--worktree")
    assert (code, err) == (1, "")
    assert places(values) == ["services/pay/client.py", "svc/new name\n.py", "svc/staged.py"]
    assert (shop.git("status", "--porcelain"), shop.git("count-objects", "-v")) == before


def test_lessons_and_settings_are_those_of_head(
    shop: Repo, capsys: pytest.CaptureFixture[str]
) -> None:
    shop.write(
        {
            "svc/new.py": RENAMED,
            "lessons/INC-245.md": None,
            "rules/inc-245.yaml": None,
            ".twiceshy.yml": "ignore: ['**']\n",
        }
    )
    code, values, _ = report(capsys, "--worktree")
    assert (code, "svc/new.py" in places(values)) == (1, True)


def test_a_work_tree_s_change_is_whole(shop: Repo) -> None:
    shop.commit(
        {
            "gone.py": "a\n",
            "moved.py": "".join(f"line {number}\n" for number in range(20)),
            "link": "x\n",
        }
    )
    shop.write({"gone.py": None, "empty.py": ""})
    (shop.root / "moved.py").rename(shop.root / "there.py")
    (shop.root / "run.sh").write_text("echo\n")
    (shop.root / "run.sh").chmod(0o755)
    (shop.root / "link").unlink()
    (shop.root / "link").symlink_to("/etc/hostname")
    (shop.root / "outside").symlink_to("/etc")
    os.utime(shop.root / ".gitignore")
    change = worktree_change(shop.root)
    assert [(file.path, file.status, file.old_path) for file in change.files] == [
        ("empty.py", Status.ADDED, None),
        ("gone.py", Status.DELETED, None),
        ("run.sh", Status.ADDED, None),
        ("there.py", Status.RENAMED, "moved.py"),
    ]
    assert (change.read_head("run.sh"), change.read_base("gone.py")) == ("echo\n", "a\n")
    assert (change.base, change.head) == (shop.git("rev-parse", "HEAD"), "work tree")


def test_what_was_not_looked_at_of_uncommitted_work_is_never_green(
    shop: Repo, capsys: pytest.CaptureFixture[str]
) -> None:
    shop.write({"svc/large.py": "x = 1\n" * 1_700_000, "dump.bin": "x" * 10_000_001})
    change = worktree_change(shop.root)
    assert [(part.reason, part.subject, part.figure) for part in change.not_looked_at] == [
        (Unseen.FILE_TOO_LARGE, "svc/large.py", "10.2 MB")
    ]
    assert [problem.path for problem in change.problems] == ["dump.bin"]
    assert report(capsys, "--worktree")[1]["conclusion"] == "neutral"
    shop.write({"svc/large.py": None, "dump.bin": None, "svc/hidden.py": "x = 1\n\0\n"})
    code, values, _ = report(capsys, "--worktree")
    assert (code, values["conclusion"]) == (0, "neutral")
    assert "it holds a NUL byte" in values["problems"][0]["message"]


def test_a_file_that_is_gone_from_a_repository_with_long_names(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "new")
    repo.git("init", "--quiet", "--object-format=sha256", str(tmp_path / "long"))
    long = tmp_path / "long"
    (long / "gone.py").write_text("a\n")
    for words in (["add", "."], ["commit", "--quiet", "-m", "one"]):
        subprocess.run(["git", *words], cwd=long, env={**os.environ, **WHO}, check=True)
    (long / "gone.py").unlink()
    assert [(file.path, file.status) for file in worktree_change(long).files] == [
        ("gone.py", Status.DELETED)
    ]


def test_uncommitted_work_before_the_first_commit(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "new").write({"a.py": "a\n"})
    change = worktree_change(repo.root)
    assert [(file.path, file.status) for file in change.files] == [("a.py", Status.ADDED)]
    assert change.base == ""


def test_a_branch_equal_to_its_base_and_a_dirty_tree_are_said_not_to_be_judged(
    shop: Repo, capsys: pytest.CaptureFixture[str]
) -> None:
    nothing = "nothing was judged: HEAD changes nothing of its base"
    code, values, err = report(capsys, "--base", "main")
    assert (code, err, [problem["message"] for problem in values["problems"]]) == (
        0,
        f"twiceshy: {nothing}\n",
        [nothing],
    )
    shop.write({"svc/new.py": RENAMED})
    beside = "uncommitted work in 1 file; `twiceshy check --worktree` judges it"
    assert report(capsys, "--base", "main")[2] == f"twiceshy: {nothing}; there is {beside}\n"
    assert (
        report(capsys, "--staged")[2]
        == f"twiceshy: nothing was judged: nothing is staged; there is {beside}\n"
    )
    shop.git("add", "svc")
    shop.git("commit", "--quiet", "-m", "the incident")
    assert report(capsys, "--base", "main")[2] == ""
    shop.write({"svc/newer.py": RENAMED})
    code, _, err = report(capsys, "--base", "main")
    assert (code, err) == (1, f"twiceshy: not judged: {beside}\n")
    shop.git("stash", "--include-untracked")
    assert (
        report(capsys, "--worktree")[2]
        == "twiceshy: nothing was judged: there is no uncommitted work\n"
    )


def test_ways_to_name_a_change_exclude_each_other(
    shop: Repo, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["check", "--worktree", "--staged"]) == 2
    assert "--staged and --worktree each name a change: give one of them" in capsys.readouterr().err
    assert run(["check", "--hook", "pre-commit", "--staged"]) == 2
    assert "--hook finds out what to judge" in capsys.readouterr().err


def test_pre_commit_s_range_is_judged_and_without_one_the_index(
    shop: Repo, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    head = shop.commit({"svc/hook.py": RENAMED})
    code, values, _ = report(capsys, "--hook", "pre-commit")
    assert (code, values["head"]) == (0, "staged")
    monkeypatch.setenv("PRE_COMMIT_FROM_REF", "main")
    monkeypatch.setenv("PRE_COMMIT_TO_REF", "HEAD")
    code, values, _ = report(capsys, "--hook", "pre-commit")
    assert (code, values["head"], places(values)) == (1, head, ["svc/hook.py"])
    monkeypatch.delenv("PRE_COMMIT_FROM_REF")
    monkeypatch.delenv("PRE_COMMIT_TO_REF")
    monkeypatch.setenv("PRE_COMMIT_REMOTE_BRANCH", "refs/heads/topic")
    monkeypatch.setenv("PRE_COMMIT_LOCAL_BRANCH", "refs/heads/topic")
    code, values, _ = report(capsys, "--hook", "pre-commit")
    assert (code, "svc/hook.py" in places(values), values["base"]) == (1, True, "")


def hooked(folder: Path, name: str, words: str) -> None:
    hook = folder / "hooks" / name
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\nexec {TWICESHY} check {words}\n")
    hook.chmod(0o755)


def push(repo: Repo, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["git", "push", "origin", *words],
        cwd=repo.root,
        env={**os.environ, **WHO},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def server(shop: Repo, tmp_path: Path) -> Path:
    folder = tmp_path / "server.git"
    shop.git("init", "--quiet", "--bare", "--initial-branch=main", str(folder))
    shop.git("remote", "add", "origin", str(folder))
    return folder


def test_a_push_is_held_up_by_git_s_own_pre_push_hook(shop: Repo, server: Path) -> None:
    hooked(shop.root / ".git", "pre-push", "--hook pre-push")
    assert push(shop, "main").returncode == 0
    shop.commit({"svc/hook.py": RENAMED})
    done = push(shop, "topic", "topic:other")
    assert (done.returncode, done.stdout.count("BLOCKS INC-245")) == (1, 1)
    shop.commit({"svc/hook.py": FIXED})
    assert push(shop, "topic").returncode == 0
    done = push(shop, "--delete", "topic")
    assert (done.returncode, "nothing is pushed but deletions" in done.stderr) == (0, True)


def test_the_first_push_of_all_there_is_is_judged_whole(shop: Repo, server: Path) -> None:
    hooked(shop.root / ".git", "pre-push", "--hook pre-push")
    shop.commit({"svc/hook.py": RENAMED})
    done = push(shop, "topic")
    assert (done.returncode, "svc/hook.py:5" in done.stdout) == (1, True), done.stderr


def test_a_server_refuses_a_push_and_its_lessons_are_those_of_its_own_branch(
    shop: Repo, server: Path
) -> None:
    assert push(shop, "main").returncode == 0
    hooked(server, "pre-receive", "--hook pre-receive")
    shop.commit(
        {
            "lessons/INC-245.md": None,
            "rules/inc-245.yaml": None,
            ".twiceshy.yml": "ignore: ['**']\n",
        }
    )
    assert push(shop, "topic").returncode == 0
    shop.commit({"svc/hook.py": RENAMED})
    done = push(shop, "topic", "topic:other")
    assert (done.returncode, "BLOCKS INC-245" in done.stderr) == (1, True), done.stderr
    shop.commit({"svc/hook.py": FIXED})
    done = push(shop, "topic")
    assert done.returncode == 0, done.stderr
    assert push(shop, "--delete", "topic").returncode == 0


def test_an_empty_server_takes_a_first_push_judged_whole(shop: Repo, server: Path) -> None:
    hooked(server, "pre-receive", "--hook pre-receive")
    done = push(shop, "main")
    assert done.returncode == 0, done.stderr
    assert "fault of twiceshy" not in done.stderr


def test_a_bare_repository_is_judged_when_it_is_named(
    shop: Repo, server: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.commit({"svc/hook.py": RENAMED})
    push(shop, "main", "topic")
    monkeypatch.chdir(server)
    assert run(["check", "--base", "main", "--head", "topic"]) == 2
    assert "For a bare repository set GIT_DIR to it" in capsys.readouterr().err
    monkeypatch.setenv("GIT_DIR", str(server))
    assert report(capsys, "--base", "main", "--head", "topic")[0] == 1
    assert run(["check", "--worktree"]) == 2
    assert "has no work tree: judge commits with --base and --head" in capsys.readouterr().err


def test_lines_that_no_hook_gets_are_refused(shop: Repo) -> None:
    done = subprocess.run(
        [*TWICESHY.split(), "check", "--hook", "pre-push"],
        cwd=shop.root,
        input=f"{ZERO} {ZERO} refs/heads/x\n",
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, "no line of a pre-push hook" in done.stderr) == (2, True)


def test_of_more_refs_than_are_read_none_is_judged(
    shop: Repo, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    line = f"refs/heads/x {ZERO} refs/heads/x {ZERO}\n".encode()
    monkeypatch.setattr(hooks, "MAX_BYTES", len(line))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(line * 2)))
    assert run(["check", "--hook", "pre-push"]) == 2
    assert "none was judged: push fewer" in capsys.readouterr().err
