"""``twiceshy coverage``: of all lessons, which are guarded, how, and which are not and why."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from twiceshy.changes import git
from twiceshy.cli.app_feedback import verdicts
from twiceshy.cli.backtest import past_of
from twiceshy.cli.progress_bar import Bar
from twiceshy.cli.registries import lessons_of
from twiceshy.learning.backtest import replayed_before
from twiceshy.learning.retire import Today, languages_here, reasons
from twiceshy.lessons.coverage import Coverage, coverage, overdue
from twiceshy.lessons.lesson import Lesson
from twiceshy.lessons.proofs import Backing
from twiceshy.lessons.sources import kind_of
from twiceshy.verdicts.backing import why_stale
from twiceshy.verdicts.guard import Guard
from twiceshy.verdicts.render.escape import printable
from twiceshy.verdicts.render.markdown import count
from twiceshy.workspace import Workspace

BAR = 30
_STYLE = {
    Coverage.PROVEN: "bold green",
    Coverage.CHECKED: "green",
    Coverage.RESEMBLANCE: "green",
    Coverage.PLACE: "green",
    Coverage.NO_CHECK: "blue",
    Coverage.RETIRED: "dim",
    Coverage.OBSERVING: "yellow",
    Coverage.UNCHECKED: "red",
    Coverage.NOBODY: "red",
}


def show_coverage(root: Path | None, registries: Sequence[Path]) -> None:
    """Print how the lessons are covered, what is overdue, and what was left out."""
    workspace = Workspace.current(root, registries)
    with Bar() as bar:
        guard = workspace.open(bar)
        covers = _covers(guard)
    console = Console(highlight=False)
    lessons = lessons_of(guard.index)
    if not lessons:
        console.print("no lessons yet: `twiceshy init` writes a first one")
    else:
        console.print(_table(covers))
        _list(console, covers, lessons)
    for name, lesson in lessons.items():
        if doubt := _doubt(guard, lesson):
            console.print(Text(printable(f"{doubt} (twiceshy verify {name})"), "yellow"))
    _retiring(console, guard, lessons)
    for name, action in overdue(lessons, datetime.now(UTC).date()):
        owner = action.owner or "nobody owns it"
        late = f"overdue since {action.due}: {name}: {action.what} ({owner})"
        console.print(Text(printable(late), "red"))
    for problem in (*workspace.left_out, *guard.problems):
        console.print(Text(printable(f"left out: {problem}"), "red"))


def _doubt(guard: Guard, lesson: Lesson) -> str:
    """What is wrong with a lesson's kept proof; empty without one, and when it holds."""
    if changed := why_stale(guard.index, lesson, guard.settings):
        return f"proof is stale: {lesson.id}: {changed}"
    proof = guard.index.proof(lesson.id)
    failed = (
        dict.fromkeys(trial.case for trial in proof.trials if not trial.good)
        if proof and not proof.proven
        else ()
    )
    return f"not proven: {lesson.id}: {', '.join(failed)}" if failed else ""


def _retiring(console: Console, guard: Guard, lessons: Mapping[str, Lesson]) -> None:
    """Lessons of this repository that may have done their work. What came from elsewhere is not
    ours to retire.
    """
    root = git.repository_root(Path.cwd())
    if root is None:
        return
    today = _today(root, guard, lessons.values())
    for name, lesson in lessons.items():
        grounds = reasons(lesson, today) if (root / lesson.source).is_file() else ()
        if grounds:
            console.print(
                Text(printable(f"could be retired: {name}: {'; '.join(grounds)}"), "yellow")
            )


def _today(root: Path, guard: Guard, lessons: Iterable[Lesson]) -> Today:
    replayed, spoke = replayed_before(past_of(root, guard))
    files = frozenset(path for path in git.tracked_files(root) if kind_of(path) is None)
    languages = languages_here(lessons, files)
    answers = verdicts(root, guard.settings.noise_budget)
    return Today(datetime.now(UTC).date(), files, languages, spoke, replayed, answers)


def _covers(guard: Guard) -> dict[str, Coverage]:
    lessons = lessons_of(guard.index)
    trust = guard.standing(lessons)
    resembling = guard.resembling(lessons)
    covers = {}
    for name, lesson in lessons.items():
        standing = trust[name]
        covers[name] = coverage(
            lesson,
            guard.index.rules(name),
            standing.failed or ", ".join(sorted(standing.unproven_rules)),
            name in resembling,
            standing.backing is Backing.PROVEN,
        )
    return covers


def _table(covers: Mapping[str, Coverage]) -> Table:
    table = Table(
        title=f"{count(len(covers), 'lesson')}, guarded by",
        title_justify="left",
        show_header=False,
        box=None,
    )
    for kind in Coverage:
        number = sum(cover is kind for cover in covers.values())
        if number:
            filled = max(1, round(BAR * number / len(covers)))
            table.add_row(kind.value, str(number), Text("█" * filled, _STYLE[kind]))
    return table


def _list(console: Console, covers: Mapping[str, Coverage], lessons: Mapping[str, Lesson]) -> None:
    """The lessons that need somebody, by name, and why the honest ones cannot be checks."""
    for name, kind in covers.items():
        lesson = lessons[name]
        if kind in (Coverage.NOBODY, Coverage.UNCHECKED):
            console.print(
                Text(printable(f"{kind}: {name} {lesson.title} ({lesson.source})"), "red")
            )
        elif kind is Coverage.NO_CHECK and lesson.no_check:
            why = f"{lesson.no_check.reason}: {lesson.no_check.sentence}"
            console.print(Text(printable(f"{kind}: {name} {lesson.title} ({why})"), "blue"))
