"""Where something is or was: paths that moved, functions by name, the line at head where one was
removed. Pure.
"""

from collections.abc import Iterable
from pathlib import PurePosixPath

from twiceshy.changes.change import Hunk
from twiceshy.changes.functions import Function


def same_path(remembered: str, path: str) -> bool:
    """Whether two paths name one file, be it that one of them starts further up
    (``src/pay/client.py``).

    A bare file name is only the same as itself: there is a ``main.py`` in every folder.
    """
    shorter, longer = sorted((remembered.strip("/"), path.strip("/")), key=len)
    return shorter == longer or ("/" in shorter and longer.endswith(f"/{shorter}"))


def same_name(remembered: str, path: str) -> bool:
    """Whether the file may be the same one in a renamed folder."""
    return PurePosixPath(remembered).name == PurePosixPath(path).name


def is_symbol(function: Function, symbol: str) -> bool:
    """Whether a person who writes ``symbol`` (``charge``, ``Client.charge``) means this
    function.
    """
    wanted = symbol.removesuffix("()").replace("::", ".").replace("#", ".")
    return wanted == function.name or f".{function.qualified}".endswith(f".{wanted}")


def around(in_file: Iterable[Function], line: int) -> tuple[Function, ...]:
    """The functions and classes a line is in, outermost first."""
    return tuple(
        function for function in in_file if function.start_line <= line <= function.end_line
    )


def now_at(hunk: Hunk) -> tuple[int, ...]:
    """For each line of a hunk the line at head that stands in its place: itself, the next one, or
    the last one.
    """
    last = max(1, hunk.new_start)
    for line in hunk.lines:
        last = line.new or last
    following = last
    places: list[int] = []
    for line in reversed(hunk.lines):
        following = line.new or following
        places.append(following)
    return tuple(reversed(places))
