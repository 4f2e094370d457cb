"""``twiceshy promote``: one step up for a lesson, when lint, verify and backtest allow; with the
reason in its history.
"""

from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import typer

from twiceshy.cli.app_feedback import verdicts
from twiceshy.cli.backtest import past_of
from twiceshy.cli.files import replace_file
from twiceshy.cli.lint import advice_for
from twiceshy.cli.progress_bar import Bar
from twiceshy.cli.repository import must_be_repository
from twiceshy.cli.usage_error import UsageError
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
    """Gather the evidence, decide, write; 1 when the step is not earned."""
    top = must_be_repository(root, "a lesson earns its mode on a history")
    workspace = Workspace.current(top, ())
    with Bar() as bar:
        guard = workspace.open(bar)
        lesson = guard.index.lesson(lesson_id)
        if lesson is None or not (top / lesson.source).is_file():
            what_there_is = "`twiceshy coverage` lists those there are"
            raise UsageError(f"no lesson {lesson_id} in this repository: {what_there_is}")
        mode = NEXT.get(lesson.mode)
        if mode is None:
            raise UsageError(f"{lesson_id} is in mode {lesson.mode}: there is no step up from it")
        evidence = _evidence(guard, lesson, mode, top, bar)
    against = objections(lesson, mode, evidence, workspace.settings.block_at)
    for objection in against:
        typer.echo(f"  {objection}", err=True)
    if against and not force:
        command = f'twiceshy promote {lesson_id} --force "..."'
        typer.echo(
            f"{lesson_id} stays in mode {lesson.mode}. With a reason: {command}",
            err=True,
        )
        return 1
    reason = f"Forced: {force}" if against and force else why(evidence)
    _write(top / lesson.source, lesson, mode, reason)
    typer.echo(f"{lesson_id}: {lesson.mode} to {mode}. {reason}")
    return 0


def _evidence(guard: Guard, lesson: Lesson, to: Mode, root: Path, bar: Bar) -> PromotionEvidence:
    advice = advice_for(guard, root, (root / lesson.source,), bar)
    if to is Mode.OBSERVE:
        return PromotionEvidence(advice, None, None)
    today = datetime.now(UTC).date()
    proved = prove(guard, (lesson,), today, partial(incident_of, root)).get(lesson.id)
    past = replay(past_of(root, guard), commits_of(root, None, COMMITS), bar)
    findings = [finding for finding in past.said if finding.spoken.lesson == lesson.id]
    living = sum(finding.lives_on for finding in findings)
    stats = BacktestStats(len(findings), living, len(past.commits))
    answers = verdicts(root, guard.settings.noise_budget).get(lesson.id, "")
    return PromotionEvidence(advice, proved.immunity if proved else None, stats, answers)


def _write(place: Path, lesson: Lesson, to: Mode, reason: str) -> None:
    try:
        text = promoted(
            place.read_text(encoding="utf-8"), lesson, to, datetime.now(UTC).date(), reason
        )
    except CannotWriteError as error:
        raise UsageError(f"{lesson.source}: {error}") from error
    replace_file(place, text)
