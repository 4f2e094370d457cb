"""Which language a file or a fence is in, and what is known of it.

Adding a language is one record in ``language_table`` and its samples in
``tests/language_samples.py``; nothing else knows a language by its name. Parses nothing.
"""

import re
from collections.abc import Iterator

from twiceshy.lessons.language import Language, Words
from twiceshy.lessons.language_table import LANGUAGES

UNKNOWN = Language("", ())
"""Stands for a language nothing is known of."""


def _by_name() -> Iterator[tuple[str, Language]]:
    for language in LANGUAGES:
        yield language.name, language


def _by_fence() -> Iterator[tuple[str, Language]]:
    for language in LANGUAGES:
        for word in (language.name, *language.aliases):
            yield word, language


def _by_extension() -> Iterator[tuple[str, Language]]:
    for language in LANGUAGES:
        for extension in language.extensions:
            yield extension, language


def _by_file_name() -> Iterator[tuple[str, Language]]:
    for language in LANGUAGES:
        for name in language.file_names:
            yield name, language


def _by_file_start() -> Iterator[tuple[str, Language]]:
    for language in LANGUAGES:
        for start in language.file_starts:
            yield start, language


_BY_NAME = dict(_by_name())
_BY_FENCE = dict(_by_fence())
_BY_EXTENSION = dict(_by_extension())
_BY_FILE_NAME = dict(_by_file_name())
_BY_FILE_START = dict(_by_file_start())

KNOWN = frozenset(_BY_NAME)
"""The names of all languages."""

_NOTHING: Words = frozenset()
KEYWORDS = _NOTHING.union(*(language.keywords for language in LANGUAGES))
DEFINING_WORDS = _NOTHING.union(*(language.defining_words for language in LANGUAGES))
BINDING_WORDS = _NOTHING.union(*(language.binding_words for language in LANGUAGES))
IMPORTING_WORDS = _NOTHING.union(*(language.importing_words for language in LANGUAGES))
CONTINUING_WORDS = _NOTHING.union(*(language.continuing_words for language in LANGUAGES))
LONG_QUOTES = _NOTHING.union(*(language.long_quotes for language in LANGUAGES))
"""Those of all languages together: for what is looked at without knowing its grammar."""


def any_of(words: Words) -> str:
    """A regular expression for any of some words, the longest first."""
    ordered = sorted(words, key=lambda word: (-len(word), word))
    return "|".join(map(re.escape, ordered))


def language_named(name: str | None) -> Language:
    """The record of a canonical name; UNKNOWN when there is none."""
    return _BY_NAME.get(name or "", UNKNOWN)


def language_of_fence(word: str) -> str | None:
    """Canonical name for a fence's info word, None when it is not known."""
    language = _BY_FENCE.get(word.strip().lower())
    return language.name if language else None


def language_of_path(path: str) -> str | None:
    """Canonical name for a file by its name, None when it is not known."""
    # by hand, as pathlib has it: asked of every file of a repository
    name = path.rstrip("/").rpartition("/")[2].lower()
    language = _BY_FILE_NAME.get(name) or _by_start_of(name)
    language = language or _BY_EXTENSION.get(_extension(name))
    return language.name if language else None


def _extension(name: str) -> str:
    """From the last dot on, if it neither begins the name nor ends it."""
    stem, dot, end = name.rpartition(".")
    return dot + end if stem and end else ""


def example_path(name: str) -> str:
    """A file name that ``language_of_path`` takes for this language."""
    language = _BY_NAME[name]
    return language.example or f"example{language.extensions[0]}"


def family_of(name: str | None) -> str | None:
    """The name of the language this one shares its tokens with: itself, mostly."""
    return language_named(name).family or name


def _by_start_of(name: str) -> Language | None:
    """The language of ``dockerfile.prod``, as Docker's own tools name them."""
    for start, language in _BY_FILE_START.items():
        if name.startswith(start):
            return language
    return None
