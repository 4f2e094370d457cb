"""Why each lesson that did not speak kept silent, for ``--explain``. Pure; decides nothing."""

from collections.abc import Iterable, Mapping, Sequence

from twiceshy.changes.change import Change
from twiceshy.guards.finding import GuardResult
from twiceshy.lessons.index import Index
from twiceshy.lessons.lesson import Lesson
from twiceshy.verdicts.policy import out_of_scope
from twiceshy.verdicts.verdict import Action, Explanation, JudgedFinding


def explain_lessons(
    index: Index, judged: Sequence[JudgedFinding], change: Change, looks: Iterable[GuardResult]
) -> tuple[Explanation, ...]:
    """One reason for each lesson that says nothing out loud, in the order of their ids."""
    speaking = {each.lesson.id for each in judged if each.action is not Action.OBSERVE}
    observed = {
        each.lesson.id: each.reason for each in reversed(judged) if each.lesson.id not in speaking
    }
    considered: dict[str, str] = {}
    for look in looks:
        for lesson, reason in (look.silent or {}).items():
            considered.setdefault(lesson, reason)
    reasons = {
        name: observed.get(name) or _reason(index.lesson(name), change, considered)
        for name in index.lesson_ids()
        if name not in speaking
    }
    return tuple(Explanation(name, reason) for name, reason in reasons.items())


def _reason(lesson: Lesson | None, change: Change, considered: Mapping[str, str]) -> str:
    if lesson is None:
        return "not in the index"
    scope = [out_of_scope(lesson, file.path) for file in change.files]
    if scope and all(scope):
        return scope[0] or ""
    if lesson.id in considered:
        return considered[lesson.id]
    if lesson.no_check:
        return f"cannot be a check ({lesson.no_check.reason}): {lesson.no_check.sentence}"
    return "nothing in the diff looks like it"
