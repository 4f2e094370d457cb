"""Why each lesson that did not speak kept silent, for ``--explain``. Pure; decides nothing."""

from collections.abc import Iterable, Mapping, Sequence

from twiceshy.changes.change import Change
from twiceshy.guards.finding import GuardResult
from twiceshy.lessons.index import Index
from twiceshy.lessons.lesson import Lesson
from twiceshy.verdicts.policy import out_of_scope
from twiceshy.verdicts.reasons import Reason, Why
from twiceshy.verdicts.verdict import Action, Explanation, JudgedFinding


def explain_lessons(
    index: Index, judged: Sequence[JudgedFinding], change: Change, results: Iterable[GuardResult]
) -> tuple[Explanation, ...]:
    """One reason for each lesson that says nothing out loud, in the order of their ids."""
    speaking = {row.lesson.id for row in judged if row.action is not Action.OBSERVE}
    observed = _observed(judged)
    considered = _considered(results)
    explanations: list[Explanation] = []
    for name in index.lesson_ids():
        if name not in speaking:
            reason = observed.get(name) or _reason(index.lesson(name), change, considered)
            explanations.append(Explanation(name, reason.text, reason.why))
    return tuple(explanations)


def _observed(judged: Sequence[JudgedFinding]) -> Mapping[str, Reason]:
    """By lesson, why its loudest finding is only observed."""
    reasons: dict[str, Reason] = {}
    for row in judged:
        if row.why:
            reasons.setdefault(row.lesson.id, Reason(row.why, row.reason))
    return reasons


def _considered(results: Iterable[GuardResult]) -> Mapping[str, Reason]:
    """By lesson, why the first guard that considered it kept silent."""
    reasons: dict[str, Reason] = {}
    for result in results:
        for lesson, text in (result.silent or {}).items():
            why = Why.CAME_NEAR if lesson in result.near else Why.CONSIDERED
            reasons.setdefault(lesson, Reason(why, text))
    return reasons


def _reason(lesson: Lesson | None, change: Change, considered: Mapping[str, Reason]) -> Reason:
    if lesson is None:
        return Reason.of(Why.NOT_IN_INDEX)
    scopes = [out_of_scope(lesson, file.path) for file in change.files]
    if scopes and scopes[0] and all(scopes):
        return scopes[0]
    if lesson.id in considered:
        return considered[lesson.id]
    if no_check := lesson.no_check:
        return Reason.of(Why.NO_CHECK, reason=no_check.reason, sentence=no_check.sentence)
    return Reason.of(Why.NOTHING_ALIKE)
