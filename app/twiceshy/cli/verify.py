"""``twiceshy verify``: each lesson tried on its own incident, and its proof kept. Exit code 1 when
one is not proven.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from rich.console import Console
from rich.table import Table

from twiceshy.changes import git
from twiceshy.changes.change import read_nothing
from twiceshy.changes.git_host import GitHostTree
from twiceshy.cli.files import replace_file
from twiceshy.cli.progress_bar import Bar
from twiceshy.cli.registries import (
    drafts_among,
    must_hold_files,
    must_know,
    say_drafts,
    say_left_out,
)
from twiceshy.learning.mutations import TOLD, Form
from twiceshy.learning.verify.form_results import FormResult, results_of
from twiceshy.learning.verify.incident import incident_of
from twiceshy.learning.verify.prove import Proved, prove
from twiceshy.learning.verify.trials import FIXED, FIXING, INCIDENT, SILENT, Incident, Origins
from twiceshy.lessons.famous import FAMOUS
from twiceshy.lessons.lesson import Lesson, Mode
from twiceshy.lessons.proofs import QUICK, Proof, Trial, place_of, trial_fields, written
from twiceshy.lessons.sources import Folder
from twiceshy.verdicts.guard import Guard
from twiceshy.verdicts.render.escape import code_span
from twiceshy.verdicts.render.markdown import count
from twiceshy.workspace import Workspace

FORMS = (INCIDENT, *Form)
CASES = (INCIDENT, *(form for form in Form if form not in TOLD), FIXED, FIXING)
"""What a proof is made of: those that are only told stand in words under the table."""
COMMIT = 10
MOST_LESSONS = 40
"""Of a larger registry only the lessons that are not proven have a line."""


@dataclass(frozen=True)
class VerifyOptions:
    """What was asked on the command line."""

    ids: tuple[str, ...]
    root: Path | None
    registries: tuple[Path, ...]
    format: str
    again: bool


def verify_lessons(asked: VerifyOptions) -> int:
    """Try the lessons, keep the proofs, tell, and give the exit code."""
    workspace = Workspace.current(asked.root, asked.registries)
    today = datetime.now(UTC).date()
    with Bar() as bar:
        top = git.repository_root(asked.root or Path.cwd())
        tree = GitHostTree.at(top) if top else None
        guard = workspace.open(bar, host=lambda: tree)
        must_hold_files(guard, workspace)
        must_know(guard.index, asked.ids)
        problems = guard.problems
        drafts = drafts_among(guard.index, asked.ids)
        if drafts:
            guard = workspace.with_drafts().open(bar, host=lambda: tree)
        lessons = _wanted(guard, asked.ids)
        if tree and lessons:  # whole, so that a proof does not depend on what was counted before
            with guard.whole_host(tree, read_nothing) as host:
                host.count()
        proved = prove(guard, lessons, today, _origin_of(guard), asked.again, bar)
    _keep(guard, {name: result for name, result in proved.items() if name not in drafts})
    say_left_out(guard, workspace)
    if asked.format != "text":
        print(_WRITERS[asked.format](proved))
    else:
        _show(proved, [lesson.id for lesson in lessons if lesson.id not in proved])
    say_drafts(drafts, err=asked.format != "text")
    # a draft that is not proven fails who asked for it, and no one's pipeline
    counted = [name for name in proved if name in asked.ids or name not in drafts]
    all_proven = all(proved[name].proof.proven for name in counted)
    return int(not all_proven or bool(problems))


def _origin_of(guard: Guard) -> Origins:
    """Looks for a lesson's incident in the history of the repository its file is in."""
    folders, root_of = _folders(guard), cache(git.repository_root)

    def origin(lesson: Lesson) -> Incident | None:
        folder = folders.get(lesson.source)
        root = root_of(folder.root) if folder else None
        return incident_of(root, lesson) if root else None

    return origin


def _folders(guard: Guard) -> dict[str, Folder]:
    """Every file of the registry's folders, as messages show it, with its folder."""
    folders = [source for source in guard.sources if isinstance(source, Folder)]
    return {file.path: folder for folder in folders for file in folder.files()}


def _keep(guard: Guard, proved: Mapping[str, Proved]) -> None:
    """New proofs beside their lessons; those of the famous incidents that came with the product
    stay as they came.
    """
    folders = _folders(guard)
    for result in proved.values():
        folder = folders.get(result.lesson.source)
        if result.kept or not result.lasting or folder is None or folder.shown_as == FAMOUS:
            continue
        place = folder.root / place_of(result.lesson).removeprefix(folder.shown_as)
        try:
            replace_file(place, written(result.proof))
        except OSError as error:
            print(f"the proof of {result.lesson.id} could not be kept: {error}", file=sys.stderr)


