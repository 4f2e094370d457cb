"""Rules out of an edit inside a call: an argument, keyword, field or key that came, went or
changed, a value that was wrapped, another function. The anchor is the call. Pure.
"""

import re
from collections.abc import Iterator

from twiceshy.learning.learn.rule_candidates.bindings import enclosing_function, is_block
from twiceshy.learning.learn.rule_candidates.candidate import Bound, Breadth, Edit, RuleCandidate
from twiceshy.learning.learn.rule_candidates.site import Site
from twiceshy.learning.learn.rule_candidates.spelling import ARGUMENTS, arguments_of
from twiceshy.learning.learn.rule_candidates.tree import NAMES, Node
from twiceshy.learning.learn.rule_candidates.tree_edits import holds

MOST_ARGUMENTS = 8
AWAITS = frozenset(["await_expression", "await"])

_KEYED = frozenset(["keyword_argument", "pair", "keyed_element", "named_argument", "assignment"])
_OBJECTS = frozenset(["object", "dictionary", "literal_value", "hash"])
NUMBER = re.compile(r"-?\d[\d_]*(?:\.\d+)?$")
LITERAL = re.compile(r"""-?\d|["'`]|(?:true|false|True|False|None|null|nil)$""")


def call_candidates(site: Site) -> Iterator[RuleCandidate]:
    """Rules for an edit in the arguments of a call, or in what is called."""
    edit = site.edit
    swapped = _swapped(site)
    if swapped is not None:
        yield from _of_callee(*swapped, site)
        return
    argument_old = _argument(edit.old or edit.before, site)
    argument_new = _argument(edit.new or edit.after, site)
    if edit.old is None and edit.new is not None:
        yield from _of_added(edit.new, site)
    elif edit.new is None and edit.old is not None:
        yield from _of_removed(edit.old, site)
    elif argument_old and argument_new and edit.old and edit.new:
        yield from _of_changed(argument_old, argument_new, site)
    yield from _of_wrapped(site)


def _argument(node: Node, site: Site) -> Node | None:
    """The argument of a call that a node stands in, or is."""
    argument = node
    for outer in node.above():
        if outer.kind in ARGUMENTS:
            return argument
        if is_block(outer) or site.speller.is_call(outer):
            return None
        if outer.kind not in ("argument", "value_argument") or outer.parent is None:
            argument = outer
    return None


def _call_around(node: Node, site: Site) -> Node | None:
    """The call a node stands directly among the arguments of."""
    for outer in node.above():
        if site.speller.is_call(outer):
            return outer
        if is_block(outer):
            return None
    return None


def _key(argument: Node) -> str:
    """The name of an argument or of a key; empty for one that has its place only."""
    if argument.kind in ("argument", "value_argument") and argument.has_sign(":", "="):
        return argument.children[0].code
    if argument.kind == "argument" and argument.children[0].kind == "name_colon":
        return argument.children[0].code.rstrip(": ")
    if argument.kind in _KEYED and argument.children:
        return argument.children[0].code
    return ""


def _of_added(new: Node, site: Site) -> Iterator[RuleCandidate]:
    """An argument, or a key of an object, that was missing."""
    if new.is_sign:
        return
    holder = site.edit.after
    if holder.kind in ARGUMENTS:
        call, old_call = _call_around(new, site), _call_around_list(site.edit.before, site)
        if call is None or old_call is None:
            return
        callee = site.speller.callee(old_call)
        if _key(new) and site.idioms.keyword:
            yield from _without_keyword(callee, _key(new), site)
        else:
            yield from _of_arity(old_call, call, site)
    elif holder.kind in _OBJECTS and _key(new):
        yield from _without_key(holder, _key(new), site)


def _call_around_list(arguments: Node, site: Site) -> Node | None:
    for outer in arguments.above():
        if site.speller.is_call(outer):
            return outer
    return None


def _without_keyword(callee: str, key: str, site: Site) -> Iterator[RuleCandidate]:
    given = f"{callee}(..., {site.idioms.keyword.replace('NAME', key)}, ...)"
    nots = [("pattern-not", given)]
    if site.idioms.keyword.startswith("NAME="):
        nots.append(("pattern-not", f"{callee}(..., **$KEYWORDS)"))
    how = "any such call without what the fix gave it"
    yield site.candidate(Edit.ARGUMENT, Breadth.CALL, how, f"{callee}(...)", nots, added=given)


