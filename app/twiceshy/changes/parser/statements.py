"""The statements of a text and the calls and comparisons in them, in order: what a rule can be made
of. Iterative.
"""

from typing import TYPE_CHECKING, Any

from twiceshy.changes.parser.trees import grammar_of, root_of
from twiceshy.lessons.language import Grammar

if TYPE_CHECKING:
    from ast_grep_py import SgNode

MOST = 2_000
_ENDINGS = ("_statement", "_declaration", "_definition")
_BODIES = ("body", "consequence")
_NOT_ALONE = frozenset(["parameter_declaration", "block", "statement_block"])


def statements(text: str, language: str) -> list[Any]:
    """Rows: head (text up to the body), whether it has a body, whether it is a function, and
    expressions.

    An expression is its text and, of a call, the text of what is called (else empty).
    """
    grammar = grammar_of(language)
    rows: list[Any] = []
    waiting: list[SgNode] = [root_of(text, language)]
    while waiting and len(rows) < MOST:
        node = waiting.pop()
        if _is_statement(node, grammar):
            rows.append(_row(node, grammar))
        waiting.extend(reversed(node.children()))
    return rows


def _is_statement(node: "SgNode", grammar: Grammar) -> bool:
    kind = node.kind()
    return kind.endswith(_ENDINGS) and kind not in _NOT_ALONE and kind not in grammar.classes


def _row(node: "SgNode", grammar: Grammar) -> list[Any]:
    body = _body(node)
    until = node.range().end.index if body is None else body.range().start.index
    is_function = node.kind() in grammar.functions
    return [_code(node, until), body is not None, is_function, _expressions(node, until, grammar)]


def _body(node: "SgNode") -> "SgNode | None":
    for name in _BODIES:
        if body := node.field(name):
            return body
    return None


def _expressions(node: "SgNode", until: int, grammar: Grammar) -> list[tuple[str, str]]:
    expressions: list[tuple[str, str]] = []
    waiting = list(reversed(node.children()))
    while waiting and len(expressions) < MOST:
        inner = waiting.pop()
        if inner.range().start.index >= until or _is_statement(inner, grammar):
            continue
        kind = inner.kind()
        if kind in grammar.calls:
            expressions.append((_code(inner, inner.range().end.index), _callee(inner)))
        elif kind in grammar.expressions:
            expressions.append((_code(inner, inner.range().end.index), ""))
        waiting.extend(reversed(inner.children()))
    return expressions


def _callee(call: "SgNode") -> str:
    """What a call calls: its text up to its arguments."""
    arguments = call.field("arguments")
    return _code(call, arguments.range().start.index) if arguments else ""


def _code(node: "SgNode", until: int) -> str:
    """The text of a node up to a place, on one line, without the comments in it."""
    start = node.range().start.index
    text = node.text()[: until - start]
    for comment in reversed(_comments(node, until)):
        first, last = comment.range().start.index - start, comment.range().end.index - start
        text = f"{text[:first]} {text[last:]}"
    return " ".join(text.split()).rstrip(";").strip()


def _comments(node: "SgNode", until: int) -> list["SgNode"]:
    comments: list[SgNode] = []
    waiting = [node]
    while waiting:
        inner = waiting.pop()
        if inner.range().start.index >= until:
            continue
        if "comment" in inner.kind():
            comments.append(inner)
        else:
            waiting.extend(reversed(inner.children()))
    return comments