def _wanted(guard: Guard, ids: Sequence[str]) -> list[Lesson]:
    wanted = []
    for name in ids or guard.index.lesson_ids():
        lesson = guard.index.lesson(name)
        if lesson and lesson.mode is not Mode.RETIRED:
            wanted.append(lesson)
    return wanted


def _show(proved: Mapping[str, Proved], untried: Sequence[str]) -> None:
    console = Console(highlight=False)
    shown = proved
    if len(proved) > MOST_LESSONS:
        shown = {name: result for name, result in proved.items() if not result.proof.proven}
    _show_proved(console, shown)
    if len(shown) < len(proved):
        console.print(f"{len(proved) - len(shown)} {'other ' if shown else ''}lessons are proven")
    _show_remarks(console, shown)
    _show_kept(console, proved)
    _show_untried(console, untried)
    if not proved and not untried:
        console.print("no lessons to try: `twiceshy init` writes a first one")


def _show_proved(console: Console, shown: Mapping[str, Proved]) -> None:
    if shown:
        console.print(_table(shown))
        console.print(_LEGEND, style="dim")


def _show_remarks(console: Console, shown: Mapping[str, Proved]) -> None:
    for name, result in shown.items():
        for remark in _remarks(result):
            console.print(f"{name}: {remark}", style="dim", markup=False)


def _show_kept(console: Console, proved: Mapping[str, Proved]) -> None:
    days = [result.proof.day for result in proved.values() if result.kept]
    if days:
        before = f"{count(len(days), 'proof')} of before hold, the oldest of {min(days)}"
        console.print(f"{before}: --again tries all anew", style="dim")


def _show_untried(console: Console, untried: Sequence[str]) -> None:
    nothing = "so there is nothing to try"
    if len(untried) > MOST_LESSONS:
        console.print(f"{len(untried)} lessons show no failing code, {nothing}", style="dim")
        return
    for name in untried:
        console.print(f"{name}: no failing code as evidence, {nothing}", style="dim")


def _table(proved: Mapping[str, Proved]) -> Table:
    table = Table(box=None, padding=(0, 1, 0, 0), header_style="bold")
    table.add_column("lesson", no_wrap=True)
    for case in CASES:
        table.add_column(_SHORT[case], no_wrap=True)
    table.add_column("caught", justify="right")
    table.add_column("", no_wrap=True)
    for name, result in proved.items():
        verdict = "[green]✔[/]" if result.proof.proven else "[red]✘[/]"
        cells = [_cell(_of_case(result, case)) for case in CASES]
        table.add_row(name, *cells, f"{result.proof.score:.0%}", verdict)
    return table


_SHORT = {
    INCIDENT: "inc",
    Form.AS_IT_WAS: "was",
    Form.MOVED: "mov",
    Form.RENAMED: "ren",
    Form.LAID_OUT: "lay",
    Form.REORDERED: "ord",
    Form.NEIGHBOURS: "edi",
    Form.WRAPPED: "wrp",
    Form.AMONG_OTHERS: "oth",
    FIXED: "fxd",
    FIXING: "fix",
}
_CASES = ", ".join(f"{short} {case}" for case, short in _SHORT.items())
_LEGEND = (
    f"● a rule spoke, ○ recall, + another guard, · nobody, as must be under fxd and fix; {_CASES}"
)


def _remarks(result: Proved) -> list[str]:
    """What the table cannot say."""
    remarks = []
    if result.proof.replayed:
        commit = result.proof.replayed[:COMMIT]
        remarks.append(f"the incident is {commit}, which brought this code")
    for trial in result.proof.trials:
        for rule in trial.spoke if trial.case == QUICK else ():
            remarks.append(
                f"slow on its own evidence, so it would hold up every check: rule {rule}"
            )
    caught = " and ".join(result.immunity.caught_by) or "nobody"
    for rule in result.proof.silent_rules:
        remarks.append(f"caught by {caught}; rule {rule} never spoke on its own failing code")
    remarks += _told(result.proof)
    if not result.lasting:
        remarks.append("not kept: how busy this machine is may have decided it")
    return remarks


def _told(proof: Proof) -> list[str]:
    """Of the forms that nobody promises to catch, which were caught; and what was not tried."""
    told = [form for form in results_of(proof, FORMS) if form.told]
    caught = [f"{form.case} ({form.by_whom})" for form in told if form.caught]
    missed = [form.case for form in told if not form.caught]
    parts = [
        f"{words} {', '.join(cases)}"
        for words, cases in (("also caught", caught), ("not caught", missed))
        if cases
    ]
    remarks = ["; ".join(parts)] if parts else []
    return [*remarks, f"not tried {_untried(proof)}"] if proof.untried else remarks


