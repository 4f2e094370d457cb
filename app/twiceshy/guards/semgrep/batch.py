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
        self._answered: frozenset[_Text] = frozenset()
        batch = _Batch(wanted)
        if not batch.texts or not engine.passes_canary():
            return
        ran = engine.run(batch.rules, batch.targets)
        if not ran.broken:
            self._answered = frozenset(batch.texts)
            self._keep(ran, batch.texts)

    def _keep(self, ran: RunResult, texts: Sequence[_Text]) -> None:
        """Each answer under the text it is about, which it names by its place."""
        for match in dict.fromkeys(ran.matches):
            text = texts[int(match.path)]
            self._matches[text].append(replace(match, path=text[0]))
        for fault in dict.fromkeys(ran.faults):
            if fault.path:
                text = texts[int(fault.path)]
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
        if not self._answered.issuperset(wanted):
            with self._engine.running(rules, targets) as finish:
                yield finish
            return
        matches: list[Match] = []
        faults: list[SemgrepProblem] = []
        for text in wanted:
            matches += self._matches.get(text, ())
            faults += self._faults.get(text, ())
        yield lambda: RunResult(tuple(matches), tuple(faults))


class _Batch:
    """What Semgrep is asked: it runs every rule on every target of a batch, so a rule is bound to
    its targets by path.

    A target stands there under a name made for that, and a second time under its own for rules with
    paths of their own.
    """

    def __init__(self, wanted: Sequence[tuple[Target, Sequence[Rule]]]) -> None:
        self._numbers: dict[_Text, int] = {}
        self._names_of: dict[str, list[str]] = defaultdict(list)
        self._rules: dict[str, Rule] = {}
        self._targets: dict[tuple[int, bool], Target] = {}
        for target, rules in wanted:
            for rule in rules:
                self._add(target, rule)

    def _add(self, target: Target, rule: Rule) -> None:
        number = self._numbers.setdefault((target.path, target.text), len(self._numbers))
        name = f"target-{number}-"
        self._rules[rule.id] = rule
        own = has_paths(rule)
        if not own:
            self._names_of[rule.id].append(name)
        shown = replace(target, path=target.path if own else name, name=str(number))
        before = self._targets.get((number, own), shown)
        languages = before.languages | target.languages
        self._targets[number, own] = replace(before, languages=languages)

    @property
    def texts(self) -> list[_Text]:
        return list(self._numbers)

    @property
    def targets(self) -> list[Target]:
        return list(self._targets.values())

    @property
    def rules(self) -> list[Rule]:
        rules: list[Rule] = []
        for rule in self._rules.values():
            names = self._names_of.get(rule.id)
            rules.append(_bound(rule, names) if names else rule)
        return rules


@lru_cache(maxsize=4096)
def has_paths(rule: Rule) -> bool:
    """Whether a rule looks at some paths only."""
    return "paths" in json.loads(rule.document)


def _bound(rule: Rule, names: Sequence[str]) -> Rule:
    document = {**json.loads(rule.document), "paths": {"include": list(dict.fromkeys(names))}}
    return replace(rule, document=json.dumps(document))
