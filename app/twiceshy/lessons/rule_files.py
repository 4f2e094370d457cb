"""Rule files as rules: plain Semgrep, with ``metadata.lesson`` naming the lesson. Never runs one.

Whether a pattern parses is Semgrep's to say, when the rules are compiled.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from twiceshy.lessons.lesson import Problem, Rule
from twiceshy.lessons.positions import Document, read_yaml

UNSUPPORTED = {
    "validators": "it would call other hosts",
    "r2c-internal-project-depends-on": "it needs Semgrep's own service",
    "step": "join mode needs several runs",
}
"""Keys of rules that cannot run on a change alone, each with the reason."""


@dataclass(frozen=True, slots=True)
class ReadRules:
    """The rules of a file, and what had to be left out."""

    rules: tuple[Rule, ...] = ()
    problems: tuple[Problem, ...] = ()


def read_rules(text: str, source: str) -> ReadRules:
    """Read one rule file, YAML or JSON; one broken rule leaves the others standing."""
    document = read_yaml(text.removeprefix("\ufeff"), source)
    if document.problems:
        return ReadRules((), document.problems)
    listed = document.value.get("rules") if isinstance(document.value, dict) else None
    if not isinstance(listed, list) or not listed:
        message = "no rules: write `rules:` with a list of Semgrep rules under it"
        return ReadRules((), (Problem(source, 1, message),))
    rules: list[Rule] = []
    problems: list[Problem] = []
    for number, raw in enumerate(listed):
        rule = _read(raw, number, document, source)
        if isinstance(rule, Rule):
            rules.append(rule)
        else:
            problems.append(rule)
    return ReadRules(tuple(rules), tuple(problems))


def _read(raw: Any, number: int, file: Document, source: str) -> Rule | Problem:
    if not isinstance(raw, dict):
        line = file.line(("rules", number))
        return Problem(source, line, "a rule is a mapping with id, languages, message …")
    name, metadata, languages = raw.get("id"), raw.get("metadata"), _texts(raw.get("languages"))
    lesson = metadata.get("lesson") if isinstance(metadata, dict) else None
    line = file.line(("rules", number, "id"))
    if not isinstance(name, str) or not name:
        return Problem(source, line, "a rule without an id: add `id: a-name-of-its-own`")
    if not isinstance(lesson, str) or not lesson:
        return Problem(source, line, f"rule {name} names no lesson: add `metadata: {{lesson: ID}}`")
    if not languages:
        return Problem(source, line, f"rule {name} names no languages: add `languages: [python]`")
    if unsupported := _unsupported(raw):
        return Problem(source, line, f"rule {name} is left out: {unsupported}")
    try:
        document = json.dumps(
            raw, ensure_ascii=False, separators=(",", ":"), default=str, allow_nan=False
        )
    except ValueError:
        message = f"rule {name} holds a number that is none (.nan or .inf): write a number"
        return Problem(source, line, message)
    return Rule(name, lesson, languages, document, source, line)


def _texts(value: object) -> tuple[str, ...]:
    """The texts of a list; none when it holds anything else."""
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(value)
    return ()


def _unsupported(raw: Mapping[str, object]) -> str:
    """Why a rule cannot run here; empty when it can."""
    if raw.get("mode") in ("join", "extract") and "validators" not in raw:
        return "its mode cannot run here"
    return next((reason for key, reason in UNSUPPORTED.items() if key in raw), "")
