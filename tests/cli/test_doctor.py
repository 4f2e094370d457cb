"""``twiceshy doctor`` answers for a repository without any App: is my guard on, and why not."""

import os
from pathlib import Path

import pytest

from cli.test_commands import Command, command
from git_repository import Repo
from samples import LESSON, REGISTRY, RULE

__all__ = ["command"]  # a fixture is an argument wherever it is used


@pytest.fixture(autouse=True)
def _no_app(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    for name in [name for name in os.environ if name.startswith("TWICESHY_")]:
        monkeypatch.delenv(name)


def test_a_guard_that_is_on_says_what_it_guards_with_and_proves_it(
    command: Command, repo: Repo
) -> None:
    workflow = {".github/workflows/check.yml": "uses: twiceshy/twiceshy@v0\n"}
    repo.commit({**REGISTRY, **workflow, ".twiceshy.yml": "block_at: high\n"})
    fork = repo.git("rev-parse", "HEAD")[:12]
    repo.branch("topic").commit(
        {".twiceshy.yml": "nonsense: 1\n", "lessons/INC-245.md": "broken by the branch\n"}
    )
    code, out, err = command("doctor")
    assert (code, err) == (0, "")
    assert f"✔ base: main, which this branch left at {fork}" in out
    assert f"✔ settings: .twiceshy.yml of {fork}" in out
    assert "✔ registry: lessons/ and rules/ on the base: 2 files" in out
    assert "✔ lessons: 1 lesson (1 block), 1 rule" in out
    for part in ("semgrep", "parser", "cache"):
        assert f"✔ {part}: " in out
    assert "✔ started by: .github/workflows/check.yml" in out
    assert "✔ self-test: the failing code of INC-245, as if new, is found by rules" in out
    assert out.endswith("The guard is on.\n")


def test_a_branch_is_examined_with_the_lessons_that_hold_for_it_now(
    command: Command, repo: Repo
) -> None:
    repo.commit({"a.py": "x = 1\n", ".twiceshy.yml": "block_at: high\n"})
    repo.branch("topic").commit({"a.py": "x = 2\n"})
    repo.git("checkout", "--quiet", "main")
    learned = repo.commit(REGISTRY)
    repo.git("checkout", "--quiet", "topic")
    code, out, _ = command("doctor")
    assert (code, f"✔ settings: .twiceshy.yml of {learned[:12]}" in out) == (0, True)
    assert "✔ lessons: 1 lesson (1 block), 1 rule" in out


BLIND = RULE.replace("requests.post($URL, ...)", "requests.post(NOBODY, ...)")
SCAR_ONLY = LESSON.partition("```python bad")[0]


@pytest.mark.parametrize(
    ("files", "said"),
    [
        (
            {".twiceshy.yml": "registries: [{path: nope}]\n"},
            "✘ lessons: nothing guards: .twiceshy.yml: registry nope",
        ),
        ({".twiceshy.yml": "blok_at: high\n"}, "✘ settings: .twiceshy.yml:1: `blok_at`: unknown"),
        (
            {"lessons/a.md": "no front matter\n"},
            "✘ lessons: nothing guards: no lesson can be used of 1 file",
        ),
        (
            {"lessons/a.md": LESSON.replace("mode: block", "mode: draft")},
            "✘ lessons: nothing guards: of 1 lesson every",
        ),
    ],
)
def test_a_guard_that_is_off_says_why_and_what_to_do(
    command: Command, repo: Repo, files: dict[str, str], said: str
) -> None:
    repo.commit({"a.py": "x = 1\n", **files})
    code, out, _ = command("doctor")
    assert (code, out.splitlines()[-1]) == (2, "The guard is off.")
    line = next(number for number, text in enumerate(out.splitlines()) if text.startswith(said))
    assert out.splitlines()[line + 1].startswith("    ")  # what to do


def test_what_is_weak_is_named_and_the_guard_is_on(
    command: Command, repo: Repo, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    repo.commit({**REGISTRY, "lessons/broken.md": "no front matter\n"})
    code, out, _ = command("doctor")
    assert code == 0
    assert "! left out: lessons/broken.md:1: no front matter" in out
    assert f"! cache: {tmp_path / 'file' / 'twiceshy'} cannot be written" in out
    assert (
        "! started by: no workflow and no hook here; a GitHub App cannot be seen from here" in out
    )
    assert "The guard is on, " in out


def test_without_code_to_try_nothing_is_claimed(command: Command, repo: Repo) -> None:
    repo.commit({"lessons/INC-245.md": SCAR_ONLY})
    code, out, _ = command("doctor")
    assert (code, "! self-test: no lesson shows failing code to try" in out) == (0, True)


def test_a_guard_that_is_deaf_to_its_own_lessons_is_off(command: Command, repo: Repo) -> None:
    """Settings that ignore everything: every lesson is there, and nothing is ever looked at."""
    repo.commit({**REGISTRY, ".twiceshy.yml": "ignore: ['**']\n"})
    code, out, _ = command("doctor")
    assert (code, "✘ self-test: the failing code of INC-245, as if new, is not found" in out) == (
        2,
        True,
    )


def test_the_famous_incidents_guard_where_nobody_wrote_anything(
    command: Command, repo: Repo
) -> None:
    repo.commit({"a.py": "x = 1\n"})
    code, out, _ = command("doctor")
    assert code == 0
    assert "✔ registry: the famous incidents: " in out
    assert "✔ self-test: the failing code of " in out


def test_without_a_base_or_a_repository_it_says_where_to_go(
    command: Command, repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, out, _ = command("doctor")
    assert (code, "✘ base: no base to judge against" in out) == (2, True)
    monkeypatch.chdir(tmp_path)
    code, _, err = command("doctor")
    assert (
        code,
        "is not in a git repository: run it in the one that should be guarded" in err,
    ) == (2, True)


def test_the_app_is_examined_where_it_is_set_up(
    command: Command, repo: Repo, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    repo.commit({**REGISTRY})
    monkeypatch.setenv("TWICESHY_DATABASE_URL", f"sqlite:///{tmp_path / 'app.sqlite'}")
    code, out, _ = command("doctor")
    assert (code, "The guard is on" in out, "✘ webhook secret: not set" in out) == (1, True, True)
