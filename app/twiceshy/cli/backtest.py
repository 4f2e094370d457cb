"""``twiceshy backtest``: what each lesson would have said over the repository's past, and the mode
that follows.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import typer
from rich.console import Console
from rich.table import Table

from twiceshy.cli.progress_bar import Bar
from twiceshy.cli.registries import (
    drafts_among,
    lessons_of,
    must_guard,
    must_hold_lessons,
    must_know,
    say_drafts,
    say_left_out,
)
from twiceshy.cli.repository import must_be_repository
from twiceshy.cli.timeline import timelines
from twiceshy.learning.backtest import (
    BacktestResult,
    ReplayedFinding,
    RepositoryHistory,
    commits_of,
    recommended,
    replay,
)
from twiceshy.lessons.draft_folder import DraftFolder
from twiceshy.lessons.kept_registry import KeptRegistry
from twiceshy.lessons.lesson import Mode
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
    root = must_be_repository(asked.root, "there is no past to replay")
    workspace = Workspace.current(root, asked.registries)
    with Bar() as bar:
        guard = workspace.open(bar)  # compiled once, for every process
        must_hold_lessons(guard, workspace)
        must_know(guard.index, asked.ids)
        drafts = drafts_among(guard.index, asked.ids)
        if drafts:
            guard = workspace.with_drafts().open(bar)
        must_guard(guard, workspace)
        wanted, retired = _replayable(guard, asked.ids)
        commits = commits_of(root, asked.since, asked.commits, asked.every)
        result = replay(past_of(root, guard), commits, bar)
    say_left_out(guard, workspace)
    findings = [finding for finding in result.said if finding.spoken.lesson in set(wanted)]
    _show(result, findings, wanted)
    for name in retired:
        typer.echo(f"{name}: retired, so nothing of it was replayed")
    say_drafts(drafts)
    return 0


def _replayable(guard: Guard, ids: Sequence[str]) -> tuple[list[str], list[str]]:
    """The lessons that are replayed, and those that were asked for and are not."""
    lessons = lessons_of(guard.index)
    wanted = [name for name in ids or lessons if lessons[name].mode is not Mode.RETIRED]
    return wanted, [name for name in ids if name not in wanted]


def past_of(root: Path, guard: Guard) -> RepositoryHistory:
    """A repository's past, to be held against the folders of a guard's registry."""
    folders = []
    for source in guard.sources:
        if isinstance(source, Folder | KeptRegistry):
            folders.append((source.root, source.shown_as))
    return RepositoryHistory(
        root,
        tuple(folders),
        guard.settings,
        user_cache(),
        guard.identity(),
        drafts=any(isinstance(source, DraftFolder) for source in guard.sources),
    )


def _show(
    result: BacktestResult, findings: Sequence[ReplayedFinding], lessons: Sequence[str]
) -> None:
    console = Console(highlight=False, soft_wrap=True)
    shown = lessons
    if len(lessons) > MOST_LESSONS:
        speakers = {finding.spoken.lesson for finding in findings}
        shown = [name for name in lessons if name in speakers]
    if shown and result.commits:
        console.print(_table(result, findings, shown))
    if len(shown) < len(lessons):
        console.print(f"{len(lessons) - len(shown)} other lessons would have said nothing")
    for finding in findings[:MOST_SHOWN]:
        console.print(f"  {_line(finding)}", style="dim", markup=False)
    if len(findings) > MOST_SHOWN:
        console.print(f"  and {len(findings) - MOST_SHOWN} more", style="dim")
    console.print(f"{len(result.commits)} changes replayed{_span(result)}")


def _line(finding: ReplayedFinding) -> str:
    spoken, commit = finding.spoken, finding.commit
    after = "lives on" if finding.lives_on else "gone since"
    place = f"{spoken.path}:{spoken.line} {spoken.lesson} ({spoken.guard})"
    return f"{commit.id[:10]} {commit.day} {place}, {after}"


def _span(result: BacktestResult) -> str:
    """From when to when was replayed, and what of it was not."""
    if not result.commits:
        return ": there is no history to hold the lessons against"
    first, last = _ends(result)
    skipped = f", {result.skipped} not judged (over 300 files, or not readable)"
    return f", {first} to {last}{skipped if result.skipped else ''}"


def _table(
    result: BacktestResult, findings: Sequence[ReplayedFinding], lessons: Sequence[str]
) -> Table:
    days: dict[str, list[date]] = {name: [] for name in lessons}
    for finding in findings:
        if finding.spoken.lesson in days:
            days[finding.spoken.lesson].append(finding.commit.day)
    living = Counter(finding.spoken.lesson for finding in findings if finding.lives_on)
    lines = timelines(days, *_ends(result))
    table = _empty_table()
    for name in lessons:
        spoke, lives = len(days[name]), living[name]
        often = 100 * spoke / max(1, len(result.commits))
        mode = recommended(spoke, lives, len(result.commits)).text
        numbers = (str(spoke), str(spoke - lives), str(lives), f"{often:.1f}")
        table.add_row(name, *numbers, lines[name], mode)
    return table


def _empty_table() -> Table:
    table = Table(box=None, padding=(0, 1, 0, 0), header_style="bold")
    table.add_column("lesson", no_wrap=True)
    for heading in ("spoke", "gone since", "lives on", "per 100"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("when", no_wrap=True)
    table.add_column("mode")
    return table


def _ends(result: BacktestResult) -> tuple[date, date]:
    days = [commit.day for commit in result.commits] or [datetime.now(UTC).date()]
    return min(days), max(days)
