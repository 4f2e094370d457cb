"""Syntax trees of code nobody vouches for: parsed only when the parser can bear it. Never raises for what is in a text.

tree-sitter's scanners for some languages end the whole process, or take minutes, on nesting that no person writes; no
``except`` catches that. Such a text has no tree here. The figures are half of what ast-grep-py 0.40 was seen to bear.
"""

import re
from typing import TYPE_CHECKING

from twiceshy.lessons.languages import GRAMMARS

if TYPE_CHECKING:
    from ast_grep_py import SgNode

MAX_CHARACTERS = 1_000_000

_UNSAFE = frozenset({"bash"})
"""Languages whose parser ends the process on short texts that no bound here would catch: bash, by a fuzzer's 150 odd
characters. They are read by the plain lexer, and their functions are not known."""

_MOST_TEMPLATES = 250
"""Kotlin: string templates inside each other; the scanner's state (1,024 bytes) aborts at 513."""

_DEEP_YAML = re.compile(r"^(?: {101}|[ \t]*+(?:[-?][ \t]++){21})", re.MULTILINE)
"""YAML: blocks inside each other, which cost a column each; the scanner aborts at 254."""

_MOST_COMMENTS = 50
"""Swift: comments inside each other, when they are not closed; 1,000 take 7 s, and it grows with the cube."""

_COMMENT_ENDS = re.compile(r"/\*|\*/")
_MOST_BRACKETS = 500
_BRACKETS = re.compile(r"[(\[{]|[)\]}]")
_OPENING = frozenset({"(", "[", "{", "/*"})
_SHORT = 20_000
"""Nothing this short takes long."""


def root_of(text: str, language: str | None) -> "SgNode | None":
    """The root of a text's syntax tree; None without a grammar, over MAX_CHARACTERS, or nested beyond reason."""
    if language not in GRAMMARS or language in _UNSAFE or len(text) > MAX_CHARACTERS or not _bearable(text, language):
        return None
    from ast_grep_py import SgRoot  # noqa: PLC0415 - only when there is something to parse

    return SgRoot(text, language).root()


def _bearable(text: str, language: str | None) -> bool:
    if language == "yaml" and _DEEP_YAML.search(text.replace("\r", "\n")):
        return False
    if language == "kotlin" and text.count("${") > _MOST_TEMPLATES:
        return False
    if language == "swift" and _depth(_COMMENT_ENDS, text) > _MOST_COMMENTS:
        return False
    return len(text) <= _SHORT or _depth(_BRACKETS, text) <= _MOST_BRACKETS


def _depth(ends: re.Pattern[str], text: str) -> int:
    """How deep things nest, strings and comments not told from code."""
    deepest = depth = 0
    for end in ends.findall(text):
        depth = depth + 1 if end in _OPENING else max(0, depth - 1)
        deepest = max(deepest, depth)
    return deepest
