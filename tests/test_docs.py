"""What the documentation says is true: its commands parse, its settings exist, its links lead
somewhere.
"""

import re
import shlex
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
PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "CHANGELOG.md",
    *sorted((ROOT / "docs").glob("*.md")),
]
COMMAND = re.compile(r"^(twiceshy [^#\n]*)|`(twiceshy [^`\n]*)`", re.MULTILINE)
LINK = re.compile(r"\]\((?!https?:)([^)#]+)?(?:#([^)]+))?\)")


def commands() -> list[str]:
    found = (match for page in PAGES for match in COMMAND.finditer(page.read_text()))
    return sorted({(match[1] or match[2]).strip() for match in found})


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


def test_the_lesson_in_the_readme_reads() -> None:
    text = (ROOT / "README.md").read_text().split("````markdown\n")[1].split("````")[0]
    assert read_lesson(text, "README.md").problems == ()


def test_the_version_is_one() -> None:
    assert f'version = "{VERSION}"' in (ROOT / "pyproject.toml").read_text()
    assert f"## {VERSION}" in (ROOT / "CHANGELOG.md").read_text()
