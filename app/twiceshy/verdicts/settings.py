"""What a repository may set in ``.twiceshy.yml``, and reading it. Never looks at the file system.

Checked by hand and not by pydantic: a check reads this on its hot path.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from enum import StrEnum
from typing import Any

from twiceshy.lessons.lesson import Problem, Severity
from twiceshy.verdicts.sharing import Consent, consent_from

FILE_NAME = ".twiceshy.yml"

_REPOSITORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}/[A-Za-z0-9._-]{1,100}")
LONGEST_REF = 255

MOST_REGISTRIES = 20
"""Each costs the App a question a review, and a pull request's author may have written the list."""


class SettingsError(Exception):
    """The configuration cannot be used; ``problems`` say where and what to write instead."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


MOST_COMMENTS = 30
"""What GitHub takes at once."""

LEAST_FILE_BYTES, MOST_FILE_BYTES = 100_000, 10_000_000
"""Bounds of ``max_file_bytes``: a lower one would leave ordinary code unread, over the upper one
git shows no lines.
"""


class OnFailure(StrEnum):
    """What the check concludes when the judging dies or is late while lessons block."""

    NEUTRAL = "neutral"
    FAILURE = "failure"


@dataclass(frozen=True, slots=True)
class RecallSettings:
    """From which score on recall speaks; scores are precision promises."""

    comment_at: float = 0.90
    block_at: float = 0.98
    structure: bool = True  # whether it speaks of the same structure under other names


@dataclass(frozen=True, slots=True)
class RegistrySetting:
    """Where lessons come from: exactly one of path, repo and builtin."""

    path: str | None = None
    repo: str | None = None
    ref: str | None = None
    builtin: str | None = None


class Lifting(StrEnum):
    """Whose word lifts what a lesson says: anybody's with write access, or never its author's
    alone.
    """

    ANYONE_WITH_WRITE = "anyone_with_write"
    OWNER_OR_SECOND_PERSON = "owner_or_second_person"


@dataclass(frozen=True, slots=True)
class DismissSettings:
    """Who may dismiss, by the lesson's severity."""

    low: Lifting = Lifting.ANYONE_WITH_WRITE
    medium: Lifting = Lifting.ANYONE_WITH_WRITE
    high: Lifting = Lifting.OWNER_OR_SECOND_PERSON
    critical: Lifting = Lifting.OWNER_OR_SECOND_PERSON

    def takes_two(self, severity: Severity) -> bool:
        """Whether an author alone may not dismiss a lesson of this severity on their own change."""
        return getattr(self, severity) is Lifting.OWNER_OR_SECOND_PERSON


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings, at their defaults."""

    registries: tuple[RegistrySetting, ...] = (RegistrySetting(path="."),)
    block_at: Severity = Severity.HIGH
    max_comments: int = 5
    ignore: tuple[str, ...] = ()
    recall: RecallSettings = RecallSettings()
    noise_budget: float = 0.10
    share: tuple[Consent, ...] = ()  # in a registry's repository: where its lessons may be quoted
    on_failure: OnFailure = OnFailure.NEUTRAL
    max_file_bytes: int = 2_000_000
    dismiss: DismissSettings = DismissSettings()
    written: bool = False  # whether the repository has a configuration at all


def read_settings(text: str, source: str = FILE_NAME) -> Settings:
    """The settings a file gives. Raises SettingsError with every problem in it."""
    from twiceshy.lessons.positions import read_yaml  # noqa: PLC0415 - YAML only for a file

    document = read_yaml(text, source)
    problems = list(document.problems)
    values = document.value if document.value is not None else {}
    if not problems and not isinstance(values, dict):
        problems.append(
            Problem(source, 1, f"write settings as `key: value`, one of {', '.join(_READERS)}")
        )
    given: dict[str, Any] = {}
    for key, value in values.items() if isinstance(values, dict) else ():
        line = document.lines.get((key,), 0)
        try:
            given[key] = _reader(str(key))(value)
        except ValueError as error:
            problems.append(Problem(source, line, f"`{key}`: {error}"))
    if problems:
        raise SettingsError(tuple(problems))
    return Settings(**given, written=True)


def _reader(key: str) -> Callable[[object], object]:
    if key in _READERS:
        return _READERS[key]
    near = get_close_matches(key, _READERS, 1)
    if near:
        raise ValueError(f"unknown; did you mean `{near[0]}`?")
    raise ValueError(f"unknown; known are {', '.join(_READERS)}")


def _severity(value: object) -> Severity:
    if value in list(Severity):
        return Severity(str(value))
    raise ValueError(f"write one of {', '.join(Severity)}")


def _count(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST_COMMENTS:
        return value
    raise ValueError(f"write a whole number from 0 to {MOST_COMMENTS}")


def _share(value: object) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1:
        return float(value)
    raise ValueError("write a number from 0 to 1")


def _switch(value: object) -> bool:
    if isinstance(value, bool):
        return value
    raise ValueError("write true or false")


def _on_failure(value: object) -> OnFailure:
    if value in list(OnFailure):
        return OnFailure(str(value))
    raise ValueError(f"write one of {', '.join(OnFailure)}")


def _file_bytes(value: object) -> int:
    size = value if isinstance(value, int) and not isinstance(value, bool) else 0
    if LEAST_FILE_BYTES <= size <= MOST_FILE_BYTES:
        return size
    raise ValueError(
        f"write a whole number of bytes from {LEAST_FILE_BYTES:_} to {MOST_FILE_BYTES:_}"
    )


def _globs(value: object) -> tuple[str, ...]:
    values = [value] if isinstance(value, str) else value
    if isinstance(values, list) and all(map(_is_word, values)):
        return tuple(values)
    raise ValueError('write a list of patterns, like ["docs/**", "*.snap"]')


def _recall(value: object) -> RecallSettings:
    readers: dict[str, Callable[[object], Any]] = {
        "comment_at": _share,
        "block_at": _share,
        "structure": _switch,
    }
    if not isinstance(value, dict) or not set(value) <= set(readers):
        raise ValueError("write {comment_at: 0.9, block_at: 0.9, structure: true}")
    given = {name: readers[name](setting) for name, setting in value.items()}
    settings = replace(RecallSettings(), **given)
    if settings.comment_at > settings.block_at:
        raise ValueError("block_at must not be under comment_at")
    return settings


def _dismiss(value: object) -> DismissSettings:
    meant = f"write {{SEVERITY: {' or '.join(Lifting)}}}, for {', '.join(Severity)}"
    if not isinstance(value, dict) or not set(value) <= set(Severity):
        raise ValueError(meant)
    if not all(isinstance(who, str) and who in list(Lifting) for who in value.values()):
        raise ValueError(meant)
    return DismissSettings(**{severity: Lifting(who) for severity, who in value.items()})


def _registries(value: object) -> tuple[RegistrySetting, ...]:
    if not isinstance(value, list) or not value:
        raise ValueError("write a list, like [{path: .}, {builtin: famous}]")
    if len(value) > MOST_REGISTRIES:
        raise ValueError(f"at most {MOST_REGISTRIES} registries: join some of them")
    return tuple(_registry(entry) for entry in value)


def _registry(value: object) -> RegistrySetting:
    if not isinstance(value, Mapping) or not all(map(_is_word, value.values())):
        raise ValueError(_REGISTRY)
    if set(value) not in ({"path"}, {"repo"}, {"repo", "ref"}, {"builtin"}):
        raise ValueError(_REGISTRY)
    registry = RegistrySetting(**value)
    if registry.repo and not _REPOSITORY.fullmatch(registry.repo):
        raise ValueError(f"repo {registry.repo[:100]!r} is no repository: write it as OWNER/NAME")
    if registry.ref and len(registry.ref) > LONGEST_REF:
        raise ValueError(f"a ref has at most {LONGEST_REF} characters")
    if registry.path and (registry.path.startswith("/") or ".." in registry.path.split("/")):
        raise ValueError(
            f"path {registry.path!r} leaves the repository; use --registry for a folder elsewhere"
        )
    if registry.builtin not in (None, "famous"):
        raise ValueError("the one built-in registry is `famous`")
    return registry


_REGISTRY = "write each as {path: FOLDER}, {repo: OWNER/NAME, ref: BRANCH} or {builtin: famous}"


def _is_word(value: object) -> bool:
    return isinstance(value, str) and bool(value)


_SHARE = "write a list, like [{to: acme/*, as: text}, {to: acme/site, as: id, public: true}]"


def _consents(value: object) -> tuple[Consent, ...]:
    if isinstance(value, list):
        return tuple(_consent(entry) for entry in value)
    raise ValueError(_SHARE)


def _consent(entry: object) -> Consent:
    if not isinstance(entry, Mapping) or not {"to", "as"} <= set(entry) <= {"to", "as", "public"}:
        raise ValueError(_SHARE)
    return consent_from(entry["to"], entry["as"], entry.get("public", False))


_READERS: Mapping[str, Callable[[object], object]] = {
    "registries": _registries,
    "block_at": _severity,
    "max_comments": _count,
    "ignore": _globs,
    "recall": _recall,
    "noise_budget": _share,
    "share": _consents,
    "on_failure": _on_failure,
    "max_file_bytes": _file_bytes,
    "dismiss": _dismiss,
}
