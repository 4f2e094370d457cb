"""Changes out of real repositories."""

import multiprocessing
import os
from pathlib import Path

import pytest

from changes.repositories import Scratch
from patience import HANG_SECONDS
from twiceshy.changes import git, git_trees
from twiceshy.changes.change import Change, FileChange, Status
from twiceshy.changes.change_error import ChangeError
from twiceshy.changes.git_objects import Object, Repository
from twiceshy.changes.git_process import fetch_git, run_git
from twiceshy.changes.not_looked_at import NotLookedAt, Unseen

TEXT = "".join(f"line {number}\n" for number in range(20))


@pytest.fixture
def repo(tmp_path: Path) -> Scratch:
    scratch = Scratch(tmp_path / "repo")
    scratch.write("app/pay.py", TEXT)
    scratch.commit("first")
    scratch.git("checkout", "--quiet", "-b", "work")
    return scratch


def files_of(change: Change) -> list[tuple[str, Status, str | None, list[str]]]:
    return [
        (file.path, file.status, file.old_path, [line.text for line in file.added])
        for file in change.files
    ]


def test_a_branch_is_held_against_where_it_left_its_base(repo: Scratch) -> None:
    repo.write("app/pay.py", TEXT + "mine\n")
    head = repo.commit()
    repo.git("checkout", "--quiet", "main")
    fork = repo.git("rev-parse", "HEAD")
    repo.write("theirs.py", "x\n")
    repo.commit()
    change = git.branch_change(repo.root, head="work")
    assert files_of(change) == [("app/pay.py", Status.MODIFIED, None, ["mine"])]
    assert (change.base, change.head, change.problems) == (fork, head, ())
    assert change.read_head("app/pay.py") == TEXT + "mine\n"
    assert change.read_base("app/pay.py") == TEXT
    assert change.read_head("theirs.py") is None


def test_a_range_names_both_ends(repo: Scratch) -> None:
    first = repo.git("rev-parse", "HEAD")
    repo.write("b.py", "b\n")
    second = repo.commit()
    repo.write("c.py", "c\n")
    repo.commit()
    for base, head in (
        (f"{first}..{second}", None),
        (first, second),
        (f"{first}...{second}", None),
    ):
        assert files_of(git.branch_change(repo.root, base, head)) == [
            ("b.py", Status.ADDED, None, ["b"])
        ]


def test_the_default_base_is_what_origin_s_head_says(repo: Scratch, tmp_path: Path) -> None:
    clone = Scratch(tmp_path / "clone")
    clone.git("remote", "add", "origin", str(repo.root))
    clone.git("fetch", "--quiet", "origin", "+main:refs/remotes/origin/trunk")
    clone.git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/trunk")
    clone.git("reset", "--quiet", "--hard", "origin/trunk")
    clone.write("b.py", "b\n")
    clone.commit()
    assert files_of(git.branch_change(clone.root)) == [("b.py", Status.ADDED, None, ["b"])]


def test_renamed_copied_deleted_and_chmodded_files(repo: Scratch) -> None:
    repo.write("gone.py", "gone\n")
    repo.write("run.sh", "echo\n")
    base = repo.commit()
    repo.git("mv", "app/pay.py", "app/charge money.py")
    repo.write("app/charge money.py", TEXT + "more\n")
    (repo.root / "gone.py").unlink()
    (repo.root / "run.sh").chmod(0o755)
    repo.commit()
    change = git.branch_change(repo.root, base)
    assert files_of(change) == [
        ("app/charge money.py", Status.RENAMED, "app/pay.py", ["more"]),
        ("gone.py", Status.DELETED, None, []),
        ("run.sh", Status.MODIFIED, None, []),
    ]
    assert change.read_base("app/pay.py") == TEXT
    assert change.read_head("app/pay.py") is None


@pytest.mark.parametrize(
    "name",
    [
        "a b.py",
        "caf\u00e9.py",
        'q"uote.py',
        "tab\there.py",
        "new\nline.py",
        "x b/y.py",
        "back\\slash.py",
        "\udcff.py",
        "-n.py",
    ],
)
def test_awkward_names(repo: Scratch, name: str) -> None:
    repo.write(name, "one\n")
    repo.commit()
    change = git.branch_change(repo.root, "main")
    assert files_of(change) == [(name, Status.ADDED, None, ["one"])]
    assert change.read_head(name) == "one\n"


