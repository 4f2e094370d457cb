"""Green means looked at: what is no diff, and what is no registry, never ends a command with 0."""

import json
from pathlib import Path

import pytest

from cli.test_commands import Command, command
from git_repository import Repo
from samples import LESSON, REGISTRY, RENAMED, diff_of_new
from twiceshy import ChangeError, Guard

BROKEN = "no front matter\n"
__all__ = ["command"]  # a fixture is an argument wherever it is used

DRAFT = LESSON.replace("mode: block", "mode: draft")


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_SERVER_URL", "https://127.0.0.1:1")
    for name in ("CI", "GITHUB_ACTIONS"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def diff(repo: Repo) -> Path:
    path = repo.root.parent / "change.diff"
    path.write_text(diff_of_new("svc/hook.py", RENAMED))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
def test_a_diff_from_a_windows_shell_is_judged(
    command: Command, repo: Repo, diff: Path, encoding: str
) -> None:
    repo.write(REGISTRY)
    diff.write_bytes(diff.read_text().replace("\n", "\r\n").encode(encoding))
    code, out, _ = command("check", "--diff", str(diff), "--registry", ".", "--format", "json")
    assert (code, json.loads(out)["findings"][0]["path"]) == (1, "svc/hook.py")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (
            b" x.py | 2 +-\n 1 file changed, 1 insertion(+)\n",
            "this looks like the output of `git diff --stat`: give",
        ),
        (b"\x00\x01\x02", "this looks like binary data"),
        (b"garbage\n", "this is no diff that twiceshy understands"),
    ],
)
def test_what_is_no_diff_is_wrong_use(
    command: Command, repo: Repo, diff: Path, given: bytes, said: str
) -> None:
    repo.write(REGISTRY)
    diff.write_bytes(given)
    code, out, err = command("check", "--diff", str(diff), "--registry", ".")
    assert (code, out) == (2, "")
    assert err.startswith(f"twiceshy: {said}")


def test_an_empty_diff_is_said_and_is_no_mistake(command: Command, repo: Repo, diff: Path) -> None:
    repo.write(REGISTRY)
    diff.write_text("\n")
    said = "twiceshy: nothing was judged: the diff is empty\n"
    assert command("check", "--diff", str(diff), "--registry", ".") == (0, "", said)


def test_what_is_half_understood_is_at_best_neutral(
    command: Command, repo: Repo, diff: Path
) -> None:
    repo.write(REGISTRY)
    diff.write_text(diff_of_new("a.py", "x = 1\n") + "Only in new: b.py\n")
    code, out, _ = command("check", "--diff", str(diff), "--registry", ".", "--format", "json")
    report = json.loads(out)
    assert (code, report["conclusion"], report["problems"][0]["path"]) == (0, "neutral", "new/b.py")


def test_in_python_what_is_no_diff_is_an_error(repo: Repo) -> None:
    guard = Guard.load(repo.write(REGISTRY).root)
    with pytest.raises(ChangeError, match="git diff --stat"):
        guard.check(" x.py | 2 +-\n")
    assert guard.check("").conclusion == "success"
    assert guard.check(diff_of_new("a.py", "x\n") + "--- b/y").conclusion == "neutral"


