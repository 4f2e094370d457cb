"""The action's steps, run for real: its own scripts in a shell, a simulated event, outputs read
back.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from git_over_https import git_over_https
from git_repository import WHO, Repo
from pipeline.traps import Traps
from samples import FIXED, REGISTRY, RENAMED

ROOT = Path(__file__).parents[2]
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text())
INPUT = re.compile(r"\$\{\{ inputs\.([a-z-]+) \}\}")


class Runner:
    """Runs the action's second step as GitHub would; what the first installs is the packages the
    tests already have.
    """

    def __init__(self, folder: Path) -> None:
        self.temp = folder / "temp"
        home = self.temp / "twiceshy"
        (home / "bin").mkdir(parents=True)
        (home / "bin" / "python").symlink_to(Path(sys.executable).resolve())
        (home / "bin" / "twiceshy").touch(0o755)
        (home / "lib").symlink_to(Path(sys.prefix) / "lib")
        (home / "pyvenv.cfg").write_text(f"home = {Path(sys.executable).resolve().parent}\n")
        self.output, self.summary = folder / "output", folder / "summary"

    def run(
        self,
        checkout: Path,
        event: dict[str, Any],
        env: Mapping[str, str] | None = None,
        **inputs: str,
    ) -> subprocess.CompletedProcess[str]:
        (self.temp / "event.json").write_text(json.dumps(event))
        self.output.write_text("")
        given = {name: str(value["default"]) for name, value in ACTION["inputs"].items()}
        given |= {name.replace("_", "-"): value for name, value in inputs.items()}
        step = ACTION["runs"]["steps"][1]
        more = env or {}
        env = {
            name: INPUT.sub(lambda match: given[match[1]], value)
            for name, value in step["env"].items()
        }
        env["ACTION_PATH"] = str(ROOT)
        files = {
            "GITHUB_OUTPUT": self.output,
            "GITHUB_STEP_SUMMARY": self.summary,
            "RUNNER_TEMP": self.temp,
            "GITHUB_EVENT_PATH": self.temp / "event.json",
        }
        return subprocess.run(
            ["/bin/bash", "-e", "-c", step["run"]],
            cwd=checkout,
            capture_output=True,
            text=True,
            check=False,
            env={
                **os.environ,
                **WHO,
                **more,
                **env,
                **{name: str(path) for name, path in files.items()},
            },
        )

    def install(
        self, checkout: Path, env: Mapping[str, str], first: Path | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Runs the first step, with a package index that is not there."""
        shutil.rmtree(self.temp / "twiceshy")
        self.output.write_text("")
        path = ":".join(filter(None, (str(first or ""), env["PATH"])))
        return subprocess.run(
            ["/bin/bash", "-e", "-c", ACTION["runs"]["steps"][0]["run"]],
            cwd=checkout,
            capture_output=True,
            text=True,
            check=False,
            env={
                **env,
                "PATH": path,
                "PIP_INDEX_URL": "http://127.0.0.1:1",
                "PIP_RETRIES": "0",
                "PIP_CONFIG_FILE": os.devnull,
                "PIP_NO_INDEX": "",
                "PIP_FIND_LINKS": "",
                "RUNNER_TEMP": str(self.temp),
                "GITHUB_OUTPUT": str(self.output),
                "ACTION_PATH": str(ROOT),
            },
        )

    @property
    def outputs(self) -> dict[str, str]:
        return dict(line.split("=", 1) for line in self.output.read_text().splitlines())


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    return Runner(tmp_path)


def pull_request(repo: Repo, files: dict[str, str]) -> dict[str, Any]:
    """A pull request whose base has moved on since."""
    base = repo.commit({**REGISTRY, "services/pay/client.py": FIXED})
    head = repo.branch("topic").commit(files)
    repo.git("checkout", "--quiet", "main")
    moved = repo.commit({"unrelated.txt": "x"})
    repo.git("checkout", "--quiet", "topic")
    assert base != moved
    return {"pull_request": {"base": {"sha": moved}, "head": {"sha": head}}}


