"""Which rules are slow on their own evidence: one slow rule is waited for by every pull request.
Decides nothing else.

Processor time counts, never the clock on the wall: how busy a machine is says nothing about a rule.
"""

from collections.abc import Callable, Mapping, Sequence

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
    engine = engine or Engine()
    slow: dict[str, float] = {}
    for rule, targets in _suspects(units, engine):
        seconds = _best(rule, targets, measure or engine.cpu_seconds)
        if seconds > MOST_SECONDS:
            slow[rule.id] = seconds
    return slow


def _suspects(units: Sequence[Unit], engine: Engine) -> list[tuple[Rule, list[Target]]]:
    """Rules that took too long by the clock on some piece of their lesson's failing code, with all
    of it.
    """
    targets_of: dict[str, list[Target]] = {}
    rules: list[Rule] = []
    targets: list[Target] = []
    for unit in units:
        if unit.rules:
            targets_of[unit.lesson.id] = _targets(unit)
            rules += unit.rules
            targets += targets_of[unit.lesson.id]
    seconds = engine.match_seconds(rules, targets) if targets else {}
    suspects: list[tuple[Rule, list[Target]]] = []
    for rule in rules:
        own = targets_of[rule.lesson]
        if seconds is None or _longest(rule, own, seconds) > MOST_SECONDS:
            suspects.append((rule, own))
    return suspects


def _longest(
    rule: Rule, targets: Sequence[Target], seconds: Mapping[tuple[str, str], float]
) -> float:
    return max((seconds.get((rule.id, target.path), 0.0) for target in targets), default=0.0)


def _targets(unit: Unit) -> list[Target]:
    targets: list[Target] = []
    for number, block in enumerate(unit.lesson.evidence):
        if block.side is Side.BAD:
            name = block.path or example_path(block.language)
            path = f"{unit.lesson.id}/{number}/{name}"
            targets.append(Target(path, block.code, languages_of(name, block.code)))
    return targets


def _best(rule: Rule, targets: Sequence[Target], measure: Measure) -> float:
    """The least of a few tries, without what starting takes; it ends with the first that is
    quick.
    """
    least = float("inf")
    for _ in range(TRIES):
        whole, start = measure([rule], targets), measure([_NOTHING], targets)
        if whole is not None:
            least = min(least, whole - (start or 0.0))
        if least <= MOST_SECONDS:
            break
    return least
