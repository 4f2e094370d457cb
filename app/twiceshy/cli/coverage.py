"""``twiceshy coverage``: of all lessons, which are guarded, how, and which are not and why."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from twiceshy.changes import git
from twiceshy.changes.diff_file import read_under
from twiceshy.changes.registry_tree import FOLDERS
from twiceshy.cli.app_feedback import verdicts
from twiceshy.cli.host import host_around
from twiceshy.cli.progress_bar import Bar
from twiceshy.cli.registries import lessons_of
from twiceshy.guards.library_names import given_names
from twiceshy.guards.recall.candidates import standings
from twiceshy.guards.recall.comparison import MOST_PLACES, told_part, told_places
from twiceshy.guards.recall.host import Host, Standing
from twiceshy.guards.recall.word_weight import word_weight
from twiceshy.learning.relatives import telling_words
from twiceshy.learning.retire import FEWEST_WORDS, Today, languages_here, reasons
from twiceshy.lessons.coverage import Coverage, coverage, overdue
from twiceshy.lessons.lesson import ActionItem, Lesson, Mode, Problem
from twiceshy.lessons.proofs import Backing
from twiceshy.lessons.sources import kind_of
from twiceshy.verdicts.backing import why_stale
from twiceshy.verdicts.guard import Guard
from twiceshy.verdicts.render.escape import printable
from twiceshy.verdicts.render.markdown import count
from twiceshy.workspace import Workspace, own_folders

BAR = 30
SHORTEST_NAME, MOST_WORDS = 6, 30
"""Names of a lesson's failing code that are looked for in the files here."""

_STYLE = {
    Coverage.PROVEN: "bold green",
    Coverage.CHECKED: "green",
    Coverage.PROVEN_RESEMBLANCE: "bold green",
    Coverage.RESEMBLANCE: "green",
    Coverage.PLACE: "green",
    Coverage.NO_CHECK: "blue",
    Coverage.RETIRED: "dim",
    Coverage.OBSERVING: "yellow",
    Coverage.UNCHECKED: "red",
    Coverage.NOBODY: "red",
}


@dataclass(frozen=True, slots=True)
class _Covered:
    """What is told of a registry."""

    lessons: Mapping[str, Lesson]
    covers: Mapping[str, Coverage]
    standings: Mapping[str, Standing]  # of the lessons that the host was asked about
    doubts: Mapping[str, str]
    retiring: Mapping[str, Sequence[str]]
    late: Sequence[tuple[str, ActionItem]]
    left_out: Sequence[Problem]


def show_coverage(root: Path | None, registries: Sequence[Path], output_format: str) -> None:
    """Print how the lessons are covered, where their failures stand today, what is overdue, and
    what was left out.
    """
    workspace = Workspace.current(root, registries)
    with Bar() as bar:
        guard = workspace.open(bar)
        covered = _covered(guard, workspace, root, bar)
    if output_format == "json":
        print(json.dumps(_to_dict(covered), indent=1))
    else:
        _show(covered)


def _covered(guard: Guard, workspace: Workspace, root: Path | None, bar: Bar) -> _Covered:
    lessons = lessons_of(guard.index)
    around = git.repository_root(root or Path.cwd())
    standings: dict[str, Standing] = {}
    problems: tuple[Problem, ...] = ()
    if around is not None:
        with host_around(guard, around) as host:
            standings = _standings(host, guard, lessons, bar) if host else {}
            problems = host.problems if host else ()
    doubts = {name: _doubt(guard, lesson) for name, lesson in lessons.items()}
    return _Covered(
        lessons=lessons,
        covers=_covers(guard),
        standings=standings,
        doubts={name: doubt for name, doubt in doubts.items() if doubt},
        retiring=_retiring(guard, lessons),
        late=overdue(lessons, datetime.now(UTC).date()),
        left_out=(*workspace.left_out, *guard.problems, *problems),
    )


def _standings(
    host: Host, guard: Guard, lessons: Mapping[str, Lesson], bar: Bar
) -> dict[str, Standing]:
    """What stands in the host of each lesson that looks at changes and can be recognised."""
    alive = [name for name, lesson in lessons.items() if lesson.mode is not Mode.RETIRED]
    return standings(host, alive, guard.index, bar)


def _standing_lines(standings: Mapping[str, Standing]) -> Iterator[str]:
    for name, standing in standings.items():
        if told := _told(standing):
            yield f"{name} {told}"
    parts = {told_part(standing) for standing in standings.values() if standing.is_part}
    if parts:
        yield f"where failures stand was {parts.pop()}"


