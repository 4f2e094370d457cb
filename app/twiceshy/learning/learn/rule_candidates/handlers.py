"""Rules out of a handler or a release that one path lacked: the calls that may fail are anchors,
the handler is the exception. Pure.
"""

from collections.abc import Iterator

from twiceshy.learning.learn.rule_candidates.bindings import is_block, scope_of
from twiceshy.learning.learn.rule_candidates.candidate import Breadth, Edit, RuleCandidate
from twiceshy.learning.learn.rule_candidates.site import Site
from twiceshy.learning.learn.rule_candidates.tree import Node

MOST_CALLS = 4

_TRIES = frozenset(["try_statement", "try_with_resources_statement", "begin", "try_expression"])
_CATCHES = ("except_clause", "catch_clause", "rescue", "except_group_clause", "catch_block")
_FINALLY = ("finally_clause", "ensure", "finally_block")
_AROUND = frozenset(
    ["with_statement", "using_statement", "synchronized_statement", "lock_statement"]
)


def handler_candidates(site: Site) -> Iterator[RuleCandidate]:
    """Rules for what the fix put around code, or beside its handlers."""
    new = site.edit.new
    if new is None:
        return
    if new.kind in _TRIES:
        yield from _of_clauses(new, new.children, site)
    elif new.kind.startswith((*_CATCHES, *_FINALLY)) and site.edit.old is None:
        yield from _of_clauses(site.edit.after, [new], site)
    elif new.kind in _AROUND:
        yield from _of_region(new, site)
    elif clause := _clause_of(new):
        yield from _of_other_error(clause, site)


def _of_clauses(attempt: Node, clauses: list[Node], site: Site) -> Iterator[RuleCandidate]:
    for clause in clauses:
        if clause.kind.startswith(_CATCHES):
            for error in _errors(clause) or ["$ERROR"]:
                regions = [region.replace("ERROR", error) for region in site.idioms.catches]
                how = f"a call outside of a handler of `{error}`"
                yield from _of_calls(attempt, regions, how, site)
        elif clause.kind.startswith(_FINALLY):
            yield from _of_release(attempt, clause, site)


def _errors(clause: Node) -> list[str]:
    """The types a handler is for."""
    errors: list[str] = []
    for node in clause.walk():
        if is_block(node):
            break
        last = node.code.rpartition(".")[2]
        # a type is written large in all languages that have handlers by type
        if last[:1].isupper() and not any(node.code in error for error in errors):
            errors.append(node.code.strip("()"))
    names: list[str] = []
    for error in errors:
        names += [part.strip() for part in error.replace("|", ",").split(",")]
    return [name for name in names if name.replace(".", "").isidentifier()]


def _of_calls(attempt: Node, regions: list[str], how: str, site: Site) -> Iterator[RuleCandidate]:
    """Calls that were there before the fix, outside of these regions."""
    nots = [("pattern-not-inside", region) for region in regions]
    if not nots:
        return
    added = regions[0]
    for anchor in _anchors(attempt, site):
        yield site.candidate(Edit.HANDLER, Breadth.SHAPE, how, anchor, nots, added=added)


def _anchors(attempt: Node, site: Site) -> list[str]:
    body = next((child for child in attempt.children if is_block(child)), attempt)
    before = scope_of(site.edit.before, site.language)
    anchors: dict[str, None] = {}
    for node in body.walk():
        if site.speller.is_call(node) and node.code in before.code:
            anchors[f"{site.speller.callee(node)}(...)"] = None
    return list(anchors)[:MOST_CALLS]


def _of_release(attempt: Node, clause: Node, site: Site) -> Iterator[RuleCandidate]:
    """What is done at the end now, whatever happened in between."""
    for node in clause.walk():
        if site.speller.is_call(node):
            call = f"{site.speller.callee(node)}(...)"
            regions = [
                region.replace("CALL", call) for region in site.idioms.releases if "CALL" in region
            ]
            yield from _of_calls(attempt, regions, f"a call without `{call}` in the end", site)


def _of_region(new: Node, site: Site) -> Iterator[RuleCandidate]:
    """``with lock:`` and its kin around the calls."""
    body = next((child for child in new.children if is_block(child)), None)
    if body is None or (site.edit.old is None and body.code not in site.edit.before.code):
        return
    head = site.speller.spelled(new.code[: new.code.index(body.code)].strip())
    region = f"{head}\n    ..." if head.endswith(":") else f"{head} {{ ... }}"
    yield from _of_calls(new, [region], f"a call outside of `{head}`", site)


def _clause_of(node: Node) -> Node | None:
    """The handler whose head a node stands in."""
    for outer in node.above():
        if outer.kind.startswith(_CATCHES):
            return outer
        if is_block(outer):
            return None
    return None


def _of_other_error(clause: Node, site: Site) -> Iterator[RuleCandidate]:
    """The handler is for other errors now."""
    if clause.parent is None or site.edit.new is None:
        return
    old = site.edit.old or site.edit.before
    for error in _errors(clause):
        if error not in old.code:
            regions = [region.replace("ERROR", error) for region in site.idioms.catches]
            how = f"a call outside of a handler of `{error}`"
            yield from _of_calls(clause.parent, regions, how, site)
