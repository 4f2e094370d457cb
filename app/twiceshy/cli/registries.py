"""Stops a command whose registry guards nothing, and says what was left out of one that does.

Which registry that is, ``workspace`` decides.
"""

from collections.abc import Iterable, Sequence

import typer

from twiceshy.cli.usage_error import UsageError
from twiceshy.lessons.index import Index
from twiceshy.lessons.lesson import Lesson, Mode
from twiceshy.verdicts.guard import Guard
from twiceshy.verdicts.readiness import Blindness, Readiness
from twiceshy.verdicts.render.escape import printable
from twiceshy.workspace import Workspace

MOST_NAMED = 10
"""Drafts; of more only the number is told."""


def must_guard(guard: Guard, workspace: Workspace) -> None:
    """Stops, and says what to do, when nothing guards: silence would be taken for "looked at"."""
    readiness = guard.readiness()
    if not readiness.guards:
        raise UsageError(told_blind(readiness, workspace))


def must_hold_lessons(guard: Guard, workspace: Workspace) -> None:
    """Stops likewise when there is not even a lesson to read: of drafts alone something can be
    told.
    """
    readiness = guard.readiness()
    if readiness.blindness in (*_WITHOUT_FILES, Blindness.UNREADABLE):
        raise UsageError(told_blind(readiness, workspace))


def must_hold_files(guard: Guard, workspace: Workspace) -> None:
    """Stops likewise when there is no file to read: of broken ones the command tells itself."""
    readiness = guard.readiness()
    if readiness.blindness in _WITHOUT_FILES:
        raise UsageError(told_blind(readiness, workspace))


def say_left_out(guard: Guard, workspace: Workspace) -> None:
    """On standard error, what does not guard and why."""
    for problem in (*workspace.left_out, *guard.problems):
        typer.echo(f"left out: {printable(str(problem))}", err=True)


def told_blind(readiness: Readiness, workspace: Workspace) -> str:
    """Why nothing guards and what to do about it; a problem of the settings says more than their
    result.
    """
    if workspace.withheld:  # not even a number of such a registry is told
        return f"nothing guards: no lesson here can speak. To mend it: {readiness.advice}"
    if readiness.blindness in _WITHOUT_FILES and workspace.left_out:
        return f"nothing guards: {'; '.join(str(problem) for problem in workspace.left_out)}"
    return f"nothing guards: {readiness.seen}. To mend it: {readiness.advice}"


_WITHOUT_FILES = (Blindness.NO_REGISTRY, Blindness.NO_LESSON)


def lessons_of(index: Index) -> dict[str, Lesson]:
    """Every lesson of a registry by its id."""
    lessons = {}
    for name in index.lesson_ids():
        lesson = index.lesson(name)
        if lesson:
            lessons[name] = lesson
    return lessons


def drafts_among(index: Index, ids: Iterable[str]) -> list[str]:
    """Those of these lessons that are drafts; of all lessons when none is named."""
    lessons = lessons_of(index)
    return [name for name in ids or lessons if lessons[name].mode is Mode.DRAFT]


def say_drafts(drafts: Sequence[str], err: bool = False) -> None:
    """That what is told of these is told of drafts."""
    if drafts:
        names = ", ".join(drafts[:MOST_NAMED])
        more = f" and {len(drafts) - MOST_NAMED} more" if len(drafts) > MOST_NAMED else ""
        are = "a draft, tried as if it observed: it guards"
        if len(drafts) > 1:
            are = "drafts, tried as if they observed: they guard"
        typer.echo(f"{names}{more}: {are} nothing yet", err=err)


def must_know(index: Index, ids: Iterable[str]) -> None:
    """Stops, and names them, when some of these are no lessons of the registry."""
    missing = [name for name in ids if index.lesson(name) is None]
    if missing:
        raise UsageError(
            f"no lesson {', '.join(missing)} here: `twiceshy coverage` lists those there are"
        )
