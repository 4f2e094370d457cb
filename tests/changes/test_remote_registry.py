"""A registry of another repository: fetched with git from a real one, and kept as a copy."""

import json
import subprocess
import time
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest

from git_over_https import git_over_https
from git_repository import Repo
from samples import REGISTRY
from twiceshy.changes import remote_git, remote_registry
from twiceshy.changes.remote_git import NOT_READABLE, CannotFetch, RemoteAddress
from twiceshy.changes.remote_registry import FetchedRegistry, fetch_registry
from twiceshy.lessons.kept_registry import KeptRegistry

SETTINGS = "share: [{to: acme/*, as: id}]\n"


@pytest.fixture
def remote(tmp_path: Path) -> Repo:
    lessons = Repo(tmp_path / "remote")
    lessons.commit({**REGISTRY, ".twiceshy.yml": SETTINGS, "src/app.py": "x = 1\n"})
    return lessons


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def address(repo: Repo, ref: str | None = None) -> RemoteAddress:
    return RemoteAddress(repo.root.as_uri(), ref, protocol="file")


def age(cache: Path) -> None:
    """As if the last question had been asked an hour ago."""
    for file in cache.glob("registries/*/state.json"):
        state = json.loads(file.read_text())
        file.write_text(json.dumps({**state, "asked_at": time.time() - 3_600}))


def files_of(fetched: FetchedRegistry) -> dict[str, bytes | object]:
    assert fetched.folder
    copy = KeptRegistry(fetched.folder, "acme/lessons", "acme/lessons:")
    return dict(copy.read(copy.files()))


def test_lessons_and_rules_are_copied_and_nothing_else(remote: Repo, cache: Path) -> None:
    fetched = fetch_registry(address(remote), cache)
    files = {f"acme/lessons:{path}": text.encode() for path, text in REGISTRY.items()}
    assert files_of(fetched) == files
    assert (fetched.public, fetched.default_branch, fetched.settings) == (True, True, SETTINGS)
    assert not list(cache.rglob("app.py"))
    assert not list(cache.glob("registries/*/.*")), "what was needed to fetch is gone"
    assert all(not path.stat().st_mode & 0o077 for path in cache.glob("registries/**/*"))


