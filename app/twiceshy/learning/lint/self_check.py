"""Rules that cannot do what their lesson needs: silent on its failing code, or red on its fix.
Names them; mends nothing.
"""

import json
from collections.abc import Iterable
from dataclasses import replace

from twiceshy.guards.semgrep.batch import has_paths
from twiceshy.guards.semgrep.targets import canonical, languages_of
from twiceshy.lessons.index import Unit
from twiceshy.lessons.languages import example_path
from twiceshy.lessons.lesson import Evidence, Lesson, Mode, Problem, Rule, Side
from twiceshy.verdicts.guard import Guard


def rule_problems(guard: Guard, lessons: Iterable[Lesson]) -> list[Problem]:
    """A problem for every rule that never fires on its own evidence, and for every lesson whose
    rules fail it.

    Lessons without failing code and drafts have nothing that their rules could be held against.
    """
    guarding = list(filter(_can_be_checked, lessons))
    standing = guard.self_check(lesson.id for lesson in guarding)
    left_out = {(problem.path, problem.line) for problem in guard.problems}
    problems: list[Problem] = []
    for lesson in guarding:
        trust = standing[lesson.id]
        spoke = False
        for rule in guard.index.rules(lesson.id):
            if (rule.source, rule.line) in left_out:
                continue
            if rule.id in trust.unproven_rules:
                problems.append(_silent(guard, lesson, rule))
            else:
                spoke = True
        if trust.failed and spoke:
            message = f"{trust.failed}, so the lesson would only observe"
            problems.append(Problem(lesson.source, 0, message))
    return problems


def _can_be_checked(lesson: Lesson) -> bool:
    return lesson.mode not in (Mode.DRAFT, Mode.RETIRED) and bool(_bad(lesson))


def _bad(lesson: Lesson) -> tuple[Evidence, ...]:
    return tuple(block for block in lesson.evidence if block.side is Side.BAD)


def _silent(guard: Guard, lesson: Lesson, rule: Rule) -> Problem:
    why = _why_silent(guard, lesson, rule)
    message = f"rule {rule.id} never fires on the failing code of {lesson.id}: {why}"
    return Problem(rule.source, rule.line, message)


def _why_silent(guard: Guard, lesson: Lesson, rule: Rule) -> str:
    bad = _bad(lesson)
    if not any(_languages(rule) & languages_of(_name(block), block.code) for block in bad):
        shown = ", ".join(dict.fromkeys(block.language for block in bad))
        return f"it is for {', '.join(rule.languages)}, and that code is {shown}"
    if has_paths(rule) and _fires_anywhere(guard, lesson, rule):
        left_out = ", ".join(dict.fromkeys(map(_shown_path, bad)))
        return (
            f"its `paths` leave out {left_out}: "
            "widen them, or say in the evidence where the code lived"
        )
    return f"mend it, or show the code it is for as evidence in {lesson.source}"


def _languages(rule: Rule) -> frozenset[str]:
    return frozenset(filter(None, map(canonical, rule.languages)))


def _shown_path(block: Evidence) -> str:
    return block.path or f"a {block.language} block without a path"


def _name(block: Evidence) -> str:
    return block.path or example_path(block.language)


def _fires_anywhere(guard: Guard, lesson: Lesson, rule: Rule) -> bool:
    document = json.loads(rule.document)
    del document["paths"]
    free = Unit(lesson, (replace(rule, document=json.dumps(document)),))
    return rule.id not in guard.check_units([free])[lesson.id].unproven_rules