def _untried(proof: Proof) -> str:
    """What could not be made of a lesson, those together that have the same reason."""
    cases_of: dict[str, list[str]] = {}
    for form in proof.untried:
        cases_of.setdefault(form.why, []).append(form.case)
    return ", ".join(f"{' and '.join(cases)} ({why})" for why, cases in cases_of.items())


def _of_case(result: Proved, case: str) -> list[Trial]:
    return [trial for trial in result.proof.trials if trial.case == case]


def _cell(trials: Sequence[Trial]) -> str:
    """What spoke every time; red when one of the trials did not go as it must."""
    if not trials:
        return ""
    always = frozenset.intersection(*(frozenset(trial.spoke) for trial in trials))
    ever = frozenset(guard for trial in trials for guard in trial.spoke)
    good = all(trial.good for trial in trials)
    shown = always if good else always or ever
    marks = [mark for guard, mark in _MARKS.items() if guard in shown]
    if shown - _MARKS.keys():
        marks.append("+")
    return f"[{'green' if good else 'red'}]{''.join(marks) or '·'}[/]"


_MARKS = {"rules": "●", "recall": "○"}


def _as_json(proved: Mapping[str, Proved]) -> str:
    lessons = [_fields(name, result) for name, result in proved.items()]
    return json.dumps({"schema": 1, "lessons": lessons}, indent=2)


def _fields(name: str, result: Proved) -> dict[str, object]:
    proof = result.proof
    return {
        "lesson": name,
        "proven": proof.proven,
        "score": round(proof.score, 3),
        "kept": result.kept,
        "day": proof.day.isoformat(),
        "replayed": proof.replayed or None,
        "caught_by": list(result.immunity.caught_by),
        "silent_rules": list(proof.silent_rules),
        "trials": [trial_fields(trial) for trial in proof.trials],
        "untried": [{"case": form.case, "why": form.why} for form in proof.untried],
    }


def _as_markdown(proved: Mapping[str, Proved]) -> str:
    head = "| lesson | caught | silent on the fix | | forms tried |"
    rows = [head, "|---|---|---|---|---|"]
    for name, result in proved.items():
        proof = result.proof
        silent = all(trial.good for trial in proof.trials if trial.case in SILENT)
        proven = _proven_by(result) if proof.proven else _not_proven(result)
        cells = (name, f"{proof.score:.0%}", "yes" if silent else "**no**", proven, _forms(proof))
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows)


def _forms(proof: Proof) -> str:
    """Every form with who caught it, those that one caught together; then what was not tried."""
    by_whom: dict[str, list[str]] = {}
    for form in results_of(proof, FORMS):
        by_whom.setdefault(_whom(form), []).append(form.case)
    parts = [f"{whom}: {', '.join(cases)}" for whom, cases in by_whom.items()]
    if proof.untried:
        parts.append(f"not tried: {_untried(proof)}")
    return "; ".join(parts)


def _whom(form: FormResult) -> str:
    if form.told:
        return f"also {form.by_whom}" if form.caught else "not caught, and not promised"
    return (" and ".join(form.guards) or form.by_whom) if form.caught else "**not caught**"


def _proven_by(result: Proved) -> str:
    guards = " and ".join(result.immunity.caught_by)
    return f"proven by {guards}" if guards else "proven"


def _not_proven(result: Proved) -> str:
    rules = ", ".join(code_span(rule) for rule in result.proof.silent_rules)
    return f"**not proven**: {rules} never spoke" if rules else "**not proven**"


def _as_junit(proved: Mapping[str, Proved]) -> str:
    cases = []
    failed = skipped = 0
    for name, result in proved.items():
        for trial in result.proof.trials:
            failed += not trial.good
            skipped += trial.told and not trial.spoke
            cases.append(_junit_case(name, trial))
        for form in result.proof.untried:
            skipped += 1
            cases.append(
                _junit_element(name, form.case, f"<skipped message={quoteattr(form.why)}/>")
            )
    counts = f'tests="{len(cases)}" failures="{failed}" skipped="{skipped}"'
    return f'<testsuite name="twiceshy" {counts}>{"".join(cases)}</testsuite>'


def _junit_case(name: str, trial: Trial) -> str:
    """What is only told is no failure, and not green either when nobody spoke."""
    spoke = escape(", ".join(trial.spoke) or "nobody spoke")
    if not trial.good:
        return _junit_element(name, trial.case, f"<failure>{spoke}</failure>")
    unpromised = trial.told and not trial.spoke
    said = '<skipped message="nobody spoke, and none promised to"/>' if unpromised else ""
    return _junit_element(name, trial.case, said)


def _junit_element(name: str, case: str, said: str) -> str:
    case = quoteattr(str(case))
    return f"<testcase classname={quoteattr(name)} name={case}>{said}</testcase>"


_WRITERS = {"json": _as_json, "markdown": _as_markdown, "junit": _as_junit}
