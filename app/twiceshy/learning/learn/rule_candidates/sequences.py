"""Rules out of a call that was missing before or after another, or that stood in the wrong order.
Pure.
"""

from collections.abc import Iterator

from twiceshy.learning.learn.rule_candidates.bindings import ITSELF, is_block
from twiceshy.learning.learn.rule_candidates.candidate import Breadth, Edit, RuleCandidate
from twiceshy.learning.learn.rule_candidates.guards import Guard, guard_of, sinks_of, source_of
from twiceshy.learning.learn.rule_candidates.site import Site
from twiceshy.learning.learn.rule_candidates.tree import NAMES, Node
from twiceshy.learning.learn.rule_candidates.tree_edits import TreeEdit

MOST_ANCHORS = 3

_STATEMENTS = ("expression_statement", "defer_statement", "call", "method_invocation")


def sequence_candidates(site: Site) -> Iterator[RuleCandidate]:
    """Rules for a call that the fix put beside others."""
    statement = site.inserted()
    if statement is None or not statement.kind.startswith(_STATEMENTS) or guard_of(site):
        return
    call = next((node for node in statement.walk() if site.speller.is_call(node)), None)
    if call is None or (call.parent is not None and _is_assigned(call)):
        return
    subjects = _subjects(call, site)
    for subject in subjects:
        yield from _follows(subject, statement, site)
        # of what a member is for, the object around it says nothing
        if not any(other.code.startswith(f"{subject.code}.") for other in subjects):
            yield from _precedes(subject, statement, site)


def _is_assigned(call: Node) -> bool:
    for outer in call.above():
        if is_block(outer):
            break
        if outer.has_sign("=", ":="):
            return True
    return False


def _subjects(call: Node, site: Site) -> list[Node]:
    """The local names and members a call is about, what it is called on first."""
    subjects: dict[str, Node] = {}
    receiver = call.children[0].children[:1] if call.children else []
    for node in receiver:
        root = node.code.partition(".")[0]
        if root != node.code and (site.speller.is_local(root) or root in ITSELF):
            subjects[node.code] = node
    for node in call.walk():
        if (node.kind in NAMES and site.speller.is_local(node.code)) or _is_own_member(node):
            subjects.setdefault(node.code, node)
    return list(subjects.values())[:2]


def _is_own_member(node: Node) -> bool:
    """``self.lock``, not what is called on it."""
    if len(node.children) != 3 or node.children[0].code not in ITSELF:  # noqa: PLR2004 - self . x
        return False
    parent = node.parent
    return parent is not None and "." in [child.code for child in parent.children[1:2]]


def _text(statement: Node, site: Site) -> str:
    return site.speller.shape(statement).rstrip(";").strip()


def _follows(subject: Node, statement: Node, site: Site) -> Iterator[RuleCandidate]:
    """What a value came from, or what was called on it, without the call after it."""
    after = _text(statement, site)
    value = site.speller.text(subject)
    source = source_of(subject, statement, site)
    if source is not None:
        nots = [*_afterwards(source.binds, after, site)]
        nots.append(("pattern-not-inside", site.both(source.binds, f"return {value}")))
        if "," in source.binds:
            nots.append(
                ("pattern-not-inside", site.both(source.binds, f"return ..., {value}, ..."))
            )
        how = f"`{source.call}` without `{after}` after it"
        yield site.candidate(
            Edit.FOLLOWS, Breadth.SHAPE, how, site.anchor(source.binds), nots, added=after
        )
        return
    for anchor in _calls_on(subject, statement.before()[::-1], site):
        how = f"`{anchor}` without `{after}` after it"
        nots = _afterwards(anchor, after, site)
        yield site.candidate(Edit.FOLLOWS, Breadth.SHAPE, how, anchor, nots, added=after)


def _afterwards(anchor: str, after: str, site: Site) -> list[tuple[str, str]]:
    """The ways in which a call may stand after another."""
    plain = after.removeprefix("defer ")
    ways = [
        ("pattern-not-inside", site.both(anchor, text)) for text in dict.fromkeys([after, plain])
    ]
    for region in site.idioms.releases:
        if "CALL" in region:
            text = region.replace("CALL", plain)
            ways.append(("pattern-not-inside", f"{anchor}{site.idioms.ends}\n...\n{text}"))
            ways.append(("pattern-not-inside", text))
    return ways


def _calls_on(subject: Node, statements: list[Node], site: Site) -> list[str]:
    """Calls on the same value in statements beside, the nearest first."""
    anchors: list[str] = []
    for statement in statements:
        for node in statement.walk():
            if not site.speller.is_call(node):
                continue
            callee = site.speller.callee(node)
            if callee.startswith(f"{site.speller.text(subject)}.") and len(anchors) < MOST_ANCHORS:
                anchors.append(f"{callee}(...)")
    return list(dict.fromkeys(anchors))


def _precedes(subject: Node, statement: Node, site: Site) -> Iterator[RuleCandidate]:
    """What a value flows into, without the call before it."""
    before = _text(statement, site)
    place = Guard(statement, tuple(statement.after()), statement, check=True)
    for sink in sinks_of(subject, place, site)[:MOST_ANCHORS]:
        how = f"`{sink.pattern}` without `{before}` before it"
        nots = [("pattern-not-inside", site.then(before))]
        yield site.candidate(Edit.PRECEDES, Breadth.SHAPE, how, sink.pattern, nots, added=before)


def moved_candidates(site: Site, there: TreeEdit) -> Iterator[RuleCandidate]:
    """Rules for a statement that stands elsewhere now: ``there`` is where it came to."""
    gone, came = site.edit.old, there.new
    if gone is None or came is None or not gone.kind.startswith(_STATEMENTS):
        return
    now_before = {node.code for node in came.before()}
    now_after = {node.code for node in came.after()}
    for other in gone.before():
        if other.code in now_after:
            yield from _in_order(other, gone, site)
    for other in gone.after():
        if other.code in now_before:
            yield from _in_order(gone, other, site)


def _in_order(first: Node, second: Node, site: Site) -> Iterator[RuleCandidate]:
    """The two statements as they stood before the fix."""
    if is_block(first) or (len(second.children) > 1 and any(map(is_block, second.children))):
        return
    texts = _text(first, site), _text(second, site)
    if "{" in "".join(texts) or ":\n" in "".join(texts):
        return
    how = f"`{texts[0]}` before `{texts[1]}`"
    added = site.both(texts[1], texts[0])
    anchor = site.both(*texts)
    yield site.candidate(Edit.MOVED, Breadth.SHAPE, how, anchor, added=added)
