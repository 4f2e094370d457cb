"""The last resort: what only the failing code has, made more and more general, and what the fix
added, as exceptions. Such a rule is a tripwire: it knows the line, not what was wrong with it.
Pure.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import product
from typing import Any

from twiceshy.changes.parser.client import ask
from twiceshy.guards.recall.grams import TELLS
from twiceshy.guards.recall.word_weight import word_weight
from twiceshy.learning.learn.rule_candidates.candidate import Breadth, RuleCandidate
from twiceshy.learning.mutations import local_names
from twiceshy.lessons.language import Idioms, Patterns
from twiceshy.lessons.languages import language_named

MOST_TEXT = 400
"""Characters of one pattern: what is longer matches its own incident and nothing else."""

FEWEST_TOLD = 1.5
"""What a pattern must say of its own: a name of this code, and something beside it."""

_WORD = re.compile(r"(?<![\w$])[^\W\d]\w*")
_OPENING, _CLOSING = re.compile(r"([(\[]) "), re.compile(r",? ([)\]])")
_LEXEME = re.compile(
    r"""(?P<string>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')"""
    r"""|(?P<number>\b\d[\w.]*)|(?P<name>[^\W\d]\w*)|(?P<rest>[\s\S])"""
)


@dataclass(frozen=True, slots=True)
class _Statement:
    head: str
    body: bool
    expressions: tuple[tuple[str, str], ...]  # text, and what a call calls


def line_candidates(bad: str, good: str, language: str) -> tuple[RuleCandidate, ...]:
    """Tripwires for two pieces of code, most general first; none in a language whose statements are
    no pattern.
    """
    if language_named(language).patterns is Patterns.NONE:
        return ()
    before, after = _statements(bad, language), _statements(good, language)
    shaper = _Shaper(local_names(bad, language) | local_names(good, language), language)
    sound = dict.fromkeys(filter(tells_enough, _candidates(before, after, shaper)))
    return tuple(sorted(sound, key=lambda candidate: -candidate.breadth))


def _statements(code: str, language: str) -> list[_Statement]:
    rows: list[Any] = ask("statements", code, language) or []
    statements: list[_Statement] = []
    for raw_head, body, function, expressions in rows:
        head = _tight(raw_head)
        if not function and not head.startswith(('"""', "'''")):
            pairs = tuple((_tight(text), _tight(callee)) for text, callee in expressions)
            statements.append(_Statement(head, body, pairs))
    return statements


def _tight(text: str) -> str:
    """Without the blanks that a line break left inside brackets."""
    return _CLOSING.sub(r"\1", _OPENING.sub(r"\1", text))


def tells_enough(candidate: RuleCandidate) -> bool:
    """Short enough, and with something of its own to say."""
    _, text = candidate.patterns[0]
    return len(text) <= MOST_TEXT and weight_of(text) >= FEWEST_TOLD


def weight_of(text: str) -> float:
    """How much the names in a pattern tell, each once."""
    words = {word for word in _WORD.findall(text) if word_weight(word) >= TELLS}
    return sum(map(word_weight, words))


def _candidates(
    before: Sequence[_Statement], after: Sequence[_Statement], shaper: "_Shaper"
) -> Iterator[RuleCandidate]:
    matcher = SequenceMatcher(None, _heads(before), _heads(after), autojunk=False)
    for kind, low, high, start, end in matcher.get_opcodes():
        gone, came = before[low:high], after[start:end]
        if kind in ("replace", "delete"):
            for statement in gone:
                yield from _of_statement(statement, came, after, shaper)
        if kind in ("replace", "insert"):
            anchors: list[tuple[_Statement, str]] = [
                *product(before[max(0, low - 1) : low], ["before"]),
                *product(before[high : high + 1], ["after"]),
                *product(gone, ["instead"]),
            ]
            for statement in came:
                yield from _of_insertion(statement, anchors, shaper)
                if kind == "insert" and 0 < low < len(before):
                    yield _between(before[low - 1], statement, before[high], shaper)


def _heads(statements: Iterable[_Statement]) -> list[str]:
    return [statement.head for statement in statements]


def _of_statement(
    gone: _Statement, came: Sequence[_Statement], after: Sequence[_Statement], shaper: "_Shaper"
) -> Iterator[RuleCandidate]:
    """A statement the fix took away or changed."""
    how = "the statement that failed"
    nots = [shaper.statement(statement) for statement in came if statement.body == gone.body]
    for breadth, any_literal in ((Breadth.STATEMENT, False), (Breadth.LITERALS, True)):
        shape = shaper.statement(gone, any_literal=any_literal)
        yield RuleCandidate(breadth, how, (("pattern", shape),))
        yield RuleCandidate(breadth, f"{how}, not as the fix has it", _without(shape, nots))
    still_there, fixed = dict(_expressions(after)), _expressions(came)
    for text, callee in gone.expressions:
        if text not in still_there:
            yield from _of_expression(text, callee, fixed, shaper)


def _expressions(statements: Iterable[_Statement]) -> list[tuple[str, str]]:
    expressions: list[tuple[str, str]] = []
    for statement in statements:
        expressions += statement.expressions
    return expressions


