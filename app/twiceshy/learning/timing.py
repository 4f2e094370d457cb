"""Which rules are slow on their own evidence: one slow rule is waited for by every pull request. Decides nothing else."""

from collections.abc import Sequence
from statistics import median

from twiceshy.guards.semgrep.core import Engine, Target
from twiceshy.guards.semgrep.targets import languages_of
from twiceshy.lessons.index import Unit
from twiceshy.lessons.languages import example_path
from twiceshy.lessons.model import Side

MOST_SECONDS = 0.1
"""On its own evidence, parsing left out."""

MOST_MEDIANS = 10
LEAST_SECONDS = 0.02
"""Under this ten medians are noise."""

AGAIN = 2
"""What was slow is measured so often again: a busy machine is not the rule's fault."""


def slow_rules(units: Sequence[Unit], engine: Engine | None = None) -> dict[str, float]:
    """Seconds by rule id of those that are slow; empty where the engine cannot be asked."""
    asked = engine or Engine()
    seconds = _seconds([unit for unit in units if unit.rules], asked)
    most = min(MOST_SECONDS, max(LEAST_SECONDS, MOST_MEDIANS * median(seconds.values()))) if seconds else 0.0
    for _ in range(AGAIN):
        suspects = [unit for unit in units if any(seconds.get(rule.id, 0.0) > most for rule in unit.rules)]
        again = _seconds(suspects, asked) if suspects else {}
        seconds = {rule: min(taken, again.get(rule, taken)) for rule, taken in seconds.items()}
    return {rule: taken for rule, taken in seconds.items() if taken > most}


def _seconds(units: Sequence[Unit], engine: Engine) -> dict[str, float]:
    """How long each rule took on the slowest piece of its lesson's failing code."""
    owners: dict[str, Unit] = {}
    targets: list[Target] = []
    for unit in units:
        for number, block in enumerate(unit.lesson.evidence):
            if block.side is Side.BAD:
                name = block.path or example_path(block.language)
                targets.append(Target(f"{unit.lesson.id}/{number}/{name}", block.code, languages_of(name, block.code)))
                owners[targets[-1].path] = unit
    rules = [rule for unit in units for rule in unit.rules]
    measured = engine.match_seconds(rules, targets) if targets else {}
    found: dict[str, float] = {}
    for (rule, path), seconds in measured.items():
        if any(rule == own.id for own in owners[path].rules):
            found[rule] = max(found.get(rule, 0.0), seconds)
    return found
