"""The functions of a file and which of them a line is in. Never raises for what is in a text.

They come out of syntax trees, which are made even of code that does not parse as a whole.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from twiceshy.changes.parser.client import ask
from twiceshy.lessons.languages import language_named


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
    rows = ask("definitions", text, language) or []
    return tuple(Function(str(row[0]).rsplit(".", 1)[-1], *row) for row in rows)


def enclosing(candidates: Iterable[Function], line: int) -> Function | None:
    """The innermost function a line is in; a class only where there is no function."""
    around = [
        function for function in candidates if function.start_line <= line <= function.end_line
    ]
    proper = [function for function in around if not function.is_class] or around
    return min(proper, key=_line_count, default=None)


def _line_count(function: Function) -> int:
    return function.end_line - function.start_line
