"""``twiceshy backtest``: what each lesson would have said over the repository's past, and the mode
that follows.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from twiceshy.changes import git
from twiceshy.cli.errors import UsageError
from twiceshy.cli.progress_bar import Bar
from twiceshy.cli.registries import must_guard, must_know, say_left_out
from twiceshy.cli.timeline import timelines
from twiceshy.learning.backtest import (
    BacktestResult,
    ReplayedFinding,
    RepositoryHistory,
    commits_of,
    recommended,
    replay,
)
from twiceshy.lessons.sources import Folder
from twiceshy.verdicts.guard import Guard, user_cache
from twiceshy.workspace import Workspace

MOST_SHOWN = 20
MOST_LESSONS = 30
"""Of a larger registry only the lessons that spoke have a line."""


@dataclass(frozen=True)
class BacktestOptions:
    """What was asked on the command line."""

    ids: tuple[str, ...]
    since: str | None
    commits: int
    every: bool
    root: Path | None
    registries: tuple[Path, ...]


def backtest(asked: BacktestOptions) -> int:
    """Replay, and print the table."""
    here = git.repository_root(asked.root or Path.cwd())
    if here is None:
        raise UsageError(
            f"{asked.root or 'this folder'} is not in a git repository: there is no past to replay"
        )
    workspace = Workspace.current(here, asked.registries)
    with Bar() as bar:
        guard = workspace.open(bar)  # compiled once, for every process
        must_guard(guard, workspace)
        known = guard.index.lesson_ids()
        must_know(guard.index, asked.ids)
        commits = commits_of(here, asked.since, asked.commits, asked.every)
        found = replay(past_of(here, guard), commits, bar)
    say_left_out(guard, workspace)
    wanted = asked.ids or known
    _show(found, [each for each in found.said if each.spoken.lesson in set(wanted)], wanted)
    return 0


def past_of(root: Path, guard: Guard) -> RepositoryHistory:
    """A repository's past, to be held against the folders of a guard's registry."""
    folders = tuple(
        (source.root, source.shown_as) for source in guard.sources if isinstance(source, Folder)
    )
    return RepositoryHistory(root, folders, guard.settings, user_cache(), guard.identity())


def _show(found: BacktestResult, said: Sequence[ReplayedFinding], lessons: Sequence[str]) -> None:
    console = Console(highlight=False, soft_wrap=True)
    spoke = {each.spoken.lesson for each in said}
    shown = lessons if len(lessons) <= MOST_LESSONS else [name for name in lessons if name in spoke]
    if shown and found.commits:
        console.print(_table(found, said, shown))
    if len(shown) < len(lessons):
        console.print(f"{len(lessons) - len(shown)} other lessons would have said nothing")
    for each in said[:MOST_SHOWN]:
        after = "lives on" if each.lives_on else "gone since"
        place = f"{each.spoken.path}:{each.spoken.line} {each.spoken.lesson} ({each.spoken.guard})"
        console.print(
            f"  {each.commit.id[:10]} {each.commit.day} {place}, {after}", style="dim", markup=False
        )
    if len(said) > MOST_SHOWN:
        console.print(f"  and {len(said) - MOST_SHOWN} more", style="dim")
    left = (
        f", {found.skipped} not judged (over 300 files, or not readable)" if found.skipped else ""
    )
    first, last = _ends(found)
    span = (
        f", {first} to {last}{left}"
        if found.commits
        else ": there is no history to hold the lessons against"
    )
    console.print(f"{len(found.commits)} changes replayed{span}")


def _table(found: BacktestResult, said: Sequence[ReplayedFinding], lessons: Sequence[str]) -> Table:
    spoke = Counter(each.spoken.lesson for each in said)
    lives = Counter(each.spoken.lesson for each in said if each.lives_on)
    days = {
        name: [each.commit.day for each in said if each.spoken.lesson == name] for name in lessons
    }
    first, last = _ends(found)
    lines = timelines(days, first, last)
    table = Table(box=None, padding=(0, 1, 0, 0), header_style="bold")
    table.add_column("lesson", no_wrap=True)
    for heading in ("spoke", "gone since", "lives on", "per 100"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("when", no_wrap=True)
    table.add_column("mode")
    for name in lessons:
        often = 100 * spoke[name] / max(1, len(found.commits))
        mode = recommended(spoke[name], lives[name], len(found.commits))
        gone = spoke[name] - lives[name]
        table.add_row(
            name, str(spoke[name]), str(gone), str(lives[name]), f"{often:.1f}", lines[name], mode
        )
    return table


def _ends(found: BacktestResult) -> tuple[date, date]:
    days = [commit.day for commit in found.commits] or [datetime.now(UTC).date()]
    return min(days), max(days)
