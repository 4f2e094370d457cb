"""Tries lessons on their own incident: the failure and every form of it must be caught, the fix
must be silent.

All forms of all lessons are judged in a few changes, so Semgrep starts a few times however many
lessons there are.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import PurePosixPath

from twiceshy.changes.change import Change, FileChange, Status
from twiceshy.changes.diff import parse_patch
from twiceshy.learning.mutations import Form, mutations
from twiceshy.lessons.languages import example_path
from twiceshy.lessons.lesson import Evidence, Lesson, Side
from twiceshy.lessons.progress import Progress, no_progress
from twiceshy.lessons.proofs import QUICK, RULES_SPEAK, Trial
from twiceshy.verdicts.guard import Guard
from twiceshy.verdicts.policy import too_weak
from twiceshy.verdicts.verdict import JudgedFinding, Report

INCIDENT = "the incident"
"""What must be caught: the commit that brought the failure where it is known, else the fix taken
back.
"""

FIXED, FIXING = "the fixed code", "the fix itself"
"""What must be silent: the fixed code arriving as a new file, and the change from failed to fixed.
"""

CASES_AT_ONCE = 40
"""Files of one change: recall compares fewer lessons with each place of a change that has very
many.
"""

CHANGES_AT_ONCE = 25
"""Judged with one start of Semgrep."""

SILENT = (FIXED, FIXING)
CAUGHT = (INCIDENT, Form.AS_IT_WAS)
MUST = (*CAUGHT, FIXED, FIXING, QUICK, RULES_SPEAK)


@dataclass(frozen=True, slots=True)
class Incident:
    """The commit that brought a lesson's failure, and the files that failed."""

    commit: str
    change: Change
    failed: frozenset[str]


Origins = Callable[[Lesson], Incident | None]
"""Finds a lesson's incident; None where history does not tell: the fix is taken back instead."""


@dataclass(frozen=True, slots=True)
class TrialResult:
    """What a lesson's checks stop, and what they wrongly stop."""

    lesson: str
    trials: tuple[Trial, ...]
    replayed: str = ""  # the commit that brought the failure, when it is known
    whole: bool = True  # every guard came to its end; what did not says nothing about the lesson

    @property
    def proven(self) -> bool:
        """The incident and its code as it was caught, silent on the fix; its rules quick, and each
        of them speaks.
        """
        must = [trial for trial in self.trials if trial.case in MUST]
        return any(trial.case == Form.AS_IT_WAS for trial in must) and all(
            trial.good for trial in must
        )

    @property
    def caught_by(self) -> tuple[str, ...]:
        """The guards that caught the incident and its code every time, each by itself."""
        caught = [frozenset(trial.spoke) for trial in self.trials if trial.case in CAUGHT]
        return tuple(sorted(frozenset.intersection(*caught))) if caught else ()

    @property
    def score(self) -> float:
        """Share of the incident and its forms that were caught, 0 without any."""
        forms = [
            trial for trial in self.trials if trial.case == INCIDENT or trial.case in list(Form)
        ]
        return sum(trial.good for trial in forms) / len(forms) if forms else 0.0


@dataclass(frozen=True, slots=True)
class _Case:
    lesson: str
    name: str
    path: str
    before: str | None
    after: str


def try_lessons(
    guard: Guard, lessons: Iterable[Lesson], origins: Origins, progress: Progress = no_progress
) -> dict[str, TrialResult]:
    """The immunity of each lesson that has failing code as evidence."""
    tried = [
        lesson for lesson in lessons if any(block.side is Side.BAD for block in lesson.evidence)
    ]
    replayed = {lesson.id: origin for lesson in tried if (origin := origins(lesson))}
    cases = [case for lesson in tried for case in _cases(lesson, lesson.id in replayed)]
    comment_at = guard.settings.recall.comment_at
    reports = _judged(
        guard, [_change(some) for part in _parted(cases) for some in _few(part)], progress
    )
    spoke = _spoke((judged for report in reports for judged in report.findings), comment_at)
    found: dict[str, list[Trial]] = {lesson.id: [] for lesson in tried}
    replays = _judged(guard, [each.change for each in replayed.values()], progress)
    for (name, origin), report in zip(replayed.items(), replays, strict=True):
        found[name].append(_replay(name, origin, report, comment_at))
    for case in cases:
        found[case.lesson].append(_trial(case.name, spoke.get((case.lesson, case.path), ())))
    whole = not any(report.unfinished for report in (*reports, *replays))
    return {
        name: TrialResult(name, tuple(trials), _commit(replayed.get(name)), whole)
        for name, trials in found.items()
    }


