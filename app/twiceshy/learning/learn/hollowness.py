"""What a name says by itself: one that many projects call says nothing of this one. Only counts.

``call_names.txt`` is made by ``benchmarks/call_names.py`` from public code: in how many projects a
name is called and, of Python's, in how many a call of it gives a keyword argument.
"""

import re
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

from twiceshy.guards.recall.word_weight import COMMON
from twiceshy.lessons.languages import KEYWORDS, family_of

COMMON_SHARE = 0.1
"""Of a language's projects: a name called in so many is everybody's."""

FEWEST_PROJECTS = 3
"""So many projects of the table, however few of a language it has."""

ALIKE = {"typescript": "javascript", "tsx": "javascript", "cpp": "c", "scala": "java"}
"""Languages that call the same libraries share a count; the script's own table."""

_NAME = re.compile(r"(?<![\w$])[A-Za-z_]\w*")
_STRING = re.compile(r'"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\'')
_DOTTED = re.compile(r"(?<![\w$])([A-Za-z_]\w*)\.([A-Za-z_]\w*)(?=\()")
_ROW = re.compile(r"(\w+)=(\d+)")


class _Table(NamedTuple):
    projects: dict[str, int]  # by language
    callers: dict[str, dict[str, int]]  # by language and name, the projects that call it
    keywords: dict[str, dict[str, int]]  # by name and keyword, the projects that give it


def callers(name: str, language: str) -> int:
    """In how many projects of the table a name, or the last two of a dotted one, is called."""
    return _table().callers.get(_counted(language), {}).get(_short(name), 0)


def givers(name: str, keyword: str) -> int:
    """In how many Python projects of the table a call of this name gives this keyword argument."""
    return _table().keywords.get(_short(name), {}).get(keyword, 0)


def is_everybodys(name: str, language: str) -> bool:
    """Whether so many projects call it, or the language itself gives it, that it says nothing."""
    if name.lower() in COMMON or name.lower() in KEYWORDS or name.startswith("__"):
        return True
    projects = _table().projects.get(_counted(language), 0)
    return callers(name, language) >= max(FEWEST_PROJECTS, COMMON_SHARE * projects)


def telling_names(pattern: str, language: str) -> list[str]:
    """The names in a pattern that are not everybody's; none: the pattern is hollow."""
    code = _STRING.sub("", pattern)
    for module, name in _DOTTED.findall(code):
        if is_everybodys(f"{module}.{name}", language):  # the module says no more than the call
            code = code.replace(f"{module}.{name}", "")
    names = dict.fromkeys(_NAME.findall(code))
    return [name for name in names if len(name) > 1 and not is_everybodys(name, language)]


def _short(name: str) -> str:
    return ".".join(name.split(".")[-2:])


def _counted(language: str) -> str:
    family = family_of(language) or language
    return ALIKE.get(language, ALIKE.get(family, family))


@lru_cache(maxsize=1)
def _table() -> _Table:
    text = (files(__package__) / "call_names.txt").read_text(encoding="ascii")
    table = _Table({}, {}, {})
    language = ""
    for line in text.splitlines():
        first, *rest = line.split()
        if first == "#":
            language, count = rest
            if count.isdigit():
                table.projects[language] = int(count)
        elif first.isdigit():
            called = table.callers.setdefault(language, {})
            called.update(dict.fromkeys(rest, int(first)))
        else:
            counts = {key: int(count) for key, count in _ROW.findall(line)}
            table.keywords[first] = counts
    return table
