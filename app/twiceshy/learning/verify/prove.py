"""From what was tried to a proof that is kept: lessons whose proof still holds are not tried again.
Writes nothing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from twiceshy.learning.mutations import Form
from twiceshy.learning.verify.rule_speed import slow_rules
from twiceshy.learning.verify.trials import Origins, TrialResult, try_lessons
from twiceshy.lessons.index import Unit
from twiceshy.lessons.lesson import Lesson
from twiceshy.lessons.progress import Progress, no_progress
from twiceshy.lessons.proofs import QUICK, RULES_SPEAK, Proof, Trial
from twiceshy.verdicts.backing import holding, made_today
from twiceshy.verdicts.guard import Guard
from twiceshy.verdicts.policy import Trust


@dataclass(frozen=True, slots=True)
class Proved:
    """A lesson and its proof as of now; ``kept``: it held already, and nothing was tried."""

    lesson: Lesson
    proof: Proof
    kept: bool
    # False: how busy the machine was may have decided, so it is told and not kept
    lasting: bool = True

    @property
    def immunity(self) -> TrialResult:
        """What the proof says the lesson stops."""
        proof = self.proof
        return TrialResult(self.lesson.id, proof.trials, proof.replayed, proof.untried)


def prove(
    guard: Guard,
    lessons: Iterable[Lesson],
    today: date,
    origins: Origins,
    again: bool = False,
    progress: Progress = no_progress,
) -> dict[str, Proved]:
    """Proofs of the lessons that have failing code as evidence. ``again``: also of those whose
    proof holds.
    """
    lessons = list(lessons)
    proofs = {} if again else _holding(guard, lessons)
    fresh = [lesson for lesson in lessons if lesson.id not in proofs]
    tried = try_lessons(guard, fresh, origins, progress) if fresh else {}
    units = [Unit(lesson, guard.index.rules(lesson.id)) for lesson in fresh if lesson.id in tried]
    slow = slow_rules(units)
    standing = guard.self_check(tried)
    proved: dict[str, Proved] = {}
    for lesson in lessons:
        if lesson.id in proofs:
            proved[lesson.id] = Proved(lesson, proofs[lesson.id], kept=True)
        elif lesson.id in tried:
            rules = _rule_trials(guard, lesson, slow, standing[lesson.id])
            immunity = replace(tried[lesson.id], trials=(*tried[lesson.id].trials, *rules))
            lasting = immunity.whole and all(trial.good for trial in rules if trial.case == QUICK)
            proof = _proof(guard, lesson, immunity, today)
            proved[lesson.id] = Proved(lesson, proof, kept=False, lasting=lasting)
    return proved


def _holding(guard: Guard, lessons: Iterable[Lesson]) -> dict[str, Proof]:
    """The proofs that still hold and name every form, by lesson: one of before a form was known is
    made anew, and is good until then.
    """
    proofs: dict[str, Proof] = {}
    for lesson in lessons:
        proof = holding(guard.index, lesson, guard.settings)
        if proof and proof.names(Form):
            proofs[lesson.id] = proof
    return proofs


def _rule_trials(
    guard: Guard, lesson: Lesson, slow: Mapping[str, float], standing: Trust
) -> tuple[Trial, ...]:
    """What must be true of the rules by themselves, whatever another guard caught."""
    rules = guard.index.rules(lesson.id)
    late: list[str] = []
    silent: list[str] = []
    for rule in rules:
        if rule.id in slow:
            late.append(f"{rule.id}: {1000 * slow[rule.id]:.0f} ms")
        if rule.id in standing.unproven_rules:
            silent.append(rule.id)
    if not rules:
        return ()
    return Trial(QUICK, tuple(late), not late), Trial(RULES_SPEAK, tuple(silent), not silent)


def _proof(guard: Guard, lesson: Lesson, immunity: TrialResult, today: date) -> Proof:
    basis = made_today(guard.index, lesson, guard.settings)
    return Proof(
        lesson.id,
        immunity.proven,
        immunity.score,
        today,
        immunity.replayed,
        basis,
        immunity.trials,
        immunity.untried,
    )
