"""A file's address on the web: known forges only, whole or not at all, and nothing of the
configuration is run.
"""

import pytest

from git_repository import Repo
from twiceshy.changes.web_address import file_address

GITHUB = "https://github.com/acme/shop/blob/c0ffee/lessons/INC-1.md"


@pytest.mark.parametrize(
    ("remote", "address"),
    [
        ("https://github.com/acme/shop.git", GITHUB),
        ("https://github.com/acme/shop/", GITHUB),
        ("https://x-access-token:s3cret@github.com/acme/shop", GITHUB),
        ("git@github.com:acme/shop.git", GITHUB),
        ("ssh://git@github.com:22/acme/shop.git", GITHUB),
        (
            "git@gitlab.com:acme/team/shop.git",
            "https://gitlab.com/acme/team/shop/-/blob/c0ffee/lessons/INC-1.md",
        ),
        ("https://git.acme.example/acme/shop.git", None),
        ("https://evil.example/github.com/acme/shop", None),
        ("/srv/git/shop.git", None),
        ("ext::sh -c touch% ran", None),
    ],
)
def test_of_a_remote(repo: Repo, remote: str, address: str | None) -> None:
    repo.git("remote", "add", "origin", remote)
    assert file_address(repo.root, "c0ffee", "lessons/INC-1.md") == address


def test_without_a_remote_or_a_repository(repo: Repo) -> None:
    repo.git("remote", "add", "upstream", "https://github.com/acme/other.git")
    assert file_address(repo.root, "c0ffee", "a.md") is None
    assert file_address(repo.root / "nowhere", "c0ffee", "a.md") is None


def test_odd_paths_stay_in_their_place(repo: Repo) -> None:
    repo.git("remote", "add", "origin", "https://github.com/acme/shop.git")
    assert (
        file_address(repo.root, "c0ffee", "lessons/a b?#\udcff.md")
        == "https://github.com/acme/shop/blob/c0ffee/lessons/a%20b%3F%23%3F.md"
    )


def test_another_work_tree_has_the_remote_of_the_first(repo: Repo) -> None:
    repo.git("remote", "add", "origin", "https://github.com/acme/shop.git")
    repo.commit({"a": "b\n"})
    repo.git("worktree", "add", "--quiet", "../second")
    assert file_address(repo.root.parent / "second", "c0ffee", "lessons/INC-1.md") == GITHUB
