"""Tries lessons on their own incident: the failure and every form of it must be caught, the fix
must be silent.

All forms of all lessons are judged in a few changes, so Semgrep starts a few times however many
lessons there are.
"""

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import unified_diff
from itertools import chain
from pathlib import PurePosixPath

from twiceshy.changes.change import Change, FileChange, Status
from twiceshy.changes.diff import parse_patch
from twiceshy.changes.parser.client import own_parser
from twiceshy.learning.mutations import TOLD, Form, LeftOut, all_forms
from twiceshy.lessons.languages import example_path
from twiceshy.lessons.lesson import Evidence, Lesson, Side
from twiceshy.lessons.progress import Progress, no_progress
from twiceshy.lessons.proofs import QUICK, RULES_SPEAK, Trial, Untried
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
SCORED = (INCIDENT, *(form for form in Form if form not in TOLD))


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
    untried: tuple[Untried, ...] = ()  # forms that could be made of none of its evidence
    whole: bool = True  # every guard came to its end; what did not says nothing about the lesson

    @property
    def proven(self) -> bool:
        """The incident and its code as it was caught, silent on the fix; its rules quick, and each
        of them speaks.
        """
        tried = False
        for trial in self.trials:
            if trial.case in MUST and not trial.good:
                return False
            tried = tried or trial.case == Form.AS_IT_WAS
        return tried

    @property
    def caught_by(self) -> tuple[str, ...]:
        """The guards that caught the incident and its code every time, each by itself."""
        caught = [trial.spoke for trial in self.trials if trial.case in CAUGHT]
        return tuple(sorted(set(caught[0]).intersection(*caught))) if caught else ()

    @property
    def score(self) -> float:
        """Share of the incident and its promised forms that were caught, 0 without any."""
        forms = [trial.good for trial in self.trials if trial.case in SCORED]
        return sum(forms) / len(forms) if forms else 0.0


@dataclass(frozen=True, slots=True)
class _Case:
    lesson: str
    name: str
    path: str
    before: str | None
    after: str


_Spoken = Mapping[str, float | None]
"""The guards that spoke of a lesson at a path, and of those that find likenesses the best score."""


def try_lessons(
    guard: Guard, lessons: Iterable[Lesson], origins: Origins, progress: Progress = no_progress
) -> dict[str, TrialResult]:
    """What the checks stop of each lesson that has failing code as evidence."""
    wanted = [lesson for lesson in lessons if _has_failing_code(lesson)]
    trials: dict[str, list[Trial]] = {lesson.id: [] for lesson in wanted}
    incidents: dict[str, Incident] = {}
    for lesson in wanted:
        if incident := origins(lesson):
            incidents[lesson.id] = incident
    cases, untried = _all_cases(wanted, incidents)
    comment_at = guard.settings.recall.comment_at
    reports = _judged(guard, _changes(cases), progress)
    replays = _judged(guard, [incident.change for incident in incidents.values()], progress)
    for (name, incident), report in zip(incidents.items(), replays, strict=True):
        trials[name].append(_replay(name, incident, report, comment_at))
    spoke = _spoke(chain.from_iterable(report.findings for report in reports), comment_at)
    for case in cases:
        spoken = spoke.get((case.lesson, case.path), {})
        trials[case.lesson].append(_trial(case.name, spoken))
    whole = not any(report.unfinished for report in (*reports, *replays))
    results: dict[str, TrialResult] = {}
    for name, tried in trials.items():
        commit = _commit(incidents.get(name))
        results[name] = TrialResult(name, tuple(tried), commit, untried[name], whole)
    return results


def _all_cases(
    lessons: Iterable[Lesson], replayed: Container[str]
) -> tuple[list[_Case], dict[str, tuple[Untried, ...]]]:
    """What is tried of all lessons, and by lesson what could not be made."""
    cases: list[_Case] = []
    untried: dict[str, tuple[Untried, ...]] = {}
    with own_parser() as parser:
        for lesson in lessons:
            parser.deaths = 0  # one lesson's text is no reason to try less of the next
            own, untried[lesson.id] = _cases(lesson, lesson.id in replayed)
            cases += own
    return cases, untried


def _has_failing_code(lesson: Lesson) -> bool:
    return any(block.side is Side.BAD for block in lesson.evidence)


def _changes(cases: Iterable["_Case"]) -> list[Change]:
    changes: list[Change] = []
    for part in _parted(cases):
        changes += map(_change, _few(part))
    return changes


