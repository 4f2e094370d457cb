"""Nothing of a pull request is run: every command, in a checkout full of traps, in a job that looks
into it.
"""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from git_repository import Repo
from pipeline.traps import Traps
from samples import FAILING, FIXED, REGISTRY, RENAMED
from twiceshy.changes.change import Status
from twiceshy.github.pulls import ChangedFile
from twiceshy.guards.semgrep import binary
from twiceshy.guards.semgrep.core import Engine, Target
from twiceshy.lessons.rule_files import read_rules
from twiceshy.service.sandbox.launcher import JudgeRequest, environment, judge_apart

TWICESHY = (sys.executable, "-I", "-m", "twiceshy")


@pytest.fixture
def traps(repo: Repo, tmp_path: Path) -> Traps:
    """A branch that brings the incident back, and traps with it; checked out."""
    return trapped(repo, tmp_path, {})


def trapped(repo: Repo, tmp_path: Path, staged: Mapping[str, str]) -> Traps:
    repo.commit(REGISTRY)
    repo.commit({"services/pay/client.py": FAILING})
    repo.commit({"services/pay/client.py": FIXED}, "Give the partner three seconds")
    traps = Traps(repo, tmp_path / "marks")
    repo.branch("topic")
    traps.commit({"svc/hook.py": RENAMED, "svc/legacy.py": RENAMED})
    repo.write(staged)
    repo.git("add", "--all")
    traps.configure()
    return traps