def test_a_blocked_pull_request_fails_annotates_and_summarises(repo: Repo, runner: Runner) -> None:
    event = pull_request(repo, {"svc/hook.py": RENAMED})
    done = runner.run(repo.root, event)
    assert done.returncode == 1, done.stderr
    assert done.stdout.startswith(
        "::error file=svc/hook.py,line=5,endLine=5,title=INC-245%3A A slow partner took checkout"
    )
    report = json.loads(Path(runner.outputs["report"]).read_text())
    assert (runner.outputs["conclusion"], runner.outputs["findings"]) == ("failure", "1")
    assert report["head"] == event["pull_request"]["head"]["sha"]
    assert "1 lesson blocks this change" in runner.summary.read_text()


def test_a_quiet_pull_request_passes(repo: Repo, runner: Runner) -> None:
    done = runner.run(repo.root, pull_request(repo, {"notes.txt": "hello\n"}))
    assert (done.returncode, done.stdout) == (0, "")
    assert (runner.outputs["conclusion"], runner.outputs["findings"]) == ("success", "0")


def test_a_shallow_checkout_of_a_fork_is_deepened_until_the_two_meet(
    repo: Repo, runner: Runner, tmp_path: Path
) -> None:
    event = pull_request(repo, {"svc/hook.py": RENAMED})
    repo.git("config", "uploadpack.allowAnySHA1InWant", "true")
    clone = Repo(tmp_path / "clone")
    clone.git("remote", "add", "origin", repo.root.as_uri())
    clone.git(
        "fetch", "--quiet", "--no-tags", "--depth=1", "origin", event["pull_request"]["head"]["sha"]
    )
    clone.git("checkout", "--quiet", "--detach", "FETCH_HEAD")
    done = runner.run(clone.root, event)
    assert (done.returncode, runner.outputs["conclusion"]) == (1, "failure"), done.stderr


def test_a_pull_request_older_than_a_lesson_is_held_to_it(
    repo: Repo, runner: Runner, tmp_path: Path
) -> None:
    """GitHub names the base as it was when the pull request was opened."""
    opened = repo.commit({"README.md": "old\n"})
    head = repo.branch("topic").commit({"svc/hook.py": RENAMED})
    repo.git("checkout", "--quiet", "main")
    repo.commit(REGISTRY)
    clone = Repo(tmp_path / "clone")
    clone.git("remote", "add", "origin", repo.root.as_uri())
    clone.git("fetch", "--quiet", "--no-tags", "origin", "topic")
    clone.git("checkout", "--quiet", "--detach", "FETCH_HEAD")
    event = {"pull_request": {"base": {"sha": opened, "ref": "main"}, "head": {"sha": head}}}
    done = runner.run(clone.root, event)
    assert (done.returncode, runner.outputs["conclusion"]) == (1, "failure"), done.stderr


def test_inputs_reach_the_check(repo: Repo, runner: Runner, tmp_path: Path) -> None:
    event = pull_request(repo, {"svc/hook.py": RENAMED})
    sarif = tmp_path / "out.sarif"
    done = runner.run(
        repo.root,
        event,
        fail_on="never",
        sarif=str(sarif),
        format="text",
        registry=f"{repo.root}\n",
    )
    assert done.returncode == 0, done.stderr
    assert "BLOCKS INC-245" in done.stdout
    assert json.loads(sarif.read_text())["version"] == "2.1.0"


def test_broken_settings_on_the_base_fail_and_say_why(repo: Repo, runner: Runner) -> None:
    repo.commit({".twiceshy.yml": "block_at: loud\n"})
    event = pull_request(repo, {"svc/hook.py": RENAMED})
    done = runner.run(repo.root, event)
    assert done.returncode == 2
    assert "`block_at`: write one of low, medium, high, critical" in done.stdout
    assert runner.outputs == {"conclusion": "neutral", "findings": "0", "report": ""}


def trapped(repo: Repo, tmp_path: Path) -> tuple[Traps, dict[str, Any]]:
    event = pull_request(repo, {})
    traps = Traps(repo, tmp_path / "marks")
    head = traps.commit({"svc/hook.py": RENAMED})
    return traps, {"pull_request": {"base": event["pull_request"]["base"], "head": {"sha": head}}}


