"""Rules out of a key of YAML or HCL that was missing beside its siblings, or had another value. The
anchor is the block, or a sibling. Pure.
"""

import re
from collections.abc import Iterator

from twiceshy.learning.learn.rule_candidates.calls import NUMBER, bound_of
from twiceshy.learning.learn.rule_candidates.candidate import Breadth, Edit, RuleCandidate
from twiceshy.learning.learn.rule_candidates.site import Site
from twiceshy.learning.learn.rule_candidates.tree import Node

MOST_SIBLINGS = 3
LONGEST_SIBLING = 80

_PROSE = re.compile(r"""["']?(?:v?\d+\.\d+\.\d|\S+ \S+ \S+ )""")
"""A sentence, or a version: nobody writes the same one again."""

_PAIRS = frozenset(["block_mapping_pair", "attribute"])


def key_candidates(site: Site) -> Iterator[RuleCandidate]:
    """Rules for a key that came, went or got another value."""
    old, new = _entry(site.edit.old), _entry(site.edit.new)
    if site.edit.old is None and new is not None:
        yield from _of_missing(new, site)
    elif site.edit.new is None and old is not None:
        how = f"the key `{_key(old)}`"
        yield from _of_entry(old, _pair(old, "$GIVEN", site), how, site)
    elif site.edit.old is not None and site.edit.new is not None:
        yield from _of_value(site.edit.old, site.edit.new, site)


def _entry(node: Node | None) -> Node | None:
    return node if node is not None and (node.kind in _PAIRS or node.kind == "block") else None


def _key(entry: Node) -> str:
    """The key of a pair; of a block all its labels."""
    if entry.kind == "block":
        return entry.code.partition("{")[0].strip()
    return entry.children[0].code if entry.children else ""


def _pair(entry: Node, value: str, site: Site) -> str:
    if entry.kind == "block":
        return f"{_key(entry)} {{ ... }}"
    return site.idioms.pair.replace("KEY", _key(entry)).replace("VALUE", value)


def _outer(entry: Node) -> Node | None:
    """The entry that an entry stands in."""
    return next((node for node in entry.above() if _entry(node) is not None), None)


def _of_missing(new: Node, site: Site) -> Iterator[RuleCandidate]:
    """What stands beside the key that was missing, without it."""
    given = _pair(new, "$GIVEN", site)
    outer = _outer(new)
    if outer is not None and outer.kind == "block":
        yield from _of_block(outer, new, given, site)
        return
    siblings = [entry for entry in _siblings(new) if _key(entry) != _key(new)]
    for sibling in siblings[:MOST_SIBLINGS]:
        # a value made of words says what kind of thing it is: `kind: Deployment`
        for value in dict.fromkeys([_scalar(sibling), "$ANY"]):
            if not value:
                continue
            how = f"`{_key(sibling)}` without `{_key(new)}` beside it"
            nots = [("pattern-not-inside", f"{given}\n...")]
            inside = _inside(new, site)
            breadth = Breadth.SHAPE if value == "$ANY" else Breadth.PLACE
            anchor = _pair(sibling, value, site)
            yield site.candidate(Edit.KEY, breadth, how, anchor, [*inside, *nots], added=given)


def _siblings(entry: Node) -> list[Node]:
    return [node for node in entry.parent.children if node.kind in _PAIRS] if entry.parent else []


def _scalar(entry: Node) -> str:
    value = entry.named()[-1].code if len(entry.named()) > 1 else ""
    return value if value.isidentifier() else ""


def _inside(entry: Node, site: Site) -> list[tuple[str, str]]:
    """The entry around, so that a key of the same name elsewhere is another."""
    outer = _outer(entry)
    if outer is None:
        return []
    if outer.kind == "block":
        return [("pattern-inside", f"{_any_name(_key(outer))} {{ ... }}")]
    return [("pattern-inside", _pair(outer, "$OUTER", site))]


def _any_name(head: str) -> str:
    """``resource "aws_s3_bucket" "logs"`` under any name."""
    words = head.split(" ")
    if words[0] in ("resource", "data") and len(words) > 2:  # noqa: PLR2004 - type and name
        return " ".join([*words[:2], "$NAME"])
    return f"{words[0]} $NAME" if len(words) > 1 else head


def _of_block(outer: Node, new: Node, given: str, site: Site) -> Iterator[RuleCandidate]:
    head = _any_name(_key(outer))
    how = f"`{head}` without `{_key(new)}`"
    nots = [("pattern-not", f"{head} {{\n  ...\n  {given}\n  ...\n}}")]
    anchor = f"{head} {{ ... }}"
    inside = _inside(outer, site)
    yield site.candidate(Edit.KEY, Breadth.CALL, how, anchor, [*inside, *nots], added=given)
    for sibling in _attributes(new, site)[:MOST_SIBLINGS]:
        beside = f"{head} {{\n  ...\n  {_pair(sibling, sibling.named()[-1].code, site)}\n  ...\n}}"
        yield site.candidate(Edit.KEY, Breadth.PLACE, how, beside, [*inside, *nots], added=given)


def _attributes(but: Node, site: Site) -> list[Node]:
    """What stood beside an entry before it came."""
    entries: list[Node] = []
    for node in but.parent.children if but.parent else []:
        was_there = node.kind == "attribute" and node.code in site.edit.before.code
        if was_there and len(node.code) <= LONGEST_SIBLING:
            entries.append(node)
    return entries


def _of_value(old: Node, new: Node, site: Site) -> Iterator[RuleCandidate]:
    """Another value for the same key."""
    entry = next((node for node in (old, *old.above()) if node.kind in _PAIRS), None)
    if entry is None or "\n" in old.code or len(entry.named()) < 2:  # noqa: PLR2004 - key, value
        return
    value_old, value_new = entry.named()[-1].code, new.code
    if _PROSE.match(value_old):
        return
    how = f"`{_key(entry)}` with the value that failed"
    yield from _of_entry(entry, _pair(entry, value_old, site), how, site)
    if NUMBER.match(value_old) and NUMBER.match(value_new):
        how = f"`{_key(entry)}` on the wrong side of {value_new}"
        conditions = (bound_of(value_old, value_new),)
        anchor = _pair(entry, "$NUMBER", site)
        inside = _inside(entry, site)
        yield site.candidate(
            Edit.KEY, Breadth.SHAPE, how, anchor, inside, added=value_new, conditions=conditions
        )
        yield site.candidate(
            Edit.KEY, Breadth.CALL, how, anchor, added=value_new, conditions=conditions
        )


def _of_entry(entry: Node, anchor: str, how: str, site: Site) -> Iterator[RuleCandidate]:
    added = site.edit.new.code if site.edit.new else ""
    inside = _inside(entry, site)
    yield site.candidate(Edit.KEY, Breadth.SHAPE, how, anchor, inside, added=added)
    if inside:
        yield site.candidate(Edit.KEY, Breadth.CALL, how, anchor, added=added)
