"""Which names a function binds itself, and what it binds them to. Pure; knows trees only by the
words that most grammars share.
"""

from collections.abc import Iterator, Sequence

from twiceshy.changes.parser.trees import grammar_of
from twiceshy.learning.learn.rule_candidates.tree import NAMES, Node
from twiceshy.lessons.language import words

LONGEST_OUTER = 150
"""Lines; a longer function around a function is a module in all but name."""

ITSELF = frozenset(["self", "this", "cls", "super", "$this", "_"])
"""Names that say what they are wherever they stand."""

_ASSIGNS = frozenset(["=", ":=", "in", "of", "as", "range", "<-", ":"])
_BINDING = ("assignment", "declarator", "declaration", "for_", "range_clause", "as_pattern", "for")
_PARAMETERS = (
    "parameter",
    "parameters",
    "lambda_parameter",
    "formal_parameter",
    "catch_",
    "resource",
    "exception_variable",
)


def enclosing_function(node: Node, language: str) -> Node | None:
    """The nearest function around a node."""
    functions = grammar_of(language).functions
    return next((outer for outer in (node, *node.above()) if outer.kind in functions), None)


def scope_of(node: Node, language: str) -> Node:
    """The function whose names a node sees; the root where it stands in none."""
    functions = grammar_of(language).functions
    scope: Node | None = None
    root = node
    for outer in (node, *node.above()):
        root = outer
        if outer.kind in functions and (scope is None or _lines(outer) <= LONGEST_OUTER):
            scope = outer
    return scope or root


def outer_parameters(node: Node, language: str) -> frozenset[str]:
    """Parameters of all functions around a node, however long they are."""
    functions = grammar_of(language).functions
    names: set[str] = set()
    for outer in (node, *node.above()):
        if outer.kind in functions:
            for part in _heads(outer.children):
                names.update(name.code for name in _parameters(part))
    return frozenset(names - ITSELF)


def _lines(node: Node) -> int:
    return node.last - node.first + 1


def bound_names(scope: Node) -> frozenset[str]:
    """Names of parameters and of what is assigned or introduced in a scope."""
    names: set[str] = set()
    for node in scope.walk():
        for name in (*_parameters(node), *_assigned(node)):
            names.add(name.code)
    return frozenset(names - ITSELF)


def _parameters(node: Node) -> Iterator[Node]:
    if not node.kind.startswith(_PARAMETERS) and not node.kind.endswith(_PARAMETERS):
        return
    names = [child for child in node.children if child.kind in NAMES]
    # a type is a plain name in some grammars, and stands before the parameter's own
    yield from names[-1:] if len(names) == 2 and not node.has_sign(",") else names  # noqa: PLR2004
    for child in node.children:
        if "declarator" in child.kind or "pattern" in child.kind or "typed" in child.kind:
            yield from _names_in(child)


def _names_in(node: Node) -> Iterator[Node]:
    """Names in a parameter or a pattern, but for those of types and of defaults."""
    waiting = [node]
    while waiting:
        inner = waiting.pop()
        if inner.kind in NAMES or inner.kind.startswith("shorthand_property_identifier"):
            yield inner
        for child in inner.children:
            if child.kind == "=":
                break
            if "type" not in child.kind or "typed" in child.kind:
                waiting.append(child)


def _assigned(node: Node) -> Iterator[Node]:
    if not any(word in node.kind for word in _BINDING):
        return
    yield from targets(node)


def targets(node: Node) -> list[Node]:
    """The names to the left of what a node assigns."""
    left: list[Node] = []
    for child in node.children:
        if child.kind in _ASSIGNS and left:
            break
        left.append(child)
    else:
        # a declaration without a value
        left = left if "declarator" in node.kind else []
    if node.kind == "as_pattern":
        left = node.children[-1:]
    names: list[Node] = []
    for child in left[-1:]:
        names += _plain_names(child)
    return names


def _plain_names(target: Node) -> Iterator[Node]:
    if target.kind in NAMES:
        yield target
    elif (
        "list" in target.kind
        or "pattern" in target.kind
        or "declaration" in target.kind
        or "declarator" in target.kind
        or target.kind == "as_pattern_target"
    ):
        yield from _names_in(target)


def value_of(assignment: Node) -> Node | None:
    """What is assigned: the last thing in it, if a sign of assigning stands before it."""
    named = assignment.named()
    if len(named) < 2 or not assignment.has_sign("=", ":="):  # noqa: PLR2004 - a name, a value
        return None
    return named[-1]


def assignment_before(name: str, place: Node, language: str) -> Node | None:
    """The last assignment of a name before a place, in its function."""
    scope = enclosing_function(place, language)
    root = scope or [place, *place.above()][-1]
    last: Node | None = None
    for node in root.walk():
        if node is place:
            break
        if _is_assignment(node) and _assigns(node, name):
            last = node
    return last


def _is_assignment(node: Node) -> bool:
    return any(word in node.kind for word in _BINDING) and value_of(node) is not None


def _assigns(node: Node, name: str) -> bool:
    return any(target.code == name for target in targets(node))


def statement_of(node: Node) -> Node:
    """The statement a node stands in: what stands directly in a block, or in the root."""
    statement = node
    for outer in node.above():
        if is_block(outer):
            break
        statement = outer
    return statement


BLOCKS = words(
    "block statement_block statement_list compound_statement statements body module program "
    "source_file translation_unit compilation_unit then body_statement else "
    "constructor_body control_structure_body switch_block_statement_group"
)


def is_block(node: Node) -> bool:
    """Whether statements stand directly in it."""
    return node.kind in BLOCKS


def is_parameter(name: str, function: Node | None) -> bool:
    """Whether a function takes a parameter of this name."""
    if function is None:
        return False
    for node in _heads(function.children):
        if any(parameter.code == name for parameter in _parameters(node)):
            return True
    return False


def _heads(children: Sequence[Node]) -> Iterator[Node]:
    for child in children:
        if not is_block(child):
            yield from child.walk()
