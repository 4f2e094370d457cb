"""The functions of a file and which of them a line is in. Never raises for what is in a text.

They come out of syntax trees, which are made even of code that does not parse as a whole.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b

from twiceshy.changes.parser.client import ask
from twiceshy.lessons.languages import language_named

MOST_KNOWN = 500
"""Texts whose functions are remembered: guards ask for the same ones, one after the other."""


@dataclass(frozen=True, slots=True)
class Function:
    """A function, method or class; lines are 1-based and inclusive."""

    name: str
    qualified: str  # with the classes around it: ``Client.charge``
    start_line: int
    end_line: int
    is_class: bool = False


def functions(text: str, language: str | None) -> tuple[Function, ...]:
    """Every named function, method and class, outer before inner.

    None for a language without a grammar or without functions, or a text that the parser cannot
    bear.
    """
    grammar = language_named(language).grammar
    if grammar is None or not grammar.has_definitions:
        return ()
    key = language, blake2b(text.encode("utf-8", "replace"), digest_size=16).digest()
    known = _known.get(key)
    if known is None:
        rows = ask("definitions", text, language)
        known = tuple(Function(str(row[0]).rsplit(".", 1)[-1], *row) for row in rows or ())
        if rows is not None:  # what the parser could not bear once it may bear another time
            _remember(key, known)
    return known


_known: dict[tuple[str | None, bytes], tuple[Function, ...]] = {}


def _remember(key: tuple[str | None, bytes], known: tuple[Function, ...]) -> None:
    if len(_known) >= MOST_KNOWN:
        _known.clear()
    _known[key] = known


def enclosing(candidates: Iterable[Function], line: int) -> Function | None:
    """The innermost function a line is in; a class only where there is no function."""
    around = [
        function for function in candidates if function.start_line <= line <= function.end_line
    ]
    proper = [function for function in around if not function.is_class] or around
    return min(proper, key=_line_count, default=None)


def _line_count(function: Function) -> int:
    return function.end_line - function.start_line
