"""Files that no registry should hold: each is one problem with its name, and all others guard."""

import os
import subprocess
from pathlib import Path

import pytest

from git_repository import WHO, Repo
from samples import LESSON, REGISTRY, RENAMED, diff_of_new
from twiceshy.changes.registry_tree import TreeSource
from twiceshy.lessons.sources import Folder, Source
from twiceshy.verdicts.guard import Guard
from twiceshy.verdicts.verdict import Conclusion

POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12345\n"
BOMB = (
    "---\na: &a [x, x, x, x, x, x, x, x]\n"
    + "".join(
        (
            f"{after}: &{after} [*{before}, *{before}, *{before}, *{before}, *{before}, "
            f"*{before}, *{before}, *{before}]\n"
        )
        for before, after in zip("abcdefgh", "bcdefghi", strict=True)
    )
    + "---\n"
)
TEXTS = {
    "pointer": (POINTER, "a Git LFS pointer"),
    "bomb": (BOMB, "over 100,000 values"),
    "recursive": ("---\na: &a [*a]\n---\n", "over 100,000 values"),
    "deep": (f"---\na: {'[' * 5_000}\n---\n", "levels"),
    "number": (f"---\nid: {'9' * 5_000}\n---\n", "title"),
    "large": ("x" * 50_000_000, "over 1,000,000 bytes"),
    "empty": ("", "no front matter"),
    "empty front": ("---\n---\n", "lessons/INC-9.md:1: "),
}


def index_file(repo: Repo, mode: str, path: bytes, content: bytes) -> None:
    """Put a file into the index under a name and a mode that no file system need hold."""
    env = {**os.environ, **WHO}
    blob = subprocess.run(
        ["git", "hash-object", "-w", "--stdin"],
        input=content,
        cwd=repo.root,
        env=env,
        capture_output=True,
        check=True,
    ).stdout.strip()
    row = f"{mode} {blob.decode()}\t".encode() + path + b"\0"
    subprocess.run(
        ["git", "update-index", "-z", "--index-info"], input=row, cwd=repo.root, env=env, check=True
    )


def guards_all_the_same(source: Source, expected: str) -> None:
    guard = Guard((source,))
    report = guard.check(diff_of_new("a.py", RENAMED), lambda _: RENAMED)
    assert report.conclusion is Conclusion.FAILURE
    lines = [str(problem) for problem in guard.problems]
    assert any(expected in line for line in lines), lines


@pytest.mark.parametrize("what", TEXTS)
def test_a_bad_file_is_one_problem(tmp_path: Path, what: str) -> None:
    text, problem = TEXTS[what]
    for name, content in {**REGISTRY, "lessons/INC-9.md": text}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(content)
    guards_all_the_same(Folder(tmp_path), problem)


@pytest.mark.parametrize(
    ("mode", "path", "problem"),
    [
        ("120000", b"lessons/link.md", "a link or a submodule"),
        ("100644", b"lessons/" + b"n" * 300 + b".md", "no front matter"),
        ("100644", b"lessons/" + b"/".join([b"f" * 200] * 25) + b"/x.md", "no front matter"),
        ("100644", b"lessons/\xff\xfe.md", "\\udcff\\udcfe.md:1: no front matter"),
        ("100644", b"lessons/a\nb.md", "no front matter"),
        ("100644", b"lessons/CON.md", "no front matter"),
        ("100644", b"lessons/dot..md", "no front matter"),
    ],
    ids=["link", "long", "deep", "not UTF-8", "line end", "device", "dots"],
)
def test_a_bad_name_in_a_commit_is_one_problem(
    repo: Repo, mode: str, path: bytes, problem: str
) -> None:
    repo.commit(REGISTRY)
    index_file(repo, mode, path, b"lessons/INC-245.md")
    repo.git("commit", "--quiet", "-m", "odd")
    guards_all_the_same(TreeSource(repo.root, repo.git("rev-parse", "HEAD")), problem)


def source_now(repo: Repo) -> TreeSource:
    return TreeSource(repo.root, repo.git("rev-parse", "HEAD"))


@pytest.mark.parametrize("linked", ["rules", "lessons/payments"])
def test_a_folder_that_is_a_link_is_named_in_a_commit_and_on_disk(repo: Repo, linked: str) -> None:
    """Its rules would be gone without a word, and every check green."""
    repo.commit({name: text for name, text in REGISTRY.items() if name.startswith("lessons/")})
    before = source_now(repo).identity()
    (repo.root.parent / "elsewhere").mkdir()
    (repo.root / linked).symlink_to(repo.root.parent / "elsewhere")
    repo.commit({})
    assert source_now(repo).identity() != before, "a kept index knows nothing of it"
    for source in (source_now(repo), Folder(repo.root)):
        guard = Guard((source,))
        assert guard.index.lesson_ids() == ("INC-245",)
        assert f"{linked}: a link or a submodule, which is not followed" in str(guard.problems[0])


def test_a_commit_whose_folders_are_links_is_not_without_a_registry(repo: Repo) -> None:
    """The famous incidents would guard in its place."""
    (repo.root / "lessons").symlink_to("elsewhere")
    repo.commit({"a.txt": "x\n"})
    assert not source_now(repo).empty


def test_names_that_differ_in_case_alone_are_two_files(repo: Repo) -> None:
    repo.commit(REGISTRY)
    index_file(repo, "100644", b"lessons/inc-245.md", LESSON.replace("INC-245", "INC-9").encode())
    repo.git("commit", "--quiet", "-m", "odd")
    assert Guard((TreeSource(repo.root, repo.git("rev-parse", "HEAD")),)).index.lesson_ids() == (
        "INC-245",
        "INC-9",
    )


def test_a_large_file_of_a_commit_is_named_and_not_read(repo: Repo) -> None:
    repo.commit({**REGISTRY, "rules/large.yaml": "x" * 1_100_000})
    guards_all_the_same(
        TreeSource(repo.root, repo.git("rev-parse", "HEAD")),
        "rules/large.yaml: over 1,000,000 bytes",
    )


def test_a_folder_s_name_that_is_no_utf_8_is_one_problem(tmp_path: Path) -> None:
    for name, content in REGISTRY.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(content)
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/lessons/\xff.md")).write_text("?")
    guards_all_the_same(Folder(tmp_path), "lessons/\\udcff.md:1: no front matter")
