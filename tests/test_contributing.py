"""CONTRIBUTING's steps work: their code, as the page shows it, is put into a copy of the tree, and
the tests that they name pass there.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

import pytest

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "CONTRIBUTING.md"
COPIED = ("app", "tests", "lessons", "rules", "docs", "README.md", "pyproject.toml")

PROGRAMS = {
    ".venv/bin/python": (sys.executable,),
    ".venv/bin/pytest": (sys.executable, "-m", "pytest", "-q", "-n", "0"),
}

STEP = re.compile(r"^\d+\. (?:(Create|Change) `([^`]+)`|Run)", re.MULTILINE)
BLOCK = re.compile(r"^   ```(\w+)\n(.*?)^   ```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Step:
    """One numbered step: what to do with which file, and its code."""

    verb: str  # Create, Change; empty for a command to run
    path: str
    code: str


def sections() -> dict[str, str]:
    """What stands under each heading "Add a ..."."""
    parts = re.split(r"^## (.*)\n", PAGE.read_text(), flags=re.MULTILINE)
    texts = dict(zip(parts[1::2], parts[2::2], strict=True))
    return {heading: text for heading, text in texts.items() if heading.startswith("Add a ")}


def steps(section: str) -> Iterator[Step]:
    starts = [match.start() for match in STEP.finditer(section)]
    for start, end in zip(starts, [*starts[1:], len(section)], strict=True):
        text = section[start:end]
        match = STEP.match(text)
        assert match
        for block in BLOCK.finditer(text):
            yield Step(match[1] or "", match[2] or "", dedent(block[2]))


def follow(step: Step, tree: Path) -> None:
    path = tree / step.path
    if step.verb == "Create":
        assert not path.exists(), f"{step.path} is there already"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(step.code)
        return
    text = path.read_text()
    for hunk in step.code.split("@@\n"):
        old, new = sides(hunk)
        assert text.count(old) == 1, f"{step.path} does not hold this once:\n{old}"
        text = text.replace(old, new)
    path.write_text(text)


def sides(hunk: str) -> tuple[str, str]:
    """The lines of a diff before and after; an empty one is in both."""
    old, new = "", ""
    for line in hunk.splitlines(keepends=True):
        mark, text = (line[0], line[1:]) if line.strip() else (" ", line)
        if mark != "+":
            old += text
        if mark != "-":
            new += text
    return old, new


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of what the steps work on."""
    for name in COPIED:
        if (ROOT / name).is_dir():
            ignored = shutil.ignore_patterns("__pycache__", ".*_cache")
            shutil.copytree(ROOT / name, tmp_path / name, ignore=ignored)
        else:
            shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def run(tree: Path, *command: str) -> None:
    """Run a command in the copy; what measures this tree, or shares out its tests, stays out."""
    environment = {"PYTHONPATH": str(tree / "app")}
    for name, value in os.environ.items():
        if not name.startswith(("COVERAGE", "PYTEST", "PYTHON")):
            environment[name] = value
    process = subprocess.run(
        command, cwd=tree, env=environment, check=False, capture_output=True, text=True
    )
    assert process.returncode == 0, process.stdout + process.stderr


def test_what_the_page_teaches() -> None:
    assert list(sections()) == ["Add a guard", "Add a format", "Add a language", "Add a page"]


@pytest.mark.parametrize("heading", sections())
def test_the_steps_work(heading: str, tree: Path) -> None:
    commands: list[str] = []
    changed: list[str] = []
    for step in steps(sections()[heading]):
        if step.verb:
            follow(step, tree)
            changed.append(step.path)
        else:
            commands += step.code.splitlines()
    assert commands
    for command in commands:
        program, *arguments = shlex.split(command)
        run(tree, *PROGRAMS[program], *arguments)
    python = [path for path in changed if path.endswith(".py")]
    run(tree, sys.executable, "-m", "ruff", "check", *python)
    run(tree, sys.executable, "-m", "ruff", "format", "--check", *python)
    run(tree, sys.executable, "docs/draw_architecture.py", "--check")
