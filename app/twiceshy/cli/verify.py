"""``twiceshy verify``: each lesson tried on its own evidence. Exit code 1 when one is not proven."""

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from rich.console import Console
from rich.table import Table

from twiceshy.cli.main import Stop
from twiceshy.cli.progress import Bar
from twiceshy.cli.registries import working_tree
from twiceshy.learning.mutations import Form
from twiceshy.learning.trying import FIXED, FIXING, Immunity, Trial, try_lessons
from twiceshy.lessons.model import Lesson, Mode, Side
from twiceshy.verdicts.guard import Guard, user_cache

CASES = (*Form, FIXED, FIXING)


def verify_lessons(ids: Sequence[str], root: Path | None, registries: Sequence[Path], output_format: str) -> int:
    """Try the lessons, tell, and give the exit code."""
    chosen = working_tree(root, registries)
    with Bar() as bar:
        guard = Guard(chosen.sources, chosen.settings, user_cache(), bar)
        lessons = _wanted(guard, ids)
        tried = try_lessons(guard, (lesson for lesson in lessons if _has_evidence(lesson)))
    for problem in guard.problems:
        print(f"left out: {problem}", file=sys.stderr)  # noqa: T201
    text = _WRITERS[output_format](tried) if output_format != "text" else ""
    if text:
        print(text)  # noqa: T201
    else:
        _show(tried, [lesson.id for lesson in lessons if lesson.id not in tried])
    return int(not all(each.proven for each in tried.values()) or bool(guard.problems))


def _wanted(guard: Guard, ids: Sequence[str]) -> list[Lesson]:
    names = ids or guard.index.lesson_ids()
    missing = [name for name in names if guard.index.lesson(name) is None]
    if missing:
        raise Stop(f"no lesson {', '.join(missing)} here: `twiceshy coverage` lists those there are")
    found = (guard.index.lesson(name) for name in names)
    return [lesson for lesson in found if lesson and lesson.mode not in (Mode.DRAFT, Mode.RETIRED)]


def _has_evidence(lesson: Lesson) -> bool:
    return any(block.side is Side.BAD for block in lesson.evidence)


def _show(tried: Mapping[str, Immunity], untried: Sequence[str]) -> None:
    console = Console(highlight=False)
    if tried:
        table = Table(box=None, padding=(0, 1, 0, 0), header_style="bold")
        table.add_column("lesson", no_wrap=True)
        for case in CASES:
            table.add_column(_SHORT.get(case, str(case)), no_wrap=True)
        table.add_column("caught", justify="right")
        table.add_column("", no_wrap=True)
        for name, immunity in tried.items():
            verdict = "[green]✔[/]" if immunity.proven else "[red]✘[/]"
            cells = [_cell([trial for trial in immunity.trials if trial.case == case]) for case in CASES]
            table.add_row(name, *cells, f"{immunity.score:.0%}", verdict)
        console.print(table)
        console.print("● a rule spoke, ○ recall spoke, · nobody; the last two must be silent; ✔ proven", style="dim")
    for name in untried:
        console.print(f"{name}: no failing code as evidence, so there is nothing to try", style="dim")
    if not tried and not untried:
        console.print("no lessons yet: `twiceshy init` writes a first one")


_SHORT = {Form.AS_IT_WAS: "was", Form.LAID_OUT: "laid out", Form.AMONG_OTHERS: "among", FIXED: "fixed", FIXING: "fix"}


def _cell(trials: Sequence[Trial]) -> str:
    """What spoke every time; red when one of the trials did not go as it must."""
    if not trials:
        return ""
    always = frozenset.intersection(*(trial.spoke for trial in trials))
    ever = frozenset.union(*(trial.spoke for trial in trials))
    good = all(trial.good for trial in trials)
    shown = always if good else always or ever
    marks = ("●" if "rules" in shown else "") + ("○" if "recall" in shown else "")
    return f"[{'green' if good else 'red'}]{marks or '·'}[/]"


def _as_json(tried: Mapping[str, Immunity]) -> str:
    lessons = [
        {"lesson": name, "proven": each.proven, "score": round(each.score, 3),
         "trials": [{**asdict(trial), "spoke": sorted(trial.spoke), "good": trial.good} for trial in each.trials]}
        for name, each in tried.items()
    ]  # fmt: skip
    return json.dumps({"schema": 1, "lessons": lessons}, indent=2)


def _as_markdown(tried: Mapping[str, Immunity]) -> str:
    rows = ["| lesson | caught | silent on the fix | |", "|---|---|---|---|"]
    for name, each in tried.items():
        silent = all(trial.good for trial in each.trials if trial.case in (FIXED, FIXING))
        proven = "proven" if each.proven else "**not proven**"
        rows.append(f"| {name} | {each.score:.0%} | {'yes' if silent else '**no**'} | {proven} |")
    return "\n".join(rows)


def _as_junit(tried: Mapping[str, Immunity]) -> str:
    cases = []
    for name, each in tried.items():
        for trial in each.trials:
            wrong = (
                "" if trial.good else f"<failure>{escape(', '.join(sorted(trial.spoke)) or 'nobody spoke')}</failure>"
            )
            cases.append(f"<testcase classname={quoteattr(name)} name={quoteattr(str(trial.case))}>{wrong}</testcase>")
    failed = sum(not trial.good for each in tried.values() for trial in each.trials)
    return f'<testsuite name="twiceshy" tests="{len(cases)}" failures="{failed}">{"".join(cases)}</testsuite>'


_WRITERS = {"json": _as_json, "markdown": _as_markdown, "junit": _as_junit}