def _of_arity(old: Node, new: Node, site: Site) -> Iterator[RuleCandidate]:
    """A call with one argument more: one with as many as before is wrong."""
    given = _arguments(old)
    if len(given) > MOST_ARGUMENTS or len(given) == len(_arguments(new)):
        return
    callee = site.speller.callee(old)
    anchor, added = f"{callee}({_places(len(given))})", site.speller.text(new)
    how = "a call with as few arguments as before the fix"
    yield site.candidate(Edit.ARGUMENT, Breadth.SHAPE, how, anchor, added=added)
    if len(given) < len(_arguments(new)) <= MOST_ARGUMENTS:
        yield _of_fewest(callee, len(_arguments(new)), site)


def _of_fewest(callee: str, number: int, site: Site) -> RuleCandidate:
    """Any call with fewer arguments than the fix gave it; one that is given a list may have all."""
    enough = f"{callee}({_places(number)}, ...)"
    nots = [("pattern-not", enough)]
    if site.idioms.spread:
        nots.append(("pattern-not", f"{callee}(..., {site.idioms.spread}, ...)"))
    how = f"a call with fewer than {number} arguments"
    return site.candidate(Edit.ARGUMENT, Breadth.CALL, how, f"{callee}(...)", nots, added=enough)


def _places(number: int) -> str:
    return ", ".join(f"$ARG{place}" for place in range(1, number + 1))


def _arguments(call: Node) -> list[Node]:
    arguments = arguments_of(call)
    return arguments.named() if arguments else []


def _without_key(holder: Node, key: str, site: Site) -> Iterator[RuleCandidate]:
    """An object without a key: as an argument of a call, or as a value of a type."""
    how = f"the same without `{key}`"
    call = _call_around(holder, site)
    if holder.kind == "literal_value" and holder.parent is not None:
        type_name = holder.parent.children[0].code
        given = f"{type_name}{{..., {key}: $GIVEN, ...}}"
        nots = [("pattern-not", given)]
        anchor = f"{type_name}{{...}}"
        yield site.candidate(Edit.ARGUMENT, Breadth.CALL, how, anchor, nots, added=given)
        return
    if call is not None and _is_direct(holder, call):
        callee = site.speller.callee(call)
        given = f"{callee}(..., {{..., {key}: $GIVEN, ...}}, ...)"
        anchor, nots = f"{callee}(..., {{...}}, ...)", [("pattern-not", given)]
        if holder.kind == "object":
            nots.append(("pattern-not", f"{callee}(..., {{..., ...$KEYWORDS, ...}}, ...)"))
        yield site.candidate(Edit.ARGUMENT, Breadth.CALL, how, anchor, nots, added=given)
    yield from _beside_siblings(holder, key, site)


def _is_direct(holder: Node, call: Node) -> bool:
    return holder.parent is not None and holder.parent is arguments_of(call)


def _beside_siblings(holder: Node, key: str, site: Site) -> Iterator[RuleCandidate]:
    """An object with the keys that stood beside the missing one."""
    siblings = [_key(child) for child in holder.named() if _key(child) and _key(child) != key]
    for sibling in siblings[:2]:
        anchor = f"{{..., {sibling}: $SIBLING, ...}}"
        given = f"{{..., {key}: $GIVEN, ...}}"
        how = f"an object with `{sibling}` and without `{key}`"
        nots = [("pattern-not", given)]
        yield site.candidate(Edit.ARGUMENT, Breadth.PLACE, how, anchor, nots, added=given)


def _of_removed(old: Node, site: Site) -> Iterator[RuleCandidate]:
    """An argument that must not be there."""
    if old.is_sign or site.edit.before.kind not in ARGUMENTS:
        return
    call, new_call = _call_around(old, site), _call_around_list(site.edit.after, site)
    if call is None or new_call is None or len(_arguments(call)) > MOST_ARGUMENTS:
        return
    callee, key = site.speller.callee(call), _key(old)
    added = site.speller.text(new_call)
    if key and site.idioms.keyword:
        anchor = f"{callee}(..., {site.idioms.keyword.replace('NAME', key)}, ...)"
        how = f"a call with `{key}`"
        yield site.candidate(Edit.ARGUMENT, Breadth.SHAPE, how, anchor, added=added)
    else:
        yield from _of_arity(call, new_call, site)


