"""Rules out of an inserted guard: what was tested from then on must not reach its uses untested.

The anchor is what the tested value flows into, never the statement that happens to stand before
the guard. Pure.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from twiceshy.learning.learn.rule_candidates.bindings import (
    ITSELF,
    assignment_before,
    enclosing_function,
    is_block,
    is_parameter,
    statement_of,
    value_of,
)
from twiceshy.learning.learn.rule_candidates.candidate import Breadth, Edit, Flow, RuleCandidate
from twiceshy.learning.learn.rule_candidates.site import Site
from twiceshy.learning.learn.rule_candidates.spelling import ARGUMENTS
from twiceshy.learning.learn.rule_candidates.tree import NAMES, Node
from twiceshy.learning.learn.rule_candidates.tree_edits import holds
from twiceshy.lessons.language import words

MOST_SUBJECTS, MOST_SINKS = 3, 4

_IFS = frozenset(["if_statement", "if_expression", "if", "unless", "guard_statement"])
_MODIFIERS = frozenset(["if_modifier", "unless_modifier"])
_CHOICES = words(
    "boolean_operator binary_expression binary conditional_expression ternary_expression "
    "conditional conjunction_expression disjunction_expression elvis_expression "
    "if_expression parenthesized_expression"
)
_CHOOSING = frozenset(["&&", "||", "??", "?:", "and", "or", "if", "?"])
_DEFAULTING = frozenset(["||", "??", "?:", "or"])
_CHECK = re.compile(
    r"^_*(?:assert|require|check|ensure|verify|valid|invariant|guard)", re.IGNORECASE
)
_MEMBER = (".", "->", "?.", "&.", "navigation_suffix", "optional_chain")
_WRAPPERS = frozenset(["argument", "value_argument", "parenthesized_expression", "expression_list"])
_PLAIN = re.compile(r"not\s|!|\b(?:is|None|null|nil|undefined|NULL|not)\b|[!=]==?|\s|[()]")


@dataclass(frozen=True, slots=True)
class Guard:
    """What is tested, and the code that stands behind it."""

    condition: Node
    behind: tuple[Node, ...]
    new: Node  # all that the fix put there
    check: bool = False  # it is a call or an assertion, no condition

    @property
    def asked(self) -> Node | None:
        """Code of the guard itself, which uses the value only to test it."""
        return None if self.optional else self.condition

    @property
    def optional(self) -> bool:
        """The value is used only where there is one: ``x?.y``, ``x or y``."""
        return self.new is self.behind[0] and not self.check and self.new.kind not in _IFS


@dataclass(frozen=True, slots=True)
class Sink:
    """A use of the tested value: the pattern of it, and how telling it is."""

    pattern: str
    reads: bool  # it reads the value itself: a member, an element


def guard_candidates(site: Site) -> Iterator[RuleCandidate]:
    """Rules for the guard that an edit is, if it is one."""
    guard = guard_of(site)
    if guard is None:
        return
    found = False
    for subject in _subjects(guard.condition, site)[:MOST_SUBJECTS]:
        for candidate in _untested(subject, guard, site):
            found = True
            yield candidate
    if not found and site.edit.old is not None and guard.new.kind in _IFS:
        yield from _of_calls(site.edit.old, guard, site)


def guard_of(site: Site) -> Guard | None:
    """The guard an edit puts in."""
    edit = site.edit
    new = edit.new
    if new is None:
        return None
    if new.kind == "optional_chain":
        return Guard(edit.after.children[0], (edit.after,), edit.after)
    if new.kind == "expression_statement" and len(new.named()) == 1:
        new = new.named()[0]
    if new.kind in _IFS or new.kind in _MODIFIERS:
        return _of_if(new, site)
    if edit.old is not None and new.kind in _CHOICES and holds(new, edit.old.code):
        return _of_choice(edit.old, new)
    return _of_check(new, site)


def _of_if(new: Node, site: Site) -> Guard | None:
    condition = _condition_of(new)
    if condition is None or not _stands_alone(site):
        return None
    statement = site.edit.new or new
    return Guard(condition, (new, *_behind(statement)), new)


def _stands_alone(site: Site) -> bool:
    old = site.edit.old
    return old is None or holds(site.edit.new or site.edit.after, old.code)


def _condition_of(test: Node) -> Node | None:
    named = test.named()
    if not named:
        return None
    if test.kind in _MODIFIERS:
        return named[-1]
    return named[1] if test.has_sign(";") and len(named) > 1 else named[0]


def _behind(statement: Node) -> list[Node]:
    """What stands after a statement, up to the end of its function."""
    behind = statement.after()
    for outer in statement.above():
        if "function" in outer.kind or "method" in outer.kind:
            break
        if not is_block(outer):
            behind += outer.after() if outer.parent and is_block(outer.parent) else []
    return behind


def _of_choice(old: Node, new: Node) -> Guard | None:
    """``x`` became ``c and x``, ``x if c else d``, or ``x or d``."""
    while new.kind == "parenthesized_expression" and len(new.named()) == 1:
        new = new.named()[0]
    signs = {child.kind for child in new.children if child.kind in _CHOOSING}
    if not signs:
        return None
    rest = [part for part in new.named() if part.code != old.code and not holds(part, old.code)]
    if not rest:
        return None
    statement = statement_of(new)
    if signs & _DEFAULTING and new.named()[0].code == old.code and not _tests(rest[0]):
        # x or default: what is tested is the value itself
        return Guard(old, (statement,), new)
    condition = (
        new.named()[1] if new.kind == "conditional_expression" and "if" in signs else rest[0]
    )
    # a test that ends the function stands before all that follows
    behind = _behind(statement) if statement.kind in _IFS else []
    return Guard(condition, (new, statement, *behind), new)


def _tests(node: Node) -> bool:
    return any(inner.kind in _CHOOSING or inner.code in _COMPARING for inner in node.walk())


_COMPARING = frozenset(["==", "!=", "===", "!==", "<", ">", "<=", ">=", "not", "!", "is", "in"])


def _of_check(new: Node, site: Site) -> Guard | None:
    """``assert x``, ``requireNonNull(x)``."""
    if site.inserted() is None:
        return None
    inner = new.named()[0] if new.kind == "expression_statement" and new.named() else new
    if new.kind == "assert_statement":
        return Guard(new.named()[0], tuple(_behind(new)), new, check=True)
    if not site.speller.is_call(inner):
        return None
    last_word = re.split(r"\W+", site.speller.callee(inner))[-1]
    if not _CHECK.match(last_word):
        return None
    return Guard(inner, tuple(_behind(site.edit.new or new)), new, check=True)


def _subjects(condition: Node, site: Site) -> list[Node]:
    """What a condition tests: local names, and members of them or of the object itself."""
    subjects: dict[str, Node] = {}
    for node in condition.walk():
        if not _is_value(node):
            continue
        root = _root(node)
        if (root.code in ITSELF and root is not node) or site.speller.is_local(root.code):
            subjects.setdefault(node.code, node)
    whole = [node for node in subjects.values() if not _is_part(node.code, subjects)]
    return sorted(whole, key=lambda node: -node.code.count("."))


def _is_part(code: str, subjects: Iterable[str]) -> bool:
    """Whether the object is only named on the way to a member that is tested."""
    return any(subject.startswith((f"{code}.", f"{code}->", f"{code}?.")) for subject in subjects)


def _is_value(node: Node) -> bool:
    """Whether a node is a name or a member by itself; not what is called."""
    if node.kind in NAMES:
        parent = node.parent
        return parent is None or not _is_member(parent) or parent.children[0] is node
    if not _is_member(node) or node.kind in ("call", "method_invocation"):
        return False
    called = node.parent is not None and node.parent.children[0] is node
    return not (called and node.parent is not None and _has_arguments(node.parent))


def _has_arguments(node: Node) -> bool:
    return any(child.kind in ARGUMENTS for child in node.children)


def _is_member(node: Node) -> bool:
    return len(node.children) > 1 and any(child.kind in _MEMBER for child in node.children[1:3])


def _root(node: Node) -> Node:
    while _is_member(node):
        node = node.children[0]
    return node


def _untested(subject: Node, guard: Guard, site: Site) -> Iterator[RuleCandidate]:
    """The result or parameter ``subject`` reaches its uses untested."""
    value = site.speller.text(subject)
    source = source_of(subject, guard.new, site)
    sinks = sinks_of(subject, guard, site)
    for test in _tests_for(subject, guard, site):
        tested = [*site.tests_of(test), *_checks(guard, site)]
        for sink in sinks:
            yield from _at_sink(sink, value, source, tested, guard, site)
        if source and guard.new.kind in _IFS:
            yield from _never_tested(source, value, test, guard, site)
        for sink in sinks[:1]:
            if guard.new.kind in _CHOICES:
                question = _test_text(subject, guard, site)
                exactly = [*_exactly(value, site), *_exactly(question, site)]
                yield from _at_sink(sink, value, source, exactly, guard, site)
            if is_parameter(subject.code, enclosing_function(guard.new, site.language)):
                yield from _of_parameter(sink, value, tested, guard, site)


def _of_calls(old: Node, guard: Guard, site: Site) -> Iterator[RuleCandidate]:
    """Calls that stand under a condition now which asks about something else."""
    call = next((node for node in guard.condition.walk() if site.speller.is_call(node)), None)
    test = site.speller.shape(call or guard.condition)
    calls = [node for node in old.walk() if site.speller.is_call(node)]
    for node in calls[:MOST_SINKS]:
        anchor = f"{site.speller.callee(node)}(...)"
        how = f"`{anchor}` where `{test}` was not asked"
        nots = site.tests_of(test)
        yield site.candidate(Edit.GUARD, Breadth.SHAPE, how, anchor, nots, added=test)


def _exactly(test: str, site: Site) -> list[tuple[str, str]]:
    """Where just this was tested, and nothing of it."""
    regions: list[tuple[str, str]] = []
    for region in site.idioms.tests:
        regions.append(("pattern-not-inside", region.replace("TEST", test)))
    return regions


def _tests_for(subject: Node, guard: Guard, site: Site) -> list[str]:
    """What counts as having tested it: any test of it, and the very question of the fix."""
    tests = dict.fromkeys([site.speller.text(subject), _test_text(subject, guard, site)])
    # what also binds a name is no pattern
    return [test for test in tests if ":=" not in test]


def _test_text(subject: Node, guard: Guard, site: Site) -> str:
    return site.speller.spelled(_question(subject, guard.condition), any_string=True)


def _question(subject: Node, condition: Node) -> str:
    """The part of a condition that asks about a subject; the subject where it is only asked
    whether there is one.
    """
    for node in condition.walk():
        if node.code == subject.code:
            break
    question = node
    for outer in node.above():
        if outer is condition.parent or outer.has_sign("&&", "||", "and", "or"):
            break
        if not outer.kind.startswith("parenthesized"):
            question = outer
    return (
        subject.code
        if not _PLAIN.sub("", question.code.replace(subject.code, ""))
        else question.code
    )


def _checks(guard: Guard, site: Site) -> list[tuple[str, str]]:
    if not guard.check:
        return []
    return [("pattern-not-inside", site.then(site.speller.shape(guard.new).rstrip(";")))]


@dataclass(frozen=True, slots=True)
class Source:
    """The call a value comes from."""

    binds: str  # the statement that binds the value
    call: str  # what it comes from


def source_of(subject: Node, place: Node, site: Site) -> Source | None:
    """Where a value comes from, if from a call."""
    assignment = assignment_before(subject.code, statement_of(place), site.language)
    inner = [place] if site.edit.new is not None and place.kind in _IFS else []
    for test in inner:
        if test.has_sign(";") and test.named():  # if x, err := f(); err != nil
            assignment = assignment or test.named()[0]
    value = value_of(assignment) if assignment else None
    if assignment is None or value is None:
        return None
    prefix = "await " if value.code.startswith("await ") else ""
    call = _call_in(value, site)
    if call is None:
        return None
    shape = f"{prefix}{site.speller.callee(call)}(...)" + "?" * value.code.endswith("?")
    left = assignment.code[: -len(value.code)].rstrip(" =:").strip()
    if "," in left:
        sign = ":=" if ":=" in assignment.code else "="
        return Source(f"{site.speller.spelled(left)} {sign} {shape}", shape)
    name = site.speller.text(subject)
    return Source(site.idioms.binds.replace("NAME", name).replace("VALUE", shape), shape)


def _call_in(value: Node, site: Site) -> Node | None:
    """The call a value is, behind whatever only passes it on."""
    node = value
    while not site.speller.is_call(node):
        named = node.named()
        if len(named) != 1:
            return None
        node = named[0]
    return node


def sinks_of(subject: Node, guard: Guard, site: Site) -> list[Sink]:
    """Uses of the value behind the guard that were there before it; telling ones first."""
    before = site.edit.before
    scope = enclosing_function(before, site.language) or [before, *before.above()][-1]
    known = {node.code for node in scope.walk()}
    sinks: dict[str, Sink] = {}
    for part in guard.behind:
        for node in part.walk():
            if node.code != subject.code or _within(node, guard.asked):
                continue
            use = _use_of(node, site)
            if use is None:
                continue
            where, sink = use
            if where.code.replace("?.", ".") in known and sink.pattern not in sinks:
                sinks[sink.pattern] = sink
    return list(sinks.values())[:MOST_SINKS]


def _within(node: Node, outer: Node | None) -> bool:
    return outer is not None and (node is outer or any(above is outer for above in node.above()))


def _use_of(node: Node, site: Site) -> tuple[Node, Sink] | None:
    """The smallest expression that does something with a value."""
    parent = node.parent
    if parent is None:
        return None
    value = site.speller.text(node)
    first = parent.children[0] is node
    if first and _is_member(parent):
        return _member_use(parent, site)
    if parent.has_sign("["):
        if first:
            return parent, Sink(f"{value}[$ANY]", True)
        return parent, Sink(f"{site.speller.text(parent.children[0])}[{value}]", False)
    if parent.has_sign("/", "%") and not first:
        return parent, Sink(f"$ANY {parent.children[1].code} {value}", False)
    return _argument_use(node, value, site)


def _member_use(member: Node, site: Site) -> tuple[Node, Sink]:
    speller = site.speller
    if speller.is_call(member):
        return member, Sink(f"{speller.callee(member)}(...)".replace("?.", "."), True)
    outer = member.parent
    if outer is not None and speller.is_call(outer) and outer.children[0] is member:
        return outer, Sink(f"{speller.callee(outer)}(...)".replace("?.", "."), True)
    return member, Sink(speller.text(member).replace("?.", "."), True)


def _argument_use(node: Node, value: str, site: Site) -> tuple[Node, Sink] | None:
    inner = node
    direct = True
    for outer in node.above():
        if is_block(outer) or "function" in outer.kind or "lambda" in outer.kind:
            return None
        if outer.kind in ARGUMENTS:
            call = outer.parent
            while call is not None and not site.speller.is_call(call):
                call = call.parent
            if call is None:
                return None
            shown = value if direct else f"<... {value} ...>"
            key = inner.code.partition("=")[0].strip()
            shown = f"{key}={shown}" if inner.kind == "keyword_argument" else shown
            return call, Sink(f"{site.speller.callee(call)}(..., {shown}, ...)", False)
        direct = direct and (outer.kind in _WRAPPERS or outer.kind == "keyword_argument")
        inner = outer
    return None


def _at_sink(
    sink: Sink,
    value: str,
    source: Source | None,
    tested: Sequence[tuple[str, str]],
    guard: Guard,
    site: Site,
) -> Iterator[RuleCandidate]:
    added = site.speller.text(guard.condition)
    if source is None:
        how = f"`{sink.pattern}` where `{value}` was not tested"
        yield site.candidate(Edit.GUARD, Breadth.SHAPE, how, sink.pattern, tested, added=added)
        return
    how = f"the result of `{source.call}` reaches `{sink.pattern}` untested"
    inside = ("pattern-inside", site.then(source.binds))
    yield site.candidate(
        Edit.GUARD, Breadth.PLACE, how, sink.pattern, [inside, *tested], added=added
    )
    if value.startswith("$") and "." not in value:
        regions = tuple(text for _, text in tested)
        flow = Flow((source.call,), value, regions)
        yield site.candidate(Edit.GUARD, Breadth.SHAPE, how, sink.pattern, added=added, flow=flow)


def _never_tested(
    source: Source, value: str, test: str, guard: Guard, site: Site
) -> Iterator[RuleCandidate]:
    """No test of a result stands anywhere after it."""
    nots: list[tuple[str, str]] = []
    deep = f"<... {test} ...>"
    for tested in site.idioms.tests:
        region = tested.replace("TEST", deep).removesuffix(site.idioms.rest)
        if region.startswith(("if", "assert", "Objects", "unless")):
            nots.append(("pattern-not-inside", f"{source.binds}{site.idioms.ends}\n...\n{region}"))
    several = ", " in source.binds
    returned = f"return ..., {value}" if several else f"return {value}"
    nots.append(("pattern-not-inside", site.both(source.binds, returned)))
    if several and ":=" in source.binds:
        nots.append(("pattern-not-inside", f"if {source.binds}; {deep} {{ ... }}"))
    nots += _checks(guard, site)
    how = f"the result of `{source.call}` is tested nowhere"
    added = site.speller.text(guard.condition)
    yield site.candidate(
        Edit.GUARD, Breadth.SHAPE, how, site.anchor(source.binds), nots, added=added
    )


def _of_parameter(
    sink: Sink, value: str, tested: Sequence[tuple[str, str]], guard: Guard, site: Site
) -> Iterator[RuleCandidate]:
    added = site.speller.text(guard.condition)
    how = f"a parameter reaches `{sink.pattern}` untested"
    for function in site.idioms.takes[:1]:
        inside = ("pattern-inside", function.replace("NAME", value))
        yield site.candidate(
            Edit.GUARD, Breadth.PLACE, how, sink.pattern, [inside, *tested], added=added
        )