def test_a_copy_is_fresh_for_minutes_and_then_asked_about(
    remote: Repo, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = fetch_registry(address(remote), cache)
    remote.commit({"lessons/more.md": "more\n"})
    assert fetch_registry(address(remote), cache) == first
    age(cache)
    second = fetch_registry(address(remote), cache)
    assert "acme/lessons:lessons/more.md" in files_of(second)
    age(cache)
    monkeypatch.setattr(remote_registry._Fetch, "_fetch", pytest.fail)
    assert fetch_registry(address(remote), cache) == second, "an unchanged remote is only asked"


def test_another_branch_is_read_and_the_consent_of_the_default_one(
    remote: Repo, cache: Path
) -> None:
    remote.branch("next").commit({"lessons/next.md": "n\n", ".twiceshy.yml": "share: []\n"})
    remote.git("tag", "-a", "v1", "-m", "one")
    remote.git("checkout", "--quiet", "main")
    for ref in ("next", "v1", remote.git("rev-parse", "next")):
        fetched = fetch_registry(address(remote, ref), cache)
        assert "acme/lessons:lessons/next.md" in files_of(fetched), ref
        assert (fetched.default_branch, fetched.settings) == (False, SETTINGS)
    assert fetch_registry(address(remote, "main"), cache).default_branch


def test_a_repository_without_lessons_is_there_and_gives_no_folder(
    tmp_path: Path, cache: Path
) -> None:
    empty = Repo(tmp_path / "empty")
    empty.commit({"README.md": "x\n"})
    assert fetch_registry(address(empty), cache).folder is None


@pytest.mark.parametrize("ref", ["nope", "--upload-pack=touch x", "a:b", "+main", "a..b", "x*"])
def test_a_ref_that_is_not_there_or_is_none(remote: Repo, cache: Path, ref: str) -> None:
    with pytest.raises(CannotFetch):
        fetch_registry(address(remote, ref), cache)


def test_what_cannot_be_read_and_what_is_not_https(
    tmp_path: Path, remote: Repo, cache: Path
) -> None:
    with pytest.raises(CannotFetch, match="does not"):
        fetch_registry(RemoteAddress((tmp_path / "none").as_uri(), protocol="file"), cache)
    with pytest.raises(CannotFetch, match="transport 'file' not allowed"):
        fetch_registry(RemoteAddress(remote.root.as_uri()), cache)


def test_git_that_was_not_let_in_is_told_in_one_sentence() -> None:
    said = "fatal: could not read Username for 'https://github.com': terminal prompts disabled\n"
    assert remote_git._why(said, 128) == NOT_READABLE
    assert remote_git._why("remote: anything\nfatal: bad object\n", 128) == "bad object"
    assert remote_git._why("remote: anything\n", 128) == "git ended with 128"


def test_a_cache_in_the_repository_that_is_judged_is_not_used(
    repo: Repo, remote: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(repo.root)
    with pytest.raises(CannotFetch, match="lies in the repository that is judged"):
        fetch_registry(address(remote), repo.root / ".cache")


def test_time_and_bytes_are_bounded(
    remote: Repo, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remote_git, "MOST_BYTES", 10)
    with pytest.raises(CannotFetch, match="over 10 bytes"):
        fetch_registry(address(remote), cache)
    with pytest.raises(CannotFetch, match="it took over 0 s"):
        fetch_registry(address(remote), cache, seconds=0)


def test_links_and_odd_files_are_left_out_and_named(remote: Repo, cache: Path) -> None:
    (remote.root / "lessons" / "link.md").symlink_to("/etc/passwd")
    remote.commit({"lessons/binary.md": b"a\0b", "lessons/large.md": "x" * 1_000_001})
    files = files_of(fetch_registry(address(remote), cache))
    why = {path: getattr(content, "why", "") for path, content in files.items()}
    assert "not followed" in why["acme/lessons:lessons/link.md"]
    assert "not text" in why["acme/lessons:lessons/binary.md"]
    assert "split the file" in why["acme/lessons:lessons/large.md"]


def test_no_hook_of_the_environment_s_repository_is_touched(
    repo: Repo, remote: Repo, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hook runs with git's places in its environment, a server's with a quarantine."""
    repo.commit({"a.py": "x\n"})
    quarantine = repo.root / ".git" / "quarantine"
    quarantine.mkdir()
    monkeypatch.setenv("GIT_DIR", str(repo.root / ".git"))
    monkeypatch.setenv("GIT_OBJECT_DIRECTORY", str(quarantine))
    monkeypatch.setenv("GIT_QUARANTINE_PATH", str(quarantine))
    assert fetch_registry(address(remote), cache).folder
    assert not list(quarantine.iterdir())


def test_a_token_is_in_no_command_line_file_or_message(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = "ghp_0123456789secret"
    secrets = (token, b64encode(f"x-access-token:{token}".encode()).decode())
    started: list[tuple[list[str], dict[str, str]]] = []
    popen = subprocess.Popen

    def recorded(command: list[str], **options: Any) -> Any:
        if "ls-remote" in command:
            started.append((command, options["env"]))
        return popen(command, **options)

    monkeypatch.setattr(subprocess, "Popen", recorded)
    unreachable = RemoteAddress("https://127.0.0.1:1/acme/lessons.git")
    with pytest.raises(CannotFetch) as error:
        fetch_registry(unreachable, cache, token)
    assert [sum(secrets[1] in value for value in env.values()) for _, env in started] == [0, 1]
    assert not any(secret in " ".join(command) for command, _ in started for secret in secrets)
    assert not any(secret in str(error.value) for secret in secrets)
    written = b"".join(path.read_bytes() for path in cache.rglob("*") if path.is_file())
    assert not any(secret.encode() in written for secret in secrets)
    scope = "http.https://127.0.0.1:1/.extraHeader"
    assert scope in started[1][1].values(), "the token is for that server alone"


def test_a_token_opens_a_closed_registry_over_https_and_a_wrong_one_does_not(
    remote: Repo, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    served = tmp_path / "served"
    remote.git("clone", "--quiet", "--bare", ".", str(served / "acme" / "lessons.git"))
    configuration = tmp_path / "gitconfig"
    configuration.write_text(f'[http]\n\tsslCAInfo = "{served / "certificate.pem"}"\n')
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(configuration))
    with git_over_https(served, "ghp_right") as server:
        closed = RemoteAddress(f"{server.url}/acme/lessons.git")
        with pytest.raises(CannotFetch, match=NOT_READABLE):
            fetch_registry(closed, cache, "ghp_wrong")
        fetched = fetch_registry(closed, cache, "ghp_right")
        assert server.lets_in in server.shown
    assert not fetched.public
    names = [name.removeprefix("acme/lessons:") for name in files_of(fetched)]
    assert sorted(names) == ["lessons/INC-245.md", "rules/inc-245.yaml"]
