"""The code of a repository elsewhere: fetched with git from a real one, and read as a host."""

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from git_over_https import GitServer, git_over_https
from git_repository import Repo
from twiceshy.changes import remote_git
from twiceshy.changes.git_host import MAX_HOST_FILE_BYTES, BareHostTree
from twiceshy.changes.remote_git import CannotFetch, NotReadable, RemoteAddress
from twiceshy.changes.remote_host import fetch_host

TOKEN = "ghs_right"
LARGE = "x = 1\n" * (MAX_HOST_FILE_BYTES // 6 + 1)


@pytest.fixture
def remote(tmp_path: Path) -> Repo:
    repo = Repo(tmp_path / "remote")
    repo.commit({"a.py": "one = 1\n"}, "first")
    repo.commit({"a.py": "two = 2\n", "b/c.py": "c = 3\n", "large.py": LARGE}, "second")
    return repo


@pytest.fixture
def served(remote: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[GitServer]:
    configuration = tmp_path / "gitconfig"
    configuration.write_text(f'[http]\n\tsslCAInfo = "{tmp_path / "certificate.pem"}"\n')
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(configuration))
    with git_over_https(tmp_path, TOKEN) as server:
        yield server


def address(server: GitServer) -> RemoteAddress:
    return RemoteAddress(f"{server.url}/remote/.git")


def texts(copy: Path) -> dict[str, str | None]:
    tree = BareHostTree(copy, copy.name, "remote")
    return {file.path: tree.text(file.blob) for file in tree.files().files}


@pytest.mark.parametrize("can_filter", ["true", "false"])
def test_the_last_commit_is_kept_whole_but_for_large_files(
    remote: Repo, served: GitServer, tmp_path: Path, can_filter: str
) -> None:
    remote.git("config", "uploadpack.allowFilter", can_filter)
    copy = fetch_host(address(served), tmp_path / "place", TOKEN)
    assert copy == tmp_path / "place" / remote.git("rev-parse", "HEAD")
    assert texts(copy) == {"a.py": "two = 2\n", "b/c.py": "c = 3\n"}
    has_large = BareHostTree(copy, copy.name, "")._git.info(f"{copy.name}:large.py") is not None
    assert has_large is (can_filter == "false")
    assert (copy / "config").read_text().count("[") == 1, "no remote is asked for what is not here"
    assert [path.name for path in copy.parent.iterdir()] == [copy.name]


def test_it_is_its_owners_alone_and_no_token_is_in_it(served: GitServer, tmp_path: Path) -> None:
    copy = fetch_host(address(served), tmp_path / "place", TOKEN)
    paths = [copy.parent, *copy.parent.rglob("*")]
    assert not [path for path in paths if stat.S_IMODE(path.stat().st_mode) & 0o077]
    written = b"".join(path.read_bytes() for path in paths if path.is_file())
    assert not any(secret.encode() in written for secret in (TOKEN, served.lets_in.split()[1]))


def test_what_has_not_moved_is_not_fetched_again(
    served: GitServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = fetch_host(address(served), tmp_path / "place", TOKEN)
    monkeypatch.setattr(remote_git.RemoteGit, "fetch", pytest.fail)
    assert fetch_host(address(served), tmp_path / "place", TOKEN) == first


def test_who_is_not_let_in_and_what_is_too_large_or_empty(
    remote: Repo, served: GitServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(NotReadable):
        fetch_host(address(served), tmp_path / "place", "ghs_wrong")
    Repo(tmp_path / "empty")
    with pytest.raises(CannotFetch, match="has no commit"):
        fetch_host(RemoteAddress(f"{served.url}/empty/.git"), tmp_path / "place", TOKEN)
    monkeypatch.setattr(remote_git, "MOST_BYTES", 10)
    with pytest.raises(CannotFetch, match="over 10 bytes"):
        fetch_host(address(served), tmp_path / "place", TOKEN)
    assert list((tmp_path / "place").iterdir()) == []


def test_a_copy_that_is_gone_or_damaged_has_no_text(served: GitServer, tmp_path: Path) -> None:
    copy = fetch_host(address(served), tmp_path / "place", TOKEN)
    tree = BareHostTree(copy, copy.name, "remote")
    blob = tree.files().files[0].blob
    copy.rename(tmp_path / "elsewhere")
    assert BareHostTree(copy, copy.name, "remote").text(blob) is None
