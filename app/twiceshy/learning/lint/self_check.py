"""Rules that cannot do what their lesson needs: silent on its failing code, or red on its fix.
Names them; mends nothing.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
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
    guarding = [
        lesson
        for lesson in lessons
        if lesson.mode not in (Mode.DRAFT, Mode.RETIRED) and _bad(lesson)
    ]
    standing = guard.self_check(lesson.id for lesson in guarding)
    left_out = {(problem.path, problem.line) for problem in guard.problems}
    problems: list[Problem] = []
    for lesson in guarding:
        rules = [
            rule
            for rule in guard.index.rules(lesson.id)
            if (rule.source, rule.line) not in left_out
        ]
        silent = [rule for rule in rules if rule.id in standing[lesson.id].unproven_rules]
        problems += [_silent(guard, lesson, rule) for rule in silent]
        failed = standing[lesson.id].failed
        if failed and len(silent) < len(rules):
            problems.append(
                Problem(lesson.source, 0, f"{failed}, so the lesson would only observe")
            )
    return problems


def _bad(lesson: Lesson) -> tuple[Evidence, ...]:
    return tuple(block for block in lesson.evidence if block.side is Side.BAD)


def _silent(guard: Guard, lesson: Lesson, rule: Rule) -> Problem:
    why = _why_silent(guard, lesson, rule)
    return Problem(
        rule.source,
        rule.line,
        f"rule {rule.id} never fires on the failing code of {lesson.id}: {why}",
    )


def _why_silent(guard: Guard, lesson: Lesson, rule: Rule) -> str:
    bad = _bad(lesson)
    if not any(_languages(rule) & languages_of(_name(block), block.code) for block in bad):
        shown = ", ".join(dict.fromkeys(block.language for block in bad))
        return f"it is for {', '.join(rule.languages)}, and that code is {shown}"
    if has_paths(rule) and _fires_anywhere(guard, lesson, rule):
        return f"its `paths` leave out {', '.join(_paths(bad))}: widen them, or say in the evidence where the code lived"
    return f"mend it, or show the code it is for as evidence in {lesson.source}"


def _languages(rule: Rule) -> frozenset[str]:
    return frozenset(name for language in rule.languages if (name := canonical(language)))


def _name(block: Evidence) -> str:
    return block.path or example_path(block.language)


def _paths(bad: Sequence[Evidence]) -> Iterator[str]:
    yield from dict.fromkeys(
        block.path or f"a {block.language} block without a path" for block in bad
    )


def _fires_anywhere(guard: Guard, lesson: Lesson, rule: Rule) -> bool:
    document = json.loads(rule.document)
    del document["paths"]
    free = Unit(lesson, (replace(rule, document=json.dumps(document)),))
    return rule.id not in guard.check_units([free])[lesson.id].unproven_rules