@pytest.mark.parametrize(
    ("files", "said"),
    [
        (
            {".twiceshy.yml": "registries: [{path: nope}]\n"},
            ".twiceshy.yml: registry nope holds neither lessons/ nor rules/ on the base",
        ),
        ({".twiceshy.yml": "registries: [{path: lessons}]\n", **REGISTRY}, "did you mean .?"),
        (
            {".twiceshy.yml": "registries: [{repo: acme/lessons}]\n"},
            "clone it and name the folder with --registry",
        ),
        ({".twiceshy.yml": "block_at: high\n"}, "the registry holds no lesson"),
        ({"lessons/README.md": "how\n"}, "the registry holds no lesson"),
        (
            {"lessons/a.md": BROKEN, "lessons/b.md": BROKEN},
            "no lesson can be used of 2 files (the first: lessons/a.md:1:",
        ),
        (
            {
                "lessons/a.md": BROKEN,
                ".twiceshy.yml": "registries: [{path: .}, {builtin: famous}]\n",
            },
            "no lesson can be used of 1 file",
        ),
        ({"lessons/a.md": DRAFT}, "of 1 lesson every one is a draft or retired"),
    ],
)
def test_a_registry_that_guards_nothing_ends_the_check(
    command: Command, repo: Repo, files: dict[str, str], said: str
) -> None:
    repo.commit({"a.txt": "x\n", **files})
    repo.branch("topic").commit({"svc/hook.py": RENAMED})
    code, out, err = command("check", "--base", "main")
    assert (code, out) == (2, "")
    assert err.startswith("twiceshy: nothing guards: ")
    assert said in err
    assert command("sweep")[0] == 2
    drafts_alone = files.get("lessons/a.md") == DRAFT
    assert command("backtest")[0] == (0 if drafts_alone else 2)  # drafts can be tried


@pytest.mark.parametrize(
    ("folder", "said"),
    [
        ("lessons", "lessons holds neither lessons/ nor rules/: did you mean the folder above, "),
        ("lessons/2026", "did you mean the folder above, "),
        ("docs", "docs holds neither lessons/ nor rules/: give a folder that holds one of them"),
        ("tools", "did you mean tools/registry?"),
    ],
)
def test_a_registry_one_level_off_is_asked_about(
    command: Command, repo: Repo, folder: str, said: str
) -> None:
    files = {
        **REGISTRY,
        "lessons/2026/README.md": "x",
        "docs/a.md": "x",
        "tools/registry/lessons/a.md": LESSON,
    }
    repo.commit({**files, "a.py": "x\n"})
    repo.branch("topic").commit({"svc/hook.py": RENAMED})
    for words in (
        ("check", "--base", "main"),
        ("sweep",),
        ("backtest",),
        ("verify",),
        ("search", "x"),
        ("coverage",),
        ("relatives",),
    ):
        code, out, err = command(*words, "--registry", folder)
        assert (code, out) == (2, ""), words
        assert said in err


@pytest.mark.parametrize(
    "words",
    [("verify",), ("search", "partner"), ("relatives",), ("lint",), ("sweep",), ("backtest",)],
)
def test_no_other_command_takes_nothing_for_well(
    command: Command, repo: Repo, words: tuple[str, ...]
) -> None:
    repo.commit({".twiceshy.yml": "registries: [{path: nope}]\n", "a.py": "x = 1\n"})
    repo.commit({"a.py": "x = 2\n"})
    assert command(*words)[0] == 2


def test_a_place_that_is_not_there_is_loud_beside_one_that_is(command: Command, repo: Repo) -> None:
    repo.commit({**REGISTRY, ".twiceshy.yml": "registries: [{path: .}, {path: more/rules}]\n"})
    repo.branch("topic").commit({"svc/hook.py": RENAMED})
    code, out, _ = command("check", "--base", "main")
    assert code == 1
    said = "registry more/rules holds neither lessons/ nor rules/ on the base; did you mean more?"
    assert said in " ".join(out.split())
    assert "registry more/rules holds neither" in command("sweep")[2]


def test_one_sound_lesson_among_broken_ones_guards(command: Command, repo: Repo) -> None:
    repo.commit(
        {
            **REGISTRY,
            "lessons/broken.md": BROKEN,
            "lessons/draft.md": DRAFT.replace("INC-245", "INC-7"),
        }
    )
    repo.branch("topic").commit({"svc/hook.py": RENAMED})
    code, out, _ = command("check", "--base", "main")
    assert (code, "lessons/broken.md:1: no front matter" in " ".join(out.split())) == (1, True)
    code, _, err = command("sweep")
    assert (code, "left out: lessons/broken.md:1: no front matter" in err) == (1, True)
