"""The statements of a text and the calls and comparisons in them, in order: what a rule can be made
of. Iterative.
"""

from typing import TYPE_CHECKING, Any

from twiceshy.changes.parser.definitions import CLASSES, FUNCTIONS
from twiceshy.changes.parser.trees import root_of

if TYPE_CHECKING:
    from ast_grep_py import SgNode

MOST = 2_000
_ENDINGS = ("_statement", "_declaration", "_definition")
_BODIES = ("body", "consequence")
_EXPRESSIONS = frozenset(
    {
        "call",
        "call_expression",
        "method_invocation",
        "new_expression",
        "object_creation_expression",
        "comparison_operator",
        "binary_expression",
        "boolean_operator",
        "subscript",
        "subscript_expression",
        "index_expression",
        "binary_operator",
    }
)
_CALLS = frozenset(
    {"call", "call_expression", "method_invocation", "new_expression", "object_creation_expression"}
)
_NOT_ALONE = frozenset({"parameter_declaration", "block", "statement_block"})


def statements(text: str, language: str) -> list[Any]:
    """Rows: head (text up to the body), whether it has a body, whether it is a function, and
    expressions.

    An expression is its text and, of a call, the text of what is called (else empty).
    """
    rows: list[Any] = []
    waiting: list[SgNode] = [root_of(text, language)]
    while waiting and len(rows) < MOST:
        node = waiting.pop()
        if _is_statement(node):
            rows.append(_row(node))
        waiting.extend(reversed(node.children()))
    return rows


def _is_statement(node: "SgNode") -> bool:
    kind = node.kind()
    return kind.endswith(_ENDINGS) and kind not in _NOT_ALONE and kind not in CLASSES


def _row(node: "SgNode") -> list[Any]:
    body = next((found for name in _BODIES if (found := node.field(name))), None)
    until = node.range().end.index if body is None else body.range().start.index
    return [
        _code(node, until),
        body is not None,
        node.kind() in FUNCTIONS,
        _expressions(node, until),
    ]


def _expressions(node: "SgNode", until: int) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    waiting = list(reversed(node.children()))
    while waiting and len(found) < MOST:
        each = waiting.pop()
        if each.range().start.index >= until or _is_statement(each):
            continue
        if each.kind() in _EXPRESSIONS:
            found.append((_code(each, each.range().end.index), _callee(each)))
        waiting.extend(reversed(each.children()))
    return found


def _callee(node: "SgNode") -> str:
    """What a call calls: its text up to its arguments."""
    arguments = node.field("arguments") if node.kind() in _CALLS else None
    return _code(node, arguments.range().start.index) if arguments else ""


def _code(node: "SgNode", until: int) -> str:
    """The text of a node up to a place, on one line, without the comments in it."""
    start = node.range().start.index
    text = node.text()[: until - start]
    for comment in reversed(_comments(node, until)):
        first, last = comment.range().start.index - start, comment.range().end.index - start
        text = f"{text[:first]} {text[last:]}"
    return " ".join(text.split()).rstrip(";").strip()


def _comments(node: "SgNode", until: int) -> list["SgNode"]:
    found: list[SgNode] = []
    waiting = [node]
    while waiting:
        each = waiting.pop()
        if each.range().start.index >= until:
            continue
        if "comment" in each.kind():
            found.append(each)
        else:
            waiting.extend(reversed(each.children()))
    return found
