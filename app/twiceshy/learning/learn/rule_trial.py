"""Tries proposed rules with Semgrep: where they match in some texts. Decides nothing, and runs
nothing of the texts.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from twiceshy.guards.semgrep import prefilter
from twiceshy.guards.semgrep.core import (
    Engine,
    FaultKind,
    RunResult,
    SemgrepMissing,
    Target,
)
from twiceshy.guards.semgrep.targets import canonical
from twiceshy.lessons.index import Unit
from twiceshy.lessons.languages import language_named
from twiceshy.lessons.lesson import Lesson, Mode, Rule, Severity
from twiceshy.lessons.progress import Progress, no_progress

FILES_AT_ONCE = 500
"""Bounds memory, and shows how far it is."""

FEW_FILES = 100
"""So many are cheaper looked at than asked whether they need be."""

_TRIAL = Lesson("TRIAL", "", date(2000, 1, 1), Severity.HIGH, Mode.BLOCK, "")

Matching = Mapping[str, object]
"""What stands in a Semgrep rule beside id, message and the like."""


class Span(NamedTuple):
    """Lines of a text, 1-based and inclusive."""

    path: str
    start: int
    end: int

    def meets(self, other: "Span") -> bool:
        """Whether they share a line."""
        return self.path == other.path and self.start <= other.end and other.start <= self.end

    def within(self, other: "Span") -> bool:
        """Whether it begins inside the other."""
        return self.path == other.path and other.start <= self.start <= other.end

    def __str__(self) -> str:
        return f"{self.path}:{self.start}"


class GaveUp(NamedTuple):
    """A text on which Semgrep did not finish."""

    rule: int | None  # its place; None: no rule is sure to have been tried
    path: str


@dataclass(frozen=True)
class Trial:
    """Where each rule matched, and what nobody can say."""

    matches: Mapping[int, frozenset[Span]] = field(default_factory=dict)  # by the rule's place
    gave_up: frozenset[GaveUp] = frozenset()
    unparsed: frozenset[str] = frozenset()  # paths that Semgrep could not read all of
    broken: bool = False  # a run did not finish: that a rule is silent means nothing

    def of(self, number: int) -> frozenset[Span]:
        """Where one of the rules matched."""
        return self.matches.get(number, frozenset())

    def given_up_by(self, number: int) -> frozenset[str]:
        """Paths in which the silence of one of the rules means nothing."""
        return frozenset(path for rule, path in self.gave_up if rule in (number, None))


class _Need(NamedTuple):
    """What a text must hold for a rule to match in it."""

    anchor: str
    formula: Any


def semgrep_name(language: str) -> str:
    """Semgrep's name of a language of ours."""
    return language_named(language).semgrep or language


def try_rules(
    bodies: Sequence[Matching],
    texts: Mapping[str, str],
    language: str,
    progress: Progress = no_progress,
) -> Trial:
    """Every match of every rule in every text; a rule that Semgrep cannot read matches nowhere."""
    engine = Engine()
    rules = trial_unit(bodies, language).rules
    targets = _targets(_needs(engine, rules) if len(texts) > FEW_FILES else (), texts, language)
    results: list[RunResult] = []
    for start in range(0, len(targets), FILES_AT_ONCE):
        progress("trying rules on today's code", start, len(targets))
        results += _runs(engine, rules, targets[start : start + FILES_AT_ONCE])
    return trial_of(results)


def _runs(engine: Engine, rules: Sequence[Rule], targets: Sequence[Target]) -> Iterator[RunResult]:
    """One run; where it does not finish, its halves are tried: one rule must not cost the
    others.
    """
    try:
        result = engine.run(rules, targets)
    except SemgrepMissing:
        result = RunResult(broken=True)
    if result.broken and len(rules) > 1 and not _late(result):
        half = len(rules) // 2
        yield from _runs(engine, rules[:half], targets)
        yield from _runs(engine, rules[half:], targets)
    else:
        yield result


def _late(result: RunResult) -> bool:
    return any(fault.kind is FaultKind.RUN_LATE for fault in result.faults)


def _needs(engine: Engine, rules: Sequence[Rule]) -> Iterator[_Need]:
    """What a text must hold for one of the rules to match, as far as Semgrep tells."""
    if engine.passes_canary():
        formulas = prefilter.formulas(engine.dump_prefilters(rules))
        for rule in rules:
            formula = formulas.get(rule.id)
            whole = prefilter.of_whole_words(rule.document, rule.languages)
            for anchor in prefilter.anchors(formula, whole):
                yield _Need(anchor, formula)


def _targets(needs: Iterable[_Need], texts: Mapping[str, str], language: str) -> list[Target]:
    """The texts in which one of the rules can match, by their words: Semgrep need not see the
    others.
    """
    name = canonical(semgrep_name(language))
    languages = frozenset([name] if name else [])
    by_anchor: dict[str, list[_Need]] = {}
    for need in needs:
        by_anchor.setdefault(need.anchor, []).append(need)
    targets: list[Target] = []
    for path in sorted(texts):
        if not by_anchor or _can_match(by_anchor, texts[path]):
            targets.append(Target(path, texts[path], languages))
    return targets


def _can_match(by_anchor: Mapping[str, Sequence[_Need]], text: str) -> bool:
    for anchor, needs in by_anchor.items():
        if anchor == prefilter.EVERY_FILE or anchor in text:
            for need in needs:
                if prefilter.may_match(need.formula, text):
                    return True
    return False


def trial_of(results: Sequence[RunResult]) -> Trial:
    """What some runs of trial rules say; one that gave up nobody knows where is broken."""
    matches: dict[int, set[Span]] = {}
    gave_up: set[GaveUp] = set()
    unparsed: set[str] = set()
    broken = any(result.broken for result in results)
    for result in results:
        for match in result.matches:
            span = Span(match.path, match.start_line, match.end_line)
            matches.setdefault(_number(match.rule), set()).add(span)
        for fault in result.faults:
            if fault.kind is FaultKind.UNPARSED and fault.path:
                unparsed.add(fault.path)
            elif fault.kind is FaultKind.GAVE_UP and fault.path:
                gave_up.add(GaveUp(_number(fault.rule) if fault.rule else None, fault.path))
            elif fault.kind is FaultKind.GAVE_UP:
                broken = True
    frozen = {number: frozenset(spans) for number, spans in matches.items()}
    return Trial(frozen, frozenset(gave_up), frozenset(unparsed), broken)


def _number(rule: str) -> int:
    """A trial rule's place."""
    return int(rule.rpartition("-")[2])


def trial_unit(bodies: Sequence[Matching], language: str) -> Unit:
    """Rules as Semgrep is given them, in their order, under a lesson that is nobody's."""
    return Unit(_TRIAL, tuple(_rule(body, number, language) for number, body in enumerate(bodies)))


def _rule(body: Matching, number: int, language: str) -> Rule:
    name = f"trial-{number}"
    head = {
        "id": name,
        "languages": [semgrep_name(language)],
        "severity": "ERROR",
        "message": name,
        "metadata": {"lesson": _TRIAL.id},
    }
    return Rule(name, _TRIAL.id, (semgrep_name(language),), json.dumps({**head, **body}), "", 0)
