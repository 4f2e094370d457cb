"""Tries lessons on their own evidence: every form of the failure must be caught, the fix must be silent.

All forms of all lessons are judged in one change, so Semgrep starts once or twice however many lessons there are.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import PurePosixPath

from twiceshy.changes.diff import parse_patch
from twiceshy.changes.model import Change, FileChange, Status
from twiceshy.guards.finding import GuardName
from twiceshy.learning.mutations import Form, mutations
from twiceshy.lessons.languages import example_path
from twiceshy.lessons.model import Evidence, Lesson, Side
from twiceshy.verdicts.guard import Guard
from twiceshy.verdicts.verdict import Judged

FIXED, FIXING = "the fixed code", "the fix itself"
"""What must be silent: the fixed code arriving as a new file, and the change from failed to fixed."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One case: what was tried, and which guards spoke of the lesson."""

    case: str
    spoke: frozenset[str]

    @property
    def good(self) -> bool:
        """Whether it went as it must."""
        return bool(self.spoke) != (self.case in (FIXED, FIXING))


@dataclass(frozen=True, slots=True)
class Immunity:
    """What a lesson's checks stop, and what they wrongly stop."""

    lesson: str
    trials: tuple[Trial, ...]

    @property
    def proven(self) -> bool:
        """Caught as it was, silent on the fix."""
        must = [trial for trial in self.trials if trial.case in (Form.AS_IT_WAS, FIXED, FIXING)]
        return bool(must) and all(trial.good for trial in must)

    @property
    def score(self) -> float:
        """Share of the forms of the failure that were caught, 0 without any."""
        forms = [trial for trial in self.trials if trial.case not in (FIXED, FIXING)]
        return sum(trial.good for trial in forms) / len(forms) if forms else 0.0


@dataclass(frozen=True, slots=True)
class _Case:
    lesson: str
    name: str
    path: str
    before: str | None
    after: str


def try_lessons(guard: Guard, lessons: Iterable[Lesson]) -> dict[str, Immunity]:
    """The immunity of each lesson that has failing code as evidence."""
    cases = [case for lesson in lessons for case in _cases(lesson)]
    # the fixing takes the failing code out: in one change with the rest, that would look like code that moves
    reports = [guard.judge(_change(some)) for some in _parted(cases) if some]
    spoke = _spoke((judged for report in reports for judged in report.findings), guard.settings.recall.comment_at)
    found: dict[str, list[Trial]] = {}
    for case in cases:
        found.setdefault(case.lesson, []).append(Trial(case.name, frozenset(spoke.get((case.lesson, case.path), ()))))
    return {lesson: Immunity(lesson, tuple(trials)) for lesson, trials in found.items()}


def _cases(lesson: Lesson) -> Iterator[_Case]:
    for number, bad in enumerate(block for block in lesson.evidence if block.side is Side.BAD):
        path = bad.path or example_path(bad.language)
        for at, each in enumerate(mutations(bad.code, bad.language, path)):
            yield _Case(lesson.id, each.form, _own(each.path, lesson.id, f"{number}.{at}"), None, each.code)
        good = _good(lesson, bad)
        if good:
            yield _Case(lesson.id, FIXED, _own(path, lesson.id, f"{number}.fixed"), None, good.code)
            yield _Case(lesson.id, FIXING, _own(path, lesson.id, f"{number}.fixing"), bad.code, good.code)


def _good(lesson: Lesson, bad: Evidence) -> Evidence | None:
    return next((block for block in lesson.evidence if block.side is Side.GOOD and block.pair == bad.pair), None)


def _own(path: str, lesson: str, case: str) -> str:
    """A name of the case's own in the same folder, with the same ending."""
    place = PurePosixPath(path)
    return str(place.with_name(f"{lesson}.{case}.{place.name}"))


def _parted(cases: Iterable[_Case]) -> tuple[list[_Case], list[_Case]]:
    brought: list[_Case] = []
    fixing: list[_Case] = []
    for case in cases:
        (brought if case.before is None else fixing).append(case)
    return brought, fixing


def _change(cases: list[_Case]) -> Change:
    heads = {case.path: case.after for case in cases}
    bases = {case.path: case.before for case in cases if case.before is not None}
    return Change(tuple(_file(case) for case in cases), heads.get, bases.get)


def _file(case: _Case) -> FileChange:
    before = (case.before or "").splitlines()
    diff = list(unified_diff(before, case.after.splitlines(), lineterm="", n=3))[2:]
    status = Status.ADDED if case.before is None else Status.MODIFIED
    return parse_patch(case.path, "\n".join(diff), status).files[0]


def _spoke(findings: Iterable[Judged], comment_at: float) -> Mapping[tuple[str, str], set[str]]:
    """Guards that claim the lesson at a path; recall only where it would speak."""
    found: dict[tuple[str, str], set[str]] = {}
    for judged in findings:
        finding = judged.finding
        shy = finding.guard is GuardName.RECALL and finding.score < comment_at
        if finding.guard in (GuardName.RULES, GuardName.RECALL) and not shy:
            found.setdefault((finding.lesson, finding.path), set()).add(str(finding.guard))
    return found