def _of_changed(old: Node, new: Node, site: Site) -> Iterator[RuleCandidate]:
    """Another value for an argument."""
    call, new_call = _call_around(old, site), _call_around(new, site)
    if call is None or new_call is None:
        return
    callee = site.speller.callee(call)
    if callee != site.speller.callee(new_call):
        return
    value_old, value_new = _value(old), _value(new)
    anchor = _with_argument(callee, call, old, site.speller.text(value_old), site)
    added = _with_argument(callee, call, old, site.speller.text(value_new), site)
    is_constant = bool(LITERAL.match(value_old.code) and LITERAL.match(value_new.code))
    kind = Edit.CONSTANT if is_constant else Edit.ARGUMENT
    yield site.candidate(kind, Breadth.SHAPE, "a call with this argument", anchor, added=added)
    if not LITERAL.match(value_new.code):
        anything = _with_argument(callee, call, old, "$GIVEN", site)
        how = "a call with another argument than the fix has it"
        nots = [("pattern-not", added)]
        yield site.candidate(kind, Breadth.PLACE, how, anything, nots, added=added)
    yield from _bounded(value_old, value_new, callee, call, old, site)


def _value(argument: Node) -> Node:
    return argument.named()[-1] if _key(argument) and argument.named() else argument


def _bounded(
    old: Node, new: Node, callee: str, call: Node, argument: Node, site: Site
) -> Iterator[RuleCandidate]:
    """A number on the wrong side of that of the fix."""
    if not (NUMBER.match(old.code) and NUMBER.match(new.code)):
        return
    anchor = _with_argument(callee, call, argument, "$NUMBER", site)
    added = _with_argument(callee, call, argument, new.code, site)
    how = f"a call with a number on the wrong side of {new.code}"
    bound = bound_of(old.code, new.code)
    yield site.candidate(Edit.CONSTANT, Breadth.CALL, how, anchor, added=added, conditions=(bound,))


def bound_of(old: str, new: str) -> Bound:
    """What a number must be to be as wrong as the old one."""
    sign = "<" if float(old.replace("_", "")) < float(new.replace("_", "")) else ">"
    return Bound("$NUMBER", f"$NUMBER {sign} {new.replace('_', '')}")


def _with_argument(callee: str, call: Node, argument: Node, value: str, site: Site) -> str:
    """A call with one argument told, by its name or by its place."""
    key = _key(argument)
    if key and site.idioms.keyword:
        keyword = site.idioms.keyword.replace("NAME", key).replace("$GIVEN", value)
        return f"{callee}(..., {keyword}, ...)"
    arguments = _arguments(call)
    place = next((number for number, one in enumerate(arguments) if _same(one, argument)), 0)
    before = [f"$ARG{number}" for number in range(1, place + 1)]
    return f"{callee}({', '.join([*before, value, '...'])})"


def _same(one: Node, other: Node) -> bool:
    return one is other or other in one.children


def _swapped(site: Site) -> tuple[Node, Node] | None:
    """The two calls, where another function is called with the same arguments."""
    old, new = site.edit.old, site.edit.new
    if old is None or new is None:
        return None
    calls = _innermost(old, site), _innermost(new, site)
    first, second = calls
    if first is None or second is None:
        return None
    same = [argument.code for argument in _arguments(first)] == [
        argument.code for argument in _arguments(second)
    ]
    differs = _names(site.speller.callee(first)) != _names(site.speller.callee(second))
    return (first, second) if same and differs else None


def _names(callee: str) -> list[str]:
    """What of a callee is not local."""
    return re.findall(r"(?<!\$)\b\w+", callee)


def _innermost(node: Node, site: Site) -> Node | None:
    """The call of which a node is what is called, or the node."""
    if site.speller.is_call(node):
        return node
    inner = node
    for outer in node.above():
        if site.speller.is_call(outer):
            arguments = arguments_of(outer)
            return outer if inner is not arguments else None
        if outer.kind in ARGUMENTS or is_block(outer):
            return None
        inner = outer
    return None


