"""Code as tokens in two streams, real and with local names taken out, so that renaming and reformatting hide nothing.

Leaves of the syntax tree where there is a grammar, else a plain lexer. Linear, iterative and bounded; never raises for
code, however broken: trees are made even of what does not parse.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING
from zlib import crc32

from twiceshy.guards.recall.words import KEYWORDS
from twiceshy.lessons.languages import GRAMMARS

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

_LEXER = re.compile(
    r"""(?P<comment>/\*[^\0]*?\*/|<!--[^\0]*?-->|(?:\#|//|--|;;)[^\n]*)"""
    r"""|(?P<string>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`[^`]*`)"""
    r"""|(?P<number>\d[\w.]*)|(?P<name>[^\W\d][\w]*)|(?P<sign>[^\w\s])""",
    re.VERBOSE,
)
_HASHES = "dockerfile make perl powershell properties r julia toml graphql python ruby bash yaml"
_SLASHES = "groovy dart protobuf objc javascript java go c cpp rust html"
_MARKS = {
    "#": frozenset(_HASHES.split()),
    "//": frozenset(_SLASHES.split()),
    "--": frozenset(["sql"]),
    ";;": frozenset(["clojure"]),
}
"""What begins a comment, and where; elsewhere it is code: ``https://``, ``#fff``."""

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
    plain = language not in GRAMMARS or any(len(line) > MAX_LINE for line in text.split("\n"))
    leaves = _lexed(text, language, 1) if plain or language is None else _leaves(text, language)
    return tuple(_abstracted([leaf for leaf in leaves if leaf[0] not in _NOISE], language))


def _leaves(text: str, language: str) -> Iterator[_Leaf]:
    from ast_grep_py import SgRoot  # noqa: PLC0415 - only when there is something to parse

    waiting: list[tuple[SgNode, str] | int] = [(SgRoot(text, language).root(), "")]
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


def _lexed(text: str, language: str | None, line: int) -> Iterator[_Leaf]:
    at = end = 0
    for match in _LEXER.finditer(text):
        if match.start() < end:
            continue
        line += text.count("\n", at, match.start())
        at = match.start()
        kind, word = match.lastgroup or "sign", match[0]
        if kind == "comment":
            if _is_comment(word, language):
                continue
            yield word[:2].strip()[:1], Kind.SIGN, line
            yield from _lexed_line(word[2:] if word[1:2] == word[:1] else word[1:], line, language)
        elif kind == "string":
            yield _content(word), Kind.STRING, line
        elif kind == "name":
            word = word.lower() if language in _NO_CASE else word
            yield word[:MAX_TEXT], Kind.WORD if word.lower() in KEYWORDS else Kind.NAME, line
        else:
            yield word[:MAX_TEXT], Kind.NUMBER if kind == "number" else Kind.SIGN, line


def _is_comment(word: str, language: str | None) -> bool:
    if word.startswith(("/*", "<!--")):
        return True
    return any(word.startswith(mark) and language in where for mark, where in _MARKS.items())


def _lexed_line(text: str, line: int, language: str | None) -> Iterator[_Leaf]:
    """The words and signs of what only looked like a comment."""
    for word in re.findall(r"\w+|[^\w\s]", text):
        kind = Kind.NUMBER if word[0].isdigit() else Kind.NAME if word[0].isalpha() or word[0] == "_" else Kind.SIGN
        yield (word.lower() if language in _NO_CASE else word)[:MAX_TEXT], kind, line


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
