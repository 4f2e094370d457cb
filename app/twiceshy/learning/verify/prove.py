"""From what was tried to a proof that is kept: lessons whose proof still holds are not tried again.
Writes nothing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

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
    lasting: bool = (
        True  # False: how busy the machine was may have decided, so it is told and not kept
    )

    @property
    def immunity(self) -> TrialResult:
        """What the proof says the lesson stops."""
        return TrialResult(self.lesson.id, self.proof.trials, self.proof.replayed)


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
    known = {
        lesson.id: holding(guard.index, lesson, guard.settings) for lesson in lessons if not again
    }
    held = {name: proof for name, proof in known.items() if proof}
    fresh = [lesson for lesson in lessons if lesson.id not in held]
    tried = try_lessons(guard, fresh, origins, progress) if fresh else {}
    slow = slow_rules(
        [Unit(lesson, guard.index.rules(lesson.id)) for lesson in fresh if lesson.id in tried]
    )
    standing = guard.self_check(tried)
    proved: dict[str, Proved] = {}
    for lesson in lessons:
        if lesson.id in held:
            proved[lesson.id] = Proved(lesson, held[lesson.id], kept=True)
        elif lesson.id in tried:
            rules = _rule_trials(guard, lesson, slow, standing[lesson.id])
            immunity = replace(tried[lesson.id], trials=(*tried[lesson.id].trials, *rules))
            lasting = immunity.whole and all(trial.good for trial in rules if trial.case == QUICK)
            proved[lesson.id] = Proved(
                lesson, _proof(guard, lesson, immunity, today), kept=False, lasting=lasting
            )
    return proved


def _rule_trials(
    guard: Guard, lesson: Lesson, slow: Mapping[str, float], standing: Trust
) -> tuple[Trial, ...]:
    """What must be true of the rules by themselves, whatever another guard caught."""
    rules = [rule.id for rule in guard.index.rules(lesson.id)]
    if not rules:
        return ()
    late = tuple(f"{rule}: {1000 * slow[rule]:.0f} ms" for rule in rules if rule in slow)
    silent = tuple(rule for rule in rules if rule in standing.unproven_rules)
    return Trial(QUICK, late, not late), Trial(RULES_SPEAK, silent, not silent)


def _proof(guard: Guard, lesson: Lesson, immunity: TrialResult, today: date) -> Proof:
    made = made_today(guard.index, lesson, guard.settings)
    return Proof(
        lesson.id, immunity.proven, immunity.score, today, immunity.replayed, made, immunity.trials
    )
