"""Which rules are slow on their own evidence: one slow rule is waited for by every pull request.
Decides nothing else.

Processor time counts, never the clock on the wall: how busy a machine is says nothing about a rule.
"""

from collections.abc import Callable, Sequence

from twiceshy.guards.semgrep.core import CANARY_RULE, Engine, Target
from twiceshy.guards.semgrep.targets import languages_of
from twiceshy.lessons.index import Unit
from twiceshy.lessons.languages import example_path
from twiceshy.lessons.lesson import Rule, Side

MOST_SECONDS = 0.25
"""Of processor time on its own evidence, without starting and parsing. Nothing under it is ever
slow.
"""

TRIES = 3
"""The best of so many counts: caches are cold the first time, and shared."""

Measure = Callable[[Sequence[Rule], Sequence[Target]], float | None]
"""Processor seconds of a run of rules over targets; None when it did not finish."""

_NOTHING = Rule("canary", "", ("python",), CANARY_RULE, "", 0)


def slow_rules(
    units: Sequence[Unit], engine: Engine | None = None, measure: Measure | None = None
) -> dict[str, float]:
    """Processor seconds by rule id of those that are slow; empty where the engine cannot be asked.

    The engine's own clock only says whom to look at: a rule takes no more of the processor than
    passes on the wall.
    """
    asked = engine or Engine()
    suspects = _suspects([unit for unit in units if unit.rules], asked)
    times = {
        rule.id: _best(rule, targets, measure or asked.cpu_seconds) for rule, targets in suspects
    }
    return {rule: seconds for rule, seconds in times.items() if seconds > MOST_SECONDS}


def _suspects(units: Sequence[Unit], engine: Engine) -> list[tuple[Rule, list[Target]]]:
    """Rules that took too long by the clock on some piece of their lesson's failing code, with all
    of it.
    """
    targets = {unit.lesson.id: _targets(unit) for unit in units}
    rules = [rule for unit in units for rule in unit.rules]
    all_targets = [target for those in targets.values() for target in those]
    passed = engine.match_seconds(rules, all_targets) if all_targets else {}
    suspects: list[tuple[Rule, list[Target]]] = []
    for rule in rules:
        own = targets[rule.lesson]
        if passed is None or any(
            passed.get((rule.id, target.path), 0.0) > MOST_SECONDS for target in own
        ):
            suspects.append((rule, own))
    return suspects


def _targets(unit: Unit) -> list[Target]:
    targets: list[Target] = []
    for number, block in enumerate(unit.lesson.evidence):
        if block.side is Side.BAD:
            name = block.path or example_path(block.language)
            targets.append(
                Target(
                    f"{unit.lesson.id}/{number}/{name}", block.code, languages_of(name, block.code)
                )
            )
    return targets


def _best(rule: Rule, targets: Sequence[Target], measure: Measure) -> float:
    """The least of a few tries, without what starting takes; it ends with the first that is quick."""
    least = float("inf")
    for _ in range(TRIES):
        whole, start = measure([rule], targets), measure([_NOTHING], targets)
        if whole is not None:
            least = min(least, whole - (start or 0.0))
        if least <= MOST_SECONDS:
            break
    return least
