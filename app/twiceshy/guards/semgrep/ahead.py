"""Semgrep asked once for many changes: its answers are kept, and given out change by change. Decides nothing."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from twiceshy.guards.semgrep.core import Engine, Fault, Match, Ran, Target
from twiceshy.lessons.model import Rule

_Text = tuple[str, str]
"""A target's path and its text: the same file in the same state need not be asked about twice."""


class Ahead:
    """Like an Engine for all texts it was made with; for any other it asks the engine."""

    def __init__(self, engine: Engine, rules: Sequence[Rule], targets: Sequence[Target]) -> None:
        """Runs Semgrep, once. When that does not come to its end nothing is kept, and each change is asked about."""
        self._engine = engine
        self._matches: dict[_Text, list[Match]] = defaultdict(list)
        self._faults: dict[_Text, list[Fault]] = defaultdict(list)
        self._known: frozenset[_Text] = frozenset()
        unique = {(target.path, target.text): target for target in targets}
        if not unique or not engine.sings():
            return
        named = dict(enumerate(unique))
        ran = engine.run(rules, [replace(unique[text], name=str(at)) for at, text in named.items()])
        if ran.broken:
            return
        self._known = frozenset(unique)
        for match in ran.matches:
            text = named[int(match.path)]
            self._matches[text].append(replace(match, path=text[0]))
        for fault in ran.faults:
            text = named[int(fault.path)] if fault.path else ("", "")
            self._faults[text].append(replace(fault, path=text[0] or None))

    def run(self, rules: Sequence[Rule], targets: Sequence[Target]) -> Ran:
        """As Engine.run; matches of rules that were not asked for now may be among the answers."""
        with self.running(rules, targets) as finish:
            return finish()

    @contextmanager
    def running(self, rules: Sequence[Rule], targets: Sequence[Target]) -> Iterator[Callable[[], Ran]]:
        """As Engine.running."""
        wanted = [(target.path, target.text) for target in targets]
        if not self._known.issuperset(wanted):
            with self._engine.running(rules, targets) as finish:
                yield finish
            return
        matches = tuple(match for text in wanted for match in self._matches.get(text, ()))
        faults = tuple(fault for text in wanted for fault in self._faults.get(text, ()))
        yield lambda: Ran(matches, faults)