def _of_expression(
    text: str, callee: str, fixed: Sequence[tuple[str, str]], shaper: "_Shaper"
) -> Iterator[RuleCandidate]:
    """A call or a comparison that is not there any more."""
    how = "the call that failed" if callee else "the expression that failed"
    nots = [shaper.text(expression) for expression, _ in fixed]
    for breadth, any_literal in ((Breadth.EXPRESSION, False), (Breadth.ANY_LITERALS, True)):
        shape = shaper.text(text, any_literal=any_literal)
        yield RuleCandidate(breadth, how, (("pattern", shape),))
        yield RuleCandidate(breadth, f"{how}, not as the fix has it", _without(shape, nots))


def _of_insertion(
    came: _Statement, beside: Sequence[tuple[_Statement, str]], shaper: "_Shaper"
) -> Iterator[RuleCandidate]:
    """A statement only the fix has: the code beside it, where that statement is not."""
    added = dict.fromkeys([shaper.statement(came), *_all_calls(came, shaper)])
    for anchor, place in beside:
        how = _how(came, place)
        for text in dict.fromkeys([shaper.statement(anchor), *_calls(anchor, shaper)]):
            breadth = Breadth.STATEMENT if text == shaper.statement(anchor) else Breadth.EXPRESSION
            for new in added:
                for nots in _around(text, new, came, place, shaper):
                    yield RuleCandidate(breadth, how, (("pattern", text), *nots))


def _how(came: _Statement, place: str) -> str:
    if place == "instead":
        return f"what failed, without the fix's `{came.head[:60]}`"
    return f"what stood {place} the fix's `{came.head[:60]}`, without it"


def _between(
    first: _Statement, came: _Statement, second: _Statement, shaper: "_Shaper"
) -> RuleCandidate:
    """Two statements in a row, without what the fix put between them."""
    before, after = shaper.statement(first), shaper.statement(second)
    patterns = (
        ("pattern", shaper.both(before, after)),
        ("pattern-not", shaper.both(shaper.both(before, shaper.statement(came)), after)),
    )
    how = f"what stood around the fix's `{came.head[:60]}`, without it"
    return RuleCandidate(Breadth.STATEMENT, how, patterns)


def _calls(statement: _Statement, shaper: "_Shaper") -> list[str]:
    return _all_calls(statement, shaper)[:3]


def _all_calls(statement: _Statement, shaper: "_Shaper") -> list[str]:
    calls: list[str] = []
    for _, callee in statement.expressions:
        if callee:
            calls.append(f"{shaper.text(callee)}(...)")
    return calls


def _around(
    anchor: str, new: str, came: _Statement, place: str, shaper: "_Shaper"
) -> Iterator[tuple[tuple[str, str], ...]]:
    """The ways in which the fix's statement may stand about the anchor."""
    if came.body:
        yield (("pattern-not-inside", new),)
    if place != "before":
        yield (("pattern-not-inside", shaper.then(new)),)
    if place != "after":
        yield (("pattern-not-inside", shaper.both(anchor, new)),)


def _without(pattern: str, nots: Iterable[str]) -> tuple[tuple[str, str], ...]:
    exceptions = dict.fromkeys(nots)
    exceptions.pop(pattern, None)
    exceptions.pop("", None)
    return (("pattern", pattern), *product(["pattern-not"], exceptions))


class _Shaper:
    """Makes patterns of code: local names become metavariables, the same one for the same name;
    literals may go.
    """

    def __init__(self, local: Iterable[str], language: str) -> None:
        self._names: dict[str, str] = {}
        for number, name in enumerate(sorted(local), start=1):
            self._names[name] = f"$V{number}"
        self._braces = language_named(language).patterns is Patterns.BRACES
        self._idioms = language_named(language).idioms or Idioms(())

    def then(self, text: str) -> str:
        """A region: a statement, and what stands after it."""
        return f"{self._ended(text)}{self._idioms.rest}"

    def both(self, first: str, second: str) -> str:
        """A statement, and at any place after it another."""
        return f"{self._ended(first)}\n...\n{self._ended(second)}"

    def _ended(self, text: str) -> str:
        return text if text.endswith(("}", ";")) else f"{text}{self._idioms.ends}"

    def statement(self, statement: _Statement, *, any_literal: bool = False) -> str:
        head = self.text(statement.head, any_literal=any_literal)
        if not statement.body:
            return head
        return f"{head.rstrip('{').rstrip()} {{ ... }}" if self._braces else f"{head}\n  ..."

    def text(self, text: str, *, any_literal: bool = False) -> str:
        words: list[str] = []
        depth, last = 0, ""
        for match in _LEXEME.finditer(text):
            word, kind = match[0], match.lastgroup
            if kind == "name" and word in self._names and last != ".":
                after = text[match.end() :].lstrip()
                keyword = depth > 0 and after.startswith("=") and not after.startswith("==")
                if not after.startswith("(") and not keyword:
                    word = self._names[word]
            elif any_literal and kind == "string":
                word = '"..."'
            elif any_literal and kind == "number":
                word = "$N"
            depth += (word in "([{") - (word in ")]}") if kind == "rest" else 0
            last = word if not word.isspace() else last
            words.append(word)
        return "".join(words)
