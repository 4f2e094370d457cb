"""Every named function, method and class in a syntax tree. Bounded, iterative; never raises for
code.
"""

import re
from typing import TYPE_CHECKING, Any

from twiceshy.changes.parser.trees import root_of
from twiceshy.lessons.languages import language_named

if TYPE_CHECKING:
    from ast_grep_py import SgNode

FUNCTIONS = frozenset(
    [
        "function_definition",
        "function_declaration",
        "function_item",
        "method_definition",
        "method_declaration",
        "method",
        "function",
        "constructor_declaration",
        "arrow_function",
        "function_expression",
        "generator_function_declaration",
        "func_literal",
        "lambda",
        "singleton_method",
        "local_function_statement",
        "init_declaration",
        "subroutine_declaration",
        "closure_expression",
        "local_function",
        "protocol_function_declaration",
        "function_signature_item",
        "modifier_definition",
        "constructor_definition",
        "destructor_declaration",
        "generator_function",
        "anonymous_function",
        "anonymous_function_creation_expression",
    ]
)
CLASSES = frozenset(
    [
        "class_definition",
        "class_declaration",
        "class_specifier",
        "struct_item",
        "struct_specifier",
        "impl_item",
        "trait_item",
        "class",
        "module",
        "interface_declaration",
        "object_declaration",
        "object_definition",
        "trait_definition",
        "enum_declaration",
        "type_declaration",
        "contract_declaration",
        "record_declaration",
        "struct_declaration",
        "trait_declaration",
        "enum_item",
    ]
)
_UNNAMED = frozenset(
    {
        "arrow_function",
        "function_expression",
        "func_literal",
        "lambda",
        "closure_expression",
        "generator_function",
        "anonymous_function",
        "anonymous_function_creation_expression",
    }
)
"""Named by what they are assigned to, if at all."""

_KEYWORD_NAMED = {"constructor_definition": "constructor"}
_WRAPPERS = frozenset({"decorated_definition", "export_statement", "template_declaration"})
_MOST_OF_A_NAME = 200


def definitions(text: str, language: str) -> list[Any]:
    """Rows of qualified name, first and last line (1-based, inclusive), is it a class; outer before
    inner.
    """
    found: list[tuple[int, list[Any]]] = []
    waiting: list[tuple[SgNode, str]] = [(root_of(text, language), "")]
    while waiting:
        node, outer = waiting.pop()
        inner = outer
        is_class = _is_class(node, language)
        name = (
            _name(node, language)[:_MOST_OF_A_NAME].split("\n", maxsplit=1)[0]
            if is_class is not None
            else ""
        )
        if name and is_class is not None:
            inner = f"{outer[:_MOST_OF_A_NAME]}.{name}" if outer else name
            found.append((node.range().start.index, _row(node, inner, is_class)))
        waiting.extend((child, inner) for child in node.children() if not child.is_leaf())
    return [row for _, row in sorted(found, key=lambda each: (each[0], -each[1][2]))]


def _is_class(node: "SgNode", language: str | None) -> bool | None:
    """Whether a node is a class; None when it is no definition at all."""
    kind = node.kind()
    if kind in FUNCTIONS:
        return False
    if kind in CLASSES:
        return True
    spoken = language_named(language)
    if kind == "call" and spoken.defining_calls:
        target = node.field("target")
        return spoken.defining_calls.get(target.text()) if target else None
    return True if kind == "block" and spoken.block_classes else None


def _row(node: "SgNode", qualified: str, is_class: bool) -> list[Any]:
    """Decorators, and ``export`` or ``template`` in front, belong to what they stand before."""
    parent = node.parent()
    whole = parent if parent and parent.kind() in _WRAPPERS else node
    start, end = whole.range().start, node.range().end
    last = max(
        start.line + 1, end.line + (end.column > 0)
    )  # some nodes take the line end with them
    return [qualified, start.line + 1, last, is_class]


def _name(node: "SgNode", language: str | None) -> str:
    """A function's own name with the type it is a method of, or the name it is assigned to; empty
    when it has none.
    """
    kind = node.kind()
    if kind in _UNNAMED:
        return _assigned(node)
    if kind in _KEYWORD_NAMED:
        return _KEYWORD_NAMED[kind]
    spoken = language_named(language)
    if spoken.defining_calls:
        return _called_name(node)
    if spoken.block_classes:
        return ".".join(
            part.text().strip('"')
            for part in node.children()
            if part.kind() in ("identifier", "string_lit")
        )
    name = _declared(node).replace("::", ".")
    if kind == "impl_item":
        return name.split("<", maxsplit=1)[0]
    receiver = node.field("receiver") if spoken.receivers else None
    owner = _RECEIVER.match(receiver.text()) if receiver else None
    return f"{owner[1]}.{name}" if owner else name


_RECEIVER = re.compile(r"\(\s*(?:\w+\s+)?[\s*]*(\w+)")


def _declared(node: "SgNode") -> str:
    """The name at the heart of a declaration (C wraps it in declarators), qualified when it stands
    so.
    """
    named = node.field("name") or node.field("declarator") or node.field("type")
    while named is not None and (deeper := named.field("declarator")):
        named = deeper
    if named is None:
        named = next((child for child in node.children() if "identifier" in child.kind()), None)
    return named.text() if named else ""


def _assigned(node: "SgNode") -> str:
    parent = node.parent()
    named = parent.field("name") or parent.field("key") or parent.field("left") if parent else None
    return named.text() if named else ""


def _called_name(node: "SgNode") -> str:
    """``f`` out of ``def f(x) when x > 1``."""
    arguments = next((child for child in node.children() if child.kind() == "arguments"), None)
    named = (
        next((child for child in arguments.children() if child.is_named()), None)
        if arguments
        else None
    )
    called = _CALLED.match(named.text()) if named else None
    return called[0] if called else ""


_CALLED = re.compile(r"[^\s(,]*")
