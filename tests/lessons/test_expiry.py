"""When a lesson's end has come: what the files that name versions say, and what nobody can tell."""

from datetime import date

import pytest

from twiceshy.lessons.expiry import NotACondition, State, condition_of, lower_bound, standing_of
from twiceshy.lessons.lesson import Expiry

FILES = {
    "go.mod": (
        "module acme.example/shop\n\ngo 1.22.3 // loops\ntoolchain go1.23.0\n\nrequire (\n"
        "\tacme.example/bank v2.1.0\n\tacme.example/old v0.9.0-rc.1 // indirect\n)\n"
        "require acme.example/one v1.0.0\nreplace acme.example/one => ../one\n"
    ),
    "web/package.json": (
        '{"engines": {"node": "18 || >=20"}, "dependencies": {"got": "^12.1.0", "any": "*", '
        '"ours": "git+https://host.example/3party#v4"}, "devDependencies": {"got": "~11.8"}}'
    ),
    "pyproject.toml": (
        '[project]\nrequires-python = ">=3.11,<4"\ndependencies = ["Requests[socks] >= 2.31 ; '
        'python_version > \'3\'", "attrs"]\n[project.optional-dependencies]\n'
        'web = ["zope.interface ~= 6.0"]\n'
    ).replace("'3'\\", "'3'"),
    "poetry/pyproject.toml": (
        '[tool.poetry.dependencies]\npython = "^3.10"\nhttpx = {version = "^0.27", extras = []}\n'
    ),
    "requirements.txt": "# pins\nflask==3.0.2 # web\nurllib3>=2\n",
    "more/requirements-dev.txt": "-r ../requirements.txt\npytest>=8\n",
    "Dockerfile": (
        "FROM --platform=linux/amd64 python:3.12-slim AS build\nFROM python:3.13-rc-slim\n"
        "FROM debian\nFROM node:${NODE}\n"
    ),
    ".python-version": "3.12.1\n",
    ".nvmrc": "v20.11\n",
    "broken/package.json": "{",
}
TODAY = date(2026, 6, 1)


@pytest.mark.parametrize(
    ("when", "state", "reason"),
    [
        ("go.mod: go >= 1.22", "due", "go.mod says go 1.22.3"),
        ("go.mod: go > 1.22.3", "not yet", "go.mod says go 1.22.3"),
        ("go.mod: go >= 1.22.3", "due", "go.mod says go 1.22.3"),
        ("go.mod: acme.example/bank >= v2", "due", "go.mod says acme.example/bank v2.1.0"),
        ("go.mod: acme.example/old >= 0.9", "not yet", "go.mod says acme.example/old v0.9.0-rc.1"),
        ("go.mod: acme.example/one >= 1", "unknown", "go.mod cannot be read"),
        ("go.mod: acme.example/gone absent", "due", "go.mod names no acme.example/gone"),
        ("go.mod: acme.example/gone >= 1", "unknown", "go.mod names no acme.example/gone"),
        ("web/package.json: node >= 18", "due", "web/package.json says node 18 || >=20"),
        ("web/package.json: node >= 20", "not yet", "web/package.json says node 18 || >=20"),
        ("web/package.json: got >= 12", "not yet", "web/package.json says got ^12.1.0, ~11.8"),
        ("web/package.json: got absent", "not yet", "web/package.json still names got"),
        ("web/package.json: request absent", "due", "web/package.json names no request"),
        (
            "web/package.json: any >= 1",
            "unknown",
            "web/package.json says any *, which has no lowest version",
        ),
        (
            "web/package.json: ours >= 1",
            "unknown",
            "web/package.json says ours git+https://host.example/3party#v4, which has no lowest "
            "version",
        ),
        ("pyproject.toml: python >= 3.11", "due", "pyproject.toml says python >=3.11,<4"),
        ("pyproject.toml: requests > 2.30", "due", "pyproject.toml says requests >= 2.31"),
        (
            "pyproject.toml: attrs >= 20",
            "unknown",
            "pyproject.toml says attrs , which has no lowest version",
        ),
        ("pyproject.toml: zope-interface >= 6", "due", "pyproject.toml says zope-interface ~= 6.0"),
        ("poetry/pyproject.toml: python >= 3.10", "due", "poetry/pyproject.toml says python ^3.10"),
        ("poetry/pyproject.toml: httpx >= 1", "not yet", "poetry/pyproject.toml says httpx ^0.27"),
        ("requirements.txt: flask >= 3", "due", "requirements.txt says flask ==3.0.2"),
        ("requirements.txt: six absent", "due", "requirements.txt names no six"),
        (
            "more/requirements-dev.txt: six absent",
            "unknown",
            "more/requirements-dev.txt cannot be read",
        ),
        ("Dockerfile: python >= 3.12", "due", "Dockerfile says python 3.12-slim, 3.13-rc-slim"),
        ("Dockerfile: python > 3.12", "not yet", "Dockerfile says python 3.12-slim, 3.13-rc-slim"),
        (
            "Dockerfile: debian >= 12",
            "unknown",
            "Dockerfile says debian latest, which has no lowest version",
        ),
        (
            "Dockerfile: node >= 18",
            "unknown",
            "Dockerfile says node ${NODE}, which has no lowest version",
        ),
        (".python-version: python >= 3.12", "due", ".python-version says python 3.12.1"),
        (".nvmrc: node > 20", "due", ".nvmrc says node v20.11"),
        ("broken/package.json: got >= 1", "unknown", "broken/package.json cannot be read"),
        ("nowhere/go.mod: go >= 1", "unknown", "there is no nowhere/go.mod here"),
    ],
)
def test_a_condition_is_held_against_the_file_it_names(when: str, state: str, reason: str) -> None:
    standing = standing_of(Expiry(when=when), TODAY, FILES.get)
    assert (str(standing.state), standing.reason) == (state, reason)


def test_a_day_comes() -> None:
    over = standing_of(Expiry(day=TODAY), TODAY, FILES.get)
    assert (over.state, over.reason) == (State.DUE, "it was to hold until 2026-06-01")
    later = Expiry(day=date(2026, 6, 2))
    assert standing_of(later, TODAY, FILES.get).state is State.NOT_YET


@pytest.mark.parametrize(
    ("allowed", "lowest"),
    [
        (">=1.2 <2", ((1, 2), True)),
        ("1.2 - 2.3", ((1, 2), True)),
        ("~1.2.0", ((1, 2), True)),
        ("1.x", ((1,), True)),
        ("2.0.0b1", ((2,), False)),
        ("<2", None),
        ("!=1.5", None),
        ("workspace:^1.0", None),
        ("npm:other@1", None),
        ("", None),
        ("9" * 400, ((10**18 - 1,), True)),
    ],
)
def test_the_lowest_version_a_range_allows(allowed: str, lowest: object) -> None:
    assert lower_bound(allowed) == lowest


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "when Go is newer",
            "'when Go is newer' is no condition; write `FILE: NAME >= VERSION`, "
            "`FILE: NAME > VERSION` or `FILE: NAME absent`, or a date as 2027-01-31",
        ),
        (
            "pom.xml: junit >= 5",
            "pom.xml is not read for versions; known are go.mod, package.json, pyproject.toml, "
            "requirements*.txt, Dockerfile, .python-version, .node-version, .nvmrc, "
            ".ruby-version. Write a date instead",
        ),
        ("go.mod: go >= new", "'new' is no version; write it as 1.22"),
    ],
)
def test_what_is_no_condition_says_what_to_write(text: str, message: str) -> None:
    with pytest.raises(NotACondition) as error:
        condition_of(text)
    assert str(error.value) == message
