"""``twiceshy autopsy``: a new incident has happened. What the lessons of that day, and what today's
say of each commit that may have caused it.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import typer

from twiceshy.changes import git
from twiceshy.changes.git_blame import registry_day
from twiceshy.changes.parser.client import own_parser
from twiceshy.cli.progress_bar import Bar
from twiceshy.cli.registries import lessons_of
from twiceshy.cli.repository import must_be_repository
from twiceshy.cli.usage_error import UsageError
from twiceshy.learning.autopsy import (
    NO_LESSONS,
    Autopsy,
    Covered,
    autopsy,
    best_sentences,
    is_from,
)
from twiceshy.learning.causes import Cause, Causes, causes_of
from twiceshy.learning.learn.draft import read_story
from twiceshy.verdicts.guard import Guard
from twiceshy.verdicts.render.escape import one_line
from twiceshy.verdicts.render.markdown import count
from twiceshy.workspace import Workspace, settings_of_commit

Answer = tuple[Cause, Autopsy, Autopsy]
"""A cause, what the lessons of its day say, and today's."""


def autopsy_of(fix: str, root: Path | None) -> None:
    """Print how the registry of its day stood to each commit that may have caused what a fix mends,
    and how today's would.
    """
    top = must_be_repository(root, "run it where the incident's history is")
    with own_parser():
        change, fixing, _ = read_story(top, fix)
        causes = causes_of(top, change) if change.base else Causes((), 0)
    judged = _with_a_day_before(causes, fix)
    fix_id = fixing.id if fixing else None
    answers: list[Answer] = []
    with Bar() as bar:
        today = Workspace.current(top).open(bar)
        for cause in judged:
            then = _said_that_day(top, cause, bar)
            answers.append((cause, then, _said(today, top, cause)))
    typer.echo("\n".join(_told(fix, fix_id, causes, answers)))


def _with_a_day_before(causes: Causes, fix: str) -> list[Cause]:
    """The causes that changed something: there was a registry before them."""
    if not causes.looked_at:
        raise UsageError(
            f"history does not say which commit brought what {fix} mended: a shallow clone? Try "
            "git fetch --unshallow"
        )
    judged = [cause for cause in causes.looked_at if cause.commit.parents]
    if not judged:
        first = causes.looked_at[0].commit
        raise UsageError(
            f"the failing code is as old as the repository ({first.id[:12]}): there was no lesson "
            "that day"
        )
    return judged


def _said_that_day(root: Path, cause: Cause, bar: Bar) -> Autopsy:
    """What a check would have said: of the lessons that stood on the main line before it came.

    Lessons from elsewhere are not known as they were then, so nothing is claimed of them.
    """
    day = registry_day(root, cause.commit.id, cause.commit.parents[0])
    workspace = Workspace.from_commit(root, day, settings_of_commit(root, day), fetch=False)
    guard = workspace.of_own_lessons().open(bar)
    if not lessons_of(guard.index):
        return NO_LESSONS
    return _said(guard, root, cause)


def _said(guard: Guard, root: Path, cause: Cause) -> Autopsy:
    change = git.commit_change(root, cause.commit.id)
    return autopsy(guard.judge(change, explain=True), cause.lines)


def _told(fix: str, fix_id: str | None, causes: Causes, answers: Sequence[Answer]) -> Iterator[str]:
    looked_at = len(causes.looked_at)
    if causes.total > looked_at:
        yield f"{causes.total} commits may have caused it; the likeliest {looked_at}, newest first"
    elif looked_at > 1:
        yield f"{looked_at} commits may have caused it, newest first"
    for cause, then, now in answers:
        yield _heading(fix, cause)
        yield f"The lessons of that day: {then.covered}"
        yield from _findings(then, fix_id)
        yield f"Today's lessons: {now.today}"
        yield from _findings(now.as_today(), fix_id)
    for cause in causes.looked_at:
        if not cause.commit.parents:
            yield f"{cause.commit.id[:12]} of {cause.commit.day} is as old as the repository"
    best = list(best_sentences(answers, fix_id))
    yield from best
    if not best and all(now.covered is Covered.NOT for _, _, now in answers):
        yield f"Write the lesson: twiceshy learn {fix}"


def _heading(fix: str, cause: Cause) -> str:
    commit = cause.commit
    named = f"{commit.id[:12]} of {commit.day}: {one_line(commit.subject)}"
    if cause.deleted:
        return f"{fix} puts back {count(cause.deleted, 'line')} that went with {named}"
    if cause.brought:
        return f"{fix} mends what came with {named}"
    return f"{fix} changes what stands beside lines of {named}"


def _findings(result: Autopsy, fix_id: str | None) -> Iterator[str]:
    for covering in result.findings:
        finding = covering.judged.finding
        place = f"{finding.path}:{finding.start_line}"
        own = fix_id is not None and is_from(covering.judged.lesson, fix_id)
        remedy = "it was learned from this very fix" if own else one_line(covering.remedy)
        yield f"  {finding.lesson} at {place}, by {finding.guard}: {remedy}"
    for silence in result.nearest:
        yield f"  nearest: {silence.subject}, {one_line(silence.reason)}"
