"""The functions of a file and which of them a line is in, out of its syntax tree. Pure; bounded; never raises for code.

Trees are tree-sitter's, through ast-grep: they are made even of code that does not parse as a whole.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from twiceshy.lessons.languages import GRAMMARS

if TYPE_CHECKING:
    from ast_grep_py import SgNode

MAX_CHARACTERS = 1_000_000

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
    ]
)
_UNNAMED = frozenset({"arrow_function", "function_expression", "func_literal", "lambda", "closure_expression"})


@dataclass(frozen=True, slots=True)
class Function:
    """A function, method or class; lines are 1-based and inclusive."""

    name: str
    qualified: str  # with the classes around it: ``Client.charge``
    start_line: int
    end_line: int
    is_class: bool = False


def functions(text: str, language: str | None) -> tuple[Function, ...]:
    """Every named function, method and class, outer before inner; none for a language without a grammar."""
    if language not in GRAMMARS or len(text) > MAX_CHARACTERS:
        return ()
    from ast_grep_py import SgRoot  # noqa: PLC0415 - only when there is something to parse

    found: list[Function] = []
    waiting: list[tuple[SgNode, str]] = [(SgRoot(text, language).root(), "")]
    while waiting:
        node, outer = waiting.pop()
        kind = node.kind()
        inner = outer
        if kind in FUNCTIONS or kind in CLASSES:
            name = _name(node)
            if name:
                inner = f"{outer}.{name}" if outer else name
                lines = node.range()
                found.append(Function(name, inner, lines.start.line + 1, lines.end.line + 1, kind in CLASSES))
        waiting.extend((child, inner) for child in node.children() if not child.is_leaf())
    return tuple(sorted(found, key=lambda each: (each.start_line, -each.end_line)))


def enclosing(found: Iterable[Function], line: int) -> Function | None:
    """The innermost function a line is in; a class only where there is no function."""
    around = [each for each in found if each.start_line <= line <= each.end_line]
    proper = [each for each in around if not each.is_class] or around
    return min(proper, key=lambda each: each.end_line - each.start_line, default=None)


def _name(node: "SgNode") -> str:
    """A function's own name, or the name it is assigned to; empty when it has none."""
    if node.kind() in _UNNAMED:
        parent = node.parent()
        named = parent.field("name") or parent.field("key") or parent.field("left") if parent else None
        return named.text().split("\n")[0][:200] if named else ""
    named = node.field("name") or node.field("declarator") or node.field("type")
    while named is not None and (deeper := named.field("declarator") or named.field("name")):
        named = deeper
    if named is None:
        named = next((child for child in node.children() if "identifier" in child.kind()), None)
    return named.text().split("\n")[0][:200] if named else ""