def test_crlf_no_newline_and_stray_bytes(repo: Scratch) -> None:
    repo.write("dos.py", b"one\r\ntwo")
    repo.write("latin.py", b"caf\xe9\n")
    repo.commit()
    change = git.branch_change(repo.root, "main")
    assert [line.text for file in change.files for line in file.added] == [
        "one",
        "two",
        "caf\ufffd",
    ]
    assert (change.read_head("dos.py"), change.read_head("latin.py")) == (
        "one\r\ntwo",
        "caf\ufffd\n",
    )


def test_nothing_changed_is_an_empty_change(repo: Scratch) -> None:
    assert git.branch_change(repo.root, "main").files == ()


def test_links_submodules_folders_and_outside_paths_have_no_text(
    repo: Scratch, tmp_path: Path
) -> None:
    inner = Scratch(tmp_path / "inner")
    inner.commit()
    (repo.root / "link.py").symlink_to("/etc/passwd")
    (repo.root / "folder").symlink_to("app")
    repo.git(
        "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(inner.root), "sub"
    )
    repo.commit()
    change = git.branch_change(repo.root, "main")
    assert {file.path: (file.binary, file.submodule) for file in change.files} == {
        ".gitmodules": (False, False),
        "folder": (True, False),
        "link.py": (True, False),
        "sub": (False, True),
    }
    for path in (
        "link.py",
        "sub",
        "app",
        "folder/pay.py",
        "../repo/app/pay.py",
        "/etc/passwd",
        "./app/pay.py",
        "",
        "a\ud800",
    ):
        assert change.read_head(path) is None
    assert change.read_head("app/pay.py") == TEXT


def test_a_branch_cannot_hide_its_lines_with_attributes(repo: Scratch) -> None:
    repo.write(".gitattributes", "*.py -diff\n*.js binary\n")
    repo.write("app/pay.py", TEXT + "evil\n")
    repo.write("x.js", "evil\n")
    repo.commit()
    change = git.branch_change(repo.root, "main")
    assert [(file.path, file.binary) for file in change.files] == [
        (".gitattributes", False),
        ("app/pay.py", False),
        ("x.js", False),
    ]
    assert not list((repo.root / ".git").glob("twiceshy*"))


def test_nothing_of_the_repository_s_is_run_or_changes_the_diff(
    repo: Scratch, tmp_path: Path
) -> None:
    mark = tmp_path / "ran"
    script = tmp_path / "script"
    script.write_text(f"#!/bin/sh\ntouch {mark}\n")
    script.chmod(0o755)
    for name in (
        "diff.external",
        "diff.evil.command",
        "diff.evil.textconv",
        "filter.evil.clean",
        "core.fsmonitor",
        "core.pager",
    ):
        repo.git("config", name, str(script))
    repo.write("app/pay.py", TEXT + "more\n")
    repo.commit()
    for name, value in (
        ("diff.noprefix", "true"),
        ("diff.mnemonicPrefix", "true"),
        ("diff.context", "0"),
        ("color.ui", "always"),
        ("diff.renames", "false"),
        ("diff.interHunkContext", "9"),
    ):
        repo.git("config", name, value)
    mark.unlink(missing_ok=True)
    repo.write(".git/info/attributes", "*.py diff=evil filter=evil\n")
    change = git.branch_change(repo.root, "main")
    assert files_of(change) == [("app/pay.py", Status.MODIFIED, None, ["more"])]
    assert len(change.files[0].hunks[0].lines) == 4
    assert not mark.exists()


def test_a_linked_work_tree_is_a_repository_too(repo: Scratch, tmp_path: Path) -> None:
    repo.write("b.py", "b\n")
    repo.commit()
    repo.git("worktree", "add", "--quiet", "--detach", str(tmp_path / "linked"), "work")
    assert files_of(git.branch_change(tmp_path / "linked", "main")) == [
        ("b.py", Status.ADDED, None, ["b"])
    ]


