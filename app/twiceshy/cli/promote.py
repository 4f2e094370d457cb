"""``twiceshy promote``: one step up for a lesson, when lint, verify and backtest allow; with the
reason in its history.
"""

from datetime import UTC, datetime
from pathlib import Path

import typer

from twiceshy.changes import git
from twiceshy.cli.app_feedback import verdicts
from twiceshy.cli.backtest import past_of
from twiceshy.cli.errors import UsageError
from twiceshy.cli.files import replace_file
from twiceshy.cli.lint import advice_for
from twiceshy.cli.progress_bar import Bar
from twiceshy.learning.backtest import commits_of, replay
from twiceshy.learning.promote import (
    NEXT,
    BacktestStats,
    PromotionEvidence,
    objections,
    promoted,
    why,
)
from twiceshy.learning.verify.incident import incident_of
from twiceshy.learning.verify.prove import prove
from twiceshy.lessons.lesson import Lesson, Mode
from twiceshy.lessons.lesson_writer import CannotWriteError
from twiceshy.verdicts.guard import Guard
from twiceshy.workspace import Workspace

COMMITS = 200


def promote(lesson_id: str, force: str | None, root: Path | None) -> int:
    """Gather the grounds, decide, write; 1 when the step is not earned."""
    here = git.repository_root(root or Path.cwd())
    if here is None:
        raise UsageError(
            f"{root or 'this folder'} is not in a git repository: a lesson earns its mode on a history"
        )
    workspace = Workspace.current(here, ())
    with Bar() as bar:
        guard = workspace.open(bar)
        lesson = guard.index.lesson(lesson_id)
        if lesson is None or not (here / lesson.source).is_file():
            raise UsageError(
                f"no lesson {lesson_id} in this repository: `twiceshy coverage` lists those there are"
            )
        to = NEXT.get(lesson.mode)
        if to is None:
            raise UsageError(f"{lesson_id} is in mode {lesson.mode}: there is no step up from it")
        grounds = _grounds(guard, lesson, to, here, bar)
    against = objections(lesson, to, grounds, workspace.settings.block_at)
    for each in against:
        typer.echo(f"  {each}", err=True)
    if against and not force:
        typer.echo(
            f'{lesson_id} stays in mode {lesson.mode}. With a reason: twiceshy promote {lesson_id} --force "..."',
            err=True,
        )
        return 1
    reason = f"Forced: {force}" if against and force else why(grounds)
    _write(here / lesson.source, lesson, to, reason)
    typer.echo(f"{lesson_id}: {lesson.mode} to {to}. {reason}")
    return 0


def _grounds(guard: Guard, lesson: Lesson, to: Mode, root: Path, bar: Bar) -> PromotionEvidence:
    advice = advice_for(guard, root, (root / lesson.source,), bar)
    if to is Mode.OBSERVE:
        return PromotionEvidence(advice, None, None)
    proved = prove(
        guard, (lesson,), datetime.now(UTC).date(), lambda each: incident_of(root, each)
    ).get(lesson.id)
    found = replay(past_of(root, guard), commits_of(root, None, COMMITS), bar)
    mine = [said for said in found.said if said.spoken.lesson == lesson.id]
    past = BacktestStats(len(mine), sum(said.lives_on for said in mine), len(found.commits))
    answers = verdicts(root, guard.settings.noise_budget).get(lesson.id, "")
    return PromotionEvidence(advice, proved.immunity if proved else None, past, answers)


def _write(place: Path, lesson: Lesson, to: Mode, reason: str) -> None:
    try:
        text = promoted(
            place.read_text(encoding="utf-8"), lesson, to, datetime.now(UTC).date(), reason
        )
    except CannotWriteError as error:
        raise UsageError(f"{lesson.source}: {error}") from error
    replace_file(place, text)
