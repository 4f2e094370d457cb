"""Takes the words out of a report where a registry shares only that its lessons speak. Never
decides who may read what.

What is left of a finding: the lesson's id, its severity and mode, the place, and where the lesson
can be read. Every other word of such a registry is dropped here, before anything is drawn: a
renderer cannot show what it is not given.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import quote

from twiceshy.changes.change import Change
from twiceshy.changes.not_looked_at import NotLookedAt
from twiceshy.guards.finding import Finding
from twiceshy.lessons.index import Index
from twiceshy.lessons.lesson import Lesson, Problem
from twiceshy.verdicts.reasons import Reason, Why
from twiceshy.verdicts.sharing import Share
from twiceshy.verdicts.verdict import Action, JudgedFinding, Report

UNTOLD = "its words are for the readers of its registry"
UNTOLD_DETAIL = "not all of it could be looked at"
UNTOLD_SCORE = 0.0
"""The score of a finding that is not told: a real one is never so low."""

UNUSABLE = "something of a registry cannot be used: its owner's `twiceshy lint` says what"

_WEB = ("https://", "http://")


@dataclass(frozen=True, slots=True)
class Withheld:
    """A registry that shares ids alone."""

    prefix: str  # before the paths of its files
    address: str  # its repository's page; empty when it has none
    lessons: int  # files of lessons in it, which totals must not tell


def redacted(
    report: Report, change: Change, index: Index, withheld: tuple[Withheld, ...]
) -> Report:
    """The report without a word of these registries."""
    if not withheld:
        return report
    findings = tuple(
        _finding(judged, _origin(judged, index, withheld)) for judged in report.findings
    )
    untold = {judged.fingerprint for judged in findings if judged.share is Share.ID}
    excerpts = {name: text for name, text in report.excerpts.items() if name not in untold}
    lessons = max(0, report.stats.lessons - sum(registry.lessons for registry in withheld))
    return replace(
        report,
        findings=findings,
        excerpts=excerpts,
        lessons=(),
        stats=replace(report.stats, lessons=lessons, rules=0, rules_run=0),
        problems=tuple(dict.fromkeys(_problems(report.problems, change, index, withheld))),
        not_looked_at=tuple(_unseen(part, change) for part in report.not_looked_at),
    )


def _unseen(part: NotLookedAt, change: Change) -> NotLookedAt:
    """What was not looked at, in the words of the change alone: a guard's may quote any rule."""
    return part if part in change.not_looked_at else replace(part, detail=UNTOLD_DETAIL, line=0)


def _origin(judged: JudgedFinding, index: Index, withheld: tuple[Withheld, ...]) -> Withheld | None:
    """The registry whose words a finding holds: the lesson's own, or that of the rule that
    spoke.
    """
    sources = [judged.lesson.source]
    for rule in index.rules(judged.lesson.id) if judged.finding.rule else ():
        if rule.id == judged.finding.rule:
            sources.append(rule.source)
    for registry in withheld:
        if any(source.startswith(registry.prefix) for source in sources):
            return registry
    return None


def _finding(judged: JudgedFinding, registry: Withheld | None) -> JudgedFinding:
    if registry is None:
        return judged
    reason = _reason(judged)
    return replace(
        judged,
        finding=_bare_finding(judged.finding),
        lesson=_bare_lesson(judged.lesson),
        url=_address(judged.lesson, registry),
        reason=reason.text if reason else "",
        why=reason.why if reason else None,
        also=(),
        backing=None,
        alike=False,
        share=Share.ID,
    )


def _reason(judged: JudgedFinding) -> Reason | None:
    """A dismissal is a person's word of this pull request; other reasons may tell of the lesson."""
    if judged.action is not Action.OBSERVE or judged.why is None:
        return None
    if judged.why is Why.DISMISSED:
        return Reason(judged.why, judged.reason)
    return Reason.of(Why.UNTOLD)


def _bare_finding(finding: Finding) -> Finding:
    return replace(
        finding,
        score=UNTOLD_SCORE,
        headline=f"{finding.lesson} speaks here",
        brief="",
        why="",
        rule=None,
        suggestion=None,
        then=(),
        lacks=(),
        held_back="",
    )


def _bare_lesson(lesson: Lesson) -> Lesson:
    return Lesson(lesson.id, UNTOLD, date.min, lesson.severity, lesson.mode, source="")


def _address(lesson: Lesson, registry: Withheld) -> str | None:
    """The lesson's page when its file bears its id and nothing more; else its folder: a file's name
    may tell a story.
    """
    if not registry.address.startswith(_WEB):
        return None
    if lesson.source == f"{registry.prefix}lessons/{lesson.id}.md":
        return f"{registry.address}/blob/HEAD/lessons/{quote(lesson.id)}.md"
    return f"{registry.address}/tree/HEAD/lessons"


def _problems(
    problems: tuple[Problem, ...], change: Change, index: Index, withheld: tuple[Withheld, ...]
) -> Iterator[Problem]:
    """The problems that hold no word of these registries; of others, that there is one.

    What was left out while reading the other registries, and of the change, names nothing of these
    but by their prefix. What a guard says of a file while it looks may quote any rule, and so is
    told by the file alone.
    """
    harmless = {*change.problems, *index.problems}
    harmless |= {part.problem for part in change.not_looked_at}
    for problem in problems:
        registry = _named_in(problem, withheld)
        if registry:
            name = registry.prefix.rstrip(":") if registry.address.startswith(_WEB) else ""
            yield Problem(name, 0, UNUSABLE)
        elif problem in harmless:
            yield problem
        else:
            yield replace(problem, line=0, message=UNTOLD_DETAIL)


def _named_in(problem: Problem, withheld: tuple[Withheld, ...]) -> Withheld | None:
    text = f"{problem.path} {problem.message}"
    return next((registry for registry in withheld if registry.prefix in text), None)