def test_large_and_hidden_files_are_named_and_images_are_not(repo: Scratch) -> None:
    repo.write("two.py", "x = 1\n" * 400_000)
    repo.write("eleven.py", "x = 1\n" * 1_900_000)
    repo.write("nul.js", b"/*\0*/ evil()\n")
    repo.write("pixels.png", b"\0" * 2_100_000)
    repo.commit()
    change = git.branch_change(repo.root, "main")
    large = "not inspected: 11,400,000 bytes, the limit is 10,000,000"
    assert change.not_looked_at == (
        NotLookedAt(Unseen.FILE_TOO_LARGE, "eleven.py", large, "11.4 MB"),
        NotLookedAt(
            Unseen.NOT_TEXT,
            "nul.js",
            "not inspected: it holds a NUL byte, so git takes it for binary",
        ),
    )
    assert [change.read_head(path) for path in ("eleven.py", "nul.js", "pixels.png")] == [None] * 3
    assert len(change.read_head("two.py") or "") == 2_400_000, (
        "whether that is too large is a setting"
    )


def test_text_that_replaces_a_binary_file_is_named(repo: Scratch) -> None:
    repo.write("x.py", b"\0")
    base = repo.commit()
    repo.write("x.py", "evil()\n")
    repo.commit()
    message = "not inspected: it was binary or very large at base, so git shows no lines of it"
    assert git.branch_change(repo.root, base).not_looked_at == (
        NotLookedAt(Unseen.NO_PATCH, "x.py", message),
    )


def test_a_diff_beyond_reason_is_refused(repo: Scratch, monkeypatch: pytest.MonkeyPatch) -> None:
    repo.write("b.py", "b\n" * 100)
    repo.commit()
    monkeypatch.setattr("twiceshy.changes.diff.MAX_DIFF", 100)
    with pytest.raises(ChangeError, match="check it in parts"):
        git.branch_change(repo.root, "main")


def test_what_is_staged_and_not_what_lies_about(repo: Scratch) -> None:
    repo.write("app/pay.py", TEXT + "staged\n")
    repo.git("add", "app/pay.py")
    repo.write("app/pay.py", TEXT + "unstaged\n")
    repo.write("new.py", "untracked\n")
    change = git.staged_change(repo.root)
    assert files_of(change) == [("app/pay.py", Status.MODIFIED, None, ["staged"])]
    assert (change.base, change.head) == (repo.git("rev-parse", "HEAD"), "staged")
    assert change.read_head("app/pay.py") == TEXT + "staged\n"
    assert change.read_base("app/pay.py") == TEXT
    assert change.read_head("new.py") is None
    repo.git("add", "new.py")
    assert git.staged_change(repo.root).read_head("new.py") == "untracked\n"


def test_what_is_staged_before_the_first_commit(tmp_path: Path) -> None:
    repo = Scratch(tmp_path)
    repo.write("a.py", "a\n")
    (repo.root / "link").symlink_to("a.py")
    repo.git("add", "--all")
    change = git.staged_change(repo.root)
    assert files_of(change) == [
        ("a.py", Status.ADDED, None, ["a"]),
        ("link", Status.ADDED, None, ["a.py"]),
    ]
    assert change.base == ""
    assert [change.read_head("a.py"), change.read_head("link"), change.read_base("a.py")] == [
        "a\n",
        None,
        None,
    ]