def _judged(guard: Guard, changes: Sequence[Change], progress: Progress) -> list[Report]:
    reports: list[Report] = []
    for start in range(0, len(changes), CHANGES_AT_ONCE):
        progress("trying lessons", start, len(changes))
        part = map(guard.hosted, changes[start : start + CHANGES_AT_ONCE])
        reports += guard.judge_each(list(part))
    progress("trying lessons", len(changes), len(changes))
    return reports


def _few(cases: Sequence["_Case"]) -> Iterator[list["_Case"]]:
    for start in range(0, len(cases), CASES_AT_ONCE):
        yield list(cases[start : start + CASES_AT_ONCE])


def _commit(incident: Incident | None) -> str:
    return incident.commit if incident else ""


def _replay(lesson: str, incident: Incident, report: Report, comment_at: float) -> Trial:
    spoke = _spoke(report.findings, comment_at)
    spoken: dict[str, float | None] = {}
    for path in sorted(incident.failed):
        for guard, score in spoke.get((lesson, path), {}).items():
            spoken[guard] = _better(spoken.get(guard), score)
    return _trial(INCIDENT, spoken)


def _trial(case: str, spoken: _Spoken) -> Trial:
    guards = tuple(sorted(spoken))
    told = case in TOLD
    good = told or bool(guards) != (case in SILENT)
    scores = [(guard, score) for guard, score in sorted(spoken.items()) if score is not None]
    return Trial(case, guards, good, told, tuple(scores))


def _better(score: float | None, other: float | None) -> float | None:
    return other if score is None or other is None else max(score, other)


def _cases(lesson: Lesson, replayed: bool) -> tuple[list[_Case], tuple[Untried, ...]]:
    """What is tried of a lesson, and the forms that could be made of none of its evidence."""
    bad_blocks = [block for block in lesson.evidence if block.side is Side.BAD]
    cases: list[_Case] = []
    left_out: dict[Form, LeftOut] = {}
    for number, bad in enumerate(bad_blocks):
        path, good = bad.path or example_path(bad.language), _good(lesson, bad)
        if good and not replayed:
            own = _own(path, lesson.id, f"{number}.incident")
            cases.append(_Case(lesson.id, INCIDENT, own, good.code, bad.code))
        fixed = good.code if good else None
        for place, form in enumerate(all_forms(bad.code, bad.language, path, fixed)):
            if isinstance(form, LeftOut):
                left_out.setdefault(form.form, form)
            else:
                own = _own(form.path, lesson.id, f"{number}.{place}")
                cases.append(_Case(lesson.id, form.form, own, form.before, form.code))
        if good:
            own = _own(path, lesson.id, f"{number}.fixed")
            cases.append(_Case(lesson.id, FIXED, own, None, good.code))
            own = _own(path, lesson.id, f"{number}.fixing")
            cases.append(_Case(lesson.id, FIXING, own, bad.code, good.code))
    tried = {case.name for case in cases}
    missing = [form for form in left_out.values() if form.form not in tried]
    return cases, tuple(Untried(form.form, form.why) for form in missing)


def _good(lesson: Lesson, bad: Evidence) -> Evidence | None:
    for block in lesson.evidence:
        if block.side is Side.GOOD and block.pair == bad.pair:
            return block
    return None


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
        if case.before is None:
            brought.append(case)
        elif case.name == FIXING:
            fixing.append(case)
        else:
            back.append(case)
    return brought, fixing, back


def _change(cases: Sequence[_Case]) -> Change:
    heads: dict[str, str] = {}
    bases: dict[str, str] = {}
    for case in cases:
        heads[case.path] = case.after
        if case.before is not None:
            bases[case.path] = case.before
    return Change(tuple(map(_file, cases)), heads.get, bases.get)


def _file(case: _Case) -> FileChange:
    before = (case.before or "").splitlines()
    diff = list(unified_diff(before, case.after.splitlines(), lineterm="", n=3))[2:]
    status = Status.ADDED if case.before is None else Status.MODIFIED
    return parse_patch(case.path, "\n".join(diff), status).files[0]


def _spoke(
    findings: Iterable[JudgedFinding], comment_at: float
) -> Mapping[tuple[str, str], _Spoken]:
    """Guards that claim the lesson at a path; those that find likenesses only where they would
    speak.
    """
    spoke: dict[tuple[str, str], dict[str, float | None]] = {}
    for judged in findings:
        finding = judged.finding
        if finding.guard.knows_failure and not too_weak(finding, comment_at):
            spoken = spoke.setdefault((finding.lesson, finding.path), {})
            name, score = finding.guard.name, None if finding.guard.exact else finding.score
            spoken[name] = _better(spoken.get(name), score)
    return spoke