def _of_callee(old: Node, new: Node, site: Site) -> Iterator[RuleCandidate]:
    """One function where the fix calls another."""
    speller = site.speller
    callee, added = speller.callee(old), f"{speller.callee(new)}(...)"
    how = f"a call of `{callee}`, where the fix calls `{speller.callee(new)}`"
    yield site.candidate(Edit.CALLEE, Breadth.SHAPE, how, f"{callee}(...)", added=added)
    yield from _of_namesake(old, new, site)
    literal = [argument for argument in _arguments(old) if LITERAL.match(argument.code)]
    if literal and len(_arguments(old)) <= MOST_ARGUMENTS:
        yield site.candidate(Edit.CALLEE, Breadth.PLACE, how, speller.text(old), added=added)


def _of_namesake(old: Node, new: Node, site: Site) -> Iterator[RuleCandidate]:
    """A method that passes its call on under another name, where the fix calls the method's
    namesake: copied from its neighbour.
    """
    function = enclosing_function(new, site.language)
    receiver, _, called = site.speller.callee(new).rpartition(".")
    before, _, _ = site.speller.callee(old).rpartition(".")
    is_namesake = function is not None and _function_name(function) == called
    if not is_namesake or receiver != before or not site.idioms.method or not _names(receiver):
        return
    others = [("pattern-inside", site.idioms.method.replace("NAME", "$METHOD"))]
    how = f"a method that calls another method of `{receiver}` than its namesake"
    differs = Bound("$METHOD", "str($METHOD) != str($CALLED)")
    yield site.candidate(
        Edit.CALLEE,
        Breadth.CALL,
        how,
        f"{receiver}.$CALLED(...)",
        others,
        added=f"{receiver}.{called}(...)",
        conditions=(differs,),
    )


def _function_name(function: Node) -> str:
    name = ""
    for child in function.children:
        if child.kind in NAMES or child.kind in ("property_identifier", "field_identifier"):
            name = child.code
        elif "parameters" in child.kind:
            return name
    return ""


def _of_wrapped(site: Site) -> Iterator[RuleCandidate]:
    """``x`` became ``g(x)`` on its way into a call, or ``f(x)`` became ``g(f(x))``."""
    old, new = site.edit.old, site.edit.new
    if old is None or new is None or not holds(new, old.code):
        return
    wrapper = new.named()[0] if new.kind == "argument" else new
    call = _call_in_wrapper(wrapper, old, site)
    if call is None:
        return
    speller = site.speller
    wrapped = f"{speller.callee(call)}(...)"
    inner = old.named()[0] if old.kind == "argument" else old
    if speller.is_call(inner):
        anchor = f"{speller.callee(inner)}(...)"
        how = f"a call that is not inside of `{wrapped}`"
        nots = [("pattern-not-inside", wrapped)]
        yield site.candidate(Edit.WRAPPED, Breadth.CALL, how, anchor, nots, added=wrapped)
    yield from _into_call(old, wrapped, site)


def _call_in_wrapper(new: Node, old: Node, site: Site) -> Node | None:
    """The call that now stands around the old code."""
    for node in new.walk():
        if node.kind in AWAITS and not node.is_sign and holds(node, old.code):
            return None  # ``awaits`` knows more
        if site.speller.is_call(node):
            arguments = arguments_of(node)
            inside = arguments is not None and holds(arguments, old.code)
            return node if inside else None
    return None


def _into_call(old: Node, wrapped: str, site: Site) -> Iterator[RuleCandidate]:
    """What is called with the value that was not wrapped."""
    call = _call_around(old, site)
    argument = _argument(old, site)
    if call is None or argument is None:
        return
    callee = site.speller.callee(call)
    direct = argument is old or _value(argument) is old
    if not direct:
        return
    value = site.speller.text(old)
    anchor = _with_argument(callee, call, argument, value, site)
    given = _with_argument(callee, call, argument, wrapped, site)
    nots = [("pattern-not", given)]
    if value.startswith("$"):
        nots.append(("pattern-not", _with_argument(callee, call, argument, '"..."', site)))
        nots.append(("pattern-not-inside", site.then(f"{value} = {wrapped}")))
    how = f"a call with what is not `{wrapped}`"
    yield site.candidate(Edit.WRAPPED, Breadth.SHAPE, how, anchor, nots, added=wrapped)
