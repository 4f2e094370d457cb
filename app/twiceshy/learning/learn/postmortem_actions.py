"""What people promised to do, out of the lists and tables of a post-mortem. Pure; makes up no owner
and no day: what is not said stays empty, for lint to ask for.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date

from twiceshy.learning.learn.incident_dates import days_in, named_days
from twiceshy.learning.learn.plain_text import plain
from twiceshy.learning.learn.postmortem_sections import (
    ACTIONS,
    ITEM,
    Section,
    headings,
    normal,
    part_of,
)
from twiceshy.lessons.lesson import ActionItem

LONGEST = 300
OWNER = re.compile(r"(?<![\w.])(@[\w-]+(?:/[\w-]+)?)")
_FENCED = re.compile(r"(?ms)^(`{3,}|~{3,}).*?^\1")
_RULE = re.compile(r"[\s|:+-]*")
_NUMBERED = re.compile(r"\s*\d+[.)]\s")
_DUE = re.compile(
    r"\b(?:due|by|until|before|eta|deadline|target(?:ed)?)\b[^.]{0,25}$", re.IGNORECASE
)
_PAST = re.compile(r"\b(?:on|since|from|of|at|in)\s+$", re.IGNORECASE)
_UNSAID = frozenset({"", "tbd", "tba", "na", "n a", "none", "todo", "to be added", "unknown"})


def actions_of(sections: Sequence[Section]) -> Iterator[ActionItem]:
    """The items, rows and numbered headings under headings that stand for actions."""
    for section in sections:
        if section.kind != ACTIONS:
            continue
        if _NUMBERED.match(section.heading) and not part_of(section.heading)[1]:
            yield _action(section.heading)
        for item in items(section.text):
            yield _action(item)
        yield from _rows(section.text)


def items(text: str) -> Iterator[str]:
    """The items of a list as they are written, each with the lines it goes on over; code left out,
    and what only holds a place.
    """
    item = ""
    for line in [*_FENCED.sub("", text).split("\n"), ""]:
        match = ITEM.match(line)
        goes_on = bool(item) and not match and line.startswith("  ") and not _is_nested(line)
        if goes_on and line.strip():
            item += f" {line.strip()}"
            continue
        if item and not is_unsaid(item):
            yield item
        item = match[1].strip() if match else ""


def _is_nested(line: str) -> bool:
    return bool(ITEM.match(line.lstrip()))


def is_unsaid(text: str) -> bool:
    """Whether a text only holds the place of one."""
    return normal(plain(text)) in _UNSAID


def tables(text: str) -> Iterator[list[list[str]]]:
    """Every table: its rows of cells as they are written, the header first, without its rule."""
    rows: list[list[str]] = []
    for line in [*_FENCED.sub("", text).split("\n"), ""]:
        if line.lstrip().startswith("|"):
            if not _RULE.fullmatch(line):
                rows.append([cell.strip() for cell in line.strip().strip("|").split("|")])
        elif rows:
            yield rows
            rows = []


def _rows(text: str) -> Iterator[ActionItem]:
    for header, *rows in tables(text):
        what = _column(header, "what_column")
        owner, due = _column(header, "owner_column"), _column(header, "due_column")
        state = _column(header, "state_column")
        for cells in rows:
            words = _cell(cells, 0 if what is None else what)
            if is_unsaid(words):
                continue
            yield _action(
                _with_state(words, _cell(cells, state)),
                owner=_owner(_cell(cells, owner), " ".join(cells)),
                due=next(iter(days_in(_cell(cells, due)) or days_in(_cell(cells, owner))), None),
            )


def _column(header: Sequence[str], kind: str) -> int | None:
    """The first column whose heading begins with one of these words."""
    for number, name in enumerate(header):
        if normal(name).startswith(headings()[kind]):
            return number
    return None


def _cell(cells: Sequence[str], column: int | None) -> str:
    return cells[column] if column is not None and column < len(cells) else ""


def _owner(cell: str, row: str) -> str | None:
    """Who is said to do it: a name with @ before any other."""
    named = OWNER.search(cell) or OWNER.search(row)
    if named:
        return named[1]
    return None if is_unsaid(cell) or _RULE.fullmatch(cell) else plain(cell)[:LONGEST]


def _with_state(what: str, state: str) -> str:
    return f"{what} ({plain(state)})" if normal(state).split(" ")[0] in headings()["done"] else what


def _action(what: str, owner: str | None = None, due: date | None = None) -> ActionItem:
    named = OWNER.search(what)
    return ActionItem(
        plain(what)[:LONGEST],
        owner=owner or (named[1] if named else None),
        due=due or _due(what),
    )


def _due(text: str) -> date | None:
    """A day that is said to be the last for it, or ends the text and is no day of the past's."""
    for named in reversed(named_days(text)):
        before, after = text[: named.start], text[named.end :]
        ends = not after.strip(" .;)]*_") and not _PAST.search(before)
        if ends or _DUE.search(before):
            return named.day
    return None