def _judged(guard: Guard, changes: Sequence[Change], progress: Progress) -> list[Report]:
    reports: list[Report] = []
    for at in range(0, len(changes), CHANGES_AT_ONCE):
        progress("trying lessons", at, len(changes))
        reports += guard.judge_each(changes[at : at + CHANGES_AT_ONCE])
    progress("trying lessons", len(changes), len(changes))
    return reports


def _few(cases: Sequence["_Case"]) -> Iterator[list["_Case"]]:
    for at in range(0, len(cases), CASES_AT_ONCE):
        yield list(cases[at : at + CASES_AT_ONCE])


def _commit(replayed: Incident | None) -> str:
    return replayed.commit if replayed else ""


def _replay(lesson: str, replayed: Incident, report: Report, comment_at: float) -> Trial:
    spoke = _spoke(report.findings, comment_at)
    return _trial(
        INCIDENT, {guard for path in replayed.failed for guard in spoke.get((lesson, path), ())}
    )


def _trial(case: str, spoke: Iterable[str]) -> Trial:
    guards = tuple(sorted(spoke))
    return Trial(case, guards, bool(guards) != (case in SILENT))


def _cases(lesson: Lesson, replayed: bool) -> Iterator[_Case]:
    for number, bad in enumerate(block for block in lesson.evidence if block.side is Side.BAD):
        path, good = bad.path or example_path(bad.language), _good(lesson, bad)
        if good and not replayed:
            yield _Case(
                lesson.id,
                INCIDENT,
                _own(path, lesson.id, f"{number}.incident"),
                good.code,
                bad.code,
            )
        for at, each in enumerate(
            mutations(bad.code, bad.language, path, good.code if good else None)
        ):
            yield _Case(
                lesson.id, each.form, _own(each.path, lesson.id, f"{number}.{at}"), None, each.code
            )
        if good:
            yield _Case(lesson.id, FIXED, _own(path, lesson.id, f"{number}.fixed"), None, good.code)
            yield _Case(
                lesson.id, FIXING, _own(path, lesson.id, f"{number}.fixing"), bad.code, good.code
            )


def _good(lesson: Lesson, bad: Evidence) -> Evidence | None:
    return next(
        (block for block in lesson.evidence if block.side is Side.GOOD and block.pair == bad.pair),
        None,
    )


def _own(path: str, lesson: str, case: str) -> str:
    """A name of the case's own in the same folder, with the same ending."""
    place = PurePosixPath(path)
    return str(place.with_name(f"{lesson}.{case}.{place.name}"))


def _parted(cases: Iterable[_Case]) -> tuple[list[_Case], ...]:
    """What takes code out stands apart: in one change with the rest it would look like code that
    moves.
    """
    brought: list[_Case] = []
    fixing: list[_Case] = []
    back: list[_Case] = []
    for case in cases:
        (brought if case.before is None else fixing if case.name == FIXING else back).append(case)
    return brought, fixing, back


def _change(cases: Sequence[_Case]) -> Change:
    heads = {case.path: case.after for case in cases}
    bases = {case.path: case.before for case in cases if case.before is not None}
    return Change(tuple(_file(case) for case in cases), heads.get, bases.get)


def _file(case: _Case) -> FileChange:
    before = (case.before or "").splitlines()
    diff = list(unified_diff(before, case.after.splitlines(), lineterm="", n=3))[2:]
    status = Status.ADDED if case.before is None else Status.MODIFIED
    return parse_patch(case.path, "\n".join(diff), status).files[0]


def _spoke(
    findings: Iterable[JudgedFinding], comment_at: float
) -> Mapping[tuple[str, str], set[str]]:
    """Guards that claim the lesson at a path; recall only where it would speak."""
    found: dict[tuple[str, str], set[str]] = {}
    for judged in findings:
        finding = judged.finding
        if finding.guard.knows_failure and not too_weak(finding, comment_at):
            found.setdefault((finding.lesson, finding.path), set()).add(finding.guard.name)
    return found
