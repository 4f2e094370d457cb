"""Rules whose message still asks what to do instead: whoever meets it would be told nothing.

A problem once the lesson may speak; advice while it is a draft. Pure.
"""

import json
from collections.abc import Iterable, Iterator

from twiceshy.learning.learn.rule_file import PLACEHOLDER
from twiceshy.learning.lint.advice import Advice, Weight
from twiceshy.lessons.lesson import Lesson, Mode, Problem, Rule

_UNFINISHED = (
    "rule {rule} does not say what to do instead: write it in the place of "
    f"`{PLACEHOLDER}`, as an order (Give every call a timeout)"
)


def placeholder_problems(lesson: Lesson, rules: Iterable[Rule]) -> Iterator[Problem]:
    """The unfinished rules of a lesson that is no draft."""
    if lesson.mode is not Mode.DRAFT:
        for rule in _unfinished(rules):
            yield Problem(rule.source, rule.line, _UNFINISHED.format(rule=rule.id))


def placeholder_advice(lesson: Lesson, rules: Iterable[Rule]) -> Iterator[Advice]:
    """The unfinished rules of a draft."""
    if lesson.mode is Mode.DRAFT:
        for rule in _unfinished(rules):
            message = _UNFINISHED.format(rule=rule.id)
            yield Advice(Weight.WARNING, rule.source, rule.line, message)


def _unfinished(rules: Iterable[Rule]) -> Iterator[Rule]:
    for rule in rules:
        if PLACEHOLDER in str(json.loads(rule.document).get("message", "")):
            yield rule