def test_nothing_of_a_pull_request_is_run(repo: Repo, runner: Runner, tmp_path: Path) -> None:
    traps, event = trapped(repo, tmp_path)
    done = runner.run(repo.root, event, traps.environment())

    assert (traps.sprung, done.returncode, runner.outputs["conclusion"]) == ([], 1, "failure"), (
        done.stderr
    )


def test_nothing_of_a_pull_request_is_run_when_its_history_is_fetched(
    repo: Repo, runner: Runner, tmp_path: Path
) -> None:
    traps, event = trapped(repo, tmp_path)
    repo.git("config", "uploadpack.allowAnySHA1InWant", "true")
    clone = Repo(tmp_path / "clone")
    clone.git("remote", "add", "origin", repo.root.as_uri())
    clone.git(
        "fetch", "--quiet", "--no-tags", "--depth=1", "origin", event["pull_request"]["head"]["sha"]
    )
    clone.git("checkout", "--quiet", "--detach", "FETCH_HEAD")
    there = Traps(clone, tmp_path / "other marks")
    done = runner.run(clone.root, event, there.environment())
    assert (traps.sprung, there.sprung) == ([], [])
    assert (done.returncode, runner.outputs["conclusion"]) == (1, "failure"), done.stderr


def test_installing_runs_nothing_of_a_pull_request_and_passes_over_a_python_that_does_not_run(
    repo: Repo, runner: Runner, tmp_path: Path
) -> None:
    traps, _ = trapped(repo, tmp_path)
    shims = tmp_path / "shims"
    for name, said in (("python3.13", "exit 127"), ("python3.12", "exit 1")):
        shim = shims / name
        shim.parent.mkdir(exist_ok=True)
        shim.write_text(f"#!/bin/sh\necho 'pyenv: {name}: command not found' >&2\n{said}\n")
        shim.chmod(0o755)
    (shims / "python3.11").symlink_to(Path(sys.executable).resolve())
    env = traps.environment()
    done = runner.install(
        repo.root, {**env, "PATH": f"{env['PATH'].replace('::', ':')}", "SHIMS": str(shims)}, shims
    )
    assert (traps.sprung, done.returncode) == ([], 2), done.stderr
    assert "::error title=twiceshy could not be installed::pip could not install" in done.stdout
    assert "command not found" not in done.stdout + done.stderr
    assert runner.outputs == {"conclusion": "neutral", "findings": "0", "report": ""}


def test_without_a_python_that_runs_a_person_is_told_and_nothing_is_green(
    repo: Repo, runner: Runner, tmp_path: Path
) -> None:
    shims = tmp_path / "shims"
    shims.mkdir()
    (shims / "python3.13").write_text("#!/bin/sh\nexit 127\n")
    (shims / "python3.13").chmod(0o755)
    done = runner.install(repo.root, {"PATH": str(shims)})
    assert done.returncode == 2
    assert done.stdout == (
        "::error title=twiceshy could not be installed::needs Python 3.11 or newer with venv, and "
        "none on the PATH runs: "
        "run actions/setup-python before this step\n"
    )
    assert runner.outputs["conclusion"] == "neutral"


GONE = "1" * 40


def push(repo: Repo, head: str, **event: Any) -> dict[str, Any]:
    return {
        "ref": "refs/heads/topic",
        "before": GONE,
        "after": head,
        "repository": {"default_branch": "main"},
        **event,
    }


def cloned(repo: Repo, folder: Path, *refs: str) -> Repo:
    """What actions/checkout leaves: one commit, nothing else."""
    repo.git("config", "uploadpack.allowAnySHA1InWant", "true")
    clone = Repo(folder)
    clone.git("remote", "add", "origin", repo.root.as_uri())
    clone.git("fetch", "--quiet", "--no-tags", "--depth=1", "origin", *refs)
    clone.git("checkout", "--quiet", "--detach", "FETCH_HEAD")
    return clone


