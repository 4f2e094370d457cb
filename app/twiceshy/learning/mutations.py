"""The forms in which the same failure may come back: moved, renamed, laid out or ordered
differently, in other company.

Each keeps what failed. Of a form that cannot be made of a text it says why. Pure.
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
from twiceshy.learning.another_class import in_another_class
from twiceshy.learning.not_made import NotMade
from twiceshy.learning.own_names import under_other_names
from twiceshy.learning.reorder_arguments import NOT_SCANNED, reordered
from twiceshy.learning.two_hunks import TwoHunks, in_two_hunks
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
    OWN_NAMES = "members and literals renamed"
    ANOTHER_CLASS = "in another class"
    TWO_HUNKS = "split over two hunks"


TOLD = frozenset([Form.OWN_NAMES, Form.ANOTHER_CLASS, Form.TWO_HUNKS])
"""Forms that nobody promises to catch: tried and told, and no part of being proven."""


@dataclass(frozen=True, slots=True)
class Mutation:
    """A form of a failure: the code, and where it stands now; ``before``: what stood there, for a
    form that is an edit.
    """

    form: Form
    code: str
    path: str
    before: str | None = None


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A form that was not made."""

    form: Form
    why: NotMade


def mutations(
    code: str, language: str, path: str, fixed: str | None = None
) -> tuple[Mutation, ...]:
    """Every form that a check must know and that can be made; ``path`` is where the code lived.
    Beside what ``fixed`` changes stand its neighbours.
    """
    made = _promised(code, language, path, fixed)
    return tuple(form for form in made if isinstance(form, Mutation))


def all_forms(
    code: str, language: str, path: str, fixed: str | None = None
) -> tuple[Mutation | LeftOut, ...]:
    """Every form there is, or why it was left out: those of ``mutations``, and those only TOLD."""
    return *_promised(code, language, path, fixed), *_told(code, language, path, fixed)


def _promised(
    code: str, language: str, path: str, fixed: str | None
) -> Iterator[Mutation | LeftOut]:
    place = PurePosixPath(path)
    yield Mutation(Form.AS_IT_WAS, code, path)
    yield Mutation(Form.MOVED, code, str(place.with_name(f"elsewhere_{place.name}")))
    changed = {form: change(code, language) for form, change in _CHANGES.items()}
    if fixed is not None:
        changed[Form.NEIGHBOURS] = _between_others(code, language, fixed)
    for form, why in _WHY_NOT.items():
        other_code = changed.get(form)
        if other_code is None or other_code == code:
            yield LeftOut(form, why)
        else:
            yield Mutation(form, other_code, path)


def _told(code: str, language: str, path: str, fixed: str | None) -> Iterator[Mutation | LeftOut]:
    renamed = under_other_names(code, language, fixed, local_names(code, language))
    yield _form(Form.OWN_NAMES, renamed, path)
    yield _form(Form.ANOTHER_CLASS, in_another_class(code, language), path)
    yield _form(Form.TWO_HUNKS, in_two_hunks(code, language, fixed), path)


def _form(form: Form, made: str | TwoHunks | NotMade, path: str) -> Mutation | LeftOut:
    if isinstance(made, NotMade):
        return LeftOut(form, made)
    if isinstance(made, TwoHunks):
        return Mutation(form, made.after, path, made.before)
    return Mutation(form, made, path)


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

_WHY_NOT = {
    Form.RENAMED: NotMade.NO_FREE_NAME,
    Form.LAID_OUT: NotMade.LONG_TEXT,
    Form.REORDERED: NotMade.NO_NAMED_ARGUMENTS,
    Form.NEIGHBOURS: NotMade.NO_NEIGHBOURS,
    Form.WRAPPED: NotMade.NO_BLOCK,
    Form.AMONG_OTHERS: NotMade.NO_COMPANY,
}
"""Of the forms that are promised, in their order: why one was left out."""
