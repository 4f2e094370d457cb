"""When a lesson has done its work: a day, or a condition on a file that names versions. Pure; never
retires a lesson, and an expired one guards until a person does.

A condition is ``FILE: NAME >= VERSION``, ``FILE: NAME > VERSION`` or ``FILE: NAME absent``. It
holds where every version that the file allows fulfils it, which its lower bound tells; where that
cannot be told, it says so and does not guess.
"""

import json
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import PurePosixPath
from typing import Any

from twiceshy.lessons.lesson import Expiry

MOST_CHARACTERS = 1_000_000
LONGEST_RANGE = 500
"""Of a file that is read, and of what it says of one name."""

GRAMMAR = "`FILE: NAME >= VERSION`, `FILE: NAME > VERSION` or `FILE: NAME absent`"
FILES = (
    "go.mod, package.json, pyproject.toml, requirements*.txt, Dockerfile, .python-version, "
    ".node-version, .nvmrc, .ruby-version"
)

_CONDITION = re.compile(
    r"(?P<file>[^\s:]+):\s+(?P<name>\S+)\s+(?:(?P<op>>=|>)\s*(?P<at>\S+)|absent)"
)
_VERSION = re.compile(r"v?(\d+(?:\.\d+)*)(?P<rest>\S*)")
_BEFORE = re.compile(
    r"[-.]?(?:a|b|rc|alpha|beta|pre|preview|dev|canary|next|snapshot)[-.]?\d*\b", re.I
)
_COMPARED = re.compile(
    r"(\^|~=|~>|~|>=|>|===|==|=|<=|<|!=)?\s*(v?\d[^\s,|]*|[*xX](?![\w.])|latest)"
)
_HYPHEN = re.compile(r"\s-\s+(?=v?\d)")
_UPPER = frozenset({"<", "<=", "!="})

Version = tuple[tuple[int, ...], bool]
"""Its numbers without zeros at the end, and whether it is a release: a candidate comes before."""

Reader = Callable[[str], str | None]


class State(StrEnum):
    """Whether a lesson's end has come."""

    DUE = "due"
    NOT_YET = "not yet"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a lesson stands to its end, and what that rests on."""

    state: State
    reason: str


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition as its parts; without ``at`` the name must be absent."""

    file: str
    name: str
    op: str = ""
    at: str = ""


class NotACondition(ValueError):
    """The text is no condition; the message says what to write instead."""


def condition_of(text: str) -> Condition:
    """The parts of a condition. Raises NotACondition."""
    parts = _CONDITION.fullmatch(text.strip())
    if parts is None:
        raise NotACondition(f"{text!r} is no condition; write {GRAMMAR}, or a date as 2027-01-31")
    condition = Condition(parts["file"], parts["name"], parts["op"] or "", parts["at"] or "")
    if _format(condition.file) is None:
        raise NotACondition(
            f"{condition.file} is not read for versions; known are {FILES}. Write a date instead"
        )
    if condition.at and _version(condition.at) is None:
        raise NotACondition(f"{condition.at!r} is no version; write it as 1.22")
    return condition


def standing_of(expiry: Expiry, today: date, read: Reader) -> Standing:
    """Whether a lesson's end has come. ``read`` gives a file's text, None when it is not there."""
    if expiry.day is not None:
        state = State.DUE if expiry.day <= today else State.NOT_YET
        return Standing(state, f"it was to hold until {expiry.day}")
    try:
        condition = condition_of(expiry.when)
    except NotACondition as error:
        return Standing(State.UNKNOWN, str(error))
    text = read(condition.file)
    if text is None:
        return Standing(State.UNKNOWN, f"there is no {condition.file} here")
    return _held_against(condition, text)


def _held_against(condition: Condition, text: str) -> Standing:
    named = _format(condition.file)
    try:
        versions = named(text, condition.name) if named and len(text) <= MOST_CHARACTERS else None
    except ValueError:
        versions = None
    if versions is None:
        return Standing(State.UNKNOWN, f"{condition.file} cannot be read")
    if not condition.at:
        state = State.NOT_YET if versions else State.DUE
        seen = "still names" if versions else "names no"
        return Standing(state, f"{condition.file} {seen} {condition.name}")
    if not versions:
        return Standing(State.UNKNOWN, f"{condition.file} names no {condition.name}")
    shown = f"{condition.file} says {condition.name} {', '.join(sorted(set(versions)))}"
    bounds = [lower_bound(version) for version in versions]
    wanted = _version(condition.at)
    if wanted is None or None in bounds:
        return Standing(State.UNKNOWN, f"{shown}, which has no lowest version")
    lowest = min(bound for bound in bounds if bound is not None)
    holds = lowest >= wanted if condition.op == ">=" else lowest > wanted
    return Standing(State.DUE if holds else State.NOT_YET, shown)


def lower_bound(allowed: str) -> Version | None:
    """The lowest version that a range allows (as npm, Poetry or PEP 440 write it); None when it has
    none.
    """
    lowest: list[Version] = []
    for alternative in allowed[:LONGEST_RANGE].split("||"):
        bound = _lower_bound(_HYPHEN.sub(" <=", alternative))
        if bound is None:
            return None
        lowest.append(bound)
    return min(lowest)


