"""Which registries a check works with, the same for every road; what lies elsewhere is fetched, or
named and no green.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from cli.test_commands import Command, command
from git_repository import Repo
from samples import LESSON, REGISTRY, RENAMED
from twiceshy import Guard, workspace
from twiceshy.changes import remote_registry
from twiceshy.changes.remote_git import CannotFetch, RemoteAddress
from twiceshy.changes.remote_registry import FetchedRegistry, fetch_registry
from twiceshy.lessons.sources import Folder
from twiceshy.service.sandbox.launcher import RegistryRef
from twiceshy.verdicts.settings import RegistrySetting, Settings
from twiceshy.verdicts.sharing import Share
from twiceshy.workspace import Workspace, address_of, token

__all__ = ["command"]  # a fixture is an argument wherever it is used

ELSEWHERE = "registries: [{repo: acme/lessons}]\n"
NOT_USED = "registry acme/lessons was not used: it could not be fetched, or its owner has not"

Remote = Callable[[dict[str, str]], Repo]


@pytest.fixture
def remote(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Remote:
    """A repository that stands for acme/lessons at GitHub, and no job around us."""
    for name in ("CI", "GITHUB_ACTIONS", "GITHUB_TOKEN", "GH_TOKEN", "GITHUB_EVENT_PATH"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    def made(files: dict[str, str]) -> Repo:
        lessons = Repo(tmp_path / "lessons")
        lessons.commit(files)
        place = RemoteAddress(lessons.root.as_uri(), protocol="file")
        monkeypatch.setattr(workspace, "address_of", lambda _: place)
        return lessons

    return made


@pytest.fixture
def change(repo: Repo) -> Repo:
    repo.commit({".twiceshy.yml": ELSEWHERE, "a.txt": "x\n"})
    repo.branch("topic").commit({"svc/hook.py": RENAMED})
    return repo


def in_a_job(
    monkeypatch: pytest.MonkeyPatch, folder: Path, visibility: str, closed: bool = True
) -> None:
    """An Action of acme/shop; ``closed``: nobody gets the registry without credentials."""
    repository = {"full_name": "acme/shop", "id": 7, "visibility": visibility}
    event = folder / "event.json"
    event.write_text(json.dumps({"repository": repository}))
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_REPOSITORY", "acme/shop")
    monkeypatch.setenv("GITHUB_EVENT_PATH", str(event))
    if closed:
        monkeypatch.setattr(remote_registry, "fetch_registry", _fetch_with_credentials)


def _fetch_with_credentials(
    remote: RemoteAddress, cache: Path, token: str, seconds: float
) -> FetchedRegistry:
    return replace(fetch_registry(remote, cache, token, seconds), public=False)


def test_the_command_line_guards_with_a_registry_of_another_repository(
    command: Command, change: Repo, remote: Remote
) -> None:
    remote(REGISTRY)
    code, out, _ = command("check", "--base", "main", "--format", "json")
    report = json.loads(out)
    assert code == 1
    assert {finding["lesson"]["id"] for finding in report["findings"]} == {"INC-245"}
    assert report["problems"] == []
    assert "INC-245" in command("search", "partner")[1]


def test_a_registry_that_cannot_be_had_is_named_and_no_green(
    command: Command, repo: Repo, remote: Remote, monkeypatch: pytest.MonkeyPatch
) -> None:
    remote({"README.md": "x\n"})
    monkeypatch.setattr(workspace, "address_of", address_of)
    monkeypatch.setenv("GITHUB_SERVER_URL", "https://127.0.0.1:1")
    both = "registries: [{repo: acme/lessons}, {builtin: famous}]\n"
    repo.commit({".twiceshy.yml": both, "a.txt": "x\n"})
    repo.branch("topic").commit({"a.txt": "y\n"})
    code, out, _ = command("check", "--base", "main", "--format", "json")
    report = json.loads(out)
    assert (code, report["conclusion"]) == (0, "neutral")
    [problem] = report["problems"]
    assert problem["path"] == "acme/lessons"
    assert problem["message"].startswith("registry acme/lessons could not be fetched: ")


def test_a_registry_without_lessons_is_named_and_no_green(
    command: Command, change: Repo, remote: Remote
) -> None:
    remote({"README.md": "x\n"})
    code, out, err = command("check", "--base", "main")
    assert (code, out) == (2, "")
    assert "nothing guards: acme/lessons: registry acme/lessons gave no lessons" in err


@pytest.mark.parametrize(
    ("visibility", "share", "shown"),
    [
        ("private", "", None),
        ("private", "share: [{to: acme/*, as: text}]\n", "A slow partner"),
        ("private", "share: [{to: acme/*, as: id}]\n", "INC-245"),
        ("public", "share: [{to: acme/*, as: text}]\n", None),
        ("unknown", "share: [{to: acme/*, as: text}]\n", "INC-245"),
    ],
)
def test_a_job_s_log_shows_what_the_registry_s_owner_shares(
    command: Command,
    change: Repo,
    remote: Remote,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    visibility: str,
    share: str,
    shown: str | None,
) -> None:
    remote({**REGISTRY, ".twiceshy.yml": share})
    in_a_job(monkeypatch, tmp_path, visibility)
    code, out, err = command("check", "--base", "main", "--explain")
    if shown is None:
        assert (code, out) == (2, "")
        assert NOT_USED in err
        return
    assert code == 1
    assert shown in out
    title = Guard.load(change.write(REGISTRY).root).index.lesson("INC-245")
    assert title
    assert (title.title in out) == (shown != "INC-245")


def test_commands_that_show_lessons_do_not_use_what_shows_ids_alone(
    command: Command,
    change: Repo,
    remote: Remote,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    remote({**REGISTRY, ".twiceshy.yml": "share: [{to: acme/*, as: id}]\n"})
    in_a_job(monkeypatch, tmp_path, "private")
    for words in (("search", "partner"), ("sweep",), ("verify",), ("relatives",)):
        code, out, err = command(*words)
        assert (code, out) == (2, ""), words
        assert NOT_USED in err


def test_a_public_registry_is_shown_in_every_job(
    command: Command,
    change: Repo,
    remote: Remote,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    remote(REGISTRY)
    in_a_job(monkeypatch, tmp_path, "public", closed=False)
    code, out, _ = command("check", "--base", "main", "--format", "json")
    assert (code, json.loads(out)["findings"][0]["lesson"]["title"] != "") == (1, True)


def test_a_broken_registry_that_shows_ids_alone_is_not_quoted(
    command: Command,
    change: Repo,
    remote: Remote,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    remote({"lessons/secret.md": "x\n", ".twiceshy.yml": "share: [{to: acme/*, as: id}]\n"})
    in_a_job(monkeypatch, tmp_path, "private")
    code, out, err = command("check", "--base", "main")
    assert (code, out) == (2, "")
    assert "secret" not in err


def test_the_app_and_the_command_line_choose_alike(tmp_path: Path) -> None:
    """No registry and no settings: the famous incidents; settings say otherwise."""
    famous = Workspace.from_copies((), None)
    assert famous.sources[0].label == Workspace.from_folder(tmp_path, Settings()).sources[0].label
    named = Workspace.from_copies((), ELSEWHERE)
    assert named.sources == ()
    assert [missing.problem.path for missing in named.not_looked_at] == ["acme/lessons"]


def test_a_copy_that_shows_ids_alone_is_withheld(tmp_path: Path) -> None:
    Repo(tmp_path / "copy").write(REGISTRY)
    copy = RegistryRef(str(tmp_path / "copy"), "https://x/acme/l", "acme/l:", "acme/l", Share.ID)
    chosen = Workspace.from_copies((copy,), "registries: [{repo: acme/l}]\n")
    assert [registry.prefix for registry in chosen.withheld] == ["acme/l:"]
    assert chosen.not_looked_at == ()
    assert chosen.without_withheld().sources == ()


def test_settings_that_cannot_be_used_are_named_and_the_defaults_hold() -> None:
    chosen = Workspace.from_copies((), "block_at: never\n")
    assert chosen.settings == Settings()
    assert "so the defaults hold" in str(chosen.problems[-1])


def test_a_token_is_taken_from_the_environment_when_it_can_be_one() -> None:
    assert token({"GITHUB_TOKEN": "a", "GH_TOKEN": "b"}) == "a"
    assert token({"GITHUB_TOKEN": "a\nb: c", "GH_TOKEN": "b"}) == "b"
    assert token({}) == ""


def test_registries_lie_at_github_or_where_the_job_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    setting = RegistrySetting(repo="acme/lessons", ref="next")
    monkeypatch.delenv("GITHUB_SERVER_URL", raising=False)
    assert address_of(setting) == RemoteAddress("https://github.com/acme/lessons.git", "next")
    monkeypatch.setenv("GITHUB_SERVER_URL", "http://git.acme.example")
    with pytest.raises(CannotFetch, match="no https address"):
        address_of(setting)


def test_a_guard_is_told_that_its_registry_changed(tmp_path: Path) -> None:
    folder = Repo(tmp_path / "registry").write(REGISTRY).root
    guard = Guard((Folder(folder),), cache=tmp_path / "cache")
    assert not guard.renew((Folder(folder),))
    (folder / "lessons" / "more.md").write_text(LESSON.replace("INC-245", "INC-7"))
    assert guard.renew((Folder(folder),))
    assert guard.index.lesson("INC-7")
    assert guard.renew((Folder(folder),), Settings(max_comments=1))
    assert guard.settings.max_comments == 1
