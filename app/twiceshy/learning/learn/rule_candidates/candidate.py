"""What a candidate for a rule is: the kind of edit it comes from, how general it is, and its part
of a Semgrep rule. Only values: finds nothing, and runs nothing.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum

Patterns = tuple[tuple[str, str], ...]
"""Operator and pattern, all of which must hold; the first is what must be there."""


class Edit(StrEnum):
    """What a fix does to the tree of a text, as far as there is a shape of rule for it."""

    GUARD = "inserted guard"  # a test, an early return, a condition more, a default
    WRAPPED = "wrapped expression"  # f(x) becomes g(f(x))
    ARGUMENT = "argument"  # an argument, keyword, field or key of an object came, went or changed
    COMPARISON = "comparison"  # another operator
    CONSTANT = "constant"  # another number, string or switch
    AWAIT = "missing await"
    CALLEE = "swapped call"  # another function with the same arguments
    FOLLOWS = "missing call after"
    PRECEDES = "missing call before"
    HANDLER = "missing handler or release"
    MOVED = "moved statement"
    KEY = "configuration key"
    SHARED = "what several fixes share"  # whatever it is
    KNOWN = "known misuse"  # of a language or a library, wrong in anybody's code
    LINE = "failing line"  # the line again: a tripwire, no shape


class Breadth(IntEnum):
    """How general a candidate is; up to ANY_LITERALS it is the failing line again."""

    STATEMENT = 1  # the failing statement, whatever its local names
    LITERALS = 2  # the same with any strings and numbers
    EXPRESSION = 3  # only the call or comparison that changed
    ANY_LITERALS = 4  # the same with any strings and numbers
    PLACE = 5  # the shape of the edit, where the code around it is much the same
    SHAPE = 6  # the shape of the edit
    CALL = 7  # any call of it that lacks what the fix added


@dataclass(frozen=True, slots=True)
class Bound:
    """What the number that a metavariable stands for must be."""

    metavariable: str
    comparison: str  # of Semgrep's metavariable-comparison


@dataclass(frozen=True, slots=True)
class Choice:
    """What the text that a metavariable stands for must look like."""

    metavariable: str
    regex: str  # of Semgrep's metavariable-regex


@dataclass(frozen=True, slots=True)
class Flow:
    """Where a value comes from that must not reach the patterns, in Semgrep's taint mode."""

    sources: tuple[str, ...]
    focus: str  # the metavariable of the patterns that it reaches
    tested: tuple[str, ...]  # regions in which it was tested


@dataclass(frozen=True, slots=True)
class RuleCandidate:
    """A rule that may do: Semgrep's patterns, all of which must hold, and how it came to be, in
    words.
    """

    breadth: Breadth
    how: str
    patterns: Patterns
    edit: Edit = Edit.LINE
    added: str = ""  # what the fix added, as a pattern
    known: bool = False  # a misuse in any code: it needs no other use to bear it out
    conditions: tuple[Bound | Choice, ...] = ()
    flow: Flow | None = None
    body: str = ""  # as JSON, where it is known whole and the patterns are no more than its anchor
    instead: str = ""  # what to do, where that is known

    @property
    def anchor(self) -> str:
        """The pattern that must be there, before all exceptions."""
        return self.patterns[0][1]

    def matching(self) -> dict[str, object]:
        """What stands in Semgrep's rule for it, beside id, message and the like."""
        if self.body:
            return dict(json.loads(self.body))
        if self.flow:
            return _taint(self.flow, list(self._clauses()))
        clauses = list(self._clauses())
        return clauses[0] if len(clauses) == 1 else {"patterns": clauses}

    def _clauses(self) -> Iterator[dict[str, object]]:
        for operator, text in self.patterns:
            yield {operator: text}
        for condition in self.conditions:
            yield _condition(condition)


def _condition(condition: Bound | Choice) -> dict[str, object]:
    if isinstance(condition, Bound):
        return {"metavariable-comparison": {"comparison": condition.comparison}}
    body = {"metavariable": condition.metavariable, "regex": condition.regex}
    return {"metavariable-regex": body}


def _taint(flow: Flow, sink: list[dict[str, object]]) -> dict[str, object]:
    """See https://semgrep.dev/docs/writing-rules/data-flow/taint-mode ."""
    inside: list[Mapping[str, str]] = []
    for region in flow.tested:
        inside.append({"pattern-inside": region})
    sanitizer = {"patterns": [{"pattern": flow.focus}, {"pattern-either": inside}]}
    return {
        "mode": "taint",
        "pattern-sources": [{"pattern": source} for source in flow.sources],
        "pattern-sinks": [{"patterns": [*sink, {"focus-metavariable": flow.focus}]}],
        "pattern-sanitizers": [sanitizer],
    }
