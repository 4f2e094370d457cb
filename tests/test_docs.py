"""What the documentation says is true: its commands parse, its settings exist, its links lead
somewhere.
"""

import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
import typer
import yaml

from twiceshy.cli.app import app
from twiceshy.lessons.frontmatter import FrontMatter
from twiceshy.lessons.lesson_reader import read_lesson
from twiceshy.lessons.version import VERSION
from twiceshy.verdicts.settings import Settings, read_settings

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "app" / "twiceshy"
PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "CHANGELOG.md",
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted((ROOT / "benchmarks").rglob("*.md")),
]
COMMAND = re.compile(r"^(twiceshy [^#\n]*)|`(twiceshy [^`\n]*)`", re.MULTILINE)
LINK = re.compile(r"\]\((?!https?:)([^)#]+)?(?:#([^)]+))?\)")
PATH = re.compile(r"(?<!Create )`(\w[\w.-]*(?:/[\w.-]+)*/?)`")
NOT_OURS = {
    "lessons/INC-245.md",
    "services/pay/settings.py",
    "github/codeql-action/upload-sarif",
}
"""Files of whoever reads the page, and what others have."""


def commands() -> list[str]:
    lines = set()
    for page in PAGES:
        for match in COMMAND.finditer(page.read_text()):
            lines.add((match[1] or match[2]).strip())
    return sorted(lines)


def paths_named(page: Path) -> Iterator[str]:
    """Every module and folder of ours that a page names, but those it says to create."""
    text = page.read_text()
    created = re.findall(r"Create `([^`]+)`", text)
    for name in PATH.findall(text):
        if name in NOT_OURS or name in created:
            continue
        first, _, rest = name.partition("/")
        is_ours = (ROOT / first).is_dir() or (PACKAGE / first).is_dir()
        if name.endswith(".py") or (rest and is_ours):
            yield name


def is_there(name: str, page: Path) -> bool:
    if "/" not in name:
        return any(list((ROOT / folder).rglob(name)) for folder in ("app", "benchmarks", "docs"))
    return any((folder / name).exists() for folder in (ROOT, PACKAGE, page.parent))


def layers() -> list[str]:
    """As the contract has them, the highest first."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    contract = settings["tool"]["importlinter"]["contracts"][0]
    names = re.findall(r"\w+", " ".join(contract["layers"]))
    names.remove("__main__")
    return names


def test_there_are_commands_to_test() -> None:
    assert len(commands()) >= 15


@pytest.mark.parametrize("line", commands())
def test_a_command_in_the_documentation_parses(line: str) -> None:
    words = shlex.split(line)[1:]
    group = typer.main.get_command(app)
    assert isinstance(group, click.Group)
    sub = group.commands[words[0]]
    sub.make_context(words[0], words[1:])


def test_every_setting_is_documented_and_every_documented_one_exists() -> None:
    table = (ROOT / "docs/configuration.md").read_text()
    documented = set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE))
    assert documented == set(Settings.__dataclass_fields__) - {"written"}


def test_the_configuration_init_writes_holds_the_defaults() -> None:
    text = (ROOT / "app/twiceshy/cli/templates/config.yml").read_text()
    settings, plain = read_settings(text), Settings()
    assert set(yaml.safe_load(text)) == set(Settings.__dataclass_fields__) - {"written"}
    plain_keys = set(Settings.__dataclass_fields__) - {"written", "registries"}
    for name in plain_keys:
        assert getattr(settings, name) == getattr(plain, name)


def test_every_key_of_the_front_matter_is_documented() -> None:
    page = (ROOT / "docs/lessons.md").read_text()
    assert [name for name in FrontMatter.model_fields if f"`{name}`" not in page] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for match in LINK.finditer(page.read_text()):
        target = (page.parent / match[1]).resolve() if match[1] else page
        assert target.exists(), match[0]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_path_that_is_named_exists(page: Path) -> None:
    assert [name for name in paths_named(page) if not is_there(name, page)] == []


def test_an_old_path_would_be_noticed() -> None:
    page = ROOT / "docs/architecture.md"
    assert "service/jobs/review.py" in paths_named(page)
    assert not is_there("service/looking.py", page)
    assert not is_there("looking.py", page)


def test_the_layers_are_named_as_in_the_contract() -> None:
    table = re.findall(r"^\| `(\w+)` \|", (ROOT / "docs/architecture.md").read_text(), re.MULTILINE)
    assert table == layers()
    text = (ROOT / "CONTRIBUTING.md").read_text()
    listed = text.split("From the top:")[1].split("A contract")[0]
    assert re.findall(r"`(\w+)`", listed) == layers()


def test_the_picture_is_what_the_imports_say() -> None:
    command = (sys.executable, "docs/draw_architecture.py", "--check")
    check = subprocess.run(command, cwd=ROOT, check=False)
    assert check.returncode == 0, "run python docs/draw_architecture.py"


def test_the_lesson_in_the_readme_reads() -> None:
    text = (ROOT / "README.md").read_text().split("````markdown\n")[1].split("````")[0]
    assert read_lesson(text, "README.md").problems == ()


def test_the_version_is_one() -> None:
    assert f'version = "{VERSION}"' in (ROOT / "pyproject.toml").read_text()
    assert f"## {VERSION}" in (ROOT / "CHANGELOG.md").read_text()
