"""Rules out of another operator or another constant: the expression around it, under any local
names. Pure.
"""

from collections.abc import Iterator

from twiceshy.learning.learn.rule_candidates.bindings import is_block
from twiceshy.learning.learn.rule_candidates.calls import LITERAL, NUMBER, bound_of
from twiceshy.learning.learn.rule_candidates.candidate import Bound, Breadth, Edit, RuleCandidate
from twiceshy.learning.learn.rule_candidates.site import Site
from twiceshy.learning.learn.rule_candidates.spelling import ARGUMENTS
from twiceshy.learning.learn.rule_candidates.tree import Node
from twiceshy.lessons.language import words

_COMPARING = words("== != === !== < > <= >= is in <> <=> instanceof")
_NEGATED = frozenset(["is not", "not in"])
_COMPARISONS = ("comparison", "binary", "equality", "infix", "relational")


def operator_candidates(site: Site) -> Iterator[RuleCandidate]:
    """Rules for a comparison that became another one."""
    old = _comparison(site.edit.old, site.edit.before)
    new = site.edit.new or site.edit.after
    if old is None or site.edit.old is None or site.edit.new is None:
        return
    whole_new = _comparison(site.edit.new, site.edit.after) or new
    anchor, added = site.speller.text(old), site.speller.text(whole_new)
    how = "the comparison that failed"
    yield site.candidate(Edit.COMPARISON, Breadth.SHAPE, how, anchor, added=added)
    shape = site.speller.shape(old)
    if shape != anchor:
        yield site.candidate(Edit.COMPARISON, Breadth.CALL, how, shape, added=added)


def _comparison(changed: Node | None, around: Node) -> Node | None:
    """The comparison an operator stands in, or that is replaced as a whole."""
    if changed is None:
        return None
    if changed.code in _COMPARING or changed.code in _NEGATED:
        return around if _is_comparison(around) else None
    if _is_comparison(changed):
        return changed
    return None


def _is_comparison(node: Node) -> bool:
    signs = {child.code for child in node.children if child.kind in _COMPARING | _NEGATED}
    return node.kind.startswith(_COMPARISONS) and bool(signs)


def constant_candidates(site: Site) -> Iterator[RuleCandidate]:
    """Rules for a constant that stands in no call: what it is assigned to or compared with."""
    old, new = site.edit.old, site.edit.new
    if old is None or new is None or not LITERAL.match(old.code) or not LITERAL.match(new.code):
        return
    around = _around(old)
    if around is None:
        return
    how, added = "the constant that failed", site.speller.spelled(new.code)
    text = site.speller.text(around)
    if text.partition("=")[0].strip().isidentifier():
        return  # nobody else has a constant of this name
    yield site.candidate(Edit.CONSTANT, Breadth.SHAPE, how, text, added=added)
    if NUMBER.match(old.code) and NUMBER.match(new.code) and text.count(old.code) == 1:
        anchor = text.replace(old.code, "$NUMBER")
        bounds: tuple[Bound, ...] = (bound_of(old.code, new.code),)
        yield site.candidate(
            Edit.CONSTANT, Breadth.CALL, how, anchor, added=added, conditions=bounds
        )


def _around(constant: Node) -> Node | None:
    """The smallest assignment or comparison around a constant; none inside a call."""
    inner = constant
    for outer in constant.above():
        if outer.kind in ARGUMENTS or is_block(outer) or outer.kind == "keyword_argument":
            return None
        if outer.has_sign("=", ":=") or _is_comparison(outer):
            return outer
        inner = outer
    return inner if inner is not constant else None