def _show(covered: _Covered) -> None:
    console = Console(highlight=False)
    if not covered.lessons:
        console.print("no lessons yet: `twiceshy init` writes a first one")
    else:
        console.print(_table(covered.covers))
        _list(console, covered.covers, covered.lessons)
    for line in _standing_lines(covered.standings):
        console.print(Text(printable(line), "yellow"), soft_wrap=True)
    for name, doubt in covered.doubts.items():
        console.print(Text(printable(f"{doubt} (twiceshy verify {name})"), "yellow"))
    for name, grounds in covered.retiring.items():
        console.print(Text(printable(f"could be retired: {name}: {'; '.join(grounds)}"), "yellow"))
    for name, action in covered.late:
        owner = action.owner or "nobody owns it"
        late = f"overdue since {action.due}: {name}: {action.what} ({owner})"
        console.print(Text(printable(late), "red"))
    for problem in covered.left_out:
        console.print(Text(printable(f"left out: {problem}"), "red"))


def _told(standing: Standing) -> str:
    """Where a lesson's failure stands, and what people said of it."""
    parts: list[str] = []
    if standing.places:
        advice = "mend them, or say that they are normal (twiceshy sweep --update-baseline)"
        parts.append(f"stands in {told_places(standing)} here: {advice}")
    if standing.unmended:
        parts.append(f"{count(standing.unmended, 'place')} not mended yet")
    if standing.normal:
        parts.append(f"{count(standing.normal, 'place')} said to be normal here")
    return "; ".join(parts)


def _to_dict(covered: _Covered) -> dict[str, object]:
    return {
        "schema": 1,
        "lessons": [_lesson_row(covered, name) for name in covered.lessons],
        "overdue": [
            {"lesson": name, "what": action.what, "owner": action.owner, "due": str(action.due)}
            for name, action in covered.late
        ],
        "problems": [
            {"path": problem.path, "message": problem.message} for problem in covered.left_out
        ],
    }


def _lesson_row(covered: _Covered, name: str) -> dict[str, object]:
    standing = covered.standings.get(name)
    return {
        "id": name,
        "title": covered.lessons[name].title,
        "coverage": covered.covers[name].name.lower(),
        "doubt": covered.doubts.get(name),
        "retire": list(covered.retiring.get(name, ())),
        "stands": _standing_row(standing) if standing else None,  # null: nobody looked
    }


def _standing_row(standing: Standing) -> dict[str, object]:
    places = [
        {"path": place.path, "start_line": place.first_line, "end_line": place.last_line}
        for place in standing.places[:MOST_PLACES]
    ]
    return {
        "count": len(standing.places),
        "places": places,
        "normal": standing.normal,
        "unmended": standing.unmended,
        "files": standing.counted,
        "of_files": standing.total,
    }


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


def _retiring(guard: Guard, lessons: Mapping[str, Lesson]) -> dict[str, Sequence[str]]:
    """Lessons of this repository that may have done their work, and why. What came from elsewhere
    is not ours to retire.
    """
    root = git.repository_root(Path.cwd())
    if root is None:
        return {}
    today = _today(root, guard, list(lessons.values()))
    grounds: dict[str, Sequence[str]] = {}
    for name, lesson in lessons.items():
        if (root / lesson.source).is_file() and (own := reasons(lesson, today)):
            grounds[name] = own
    return grounds


def _today(root: Path, guard: Guard, lessons: Sequence[Lesson]) -> Today:
    files = frozenset(path for path in git.tracked_files(root) if kind_of(path) is None)
    return Today(
        day=datetime.now(UTC).date(),
        files=files,
        languages=languages_here(lessons, files),
        answers=verdicts(root, guard.settings.noise_budget),
        read=read_under(root),
        dead_words=_dead_words(root, guard, lessons) if files else {},
    )


def _dead_words(root: Path, guard: Guard, lessons: Sequence[Lesson]) -> dict[str, Sequence[str]]:
    """The names of each lesson's failing code, where not one stands in a file here; nothing where
    no lesson has any: a registry of its own.
    """
    telling = telling_words(guard.index, [lesson.id for lesson in lessons])
    own = [
        f"{top}/{name}".removeprefix("./")
        for top in own_folders(guard.settings)
        for name in FOLDERS
    ]
    dead: dict[str, Sequence[str]] = {}
    asked = 0
    for name, words in telling.items():
        names = [bare for word in words if _is_own_name(bare := word.rstrip("("))]
        if len(names) >= FEWEST_WORDS:
            asked += 1
            if not git.holds_any(root, names[:MOST_WORDS], own):
                dead[name] = names
    return dead if len(dead) < asked else {}


def _is_own_name(word: str) -> bool:
    """Whether a word of code is a name that few choose: what everybody writes says nothing."""
    is_name = word.isidentifier() and len(word) >= SHORTEST_NAME
    return is_name and word not in given_names() and word_weight(word) >= 1.0


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
