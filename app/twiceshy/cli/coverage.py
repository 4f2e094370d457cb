"""``twiceshy coverage``: of all lessons, which are guarded, how, and which are not and why."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from twiceshy.cli.progress import Bar
from twiceshy.cli.registries import working_tree
from twiceshy.lessons.covering import Cover, cover, overdue
from twiceshy.lessons.model import Lesson
from twiceshy.verdicts.guard import Guard, user_cache
from twiceshy.verdicts.render.escape import printable
from twiceshy.verdicts.render.markdown import count

BAR = 30
_STYLE = {Cover.CHECKED: "green", Cover.RESEMBLANCE: "green", Cover.PLACE: "green", Cover.NO_CHECK: "blue",
          Cover.RETIRED: "dim", Cover.OBSERVING: "yellow", Cover.UNCHECKED: "red", Cover.NOBODY: "red"}  # fmt: skip


def show_coverage(root: Path | None, registries: Sequence[Path]) -> None:
    """Print how the lessons are covered, what is overdue, and what was left out."""
    chosen = working_tree(root, registries)
    with Bar() as bar:
        guard = Guard(chosen.sources, chosen.settings, user_cache(), bar)
        covers = _covers(guard)
    console = Console(highlight=False)
    lessons = {name: lesson for name in covers if (lesson := guard.index.lesson(name))}
    if not lessons:
        console.print("no lessons yet: `twiceshy init` writes a first one")
    else:
        console.print(_table(covers))
        _list(console, covers, lessons)
    for name, action in overdue(lessons, datetime.now(UTC).date()):
        late = f"overdue since {action.due}: {name}: {action.what} ({action.owner or 'nobody owns it'})"
        console.print(Text(printable(late), "red"))
    for problem in (*chosen.problems, *guard.problems):
        console.print(Text(printable(f"left out: {problem}"), "red"))


def _covers(guard: Guard) -> dict[str, Cover]:
    names = guard.index.lesson_ids()
    standing = guard.self_check(names)
    resembling = guard.resembling(names)
    return {
        name: cover(lesson, guard.index.rules(name), standing[name].failed, name in resembling)
        for name in names
        if (lesson := guard.index.lesson(name))
    }


def _table(covers: Mapping[str, Cover]) -> Table:
    table = Table(
        title=f"{count(len(covers), 'lesson')}, guarded by", title_justify="left", show_header=False, box=None
    )
    for kind in Cover:
        held = sum(each is kind for each in covers.values())
        if held:
            filled = max(1, round(BAR * held / len(covers)))
            table.add_row(kind.value, str(held), Text("█" * filled, _STYLE[kind]))
    return table


def _list(console: Console, covers: Mapping[str, Cover], lessons: Mapping[str, Lesson]) -> None:
    """The lessons that need somebody, by name, and why the honest ones cannot be checks."""
    for name, kind in covers.items():
        lesson = lessons[name]
        if kind in (Cover.NOBODY, Cover.UNCHECKED):
            console.print(Text(printable(f"{kind}: {name} {lesson.title} ({lesson.source})"), "red"))
        elif kind is Cover.NO_CHECK and lesson.no_check:
            why = f"{lesson.no_check.reason}: {lesson.no_check.sentence}"
            console.print(Text(printable(f"{kind}: {name} {lesson.title} ({why})"), "blue"))
