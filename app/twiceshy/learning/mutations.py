"""The forms in which the same failure may come back: moved, renamed, laid out or ordered
differently, in other company.

Each keeps what failed. A form that cannot be made of a text is left out. Pure.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from pathlib import PurePosixPath
from textwrap import dedent, indent

from twiceshy.changes.parser.leaves import LeafKind
from twiceshy.guards.recall.tokens import tokenize
from twiceshy.learning.reorder_arguments import NOT_SCANNED, reordered
from twiceshy.lessons.languages import (
    BINDING_WORDS,
    CONTINUING_WORDS,
    DEFINING_WORDS,
    LONG_QUOTES,
    any_of,
    language_named,
)

FEWEST_LETTERS = 2
"""Shorter names are too often parts of something else."""

_OPEN, _CLOSE = "([{", ")]}"


_WORD = re.compile(r"[^\W\d]\w*")
_PARAMETERS = re.compile(rf"\b(?:{any_of(DEFINING_WORDS)})\b[^(\n]{{0,200}}\(([^()\n]{{0,500}})\)")
_ASSIGNED = re.compile(r"\b([^\W\d]\w*)[ \t]*(?::=|=(?![=>]))")
_INTRODUCED = re.compile(rf"\b(?:{any_of(BINDING_WORDS)})[ \t]+([^\W\d]\w*)")


class Form(StrEnum):
    """How the failure comes back."""

    AS_IT_WAS = "as it was"
    MOVED = "moved"
    RENAMED = "renamed"
    LAID_OUT = "laid out differently"
    REORDERED = "arguments reordered"
    NEIGHBOURS = "neighbouring lines edited"
    WRAPPED = "in another block"
    AMONG_OTHERS = "among other code"


@dataclass(frozen=True, slots=True)
class Mutation:
    """A form of a failure: the code, and where it stands now."""

    form: Form
    code: str
    path: str


def mutations(
    code: str, language: str, path: str, fixed: str | None = None
) -> tuple[Mutation, ...]:
    """Every form that can be made; ``path`` is where the code lived. Beside what ``fixed`` changes
    stand its neighbours.
    """
    place = PurePosixPath(path)
    moved = str(place.with_name(f"elsewhere_{place.name}"))
    changed = {form: change(code, language) for form, change in _CHANGES.items()}
    if fixed is not None:
        changed[Form.NEIGHBOURS] = _between_others(code, language, fixed)
    forms = [Mutation(Form.AS_IT_WAS, code, path), Mutation(Form.MOVED, code, moved)]
    for form in Form:
        other_code = changed.get(form)
        if other_code is not None and other_code != code:
            forms.append(Mutation(form, other_code, path))
    return tuple(forms)


def _renamed(code: str, language: str) -> str | None:
    """Every name the code itself binds, with another ending; what comes from elsewhere keeps its
    name.
    """
    names: list[str] = []
    for name in sorted(local_names(code, language)):
        if len(name) >= FEWEST_LETTERS and name.isidentifier():
            names.append(re.escape(name))
    if not names:
        return None
    pattern = re.compile(rf"(?<![\w.\"'@$])(?:{'|'.join(names)})(?![\w\"'])")
    return pattern.sub(lambda match: f"{match[0]}_again", code)


def local_names(code: str, language: str) -> frozenset[str]:
    """Names the code itself binds and nobody else needs to know; none in languages whose names are
    the meaning.
    """
    if not language_named(language).local_names:
        return frozenset()
    local: set[str] = set()
    for token in tokenize(code, language):
        if token.kind is LeafKind.NAME and token.abstract == "ID":
            local.add(token.text)
    return frozenset(local & _bound(code))


def _bound(code: str) -> set[str]:
    """Names that are parameters, are assigned, or are introduced by a keyword."""
    names = {*_ASSIGNED.findall(code), *_INTRODUCED.findall(code)}
    for parameters in _PARAMETERS.findall(code):
        names.update(_WORD.findall(parameters))
    return names


def _laid_out(code: str, _language: str) -> str | None:
    """An empty line after each line that ends a statement; not where a text may run over lines."""
    if _may_run_over_lines(code):
        return None
    return "".join(_spread(code))


def _may_run_over_lines(code: str) -> bool:
    """Whether the code holds quotes of a text that may run over lines."""
    return any(quote in code for quote in LONG_QUOTES)


def _spread(code: str) -> Iterator[str]:
    depth = 0
    for line in code.splitlines(keepends=True):
        depth += _opened(line, _OPEN, _CLOSE)
        yield line
        if depth == 0 and line.strip() and not line.rstrip().endswith(("\\", ":", ",")):
            yield "\n"


def _opened(line: str, opening: str, closing: str) -> int:
    """How many more brackets a line opens than it closes."""
    return sum(map(line.count, opening)) - sum(map(line.count, closing))


def _among_others(code: str, language: str) -> str | None:
    company = language_named(language).company
    return f"{company}\n\n{code}" if company else None


def _wrapped(code: str, language: str) -> str | None:
    """The code inside a block; not where a text that runs over lines would be changed by it."""
    block = language_named(language).block
    if block is None or _may_run_over_lines(code):
        return None
    first, last = block
    return f"{first}\n{indent(dedent(code), '    ').rstrip()}\n{last}".rstrip() + "\n"


def _between_others(code: str, language: str, fixed: str) -> str | None:
    """A statement more before and after the lines that the fix changes."""
    neighbour = language_named(language).neighbour
    lines = code.splitlines()
    matcher = SequenceMatcher(None, lines, fixed.splitlines(), autojunk=False)
    edits = [opcode for opcode in matcher.get_opcodes() if opcode[0] != "equal"]
    if not neighbour or not edits or NOT_SCANNED.search(code):
        return None
    before_first, after_last = edits[0][1], edits[-1][2]
    whole = _whole_statements(lines) - {0}
    places = [place for place in dict.fromkeys((after_last, before_first)) if place in whole]
    for place in places:
        margin = lines[place][: len(lines[place]) - len(lines[place].lstrip())]
        lines.insert(place, f"{margin}{neighbour}")
    return "\n".join(lines) + "\n" if places else None


def _whole_statements(lines: Sequence[str]) -> frozenset[int]:
    """Places before which a statement may be put: no bracket is open but a block's, and nothing is
    carried on.
    """
    places: set[int] = set()
    depth = 0
    before = ""
    for place, line in enumerate(lines):
        start = line.lstrip()
        carried = before.endswith(_GOES_ON) or start.startswith((".", "}"))
        if depth == 0 and start and not carried and not start.startswith(_LATER):
            places.add(place)
        depth += _opened(line, "([", ")]")
        before = line.rstrip()
    return frozenset(places)


_GOES_ON = ("\\", ",", "=", "(", "[", "+", "&&", "||", ".")


_LATER = (*sorted(CONTINUING_WORDS), ")", "]")
"""How lines begin that belong to the statement before them."""


_CHANGES: dict[Form, Callable[[str, str], str | None]] = {
    Form.RENAMED: _renamed,
    Form.LAID_OUT: _laid_out,
    Form.REORDERED: reordered,
    Form.WRAPPED: _wrapped,
    Form.AMONG_OTHERS: _among_others,
}
