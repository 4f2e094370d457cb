"""What ``learn`` tells of a fix's siblings: where the same edit was made, and where it still is to
be made. Decides nothing.
"""

from collections.abc import Sequence

from rich.console import Console

from twiceshy.changes.git_history import Commit
from twiceshy.learning.learn.siblings import Family, Sibling, Unfixed
from twiceshy.verdicts.render.escape import printable
from twiceshy.verdicts.render.markdown import count

MOST_TOLD = 5


def tell_siblings(family: Family | None, standing: Sequence[Unfixed], fix: Commit | None) -> None:
    """A line for each sibling, for each place that stands unfixed, and for what was not read."""
    console = Console(highlight=False, soft_wrap=True)
    for line in _lines(family, standing, fix):
        console.print(f"  {line}", markup=False)


def _lines(family: Family | None, standing: Sequence[Unfixed], fix: Commit | None) -> list[str]:
    lines: list[str] = []
    if family is None:
        lines.append("siblings: the history could not be read")
    else:
        lines += [_sibling(sibling, fix) for sibling in family.siblings[:MOST_TOLD]]
        lines += _more(len(family.siblings), "sibling")
        if family.backports:
            names = ", ".join(commit.id[:12] for commit in family.backports[:MOST_TOLD])
            lines.append(f"backports: {names}")
        if family.unread:
            unread = count(family.unread, "commit")
            lines.append(f"siblings: {unread} not read for lack of time; the next run reads on")
    lines += [f"unfixed: {place.path}:{place.line} says {_short(place.why)}" for place in standing]
    return [printable(line) for line in lines]


def _sibling(sibling: Sibling, fix: Commit | None) -> str:
    made = sibling.commit
    when = ""
    if fix:
        when = ", before this fix" if made.day <= fix.day else ", after this fix"
    place = f"{sibling.pair.path}:{sibling.line}"
    told = f"{made.id[:12]} ({made.day}, {_short(made.subject)})"
    return f"sibling: the same edit was made in {told} at {place}{when}"


def _more(number: int, what: str) -> list[str]:
    return [f"and {count(number - MOST_TOLD, what)} more"] if number > MOST_TOLD else []


def _short(text: str) -> str:
    line = " ".join(text.split())
    return f"{line[:79]}…" if len(line) > 80 else line  # noqa: PLR2004 - as much as a line shows
