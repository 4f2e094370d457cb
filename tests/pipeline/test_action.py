"""The action's steps, run for real: its own scripts in a shell, a simulated event, outputs read back."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from conftest import WHO, Repo
from samples import FIXED, REGISTRY, RENAMED

ROOT = Path(__file__).parents[2]
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text())
INPUT = re.compile(r"\$\{\{ inputs\.([a-z-]+) \}\}")


class Runner:
    """Runs the action's second step as GitHub would; the first is a link to what the tests already run with."""

    def __init__(self, folder: Path) -> None:
        self.temp = folder / "temp"
        (self.temp / "twiceshy" / "bin").mkdir(parents=True)
        for name in ("twiceshy", "python"):
            (self.temp / "twiceshy" / "bin" / name).symlink_to(Path(sys.executable).parent / name)
        self.output, self.summary = folder / "output", folder / "summary"

    def run(self, checkout: Path, event: dict[str, Any], **inputs: str) -> subprocess.CompletedProcess[str]:
        (self.temp / "event.json").write_text(json.dumps(event))
        self.output.write_text("")
        given = {name: str(value["default"]) for name, value in ACTION["inputs"].items()}
        given |= {name.replace("_", "-"): value for name, value in inputs.items()}
        step = ACTION["runs"]["steps"][1]
        env = {name: INPUT.sub(lambda match: given[match[1]], value) for name, value in step["env"].items()}
        env["ACTION_PATH"] = str(ROOT)
        files = {"GITHUB_OUTPUT": self.output, "GITHUB_STEP_SUMMARY": self.summary, "RUNNER_TEMP": self.temp,
                 "GITHUB_EVENT_PATH": self.temp / "event.json"}  # fmt: skip
        return subprocess.run(
            ["bash", "-e", "-c", step["run"]], cwd=checkout, capture_output=True, text=True, check=False,
            env={**os.environ, **WHO, **env, **{name: str(path) for name, path in files.items()}},
        )  # fmt: skip

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
    clone.git("fetch", "--quiet", "--no-tags", "--depth=1", "origin", event["pull_request"]["head"]["sha"])
    clone.git("checkout", "--quiet", "--detach", "FETCH_HEAD")
    done = runner.run(clone.root, event)
    assert (done.returncode, runner.outputs["conclusion"]) == (1, "failure"), done.stderr


def test_inputs_reach_the_check(repo: Repo, runner: Runner, tmp_path: Path) -> None:
    event = pull_request(repo, {"svc/hook.py": RENAMED})
    sarif = tmp_path / "out.sarif"
    done = runner.run(repo.root, event, fail_on="never", sarif=str(sarif), format="text", registry=f"{repo.root}\n")
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


def test_no_text_of_a_pull_request_becomes_a_script() -> None:
    for step in ACTION["runs"]["steps"]:
        assert "${{" not in step["run"]
        assert step["shell"] == "bash"


def test_the_outputs_are_those_the_step_writes() -> None:
    steps = "${{ steps.check.outputs.%s }}"
    assert {name: value["value"] for name, value in ACTION["outputs"].items()} == {
        name: steps % name for name in ("conclusion", "findings", "report")
    }


def test_the_pre_commit_hook_has_what_pre_commit_asks_for() -> None:
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    assert {"id", "name", "entry", "language"} <= set(hook)
    assert (hook["entry"], hook["pass_filenames"], hook["require_serial"]) == ("twiceshy check --staged", False, True)


def test_every_file_the_image_copies_is_there_and_it_does_not_run_as_root() -> None:
    lines = [line.split() for line in (ROOT / "Dockerfile").read_text().splitlines() if line.strip()]
    copied = [word for line in lines if line[0] == "COPY" and not line[1].startswith("--") for word in line[1:-1]]
    assert [name for name in copied if not (ROOT / name).exists()] == []
    assert [line[1] for line in lines if line[0] == "USER"] == ["10001"]
    assert any(line[0] == "HEALTHCHECK" for line in lines)


def test_the_example_workflow_is_the_one_init_writes() -> None:
    template = ROOT / "app/twiceshy/cli/templates/workflow.yml"
    assert (ROOT / "examples/twiceshy-workflow.yml").read_text() == template.read_text()
    assert yaml.safe_load(template.read_text())["permissions"] == {"contents": "read"}
