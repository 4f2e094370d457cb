"""The forms in which the same failure may come back: moved, renamed, laid out differently, among other code. Pure.

Each keeps what the code does. A form that cannot be made of a text is left out.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePosixPath

from twiceshy.changes.parser.leaves import Kind
from twiceshy.guards.recall.tokens import tokenize

FEWEST_LETTERS = 2
"""Shorter names are too often parts of something else."""

_TEXT_QUOTES = ('"""', "'''", "`")
_OPEN, _CLOSE = "([{", ")]}"
_NEIGHBOURS = {
    "python": "counted = 0\nlabels = [str(each) for each in range(counted)]\n",
    "javascript": "const counted = 0;\nconst labels = [counted].map(String);\n",
    "typescript": "const counted = 0;\nconst labels = [counted].map(String);\n",
}


_WITH_LOCALS = frozenset(
    ["c", "cpp", "csharp", "go", "java", "javascript", "kotlin", "php", "python", "ruby", "rust", "scala", "swift", "tsx",
     "typescript"]
)  # fmt: skip
"""Languages in which a name may be chosen freely; elsewhere names are the meaning."""


_WORD = re.compile(r"[^\W\d]\w*")
_PARAMETERS = re.compile(r"\b(?:def|func|function|fn|fun)\b[^(\n]{0,200}\(([^()\n]{0,500})\)")
_ASSIGNED = re.compile(r"\b([^\W\d]\w*)[ \t]*(?::=|=(?![=>]))")
_INTRODUCED = re.compile(r"\b(?:for|as|let|const|var|val|auto)[ \t]+([^\W\d]\w*)")


class Form(StrEnum):
    """How the failure comes back."""

    AS_IT_WAS = "as it was"
    MOVED = "moved"
    RENAMED = "renamed"
    LAID_OUT = "laid out differently"
    AMONG_OTHERS = "among other code"


@dataclass(frozen=True, slots=True)
class Mutation:
    """A form of a failure: the code, and where it stands now."""

    form: Form
    code: str
    path: str


def mutations(code: str, language: str, path: str) -> tuple[Mutation, ...]:
    """Every form that can be made; ``path`` is where the code lived."""
    place = PurePosixPath(path)
    made: list[Mutation] = [Mutation(Form.AS_IT_WAS, code, path)]
    made.append(Mutation(Form.MOVED, code, str(place.with_name(f"elsewhere_{place.name}"))))
    for form, change in _CHANGES.items():
        changed = change(code, language)
        if changed is not None and changed != code:
            made.append(Mutation(form, changed, path))
    return tuple(made)


def _renamed(code: str, language: str) -> str | None:
    """Every name the code itself binds, with another ending; what comes from elsewhere keeps its name."""
    wanted = sorted(name for name in local_names(code, language) if len(name) >= FEWEST_LETTERS and name.isidentifier())
    if not wanted:
        return None
    pattern = re.compile(rf"(?<![\w.\"'@$])(?:{'|'.join(map(re.escape, wanted))})(?![\w\"'])")
    return pattern.sub(lambda match: f"{match[0]}_again", code)


def local_names(code: str, language: str) -> frozenset[str]:
    """Names the code itself binds and nobody else needs to know; none in languages whose names are the meaning."""
    if language not in _WITH_LOCALS:
        return frozenset()
    local = {token.text for token in tokenize(code, language) if token.kind is Kind.NAME and token.abstract == "ID"}
    return frozenset(local & _bound(code))


def _bound(code: str) -> set[str]:
    """Names that are parameters, are assigned, or are introduced by a keyword."""
    found = {name for line in _PARAMETERS.findall(code) for name in _WORD.findall(line)}
    return found | set(_ASSIGNED.findall(code)) | set(_INTRODUCED.findall(code))


def _laid_out(code: str, _language: str) -> str | None:
    """An empty line after each line that ends a statement; not where a text may run over lines."""
    if any(quote in code for quote in _TEXT_QUOTES):
        return None
    return "".join(_spread(code))


def _spread(code: str) -> Iterator[str]:
    depth = 0
    for line in code.splitlines(keepends=True):
        depth += sum(line.count(mark) for mark in _OPEN) - sum(line.count(mark) for mark in _CLOSE)
        yield line
        if depth == 0 and line.strip() and not line.rstrip().endswith(("\\", ":", ",")):
            yield "\n"


def _among_others(code: str, language: str) -> str | None:
    other = _NEIGHBOURS.get(language)
    return f"{other}\n\n{code}" if other else None


_CHANGES: dict[Form, Callable[[str, str], str | None]] = {
    Form.RENAMED: _renamed,
    Form.LAID_OUT: _laid_out,
    Form.AMONG_OTHERS: _among_others,
}