@pytest.mark.parametrize("before", [GONE, "0" * 40], ids=["force push", "new branch"])
def test_a_push_whose_before_is_gone_is_held_against_the_default_branch(
    repo: Repo, runner: Runner, tmp_path: Path, before: str
) -> None:
    head = pull_request(repo, {"svc/hook.py": RENAMED})["pull_request"]["head"]["sha"]
    clone = cloned(repo, tmp_path / "clone", "topic")
    done = runner.run(clone.root, push(repo, head, before=before))
    assert (done.returncode, runner.outputs["conclusion"]) == (1, "failure"), done.stderr
    assert (
        "is gone, as after a force push; what was pushed is held against origin/main" in done.stderr
    ) == (before == GONE)


def test_a_force_push_to_the_default_branch_is_held_against_what_came_before_its_first_commit(
    repo: Repo, runner: Runner, tmp_path: Path
) -> None:
    repo.commit({**REGISTRY, "services/pay/client.py": FIXED})
    first = repo.commit({"svc/hook.py": RENAMED})
    head = repo.commit({"notes.txt": "hello\n"})
    clone = cloned(repo, tmp_path / "clone", "main")
    event = push(repo, head, ref="refs/heads/main", commits=[{"id": first}, {"id": head}])
    done = runner.run(clone.root, event)
    assert (done.returncode, runner.outputs["conclusion"]) == (1, "failure"), done.stderr


def test_a_push_that_can_be_held_against_nothing_is_not_green(repo: Repo, runner: Runner) -> None:
    head = repo.commit({**REGISTRY, "svc/hook.py": RENAMED})
    done = runner.run(repo.root, push(repo, head, ref="refs/heads/main", commits=[{"id": head}]))
    assert (done.returncode, runner.outputs["conclusion"]) == (2, "neutral")
    assert (
        "::error title=twiceshy could not judge this change::twiceshy: the commit before this push "
        "(111111111111) is gone" in done.stdout
    )
    assert "Traceback" not in done.stderr


def test_a_branch_named_as_base_is_fetched(repo: Repo, runner: Runner, tmp_path: Path) -> None:
    head = pull_request(repo, {"svc/hook.py": RENAMED})["pull_request"]["head"]["sha"]
    clone = cloned(repo, tmp_path / "clone", "topic")
    done = runner.run(clone.root, {"after": head}, base="main")
    assert (done.returncode, runner.outputs["conclusion"]) == (1, "failure"), done.stderr
    for nonsense in ("--upload-pack=false", "no/such/branch"):
        done = runner.run(clone.root, {"after": head}, base=nonsense)
        assert (done.returncode, "mend the step's `base`" in done.stdout) == (2, True)


def test_a_whole_checkout_keeps_its_history(repo: Repo, runner: Runner, tmp_path: Path) -> None:
    repo.commit({**REGISTRY, "services/pay/client.py": FIXED})
    for number in range(60):
        repo.git("commit", "--quiet", "--allow-empty", "-m", str(number))
    event = pull_request(repo, {"svc/hook.py": RENAMED})
    clone = Repo(tmp_path / "clone")
    clone.git("remote", "add", "origin", repo.root.as_uri())
    clone.git("fetch", "--quiet", "origin")
    clone.git("checkout", "--quiet", "--detach", "origin/topic")
    event["pull_request"]["base"]["ref"] = "main"
    done = runner.run(clone.root, event)
    assert (done.returncode, runner.outputs["conclusion"]) == (1, "failure"), done.stderr
    assert clone.git("rev-parse", "--is-shallow-repository") == "false"


def test_a_pull_request_whose_base_is_gone_is_held_against_no_other_branch(
    repo: Repo, runner: Runner, tmp_path: Path
) -> None:
    event = pull_request(repo, {"svc/hook.py": RENAMED})
    event["pull_request"]["base"] = {"sha": GONE, "ref": "release"}
    event |= {
        "before": GONE,
        "after": event["pull_request"]["head"]["sha"],
        "repository": {"default_branch": "main"},
    }
    clone = cloned(repo, tmp_path / "clone", "topic")
    done = runner.run(clone.root, event)
    assert (done.returncode, runner.outputs["conclusion"]) == (2, "neutral"), done.stderr
    assert f"the base commit {GONE} cannot be fetched" in done.stdout


