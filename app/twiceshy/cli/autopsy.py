"""``twiceshy autopsy``: a new incident has happened. What did the lessons of that day, and of
today, say of its cause.
"""

from collections.abc import Iterator
from pathlib import Path

import typer

from twiceshy.changes import git
from twiceshy.changes.git_history import Commit
from twiceshy.changes.parser.client import own_parser
from twiceshy.cli.progress_bar import Bar
from twiceshy.cli.repository import must_be_repository
from twiceshy.cli.usage_error import UsageError
from twiceshy.learning.autopsy import Autopsy, Covered, autopsy
from twiceshy.learning.learn.draft import cause_of
from twiceshy.verdicts.render.escape import one_line
from twiceshy.verdicts.settings import FILE_NAME, Settings, read_settings
from twiceshy.workspace import Workspace


def autopsy_of(fix: str, root: Path | None) -> None:
    """Print how the registry of the day stood to the commit that caused it, and how today's
    would.
    """
    top = must_be_repository(root, "run it where the incident's history is")
    with own_parser():
        story, cause = cause_of(top, fix)
    if cause is None:
        raise UsageError(
            f"history does not say which commit brought what {fix} mended: a shallow clone? Try "
            "git fetch --unshallow"
        )
    if not cause.parents:
        raise UsageError(
            f"the failing code is as old as the repository ({cause.id[:12]}): there was no lesson "
            "that day"
        )
    failed = frozenset(pair.path for pair in story.pairs)
    typer.echo(
        f"{fix} mends what came with {cause.id[:12]} of {cause.day}: {one_line(cause.subject)}"
    )
    then = _judged(top, cause, _of_that_day(top, cause), failed)
    typer.echo("\n".join(_lines("The lessons of that day", then)))
    if then.covered is Covered.NOT:
        now = _judged(top, cause, Workspace.current(top), failed)
        typer.echo("\n".join(_lines("Today's lessons", now)))
        if now.covered is Covered.NOT:
            typer.echo(f"Write the lesson: twiceshy learn {fix}")


def _judged(root: Path, cause: Commit, workspace: Workspace, failed: frozenset[str]) -> Autopsy:
    change = git.commit_change(root, cause.id)
    with Bar() as bar:
        guard = workspace.open(bar)
        return autopsy(guard.judge(change, explain=True), failed)


def _of_that_day(root: Path, cause: Commit) -> Workspace:
    base = cause.parents[0]
    text = git.commit_change(root, cause.id).read_base(FILE_NAME)
    settings = read_settings(text) if text is not None else Settings()
    return Workspace.from_commit(root, base, settings, fetch=False)


def _lines(whose: str, result: Autopsy) -> Iterator[str]:
    yield f"{whose}: {result.covered}"
    for covering in result.findings:
        finding = covering.judged.finding
        place = f"{finding.path}:{finding.start_line}"
        remedy = one_line(covering.remedy)
        yield f"  {finding.lesson} at {place}, by {finding.guard}: {remedy}"
    for silence in result.nearest:
        yield f"  nearest: {silence.subject}, {one_line(silence.reason)}"
