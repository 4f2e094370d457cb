"""Rules a fix suggests: what only the failing code has, made more and more general, and what the
fix added, as exceptions.

Pure and deterministic. Whether a candidate catches what it should is for ``choosing`` to find out,
with Semgrep.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import IntEnum
from typing import Any

from twiceshy.changes.parser.client import ask
from twiceshy.guards.recall.grams import TELLS
from twiceshy.guards.recall.word_weight import word_weight
from twiceshy.learning.mutations import local_names
from twiceshy.lessons.language import Patterns
from twiceshy.lessons.languages import language_named

MOST_CANDIDATES = 80
MOST_TEXT = 400
"""Characters of one pattern: what is longer matches its own incident and nothing else."""

FEWEST_TOLD = 1.5
"""What a pattern must say of its own: a name of this code, and something beside it."""

_WORD = re.compile(r"(?<![\w$])[^\W\d]\w*")
_OPENING, _CLOSING = re.compile(r"([(\[]) "), re.compile(r",? ([)\]])")
_LEXEME = re.compile(
    r"""(?P<string>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')|(?P<number>\b\d[\w.]*)|(?P<name>[^\W\d]\w*)|(?P<rest>[\s\S])"""
)


class Breadth(IntEnum):
    """How general a candidate is."""

    STATEMENT = 1  # the failing statement, whatever its local names
    LITERALS = 2  # the same with any strings and numbers
    EXPRESSION = 3  # only the call or comparison that changed
    ANY_LITERALS = 4  # the same with any strings and numbers
    CALL = 5  # any call of it that lacks what the fix added


@dataclass(frozen=True, slots=True)
class RuleCandidate:
    """A rule that may do: Semgrep's patterns, all of which must hold, and how it came to be, in
    words.
    """

    breadth: Breadth
    how: str
    patterns: tuple[tuple[str, str], ...]  # operator and pattern


@dataclass(frozen=True, slots=True)
class _Statement:
    head: str
    body: bool
    expressions: tuple[tuple[str, str], ...]  # text, and what a call calls


def rule_candidates(bad: str, good: str, language: str) -> tuple[RuleCandidate, ...]:
    """Candidates for one pair of evidence, most general first; none in a language whose code is no
    pattern.
    """
    if language_named(language).patterns is Patterns.NONE:
        return ()
    before, after = _statements(bad, language), _statements(good, language)
    shaped = _Shaper(local_names(bad, language) | local_names(good, language), language)
    found = dict.fromkeys(each for each in _candidates(before, after, shaped) if _sound(each))
    return tuple(sorted(found, key=lambda each: -each.breadth)[:MOST_CANDIDATES])


def _statements(code: str, language: str) -> list[_Statement]:
    rows: list[Any] = ask("statements", code, language) or []
    made = [
        _Statement(
            _tight(head),
            body,
            tuple((_tight(text), _tight(callee)) for text, callee in expressions),
        )
        for head, body, function, expressions in rows
        if not function
    ]
    return [each for each in made if not each.head.startswith(('"""', "'''"))]


def _tight(text: str) -> str:
    """Without the blanks that a line break left inside brackets."""
    return _CLOSING.sub(r"\1", _OPENING.sub(r"\1", text))


def _sound(candidate: RuleCandidate) -> bool:
    """Short enough, and with something of its own to say."""
    _, text = candidate.patterns[0]
    words = {word for word in _WORD.findall(text) if word_weight(word) >= TELLS}
    return len(text) <= MOST_TEXT and sum(map(word_weight, words)) >= FEWEST_TOLD


def _candidates(
    before: Sequence[_Statement], after: Sequence[_Statement], shaped: "_Shaper"
) -> Iterator[RuleCandidate]:
    matcher = SequenceMatcher(
        None, [each.head for each in before], [each.head for each in after], autojunk=False
    )
    for kind, low, high, start, end in matcher.get_opcodes():
        gone, came = before[low:high], after[start:end]
        if kind in ("replace", "delete"):
            for statement in gone:
                yield from _of_statement(statement, came, after, shaped)
        if kind in ("replace", "insert"):
            beside = [(each, "before") for each in before[max(0, low - 1) : low]]
            beside += [(each, "after") for each in before[high : high + 1]]
            for statement in came:
                yield from _of_insertion(
                    statement, [*beside, *((each, "instead") for each in gone)], shaped
                )
                if kind == "insert" and 0 < low < len(before):
                    yield _between(before[low - 1], statement, before[high], shaped)


def _of_statement(
    gone: _Statement, came: Sequence[_Statement], after: Sequence[_Statement], shaped: "_Shaper"
) -> Iterator[RuleCandidate]:
    """A statement the fix took away or changed."""
    nots = [shaped.statement(each) for each in came if each.body == gone.body]
    for breadth, any_literal in ((Breadth.STATEMENT, False), (Breadth.LITERALS, True)):
        shape = shaped.statement(gone, any_literal=any_literal)
        yield RuleCandidate(breadth, "the statement that failed", (("pattern", shape),))
        yield RuleCandidate(
            breadth, "the statement that failed, not as the fix has it", _without(shape, nots)
        )
    known = {text for each in after for text, _ in each.expressions}
    fixed = [(text, callee) for each in came for text, callee in each.expressions]
    for text, callee in gone.expressions:
        if text not in known:
            yield from _of_expression(text, callee, fixed, shaped)