def test_a_check_that_dies_is_neither_green_nor_a_block(repo: Repo, runner: Runner) -> None:
    event = pull_request(repo, {"svc/hook.py": RENAMED})
    (runner.temp / "twiceshy" / "pyvenv.cfg").unlink()  # its packages are gone
    done = runner.run(repo.root, event)
    assert (done.returncode, runner.outputs["conclusion"]) == (2, "neutral")


def test_no_text_of_a_pull_request_becomes_a_script() -> None:
    for step in ACTION["runs"]["steps"]:
        assert "${{" not in step["run"]
        assert step["shell"] == "bash"


def test_the_outputs_are_those_the_step_writes() -> None:
    steps = "${{ steps.check.outputs.%s || steps.install.outputs.%s }}"
    assert {name: value["value"] for name, value in ACTION["outputs"].items()} == {
        name: steps % (name, name) for name in ("conclusion", "findings", "report")
    }


def test_the_pre_commit_hook_has_what_pre_commit_asks_for() -> None:
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    assert {"id", "name", "entry", "language"} <= set(hook)
    assert hook["entry"] == "python -I -m twiceshy check --hook pre-commit"
    assert (hook["pass_filenames"], hook["require_serial"], hook["always_run"]) == (
        False,
        True,
        True,
    )


def test_every_file_the_image_copies_is_there_and_it_does_not_run_as_root() -> None:
    lines = [
        line.split() for line in (ROOT / "Dockerfile").read_text().splitlines() if line.strip()
    ]
    copied = [
        word
        for line in lines
        if line[0] == "COPY" and not line[1].startswith("--")
        for word in line[1:-1]
    ]
    assert [name for name in copied if not (ROOT / name).exists()] == []
    assert [line[1] for line in lines if line[0] == "USER"] == ["10001"]
    assert any(line[0] == "HEALTHCHECK" for line in lines)


def test_the_example_workflow_is_the_one_init_writes() -> None:
    template = ROOT / "app/twiceshy/cli/templates/workflow.yml"
    assert (ROOT / "examples/twiceshy-workflow.yml").read_text() == template.read_text()
    assert yaml.safe_load(template.read_text())["permissions"] == {"contents": "read"}


def test_a_token_of_the_registry_s_reaches_git_and_the_log_shows_what_its_owner_shares(
    repo: Repo, runner: Runner, tmp_path: Path
) -> None:
    served, configuration = tmp_path / "served", tmp_path / "gitconfig"
    lessons = Repo(tmp_path / "lessons")
    lessons.commit({**REGISTRY, ".twiceshy.yml": "share: [{to: acme/shop, as: id}]\n"})
    lessons.git("clone", "--quiet", "--bare", ".", str(served / "acme" / "lessons.git"))
    configuration.write_text(f'[http]\n\tsslCAInfo = "{served / "certificate.pem"}"\n')
    base = repo.commit({".twiceshy.yml": "registries: [{repo: acme/lessons}]\n", "a.txt": "x\n"})
    head = repo.branch("topic").commit({"svc/hook.py": RENAMED})
    event = {
        "pull_request": {"base": {"sha": base}, "head": {"sha": head}},
        "repository": {"full_name": "acme/shop", "id": 7, "private": True},
    }
    with git_over_https(served, "ghp_right") as server:
        env = {
            "GIT_CONFIG_GLOBAL": str(configuration),
            "GITHUB_ACTIONS": "true",
            "GITHUB_REPOSITORY": "acme/shop",
            "GITHUB_SERVER_URL": server.url,
            "XDG_CACHE_HOME": str(tmp_path / "cache"),
        }
        closed = runner.run(repo.root, event, env)
        opened = runner.run(repo.root, event, env, registry_token="ghp_right")
    assert closed.returncode == 2, "nothing else guards here: not green"
    assert "acme/lessons was not used" in closed.stderr
    assert opened.returncode == 1, opened.stderr
    assert "INC-245" in opened.stdout
    assert "A slow partner" not in opened.stdout + opened.stderr + runner.summary.read_text()
    assert "ghp_right" not in opened.stdout + opened.stderr
