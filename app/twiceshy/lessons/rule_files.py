"""Rule files as rules: plain Semgrep, with ``metadata.lesson`` naming the lesson. Never runs one.

Whether a pattern parses is Semgrep's to say, when the rules are compiled.
"""

import json
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
        return ReadRules(
            (),
            (Problem(source, 1, "no rules: write `rules:` with a list of Semgrep rules under it"),),
        )
    read = [_read(raw, number, document, source) for number, raw in enumerate(listed)]
    rules = tuple(each for each in read if isinstance(each, Rule))
    return ReadRules(rules, tuple(each for each in read if isinstance(each, Problem)))


def _read(raw: Any, number: int, read: Document, source: str) -> Rule | Problem:
    if not isinstance(raw, dict):
        return Problem(
            source,
            read.line(("rules", number)),
            "a rule is a mapping with id, languages, message …",
        )
    name, metadata, languages = raw.get("id"), raw.get("metadata"), raw.get("languages")
    lesson = metadata.get("lesson") if isinstance(metadata, dict) else None
    line = read.line(("rules", number, "id"))
    if not isinstance(name, str) or not name:
        return Problem(source, line, "a rule without an id: add `id: a-name-of-its-own`")
    if not isinstance(lesson, str) or not lesson:
        return Problem(source, line, f"rule {name} names no lesson: add `metadata: {{lesson: ID}}`")
    if (
        not isinstance(languages, list)
        or not languages
        or not all(isinstance(each, str) for each in languages)
    ):
        return Problem(source, line, f"rule {name} names no languages: add `languages: [python]`")
    for key, why in UNSUPPORTED.items():
        if key in raw or raw.get("mode") in ("join", "extract"):
            return Problem(
                source,
                line,
                f"rule {name} is left out: {why if key in raw else 'its mode cannot run here'}",
            )
    try:
        document = json.dumps(
            raw, ensure_ascii=False, separators=(",", ":"), default=str, allow_nan=False
        )
    except ValueError:
        return Problem(
            source, line, f"rule {name} holds a number that is none (.nan or .inf): write a number"
        )
    return Rule(name, lesson, tuple(languages), document, source, line)
