"""``twiceshy relatives``: what similar incidents have in common; without an id the groups of the
whole registry.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console
from rich.text import Text

from twiceshy.cli.progress_bar import Bar
from twiceshy.cli.registries import lessons_of, must_hold_lessons, must_know
from twiceshy.learning.relatives import Facet, Group, groups, relatives, telling_words, vectors
from twiceshy.lessons.lesson import Lesson
from twiceshy.verdicts.render.escape import printable
from twiceshy.verdicts.render.markdown import count
from twiceshy.workspace import Workspace

BAR = 20


def show_relatives(
    lesson_id: str | None, root: Path | None, registries: Sequence[Path], most: int
) -> None:
    """Print the nearest lessons of one, or the groups of all."""
    workspace = Workspace.current(root, registries)
    with Bar() as bar:
        guard = workspace.open(bar)
        must_hold_lessons(guard, workspace)
        index = guard.index
        must_know(index, [lesson_id] if lesson_id else [])
        lessons = lessons_of(index)
        word_vectors = vectors(lessons.values(), telling_words(index, lessons))
    console = Console(highlight=False, soft_wrap=True)
    if lesson_id is None:
        _show_groups(console, lessons, groups(word_vectors))
        return
    nearest = relatives(lesson_id, word_vectors, most)
    for relative in nearest:
        console.print(Text.assemble(_bar(relative.score), "  ", _named(lessons[relative.lesson])))
        _show_shared(console, relative.shared)
    if not nearest:
        console.print(
            f"none of the other {count(len(lessons) - 1, 'lesson')} shares enough with {lesson_id}"
        )


def _bar(score: float) -> Text:
    filled = max(1, round(BAR * score))
    return Text.assemble(("█" * filled, "cyan"), ("░" * (BAR - filled), "dim"))


def _show_groups(
    console: Console, lessons: Mapping[str, Lesson], found_groups: Sequence[Group]
) -> None:
    for group in found_groups:
        console.print(Text(f"{count(len(group.lessons), 'lesson')} of one kind", "bold"))
        for name in group.lessons:
            console.print(Text.assemble("  ", _named(lessons[name])))
        _show_shared(console, group.shared)
    alone = len(lessons) - sum(len(group.lessons) for group in found_groups)
    console.print(
        f"{count(len(found_groups), 'group')} among {count(len(lessons), 'lesson')}, {alone} alone",
        style="dim",
    )


def _show_shared(console: Console, shared: Mapping[Facet, Sequence[str]]) -> None:
    for facet, words in shared.items():
        console.print(Text(printable(f"  {facet}: {', '.join(words)}"), "dim"))


def _named(lesson: Lesson) -> str:
    return printable(f"{lesson.id}  {lesson.title} ({lesson.date})")
