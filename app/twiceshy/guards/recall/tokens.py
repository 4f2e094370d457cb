"""Code as tokens in two streams, real and with local names taken out, so that renaming and reformatting hide nothing.

Leaves of the syntax tree where there is a grammar, else a plain lexer. Linear, iterative and bounded; never raises for
code, however broken: trees are made even of what does not parse.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING
from zlib import crc32

from twiceshy.changes.parsing import root_of
from twiceshy.guards.recall.words import KEYWORDS

if TYPE_CHECKING:
    from ast_grep_py import SgNode

MAX_CHARACTERS = 1_000_000
MAX_LINE = 20_000
"""A longer line is not code a person wrote: it goes through the plain lexer, which no nesting can slow down."""

MAX_TEXT = 40
"""Of one token: a longer literal says no more."""

LONG_LEAF = 80
"""A leaf that is longer and has blanks in it is text of another language (a script in a page): it is lexed again."""


class Kind(StrEnum):
    """What a token is, as far as resemblance cares."""

    NAME = "name"
    STRING = "string"
    NUMBER = "number"
    SIGN = "sign"
    WORD = "word"  # a keyword, or any word of a language whose words are its meaning


@dataclass(frozen=True, slots=True)
class Token:
    """A token as written, as abstracted (``ID`` for a local name), its kind and its 1-based line."""

    text: str
    abstract: str
    kind: Kind
    line: int


_Leaf = tuple[str, Kind, int]
"""Text, kind, line."""

_LEXEMES = (
    r"""(?P<string>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`[^`]*`)"""
    r"""|(?P<number>\d[\w.]*)|(?P<name>[^\W\d]\w*)|(?P<sign>[^\w\s])"""
)
_COMMENTS = {
    r"/\*[^\0]*?\*/": "sql groovy dart protobuf objc css scss html javascript java go c cpp rust",
    r"<!--[^\0]*?-->": "xml html",
    r"(?<!\S)\#[^\n]*": "dockerfile make perl powershell properties r julia toml graphql python ruby bash yaml",
    r"(?<!:)//[^\n]*": "groovy dart protobuf objc html javascript java go c cpp rust",
    r"--[^\n]*": "sql",
    r";;[^\n]*": "clojure",
}
"""What is a comment, and in which languages; elsewhere it is code: ``https://``, ``#fff``."""

_NO_CASE = frozenset(["sql", "dockerfile"])
_PLAIN = frozenset(
    ["yaml", "json", "hcl", "css", "html", "nix", "toml", "xml", "properties", "dockerfile", "sql", "make"]
)
"""Languages whose words are their meaning: nothing in them is a local name."""

_STRINGS = frozenset({"string", "string_literal", "interpreted_string_literal", "raw_string_literal", "char_literal",
                      "template_string", "string_value", "character_literal", "encapsed_string", "line_string_literal",
                      "double_quote_scalar", "single_quote_scalar", "regex", "heredoc_body", "concatenated_string",
                      "rune_literal", "text_block", "quoted_attribute_value", "verbatim_string_literal"})  # fmt: skip
_NUMBERS = frozenset({"integer", "float", "number", "int_literal", "float_literal", "integer_literal", "number_literal",
                      "decimal_integer_literal", "integer_scalar", "numeric_lit", "real_literal", "hex_integer_literal",
                      "float_scalar", "decimal_floating_point_literal", "octal_integer_literal"})  # fmt: skip
_SELF = frozenset(["self", "this", "cls", "super"])
_DEFINES = frozenset(["def", "func", "function", "fn", "fun"])
_ACCESS = frozenset([".", "->", "::", "?.", "&."])
_SMALL = frozenset(["0", "1", "-1"])
_NOISE = frozenset([";"])
_CLOSING = frozenset([")", "]", "}"])
_BLOCK_END = "}"
"""Stands for a dedent: in Python where a block ends is as much part of the code as in other languages."""

_QUOTED = re.compile(r"""((?:[rRbBuUfF]{1,2}(?=["']))?)(\"{3}|'{3}|["'`])?([\s\S]*)""")
_CONSTANT = re.compile(r"[A-Z]|__\w+__$")


def tokenize(text: str, language: str | None) -> tuple[Token, ...]:
    """Every token that is not a comment; none for a text over the limit."""
    if len(text) > MAX_CHARACTERS:
        return ()
    root = root_of(text, language) if all(len(line) <= MAX_LINE for line in text.split("\n")) else None
    leaves = _lexed(text, language, 1) if root is None or language is None else _leaves(root, language)
    return tuple(_abstracted([leaf for leaf in leaves if leaf[0] not in _NOISE], language))


def _leaves(root: "SgNode", language: str) -> Iterator[_Leaf]:
    waiting: list[tuple[SgNode, str] | int] = [(root, "")]
    while waiting:
        held = waiting.pop()
        if isinstance(held, int):
            yield _BLOCK_END, Kind.SIGN, held
            continue
        node, above = held
        kind = node.kind()
        if "comment" in kind:
            continue
        if kind in _STRINGS or kind in _NUMBERS:
            yield _literal(node, Kind.STRING if kind in _STRINGS else Kind.NUMBER)
            continue
        children = node.children()
        if children:
            if kind == "block" and language == "python":
                waiting.append(node.range().end.line + 1)
            if kind != "expression_statement" or len(children) > 1 or children[0].kind() not in _STRINGS:
                waiting.extend((child, kind) for child in reversed(children))  # else it is documentation
        elif word := node.text().strip():
            yield from _leaf(word, kind, above, node, language)


def _literal(node: "SgNode", kind: Kind) -> _Leaf:
    return _content(node.text()) if kind is Kind.STRING else node.text(), kind, node.range().start.line + 1


def _content(written: str) -> str:
    """What a string says, whichever quotes it stands in."""
    found = _QUOTED.match(written)
    prefix, quote, inside = found.groups() if found else ("", "", written)
    inside = inside.removesuffix(quote or "")
    said = prefix.lower().replace("u", "") + '"' + " ".join(inside.split())
    return said if len(said) <= MAX_TEXT else f"{said[: MAX_TEXT - 9]}…{crc32(said.encode('utf-8', 'replace')):08x}"


def _leaf(word: str, kind: str, above: str, node: "SgNode", language: str) -> Iterator[_Leaf]:
    line = node.range().start.line + 1
    if len(word) > LONG_LEAF and any(char.isspace() for char in word):
        yield from _lexed(word, language, line)
    elif "identifier" not in kind and kind not in ("variable_name", "word"):
        yield word[:MAX_TEXT], Kind.WORD if word[0].isalnum() or word[0] == "_" else Kind.SIGN, line
    elif kind in ("identifier", "simple_identifier", "variable_name", "shorthand_property_identifier_pattern"):
        yield word[:MAX_TEXT], Kind.WORD if above == "keyword_argument" and _is_first(node) else Kind.NAME, line
    else:
        yield word[:MAX_TEXT], Kind.WORD, line


def _is_first(node: "SgNode") -> bool:
    return node.prev() is None


@lru_cache(maxsize=64)
def _lexer(language: str | None) -> re.Pattern[str]:
    comments = [pattern for pattern, where in _COMMENTS.items() if language in where.split()]
    return re.compile("|".join([*(f"(?:{pattern})" for pattern in comments), _LEXEMES]))


def _lexed(text: str, language: str | None, line: int) -> Iterator[_Leaf]:
    at = 0
    for match in _lexer(language).finditer(text):
        line += text.count("\n", at, match.start())
        at = match.start()
        kind, word = match.lastgroup, match[0]
        if kind == "string":
            yield _content(word), Kind.STRING, line
        elif kind == "name":
            word = word.lower() if language in _NO_CASE else word
            yield word[:MAX_TEXT], Kind.WORD if word.lower() in KEYWORDS else Kind.NAME, line
        elif kind is not None:  # else it is a comment
            yield word[:MAX_TEXT], Kind.NUMBER if kind == "number" else Kind.SIGN, line


def _abstracted(leaves: Sequence[_Leaf], language: str | None) -> Iterator[Token]:
    """Local names become ID; what is called, accessed, typed or a constant keeps its name: it is what code is about."""
    last = len(leaves) - 1
    plain = language in _PLAIN
    before = ""
    for at, (text, kind, line) in enumerate(leaves):
        after = leaves[at + 1][0] if at < last else ""
        if text == "," and after in _CLOSING:
            continue  # a trailing comma is formatting
        abstract = text
        if kind is Kind.STRING:
            abstract = "STR"
        elif kind is Kind.NUMBER:
            abstract = text if text in _SMALL else "NUM"
        elif kind is Kind.NAME and not plain and _is_local(text, before, after):
            abstract = "ID"
        yield Token(text, abstract, kind, line)
        before = text


def _is_local(text: str, before: str, after: str) -> bool:
    if before in _DEFINES:
        return True
    if before in _ACCESS or after in ("(", "!") or text in _SELF:
        return False
    return not _CONSTANT.match(text)
