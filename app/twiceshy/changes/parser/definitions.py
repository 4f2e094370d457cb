"""Every named function, method and class in a syntax tree. Bounded, iterative; never raises for
code.
"""

import re
from typing import TYPE_CHECKING, Any

from twiceshy.changes.parser.trees import grammar_of, root_of
from twiceshy.lessons.language import Grammar

if TYPE_CHECKING:
    from ast_grep_py import SgNode

_LONGEST_NAME = 200
_RECEIVER = re.compile(r"\(\s*(?:\w+\s+)?[\s*]*(\w+)")
_CALLED = re.compile(r"[^\s(,]*")


def definitions(text: str, language: str) -> list[Any]:
    """Rows of qualified name, first and last line (1-based, inclusive), is it a class; outer before
    inner.
    """
    grammar = grammar_of(language)
    rows: list[tuple[int, list[Any]]] = []
    around: list[tuple[int, str]] = []  # what is open: where it ends, and its qualified name
    for node in _nodes(root_of(text, language), grammar):
        is_class, name = _is_class(node, grammar), _short_name(node, grammar)
        if is_class is None or not name:
            continue
        span = node.range()
        while around and around[-1][0] <= span.start.index:
            around.pop()
        qualified = f"{around[-1][1][:_LONGEST_NAME]}.{name}" if around else name
        around.append((span.end.index, qualified))
        rows.append((span.start.index, _row(node, grammar, qualified, is_class)))
    rows.sort(key=_outer_first)
    return [row for _, row in rows]


def _nodes(root: "SgNode", grammar: Grammar) -> list["SgNode"]:
    """What may be a definition, in the order of the text: looked for by kind, outside of Python."""
    kinds = {*grammar.functions, *grammar.classes}
    if grammar.defining_calls:
        kinds.add("call")
    if not kinds:
        return []
    return root.find_all({"rule": {"any": [{"kind": kind} for kind in sorted(kinds)]}})


def _outer_first(placed: tuple[int, list[Any]]) -> tuple[int, int]:
    start, (_, _, last_line, _) = placed
    return start, -last_line


def _is_class(node: "SgNode", grammar: Grammar) -> bool | None:
    """Whether a node is a class; None when it is no definition at all."""
    kind = node.kind()
    if kind in grammar.functions:
        return False
    if kind in grammar.classes:
        return True
    if kind == "call" and grammar.defining_calls:
        target = node.field("target")
        return grammar.defining_calls.get(target.text()) if target else None
    return None


def _row(node: "SgNode", grammar: Grammar, qualified: str, is_class: bool) -> list[Any]:
    """Decorators, and ``export`` or ``template`` in front, belong to what they stand before."""
    parent = node.parent()
    whole = parent if parent and parent.kind() in grammar.wrappers else node
    start, end = whole.range().start, node.range().end
    last_line = end.line + (end.column > 0)  # some nodes take the line end with them
    return [qualified, start.line + 1, max(start.line + 1, last_line), is_class]


def _short_name(node: "SgNode", grammar: Grammar) -> str:
    return _name(node, grammar)[:_LONGEST_NAME].split("\n", maxsplit=1)[0]


def _name(node: "SgNode", grammar: Grammar) -> str:
    """A function's own name with the type it is a method of, or the name it is assigned to; empty
    when it has none.
    """
    kind = node.kind()
    if kind in grammar.unnamed:
        return _assigned_name(node)
    if kind in grammar.named_by_keyword:
        return grammar.named_by_keyword[kind]
    if grammar.defining_calls:
        return _called_name(node)
    if grammar.labels:
        return _labels(node)
    name = _declared_name(node).replace("::", ".")
    if kind == "impl_item":
        return name.split("<", maxsplit=1)[0]
    receiver = node.field("receiver") if grammar.receivers else None
    owner = _RECEIVER.match(receiver.text()) if receiver else None
    return f"{owner[1]}.{name}" if owner else name


def _labels(node: "SgNode") -> str:
    """``resource.aws_s3_bucket.logs``."""
    labels: list[str] = []
    for child in node.children():
        if child.kind() in ("identifier", "string_lit"):
            labels.append(child.text().strip('"'))
    return ".".join(labels)


def _declared_name(node: "SgNode") -> str:
    """The name at the heart of a declaration (C wraps it in declarators), qualified when it stands
    so.
    """
    name = node.field("name") or node.field("declarator") or node.field("type")
    while name is not None and (deeper := name.field("declarator")):
        name = deeper
    if name is None:
        name = next((child for child in node.children() if "identifier" in child.kind()), None)
    return name.text() if name else ""


def _assigned_name(node: "SgNode") -> str:
    parent = node.parent()
    if parent is None:
        return ""
    name = parent.field("name") or parent.field("key") or parent.field("left")
    return name.text() if name else ""


def _called_name(node: "SgNode") -> str:
    """``f`` out of ``def f(x) when x > 1``."""
    for child in node.children():
        if child.kind() == "arguments":
            return _first_word(child)
    return ""


def _first_word(arguments: "SgNode") -> str:
    first = next((child for child in arguments.children() if child.is_named()), None)
    called = _CALLED.match(first.text()) if first else None
    return called[0] if called else ""
