"""Text as leaves without a tree: names, texts, numbers and signs by regular expressions alone.

For languages without a grammar, for what a tree leaves out, and for configuration. Linear; no word
is lost but those of comments. Never raises for text, however broken.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from zlib import crc32

from twiceshy.changes.parser.leaves import LeafKind
from twiceshy.lessons.language import CommentMark, Language
from twiceshy.lessons.languages import KEYWORDS, language_named

MAX_TEXT = 40
"""Of one token: a longer literal says no more."""

Leaf = tuple[str, LeafKind, int]
"""Text, kind, line."""

_MARKS = {
    CommentMark.BLOCK: r"/\*[^\0]*?(?:\*/|\Z)",
    CommentMark.MARKUP: r"<!--[^\0]*?(?:-->|\Z)",
    CommentMark.TEMPLATE: r"\{\{-?\s*/\*[^\0]*?(?:\*/|\Z)(?:\s*-?\}\})?",
    CommentMark.HASH: r"(?<!\S)\#[^\n]*",
    CommentMark.SLASHES: r"(?<!:)//[^\n]*",
    CommentMark.DASHES: r"--[^\n]*",
    CommentMark.SEMICOLONS: r";;[^\n]*",
}
"""What of a text is a comment, where the language has such: elsewhere ``https://`` and ``#fff`` are
code. One that is never closed goes on to the end, or each beginning would be looked at to the end.
"""

_IN_QUOTES = r""""(?:[^"\\\n]|\\.){0,400}"|'(?:[^'\\\n]|\\.){0,400}'"""
"""Bounded, or each of a million quotes would be looked at to the end of its line."""

_PREFIX = r"""(?:(?:[rRbBuUfFL]{1,2}|u8)(?=["'])|[$@]{1,2}(?="))?"""
"""Of Python, C, C++, Rust, C#: what comes before a quote says how the text is read."""

_WORDS = r"(?P<number>\d[\w.]*)|(?P<name>[^\W\d]\w*)|(?P<sign>[^\w\s])"
_CODE = rf"(?P<string>{_PREFIX}(?:{_IN_QUOTES})|`[^`]*`)|{_WORDS}"
_NAME_WITH_DASHES = r"(?P<name>[^\W\d]\w*(?:-\w+)*)"
_KEYS_AND_VALUES = (
    rf"(?P<string>(?<!\w)(?:{_IN_QUOTES})|`[^`\n]*`)|(?P<number>\d[\w.]*)|{_NAME_WITH_DASHES}"
    r"|(?P<sign>\{\{-?|-?\}\}|[^\w\s])"
)
_INSIDE_TEXT = re.compile(_WORDS)
_QUOTED = re.compile(r"""((?:[rRbBuUfF]{1,2}(?=["']))?)(\"{3}|'{3}|["'`])?([\s\S]*)""")


def lexed(text: str, language: str | None, line: int) -> Iterator[Leaf]:
    """The leaves of a text that begins on this line."""
    record = language_named(language)
    yield from _leaves(_lexer(language), text, record, line)


def text_leaves(written: str, language: str | None, line: int) -> Iterator[Leaf]:
    """A text in quotes as one leaf; a long one as its words, where words are the meaning."""
    record = language_named(language)
    if record.words_are_meaning and len(written) > MAX_TEXT:
        yield from _leaves(_INSIDE_TEXT, written, record, line)
    else:
        yield content(written), LeafKind.STRING, line


def content(written: str) -> str:
    """What a string says, whichever quotes it stands in."""
    match = _QUOTED.match(written)
    prefix, quote, inside = match.groups() if match else ("", "", written)
    inside = inside.removesuffix(quote or "")
    said = prefix.lower().replace("u", "") + '"' + " ".join(inside.split())
    if len(said) <= MAX_TEXT:
        return said
    return f"{said[: MAX_TEXT - 9]}…{crc32(said.encode('utf-8', 'replace')):08x}"


@lru_cache(maxsize=64)
def _lexer(language: str | None) -> re.Pattern[str]:
    record = language_named(language)
    patterns: list[str] = []
    for comment, pattern in _MARKS.items():
        if comment in record.comments:
            patterns.append(f"(?:{pattern})")
    return re.compile("|".join([*patterns, _KEYS_AND_VALUES if record.nested_keys else _CODE]))


def _leaves(lexer: re.Pattern[str], text: str, record: Language, line: int) -> Iterator[Leaf]:
    counted = 0
    for match in lexer.finditer(text):
        line += text.count("\n", counted, match.start())
        counted = match.start()
        kind, word = match.lastgroup, match[0]
        if kind == "string":
            yield from text_leaves(word, record.name, line)
        elif kind == "name":
            word = word.lower() if record.ignores_case else word
            is_word = word.lower() in KEYWORDS
            yield word[:MAX_TEXT], LeafKind.WORD if is_word else LeafKind.NAME, line
        elif kind is not None:  # else it is a comment
            yield word[:MAX_TEXT], LeafKind.NUMBER if kind == "number" else LeafKind.SIGN, line