def _of_expression(
    text: str, callee: str, fixed: Sequence[tuple[str, str]], shaped: "_Shaper"
) -> Iterator[RuleCandidate]:
    """A call or a comparison that is not there any more."""
    what = "the call that failed" if callee else "the expression that failed"
    for breadth, any_literal in ((Breadth.EXPRESSION, False), (Breadth.ANY_LITERALS, True)):
        shape = shaped.text(text, any_literal=any_literal)
        yield RuleCandidate(breadth, what, (("pattern", shape),))
        yield RuleCandidate(
            breadth,
            f"{what}, not as the fix has it",
            _without(shape, [shaped.text(each) for each, _ in fixed]),
        )
    if callee:
        name = shaped.text(callee)
        added = [shaped.text(each) for each, other in fixed if other == callee]
        nots = [
            *(_argument_of(name, text, each) for each, other in fixed if other == callee),
            *added,
        ]
        yield RuleCandidate(
            Breadth.CALL,
            "any such call without what the fix gave it",
            _without(f"{name}(...)", nots),
        )
        if not added:
            yield RuleCandidate(Breadth.CALL, "any such call", (("pattern", f"{name}(...)"),))


def _argument_of(name: str, before: str, after: str) -> str:
    """``name(..., key=..., ...)`` for the first keyword argument only the fix's call has; empty
    without one.
    """
    keys = [
        key
        for key in re.findall(r"[(,]\s*([^\W\d]\w*)\s*=(?!=)", after)
        if f"{key}=" not in before.replace(" =", "=")
    ]
    return f"{name}(..., {keys[0]}=$GIVEN, ...)" if keys else ""


def _of_insertion(
    came: _Statement, beside: Sequence[tuple[_Statement, str]], shaped: "_Shaper"
) -> Iterator[RuleCandidate]:
    """A statement only the fix has: the code beside it, where that statement is not."""
    added = [
        shaped.statement(came),
        *(f"{shaped.text(callee)}(...)" for _, callee in came.expressions if callee),
    ]
    for anchor, place in beside:
        for text in dict.fromkeys([shaped.statement(anchor), *_calls(anchor, shaped)]):
            breadth = Breadth.STATEMENT if text == shaped.statement(anchor) else Breadth.EXPRESSION
            for new in dict.fromkeys(added):
                how = (
                    f"what stood {place} the fix's `{came.head[:60]}`, without it"
                    if place != "instead"
                    else (f"what failed, without the fix's `{came.head[:60]}`")
                )
                for nots in _around(text, new, came, place):
                    yield RuleCandidate(breadth, how, (("pattern", text), *nots))


def _between(
    first: _Statement, came: _Statement, second: _Statement, shaped: "_Shaper"
) -> RuleCandidate:
    """Two statements in a row, without what the fix put between them."""
    one, new, two = (shaped.statement(each) for each in (first, came, second))
    patterns = (
        ("pattern", f"{one}\n...\n{two}"),
        ("pattern-not", f"{one}\n...\n{new}\n...\n{two}"),
    )
    return RuleCandidate(
        Breadth.STATEMENT, f"what stood around the fix's `{came.head[:60]}`, without it", patterns
    )


def _calls(statement: _Statement, shaped: "_Shaper") -> list[str]:
    return [f"{shaped.text(callee)}(...)" for _, callee in statement.expressions if callee][:3]


def _around(
    anchor: str, new: str, came: _Statement, place: str
) -> Iterator[tuple[tuple[str, str], ...]]:
    """The ways in which the fix's statement may stand about the anchor."""
    if came.body:
        yield (("pattern-not-inside", new),)
    if place != "before":
        yield (("pattern-not-inside", f"{new}\n..."),)
    if place != "after":
        yield (("pattern-not-inside", f"{anchor}\n...\n{new}"),)


def _without(pattern: str, nots: Iterable[str]) -> tuple[tuple[str, str], ...]:
    return (
        ("pattern", pattern),
        *(("pattern-not", each) for each in dict.fromkeys(nots) if each and each != pattern),
    )


class _Shaper:
    """Makes patterns of code: local names become metavariables, the same one for the same name;
    literals may go.
    """

    def __init__(self, local: Iterable[str], language: str) -> None:
        self._names: Mapping[str, str] = {
            name: f"$V{at}" for at, name in enumerate(sorted(local), 1)
        }
        self._braces = language_named(language).patterns is Patterns.BRACES

    def statement(self, statement: _Statement, *, any_literal: bool = False) -> str:
        head = self.text(statement.head, any_literal=any_literal)
        if not statement.body:
            return head
        return f"{head.rstrip('{').rstrip()} {{ ... }}" if self._braces else f"{head}\n  ..."

    def text(self, text: str, *, any_literal: bool = False) -> str:
        made: list[str] = []
        depth, last = 0, ""
        for match in _LEXEME.finditer(text):
            word, kind = match[0], match.lastgroup
            after = text[match.end() :].lstrip()
            if kind == "name":
                keyword = depth > 0 and after.startswith("=") and not after.startswith("==")
                if (
                    word in self._names
                    and last != "."
                    and not after.startswith("(")
                    and not keyword
                ):
                    word = self._names[word]
            elif any_literal and kind == "string":
                word = '"..."'
            elif any_literal and kind == "number":
                word = "$N"
            depth += (word in "([{") - (word in ")]}") if kind == "rest" else 0
            last = word if not word.isspace() else last
            made.append(word)
        return "".join(made)
