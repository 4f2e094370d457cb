"""The root of a text's syntax tree. Only for the parser's own process: what is called here may end
it.
"""

from typing import TYPE_CHECKING

from twiceshy.lessons.languages import language_named

if TYPE_CHECKING:
    from ast_grep_py import SgNode

MAX_CHARACTERS = 1_000_000


def can_parse(text: str, language: str | None) -> bool:
    """Whether there is a grammar, and the text is not over MAX_CHARACTERS."""
    return language_named(language).grammar and len(text) <= MAX_CHARACTERS


def root_of(text: str, language: str) -> "SgNode":
    """The root; of text that does not parse as a whole too."""
    from ast_grep_py import SgRoot  # noqa: PLC0415 - 10 ms, and only when there is something to parse

    whole = text.encode("utf-8", "replace").decode()  # half a surrogate is no character to it
    return SgRoot(whole, language).root()
