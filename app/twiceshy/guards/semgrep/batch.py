"""Semgrep asked once for many changes: its answers are kept, and given out change by change.
Decides nothing.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import lru_cache

from twiceshy.guards.semgrep.core import Engine, Match, RunResult, SemgrepProblem, Target
from twiceshy.lessons.lesson import Rule

_Text = tuple[str, str]
"""A target's path and its text: the same file in the same state need not be asked about twice."""


class BatchedEngine:
    """Like an Engine for all texts it was made with; for any other it asks the engine."""

    def __init__(self, engine: Engine, wanted: Sequence[tuple[Target, Sequence[Rule]]]) -> None:
        """Run Semgrep, once: each rule on the targets it is wanted for.

        When that does not come to its end nothing is kept, and each change is asked about by
        itself.
        """
        self._engine = engine
        self._matches: dict[_Text, list[Match]] = defaultdict(list)
        self._faults: dict[_Text, list[SemgrepProblem]] = defaultdict(list)
        self._known: frozenset[_Text] = frozenset()
        asked = _Batch(wanted)
        if not asked.texts or not engine.sings():
            return
        ran = engine.run(asked.rules, asked.targets)
        if ran.broken:
            return
        self._known = frozenset(asked.texts)
        for match in dict.fromkeys(ran.matches):
            text = asked.texts[int(match.path)]
            self._matches[text].append(replace(match, path=text[0]))
        for fault in dict.fromkeys(fault for fault in ran.faults if fault.path):
            text = asked.texts[int(fault.path or 0)]
            self._faults[text].append(replace(fault, path=text[0]))

    def run(self, rules: Sequence[Rule], targets: Sequence[Target]) -> RunResult:
        """As Engine.run; matches of rules that were not asked for now may be among the answers."""
        with self.running(rules, targets) as finish:
            return finish()

    @contextmanager
    def running(
        self, rules: Sequence[Rule], targets: Sequence[Target]
    ) -> Iterator[Callable[[], RunResult]]:
        """As Engine.running."""
        wanted = [(target.path, target.text) for target in targets]
        if not self._known.issuperset(wanted):
            with self._engine.running(rules, targets) as finish:
                yield finish
            return
        matches = tuple(match for text in wanted for match in self._matches.get(text, ()))
        faults = tuple(fault for text in wanted for fault in self._faults.get(text, ()))
        yield lambda: RunResult(matches, faults)


class _Batch:
    """What Semgrep is asked: it runs every rule on every target of a batch, so a rule is bound to
    its targets by path.

    A target stands there under a name made for that, and a second time under its own for rules with
    paths of their own.
    """

    def __init__(self, wanted: Sequence[tuple[Target, Sequence[Rule]]]) -> None:
        numbers: dict[_Text, int] = {}
        bound: dict[str, list[str]] = defaultdict(list)
        rules: dict[str, Rule] = {}
        targets: dict[tuple[int, bool], Target] = {}
        for target, its_rules in wanted:
            at = numbers.setdefault((target.path, target.text), len(numbers))
            name = f"target-{at}-"
            for rule in its_rules:
                rules[rule.id] = rule
                own = has_paths(rule)
                if not own:
                    bound[rule.id].append(name)
                shown = replace(target, path=target.path if own else name, name=str(at))
                held = targets.get((at, own), shown)
                targets[at, own] = replace(held, languages=held.languages | target.languages)
        self.texts = list(numbers)
        self.targets = list(targets.values())
        self.rules = [
            _bound(rule, bound[rule.id]) if rule.id in bound else rule for rule in rules.values()
        ]


@lru_cache(maxsize=4096)
def has_paths(rule: Rule) -> bool:
    """Whether a rule looks at some paths only."""
    return "paths" in json.loads(rule.document)


def _bound(rule: Rule, names: Sequence[str]) -> Rule:
    document = {**json.loads(rule.document), "paths": {"include": list(dict.fromkeys(names))}}
    return replace(rule, document=json.dumps(document))