def test_a_check_starts_five_processes(
    repo: Scratch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo.write("b.py", "b\n")
    repo.write("app/pay.py", TEXT + "more\n")
    repo.commit()
    log = tmp_path / "log"
    shim = tmp_path / "bin" / "git"
    shim.parent.mkdir()
    real = next(
        place
        for folder in os.environ["PATH"].split(":")
        if (place := Path(folder) / "git").exists()
    )
    shim.write_text(f'#!/bin/sh\necho "$@" >> {log}\nexec {real} "$@"\n')
    shim.chmod(0o755)
    monkeypatch.setenv("PATH", f"{shim.parent}:{os.environ['PATH']}")
    root = git.repository_root(repo.root / "app")
    assert root == repo.root
    change = git.branch_change(repo.root, "main")
    assert [change.read_head(file.path) for file in change.files] == [TEXT + "more\n", "b\n"]
    git_trees.tree_id(repo.root, change.base, "lessons")
    assert len(log.read_text().splitlines()) == 5


def test_a_registry_is_read_out_of_a_commit(repo: Scratch) -> None:
    repo.write("lessons/INC-1.md", "one\n")
    repo.write("lessons/deep/INC 2.md", "two\n")
    (repo.root / "lessons" / "link.md").symlink_to("INC-1.md")
    commit = repo.commit()
    assert git_trees.tree_id(repo.root, commit, "lessons") == repo.git("rev-parse", "HEAD:lessons")
    assert git_trees.tree_id(repo.root, commit, "nowhere") is None
    files = git_trees.tree_files(repo.root, commit, "lessons")
    rows = [(row.path, row.mode, row.size) for row in files]
    assert rows[:2] == [("lessons/INC-1.md", "100644", 4), ("lessons/deep/INC 2.md", "100644", 4)]
    assert rows[2][:2] == ("lessons/link.md", "120000")
    ids = [row.blob for row in files[:2]]
    assert git_trees.read_blobs(repo.root, [*ids, "0" * 40]) == {ids[0]: b"one\n", ids[1]: b"two\n"}
    assert len(git_trees.tree_files(repo.root, commit, "")) == 4


def test_names_git_gives_up_on_do_not_end_the_conversation(repo: Scratch) -> None:
    head = repo.git("rev-parse", "HEAD")
    for name in (
        "HEAD:../x",
        "nope",
        "--help",
        "a\nb",
        "a\0b",
        "\ud800",
        "",
        ":/(",
        "HEAD@{99999999}",
    ):
        assert git.resolve(repo.root, name) is None
        assert git.resolve(repo.root, "HEAD") == head
    assert git_trees.tree_id(repo.root, head, "../..") is None
    assert git_trees.tree_files(repo.root, "--help", "x") == []


def test_no_repository(tmp_path: Path) -> None:
    assert git.repository_root(tmp_path) is None
    assert git.repository_root(tmp_path / "missing") is None
    message = (
        f"{tmp_path} is not in a git repository: run it in one, or give a diff with --diff FILE"
    )
    for act in (git.branch_change, git.staged_change):
        with pytest.raises(ChangeError) as caught:
            act(tmp_path)
        assert str(caught.value) == message


def test_no_commits(tmp_path: Path) -> None:
    with pytest.raises(ChangeError) as caught:
        git.branch_change(Scratch(tmp_path).root)
    said = (
        "this repository has no commits yet: commit something, or judge what is staged with "
        "--staged"
    )
    assert str(caught.value) == said


@pytest.mark.parametrize(
    ("base", "said"),
    [
        (
            "mian",
            (
                "--base mian does not exist here; did you mean main? Otherwise fetch it "
                "with: git fetch origin mian"
            ),
        ),
        ("v9.9.9", "--base v9.9.9 does not exist here; fetch it with: git fetch origin v9.9.9"),
        (
            "origin/x;y",
            "--base origin/x;y does not exist here; fetch it with: git fetch origin "
            "'+x;y:refs/remotes/origin/x;y'",
        ),
        (
            "--upload-pack=evil",
            "--base '--upload-pack=evil' is no name of a commit: none begins with a dash",
        ),
    ],
)
def test_a_base_that_does_not_exist(repo: Scratch, base: str, said: str) -> None:
    with pytest.raises(ChangeError) as caught:
        git.branch_change(repo.root, base)
    assert str(caught.value) == said


def test_no_base_at_all(repo: Scratch) -> None:
    repo.git("branch", "--move", "main", "trunk")
    with pytest.raises(ChangeError) as caught:
        git.branch_change(repo.root)
    assert str(caught.value) == (
        "no base to judge against: none of origin/HEAD, origin/main, origin/master, "
        "main, master exists here. Give one "
        "with --base REF, or fetch one: `git fetch origin "
        "+main:refs/remotes/origin/main`; in GitHub Actions give "
        "actions/checkout `fetch-depth: 0`"
    )


def test_a_shallow_clone_is_told_what_to_fetch(repo: Scratch, tmp_path: Path) -> None:
    repo.write("b.py", "b\n")
    repo.commit()
    repo.git("checkout", "--quiet", "main")
    repo.commit("main goes on")
    clone = tmp_path / "clone"
    repo.git(
        "clone", "--quiet", "--depth=1", "--no-single-branch", f"file://{repo.root}", str(clone)
    )
    with pytest.raises(ChangeError) as caught:
        git.branch_change(clone, "origin/main", "origin/work")
    assert str(caught.value) == (
        "this clone is shallow and does not reach back to where the change left "
        "origin/main. Run `git fetch --unshallow`, "
        "or `git fetch --deepen=100 origin main` until it does; in GitHub Actions give "
        "actions/checkout `fetch-depth: 0`"
    )
    fetch_git(clone, "--unshallow")
    assert files_of(git.branch_change(clone, "origin/main", "origin/work")) == [
        ("b.py", Status.ADDED, None, ["b"])
    ]


def test_histories_without_a_common_commit(repo: Scratch) -> None:
    repo.git("checkout", "--quiet", "--orphan", "other")
    repo.commit()
    with pytest.raises(ChangeError) as caught:
        git.merge_base(repo.root, "main", "other")
    assert (
        str(caught.value)
        == "main and the change have no history in common: give another base with --base REF"
    )


def test_git_that_is_not_installed(
    repo: Scratch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    for act in (lambda: git.repository_root(repo.root), lambda: Repository(repo.root).info("HEAD")):
        with pytest.raises(ChangeError) as caught:
            act()
        assert (
            str(caught.value) == "git is not installed: install it, or give a diff with --diff FILE"
        )


def test_git_that_takes_too_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shim = tmp_path / "git"
    shim.write_text("#!/bin/sh\nexec sleep 30\n")
    shim.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with pytest.raises(ChangeError) as caught:
        run_git(tmp_path, "diff", timeout=0.1)
    assert str(caught.value) == (
        "git diff took over 0.1 s and was stopped: is the repository on a slow or unreachable disk?"
    )
    monkeypatch.setattr("twiceshy.changes.git_objects.TIMEOUT_SECONDS", 0.1)
    monkeypatch.delenv("TWICESHY_PATIENCE")
    with pytest.raises(ChangeError, match="git cat-file took over"):
        Repository(tmp_path).info("HEAD")


def test_a_repository_of_somebody_else_s_is_named(
    repo: Scratch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shim = tmp_path / "bin" / "git"
    shim.parent.mkdir()
    shim.write_text(
        '#!/bin/sh\necho "fatal: detected dubious ownership; git config --add '
        'safe.directory" >&2; exit 128\n'
    )
    shim.chmod(0o755)
    monkeypatch.setenv("PATH", f"{shim.parent}:{os.environ['PATH']}")
    with pytest.raises(ChangeError, match="another user owns it"):
        git.repository_root(repo.root)


def test_the_file_values_are_whole(repo: Scratch) -> None:
    repo.write("empty.py", "")
    repo.commit()
    assert git.branch_change(repo.root, "main").files == (FileChange("empty.py", Status.ADDED),)


def asked_in_a_fork(root: Path, name: str) -> list[Object | None]:
    return [Repository.at(root).info(name) for _ in range(300)]


def test_a_forked_process_does_not_read_the_answers_to_its_parents_questions(repo: Scratch) -> None:
    """They would share one pipe: each would wait for what the other has read, or take it for its own."""
    repo.write("a.py", "x = 1\n")
    repo.write("b.py", "y = 22\n")
    repo.commit()
    names = ["HEAD:a.py", "HEAD:b.py", "HEAD", "HEAD^{tree}"]
    wanted = [Repository.at(repo.root).info(name) for name in names]
    with multiprocessing.get_context("fork").Pool(len(names)) as pool:
        answers = pool.starmap_async(asked_in_a_fork, [(repo.root, name) for name in names])
        assert [set(each) for each in answers.get(HANG_SECONDS)] == [{each} for each in wanted]
    assert [Repository.at(repo.root).info(name) for name in names] == wanted
