"""The pieces of a text that stand on lines of their own and can be left out: what remains is still
code. Iterative; never raises for code.
"""

import re
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from twiceshy.changes.parser.places import importing
from twiceshy.changes.parser.trees import grammar_of, root_of
from twiceshy.lessons.language import Grammar, words

if TYPE_CHECKING:
    from ast_grep_py import SgNode

MOST = 50_000

_CONTAINERS = words(
    # whole files
    "chunk compilation_unit config_file document module program source source_file stylesheet "
    "translation_unit "
    # blocks of statements
    "block block_body body body_statement case_block compound_statement constructor_body do "
    "do_block do_group else function_body indented_block statement_block statement_list "
    "statements then "
    # bodies of types
    "annotation_type_body class_body contract_body declaration_list enum_body "
    "enum_body_declarations enum_class_body field_declaration_list interface_body interface_type "
    "object_type template_body "
    # cases
    "case_statement default_case expression_case expression_switch_statement match_block "
    "select_statement switch_block switch_block_statement_group switch_body switch_case "
    "switch_default switch_section type_case type_switch_statement when_expression "
    # literals and lists of declarations
    "array array_creation_expression array_initializer block_mapping block_sequence "
    "const_declaration dictionary enum_variant_list enumerator_list field_initializer_list hash "
    "import_spec_list initializer_list list literal_value object rule_set set table_constructor "
    "var_declaration"
)
"""Kinds of nodes whose children follow each other and do not need each other, in all grammars."""

_AFTER = re.compile(r"\s*[;,]?\s*(?:(?://|#|--).*|/\*.*\*/\s*)?")


class ItemKind(StrEnum):
    """What a piece is, where that decides whether it is company for its neighbour."""

    PLAIN = ""
    COMMENT = "comment"
    DEFINITION = "definition"
    IMPORT = "import"


def outline(text: str, language: str) -> list[Any]:
    """Rows of first and last line (1-based, inclusive), the number of what it is a piece of, and
    ``ItemKind``; outer before inner.
    """
    grammar = grammar_of(language)
    rows: list[list[Any]] = []
    containers = 0
    waiting: list[SgNode] = [root_of(text, language)]
    while waiting and len(rows) < MOST:
        node = waiting.pop()
        children = [child for child in node.children() if child.is_named()]
        if node.kind() in _CONTAINERS:
            containers += 1
            for child in children:
                if lines := _own_lines(child, text):
                    rows.append([*lines, containers, _kind(child, grammar)])
        waiting.extend(child for child in children if not child.is_leaf())
    rows.sort(key=lambda row: (row[0], -row[1]))
    return rows


def _own_lines(node: "SgNode", text: str) -> tuple[int, int] | None:
    """First and last line of a node, None when it shares one of them."""
    span = node.range()
    start, end = span.start.index, span.end.index
    while end > start and text[end - 1].isspace():
        end -= 1
    before = text[text.rfind("\n", 0, start) + 1 : start]
    line_end = text.find("\n", end)
    after = text[end : line_end if line_end >= 0 else len(text)]
    if before.strip() or not _AFTER.fullmatch(after):
        return None
    first = span.start.line + 1
    return first, first + text.count("\n", start, end)


def _kind(node: "SgNode", grammar: Grammar) -> ItemKind:
    kind = node.kind()
    if "comment" in kind:
        return ItemKind.COMMENT
    if importing(kind):
        return ItemKind.IMPORT
    if kind in grammar.functions or kind in grammar.classes or kind in grammar.wrappers:
        return ItemKind.DEFINITION
    return ItemKind.PLAIN
