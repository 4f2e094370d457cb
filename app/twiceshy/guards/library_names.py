"""Names that a language or a library gave: a project cannot choose others for them. Only data, read
from ``library_names.txt``.

A line there is a family of languages with the names that were counted as common to many projects,
``name(`` where called: what recall's weights were fitted with. The line of ``*`` holds names of any
language, by hand.
"""

import builtins
from functools import lru_cache
from importlib.resources import files

_OF_ALL = "*"
_BUILT_INS = (str, bytes, list, dict, set, int, float, BaseException, property)


@lru_cache(maxsize=16)
def library_names(family: str) -> frozenset[str]:
    """The counted names of a family of languages, ``name(`` where called; none of one not known."""
    text = files(__package__).joinpath("library_names.txt").read_text("utf-8")
    for line in text.splitlines():
        name, _, names = line.partition(": ")
        if name == family:
            return frozenset(names.split())
    return frozenset()


@lru_cache(maxsize=16)
def given_names(family: str = _OF_ALL) -> frozenset[str]:
    """All names to keep in code of a family, or of whatever language, called or not: one that is
    kept though it was free hides nothing.
    """
    counted = {name.removesuffix("(") for name in library_names(family)}
    return frozenset(counted | library_names(_OF_ALL) | _python_names())


def _python_names() -> set[str]:
    names = set(dir(builtins))
    for built_in in _BUILT_INS:
        names.update(dir(built_in))
    return names
