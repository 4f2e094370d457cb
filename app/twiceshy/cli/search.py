"""``twiceshy search``: past lessons by words or by code."""

import sys
from collections.abc import Sequence
from pathlib import Path

import typer

from twiceshy.cli.progress_bar import Bar
from twiceshy.cli.registries import lessons_of, must_hold_lessons
from twiceshy.lessons.search import search
from twiceshy.verdicts.render.escape import printable
from twiceshy.verdicts.render.markdown import count
from twiceshy.workspace import Workspace


def show_matches(text: str, root: Path | None, registries: Sequence[Path], most: int) -> None:
    """Print the lessons that fit best, or an honest line when none does."""
    query = sys.stdin.read(100_000) if text == "-" else text
    workspace = Workspace.current(root, registries)
    with Bar() as bar:
        guard = workspace.open(bar)
        must_hold_lessons(guard, workspace)
        lessons = list(lessons_of(guard.index).values())
        hits = search(query, lessons, most)
        trust = guard.standing(hit.lesson.id for hit in hits)
    for hit in hits:
        lesson = hit.lesson
        typer.secho(printable(f"{lesson.id}  {lesson.title}"), bold=True)
        facts = [str(lesson.date), lesson.severity, lesson.mode]
        if backing := trust[lesson.id].backing:
            facts.append(backing)
        typer.echo(printable(f"  {', '.join(facts)}  {lesson.postmortem or lesson.source}"))
        if lesson.mitigation:
            typer.echo(printable(f"  What worked: {lesson.mitigation}"))
        typer.secho(f"  by: {', '.join(hit.words[:8])}", dim=True)
    if not hits:
        typer.echo(f"nothing among {count(len(lessons), 'lesson')} shares a word with that")