def run(traps: Traps, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        (*TWICESHY, *words),
        cwd=traps.repo.root,
        env=traps.environment(**more),
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_traps_work(traps: Traps) -> None:
    """Without care they are sprung: what follows can fail."""
    env = traps.environment()
    subprocess.run(
        [sys.executable, "-c", "import json"],
        cwd=traps.repo.root,
        env=env,
        capture_output=True,
        check=False,
    )
    subprocess.run(
        ["sh", "-c", "git status"], cwd=traps.repo.root, env=env, capture_output=True, check=False
    )
    git = [
        "/bin/sh",
        "-c",
        "unset GIT_CONFIG_PARAMETERS; PATH=/usr/bin:/bin; git diff; touch svc/hook.py; git add "
        "svc; git log",
    ]
    subprocess.run(git, cwd=traps.repo.root, env=env, capture_output=True, check=False)
    assert {"encodings", "sh", "GIT_CONFIG_COUNT", "process"} <= set(traps.sprung)


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("check", "--base", "main", "--format", "json"), 1, '"conclusion": "failure"'),
        (
            ("check", "--base", "main", "--format", "json", "--explain"),
            1,
            '"conclusion": "failure"',
        ),
        (("learn", "main", "--id", "INC-900"), 0, "INC-900.md"),
        (("verify",), 0, "INC-245"),
        (("backtest",), 0, "INC-245"),
        (("sweep",), 1, "svc/hook.py"),
        (("autopsy", "main"), 0, "INC-245"),
        (("lint",), 0, ""),
        (("coverage",), 0, "1 lesson"),
        (("relatives",), 0, ""),
        (("search", "partner"), 0, "INC-245"),
        (("demo",), 0, "The merge is blocked"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_a_command_runs_nothing_of_the_checkout(
    traps: Traps, words: tuple[str, ...], code: int, said: str
) -> None:
    done = run(traps, *words)
    assert (traps.sprung, done.returncode) == ([], code), done.stderr + done.stdout
    assert said in done.stdout + done.stderr


@pytest.mark.parametrize("words", [("--staged",), ("--diff", "-", "--root", ".")])
def test_staged_work_and_a_diff_file_run_nothing_either(
    traps: Traps, words: tuple[str, ...]
) -> None:
    done = run(traps, "check", *words)
    assert (traps.sprung, done.returncode) == ([], 0), done.stderr


@pytest.mark.parametrize("words", [("--worktree",), ("--staged",), ("--hook", "pre-commit")])
def test_uncommitted_work_runs_nothing_either(
    repo: Repo, tmp_path: Path, words: tuple[str, ...]
) -> None:
    traps = trapped(repo, tmp_path, {"svc/new.py": RENAMED})
    traps.repo.write({"svc/hook.py": RENAMED + "\n\n" + RENAMED})
    done = run(traps, "check", *words)
    assert (traps.sprung, done.returncode) == ([], 1), done.stderr


def test_the_installed_command_runs_no_program_of_the_checkout(traps: Traps) -> None:
    """Its own Python was started before it: PYTHON* variables are the business of whoever starts
    it.
    """
    env = {
        name: value for name, value in traps.environment().items() if not name.startswith("PYTHON")
    }
    script = Path(sys.executable).parent / "twiceshy"
    done = subprocess.run(
        [str(script), "check", "--base", "main"],
        cwd=traps.repo.root,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (traps.sprung, done.returncode) == ([], 1), done.stderr


def test_the_slow_road_over_semgrep_scan_runs_nothing_either(
    traps: Traps, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(traps.repo.root)
    for name, value in traps.environment().items():
        monkeypatch.setenv(name, value)
    engine = Engine(binary.Semgrep(None, binary.find().scan))
    rules = read_rules(REGISTRY["rules/inc-245.yaml"], "rules/inc-245.yaml").rules
    files = [
        Target(path, text, frozenset({"python"}))
        for path, text in traps.files().items()
        if path.endswith(".py")
    ]
    ran = engine.run(rules, [Target("svc/hook.py", RENAMED, frozenset({"python"})), *files])
    assert [match.path for match in ran.matches] == ["svc/hook.py"]
    assert traps.sprung == []


def test_the_judging_process_of_the_app_runs_nothing_and_knows_no_secret(
    traps: Traps, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(traps.repo.root)
    for name, value in traps.environment(TWICESHY_GITHUB_WEBHOOK_SECRET="s").items():
        monkeypatch.setenv(name, value)
    files = tuple(
        ChangedFile(path, Status.ADDED, None, "@@ -0,0 +1,1 @@\n+x = 1")
        for path in ("json.py", "encodings/__init__.py")
    )
    case = JudgeRequest(
        files,
        {"json.py": "x = 1\n"},
        None,
        "",
        "a",
        "b",
        (),
        "https://github.com/a/b",
        (),
        (),
        (),
        "cache",
    )
    judge_apart(case)
    assert traps.sprung == []
    assert "TWICESHY_GITHUB_WEBHOOK_SECRET" not in environment()


def test_a_bare_repository_inside_the_checkout_is_not_taken_for_one(
    repo: Repo, tmp_path: Path
) -> None:
    """Its files are ordinary files of a pull request, its configuration would be git's."""
    traps = Traps(repo, tmp_path / "marks")
    repo.commit({"a.txt": "a\n"})
    inner = repo.root / "inner"
    repo.git("init", "--quiet", "--bare", str(inner))
    with (inner / "config").open("a") as stream:
        stream.write(traps.configuration() + "[core]\n\tbare = false\n\tworktree = ..\n")
    done = subprocess.run(
        (*TWICESHY, "check", "--base", "main"),
        cwd=inner,
        env=traps.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (traps.sprung, done.returncode) == ([], 2), done.stdout
    assert "Traceback" not in done.stderr


def test_replaced_objects_do_not_hide_a_change(repo: Repo) -> None:
    """refs/replace can be pushed by anybody who may push."""
    repo.commit({**REGISTRY, "services/pay/client.py": FIXED})
    repo.branch("topic").commit({"svc/hook.py": RENAMED})
    blob = repo.git("rev-parse", "HEAD:svc/hook.py")
    repo.git("replace", blob, repo.git("hash-object", "-w", "--stdin"))
    done = subprocess.run(
        (*TWICESHY, "check", "--base", "main", "--format", "json"),
        cwd=repo.root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert json.loads(done.stdout)["conclusion"] == "failure"
