"""The root of a text's syntax tree. Only for the parser's own process: what is called here may end
it.
"""

from typing import TYPE_CHECKING

from twiceshy.lessons.language import Grammar
from twiceshy.lessons.languages import language_named

if TYPE_CHECKING:
    from ast_grep_py import SgNode

MAX_CHARACTERS = 1_000_000


def can_parse(text: str, language: str | None) -> bool:
    """Whether there is a grammar, and the text is not over MAX_CHARACTERS."""
    return language_named(language).grammar is not None and len(text) <= MAX_CHARACTERS


def grammar_of(language: str) -> Grammar:
    """What the trees of a language call things; only of one that ``can_parse`` is true for."""
    return language_named(language).grammar or Grammar()


def root_of(text: str, language: str) -> "SgNode":
    """The root; of text that does not parse as a whole too."""
    from ast_grep_py import SgRoot  # noqa: PLC0415 - 10 ms, only to parse

    whole = text.encode("utf-8", "replace").decode()  # half a surrogate is no character to it
    return SgRoot(whole, language).root()