def _lower_bound(alternative: str) -> Version | None:
    if _COMPARED.sub("", alternative).strip(" ,\t"):
        return None  # an address, an alias, a variable
    bounds: list[Version] = []
    for operator, text in _COMPARED.findall(alternative):
        version = _version(text)
        if operator not in _UPPER and version is not None:
            bounds.append(version)
    return max(bounds, default=None)


def _version(text: str) -> Version | None:
    match = _VERSION.fullmatch(text)
    if match is None:
        return None
    numbers = [int(number[:18]) for number in match[1].split(".")]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers), _BEFORE.match(match["rest"]) is None


def _format(path: str) -> Callable[[str, str], list[str] | None] | None:
    """How the versions of a name are read from a file of that name; None for one that is not
    known.
    """
    name = PurePosixPath(path).name
    if name.startswith("requirements") and name.endswith(".txt"):
        return _in_requirements
    if name == "Dockerfile" or name.startswith("Dockerfile.") or name.endswith(".Dockerfile"):
        return _in_dockerfile
    return _FORMATS.get(name)


def _in_go_mod(text: str, name: str) -> list[str] | None:
    """Of Go and of modules; what is replaced has no version of its own.

    https://go.dev/ref/mod#go-mod-file-grammar
    """
    versions: list[str] = []
    block = ""
    for line in text.splitlines():
        words = line.split("//")[0].split()
        if words[1:] == ["("]:
            block = words[0]
        elif words == [")"]:
            block = ""
        elif words:
            directive, *rest = [block, *words] if block else words
            if directive == "go" == name or (directive == "require" and rest[:1] == [name]):
                versions.append(rest[-1] if rest else "")
            elif directive == "replace" and rest[:1] == [name]:
                return None
    return versions


def _in_package_json(text: str, name: str) -> list[str] | None:
    """Of Node itself and of packages.

    https://docs.npmjs.com/cli/configuring-npm/package-json
    """
    package = json.loads(text)
    return _named(package, name, _PACKAGE_KEYS)


_PACKAGE_KEYS = (
    "engines",
    "dependencies",
    "devDependencies",
    "peerDependencies",
    "optionalDependencies",
)


def _in_pyproject(text: str, name: str) -> list[str] | None:
    """Of Python and of projects, as the standard or as Poetry writes them.

    https://packaging.python.org/en/latest/specifications/pyproject-toml/
    """
    document = tomllib.loads(text)
    project = _table(document, "project")
    poetry = _table(_table(document, "tool"), "poetry")
    versions = _named(poetry, name, ("dependencies", "dev-dependencies"))
    groups = _table(poetry, "group").values()
    for group in groups:
        versions += _named(group, name, ("dependencies",))
    if name == "python":
        required = project.get("requires-python")
        return [*versions, str(required)] if required else versions
    requirements = list(_texts(project.get("dependencies")))
    for extra in _table(project, "optional-dependencies").values():
        requirements += _texts(extra)
    return versions + _required(requirements, name)


def _in_requirements(text: str, name: str) -> list[str] | None:
    """Of projects; files that it names are not read, so of what is not in it nothing is known.

    https://pip.pypa.io/en/stable/reference/requirements-file-format/
    """
    lines = [line.split(" #")[0].strip() for line in text.splitlines()]
    versions = _required(lines, name)
    if not versions and any(line.startswith(("-r", "--requirement")) for line in lines):
        return None
    return versions


def _in_dockerfile(text: str, name: str) -> list[str] | None:
    """Of the images it begins from.

    https://docs.docker.com/reference/dockerfile/#from
    """
    versions: list[str] = []
    for line in text.splitlines():
        words = [word for word in line.split() if not word.startswith("--")]
        if len(words) > 1 and words[0].upper() == "FROM":
            image, _, tag = words[1].partition("@")[0].rpartition(":")
            if (image or tag) == name:
                versions.append(tag if image else "latest")
    return versions


def _in_version_file(text: str, name: str) -> list[str] | None:
    """One version on the first line, whatever it is of: the file's name says that."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return [lines[0].removeprefix(f"{name}-")] if lines else None


_FORMATS: Mapping[str, Callable[[str, str], list[str] | None]] = {
    "go.mod": _in_go_mod,
    "package.json": _in_package_json,
    "pyproject.toml": _in_pyproject,
    ".python-version": _in_version_file,
    ".node-version": _in_version_file,
    ".nvmrc": _in_version_file,
    ".ruby-version": _in_version_file,
}


def _named(document: object, name: str, keys: Iterable[str]) -> list[str]:
    """What the tables under these keys say of a name."""
    versions: list[str] = []
    for key in keys:
        said = _table(document, key).get(name)
        if isinstance(said, Mapping):
            said = said.get("version", "")
        if said is not None:
            versions.append(str(said))
    return versions


def _table(document: object, key: str) -> Mapping[str, Any]:
    inner = document.get(key) if isinstance(document, Mapping) else None
    return inner if isinstance(inner, Mapping) else {}


def _texts(listed: object) -> list[str]:
    return [text for text in listed if isinstance(text, str)] if isinstance(listed, list) else []


def _required(requirements: Iterable[str], name: str) -> list[str]:
    """What requirements (PEP 508) say of a project, whose name may be spelt in several ways."""
    versions: list[str] = []
    for requirement in requirements:
        parts = re.match(r"([A-Za-z0-9][\w.-]*)\s*(?:\[[^\]]*\])?\s*\(?([^;)]*)", requirement)
        if parts and _normal(parts[1]) == _normal(name):
            versions.append(parts[2].strip())
    return versions


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
