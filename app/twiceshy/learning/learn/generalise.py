"""What several fixes have in common, as a rule: the least general generalisation of their failing
sides, and of their fixed sides.

A metavariable stands where the fixes differ, the same one wherever they differ in the same way
(Plotkin, "A note on inductive generalization", 1970); what stands beside one of them by accident
is not in it. Pure and deterministic, as ``rule_candidates`` is.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import product

from twiceshy.guards.recall.word_weight import word_weight
from twiceshy.learning.learn.evidence import EvidencePair
from twiceshy.learning.learn.rule_candidates import FEWEST_TOLD, Breadth, Edit, RuleCandidate
from twiceshy.learning.learn.rule_candidates.lines import MOST_TEXT
from twiceshy.learning.learn.syntax_tree import Tree, common_ends, leaves_of, tree_of
from twiceshy.learning.mutations import local_names
from twiceshy.lessons.language import Patterns, words
from twiceshy.lessons.languages import language_named

MOST_FIXES = 12
MOST_PLACES = 16
"""Of one fix, where its two sides differ: statement and expressions are each a place."""

MOST_CANDIDATES = 12
FEWEST_SHARED = 1.0
"""What the words must weigh that several fixes share: less than those of one, as none of them is
there by accident.
"""

_BLOCKS = words(
    "block statement_block compound_statement class_body body statement_list"
    " declaration_list block_node body_statement"
)
_ARGUMENTS = words("argument_list arguments")
_NAMED = words("keyword_argument named_argument")
_UNITS = ("_statement", "_expression", "_declaration", "_invocation", "_operator", "call")
_MORE_UNITS = words("assignment subscript attribute await command_call")
_NO_UNITS = words(
    "function_declaration method_declaration class_declaration parameter_declaration"
    " field_declaration import_statement import_declaration package_declaration"
    " import_from_statement function_expression"
)
_NAMES = ("identifier", "name", "constant", "variable")
_SELF = frozenset(["self", "this", "cls", "super"])


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the two sides of a fix differ: nodes before it, and nodes after it, in their order."""

    bad: tuple[Tree, ...]
    good: tuple[Tree, ...]

    @property
    def kinds(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """What must be the same of places that are compared."""
        return tuple(node.kind for node in self.bad), tuple(node.kind for node in self.good)


@dataclass(frozen=True, slots=True)
class _Fix:
    """A fix's places, and the names that its code may choose freely."""

    places: tuple[_Place, ...]
    local: frozenset[str]


class _NotGeneral(Exception):
    """Nodes that no pattern stands for."""


def generalised(pairs: Sequence[EvidencePair]) -> tuple[RuleCandidate, ...]:
    """The rules that these fixes have in common, the most telling first; none of fewer than two."""
    language = pairs[0].language if pairs else ""
    if language_named(language).patterns is Patterns.NONE:
        return ()
    same_language = [pair for pair in pairs if pair.language == language][:MOST_FIXES]
    fixes = [_fix(pair) for pair in same_language]
    if len(fixes) < 2:  # noqa: PLR2004 - one varies in nothing
        return ()
    candidates: dict[RuleCandidate, float] = {}
    for place in fixes[0].places:
        for candidate, told in _candidates(place, fixes):
            candidates.setdefault(candidate, told)
    most_telling = sorted(candidates, key=lambda candidate: -candidates[candidate])
    return tuple(most_telling[:MOST_CANDIDATES])


def _candidates(first: _Place, fixes: Sequence[_Fix]) -> Iterator[tuple[RuleCandidate, float]]:
    """What one place of the first fix has in common with those of the others, as many as go."""
    chosen, local = [first], [fixes[0].local]
    pattern = None
    for fix in fixes[1:]:
        best = _best(chosen, local, fix)
        if best:
            place, pattern = best
            chosen.append(place)
            local.append(fix.local)
    if pattern:
        how = f"generalised over {len(chosen)} fixes"
        for patterns in pattern.as_rules():
            yield (
                RuleCandidate(Breadth.CALL, how, patterns, Edit.SHARED),
                pattern.told + len(chosen),
            )


def _best(
    chosen: Sequence[_Place], local: Sequence[frozenset[str]], fix: _Fix
) -> "tuple[_Place, _Pattern] | None":
    """The place of another fix that has most in common with those chosen, and what that is."""
    best: tuple[_Place, _Pattern] | None = None
    for place in fix.places:
        if place.kinds == chosen[0].kinds:
            pattern = _pattern([*chosen, place], [*local, fix.local])
            if pattern and (best is None or pattern.told > best[1].told):
                best = place, pattern
    return best


@dataclass(frozen=True, slots=True)
class _Pattern:
    """A failing side and a fixed one, in Semgrep's words."""

    bad: str
    good: str
    told: float  # what the words of the failing side weigh

    def as_rules(self) -> Iterator[tuple[tuple[str, str], ...]]:
        """The failing side, not as the fix has it; and by itself, where the fix has it no more."""
        if self.bad in self.good:
            yield (("pattern", self.bad), ("pattern-not-inside", self.good))
            return
        yield (("pattern", self.bad), ("pattern-not", self.good))
        # a metavariable of the failing side may be bound to all that the fix put there (``$X1`` to
        # ``n + 1``), and means the same in an exception: with names of its own it means any
        if "$X" in self.bad and "$X" in self.good:
            yield (("pattern", self.bad), ("pattern-not", self.good.replace("$X", "$Y")))
        if self.told >= FEWEST_TOLD:
            yield (("pattern", self.bad),)


def _pattern(places: Sequence[_Place], local: Sequence[frozenset[str]]) -> _Pattern | None:
    general = _Generaliser(local)
    try:
        bad = general.row([place.bad for place in places])
        good = general.row([place.good for place in places])
    except _NotGeneral:
        return None
    told = general.told_of(bad)
    if bad == good or told < FEWEST_SHARED or max(len(bad), len(good)) > MOST_TEXT:
        return None
    return _Pattern(bad, good, told)


class _Generaliser:
    """Patterns for nodes that stand at the same place of each fix."""

    def __init__(self, local: Sequence[frozenset[str]]) -> None:
        self._local = local
        self._metavariables: dict[tuple[str, ...], str] = {}

    def row(self, rows: Sequence[Sequence[Tree]]) -> str:
        """Statements one after the other, others may stand between them."""
        texts: list[str] = []
        for nodes in zip(*rows, strict=True):
            texts.append(_outdented(self.pattern(nodes), nodes[0].column))
        return "\n...\n".join(texts)

    def pattern(self, nodes: Sequence[Tree]) -> str:
        """What all of them are."""
        first = nodes[0]
        if all(node == first for node in nodes) and not self._has_local(nodes):
            return first.source[first.start : first.end]
        if not first.children or any(node.kind != first.kind for node in nodes):
            return self._varying(nodes)
        if len({len(node.children) for node in nodes}) == 1:
            try:
                return self._inside(nodes)
            except _NotGeneral:
                return self._varying(nodes)
        return self._arguments(nodes) if first.kind in _ARGUMENTS else self._varying(nodes)

    def told_of(self, pattern: str) -> float:
        """What its words weigh, metavariables apart."""
        words = {word for word in _words(pattern) if not word.startswith("$")}
        return sum(map(word_weight, words))

    def _inside(self, nodes: Sequence[Tree]) -> str:
        """Child by child, with what stands between the first one's."""
        first = nodes[0]
        text, at = "", first.start
        for children in zip(*(node.children for node in nodes), strict=True):
            text += first.source[at : children[0].start] + self.pattern(children)
            at = children[0].end
        return text + first.source[at : first.end]

    def _arguments(self, nodes: Sequence[Tree]) -> str:
        """Those that all have at the beginning, those that all name, and any others."""
        given = [_given(node) for node in nodes]
        first = min(common_ends(given[0], others)[0] for others in given[1:])
        texts = [child.key for child in given[0][:first]]
        named = [_named(arguments[first:]) for arguments in given]
        for name in named[0]:
            if all(name in arguments for arguments in named):
                same = [arguments[name] for arguments in named]
                texts += ["...", self.pattern(same)]
        return f"({', '.join([*texts, '...'])})"

    def _varying(self, nodes: Sequence[Tree]) -> str:
        first = nodes[0]
        if first.kind in _BLOCKS:
            return "{ ... }" if first.key.startswith("{") else "..."
        if all("string" in node.kind for node in nodes):
            return '"..."'
        if not all(map(_is_value, nodes)):
            raise _NotGeneral
        keys = tuple(node.key for node in nodes)
        return self._metavariables.setdefault(keys, f"$X{len(self._metavariables) + 1}")

    def _has_local(self, nodes: Sequence[Tree]) -> bool:
        for node, local in zip(nodes, self._local, strict=True):
            if any(leaf.key in local - _SELF for leaf in leaves_of(node)):
                return True
        return False


def _given(arguments: Tree) -> list[Tree]:
    """The arguments without the signs around and between them."""
    return [child for child in arguments.children if child.key not in "(,)"]


def _named(arguments: Iterable[Tree]) -> dict[str, Tree]:
    """Those that are given by name."""
    named: dict[str, Tree] = {}
    for argument in arguments:
        if argument.kind in _NAMED and len(argument.children) > 1:
            named[argument.children[0].key] = argument
    return named


def _is_value(node: Tree) -> bool:
    """Whether a metavariable may stand for it."""
    if not node.children:
        is_name = node.kind.endswith(_NAMES)
        return is_name or any(mark in node.kind for mark in ("integer", "float", "number", "lit"))
    return node.kind.endswith(_UNITS) or node.kind in _MORE_UNITS


def _words(pattern: str) -> Iterator[str]:
    word = ""
    for char in f"{pattern} ":
        if char.isalnum() or char in "_$":
            word += char
        elif word:
            yield word
            word = ""


def _outdented(text: str, column: int) -> str:
    """The lines after the first, as if it began at the margin."""
    first, *rest = text.split("\n")
    lines = [line[column:] if not line[:column].strip() else line for line in rest]
    return "\n".join([first, *lines])


def _fix(pair: EvidencePair) -> _Fix:
    bad, good = tree_of(pair.bad, pair.language), tree_of(pair.good, pair.language)
    local = local_names(pair.bad, pair.language) | local_names(pair.good, pair.language)
    places = tuple(_places(bad, good))[:MOST_PLACES] if bad and good else ()
    return _Fix(places, local)


def _places(bad: Tree, good: Tree) -> Iterator[_Place]:
    """The smallest places where two trees differ, and those around them up to a statement."""
    waiting = [(bad, good)]
    while waiting:
        old, new = waiting.pop()
        if _is_unit(old) and _is_unit(new):
            yield _Place((old,), (new,))
        changed = list(_aligned(old.children, new.children))
        for gone, came in changed:
            waiting += product(gone, came) if len(gone) == len(came) == 1 else ()
        if old.kind in _BLOCKS or old.kind == bad.kind:
            yield from _inserted(old.children, new.children)


def _aligned(
    old: Sequence[Tree], new: Sequence[Tree]
) -> Iterator[tuple[Sequence[Tree], Sequence[Tree]]]:
    """The children that differ, one by one where as many went as came."""
    matcher = SequenceMatcher(None, old, new, False)
    for kind, low, high, start, end in matcher.get_opcodes():
        if kind == "replace" and high - low == end - start:
            for gone, came in zip(old[low:high], new[start:end], strict=True):
                yield (gone,), (came,)
        elif kind != "equal":
            yield old[low:high], new[start:end]


def _inserted(old: Sequence[Tree], new: Sequence[Tree]) -> Iterator[_Place]:
    """A statement only the fix has, with the one after it, or the one before it."""
    matcher = SequenceMatcher(None, old, new, False)
    for kind, low, _, start, end in matcher.get_opcodes():
        if kind == "insert" and end - start == 1 and _is_statement(new[start]):
            yield from _beside(old, low, new[start])


def _beside(old: Sequence[Tree], low: int, came: Tree) -> Iterator[_Place]:
    for anchor in old[low : low + 1]:
        if _is_unit(anchor):
            yield _Place((anchor,), (came, anchor))
    for anchor in old[max(0, low - 1) : low]:
        if _is_unit(anchor):
            yield _Place((anchor,), (anchor, came))


def _is_statement(node: Tree) -> bool:
    return bool(node.children) and (node.kind.endswith(_UNITS) or node.kind in _MORE_UNITS)


def _is_unit(node: Tree) -> bool:
    """Whether it is a pattern by itself: a statement without a body, or an expression."""
    return _is_statement(node) and node.kind not in _NO_UNITS and not _has_block(node)


def _has_block(node: Tree) -> bool:
    return any(inner.kind in _BLOCKS for inner in _inner(node))


def _inner(tree: Tree) -> Iterable[Tree]:
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(node.children)
