"""Decides what is said: every finding gets an action, and every action less than its lesson's mode
has a reason.

Pure: findings, lessons and settings in, judgements out. Reads no file, asks nobody. DESIGN section
6 in code.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from math import exp, log

from twiceshy.changes.globs import matches_any
from twiceshy.changes.not_looked_at import NotLookedAt
from twiceshy.guards.finding import Finding, GuardName
from twiceshy.lessons.lesson import Lesson, Mode
from twiceshy.lessons.proofs import Backing
from twiceshy.verdicts.escapes import with_escape
from twiceshy.verdicts.settings import Settings
from twiceshy.verdicts.verdict import Action, Conclusion, JudgedFinding

_CAP = {Mode.OBSERVE: Action.OBSERVE, Mode.COMMENT: Action.COMMENT, Mode.BLOCK: Action.BLOCK}

_LOUDEST_FIRST = (
    GuardName.RULES,
    GuardName.SAFEGUARDS,
    GuardName.RECALL,
    GuardName.COMPANIONS,
    GuardName.SCARS,
)
"""Which guard speaks for a place that several found: the one that can say most exactly what is
wrong.
"""


@dataclass(frozen=True, slots=True)
class Trust:
    """How far a lesson may be trusted today; the self-check's result."""

    failed: str = ""  # why it may only observe; empty when the self-check passed
    unproven_rules: frozenset[str] = field(
        default_factory=frozenset
    )  # rules without evidence: may comment, not block
    backing: Backing | None = (
        None  # what its word rests on; for people to see, policy goes by the others
    )


@dataclass(frozen=True, slots=True)
class Dismissal:
    """A person's word that a lesson does not apply to some code."""

    who: str
    reason: str


@dataclass(frozen=True, slots=True)
class Memory:
    """What people said of earlier findings."""

    dismissed: Mapping[str, Dismissal] = field(default_factory=dict)  # by claim, see ``claim_of``
    demoted: Mapping[str, tuple[int, str]] = field(
        default_factory=dict
    )  # lesson -> how many steps down, and why
    caution: Mapping[str, tuple[float, str]] = field(default_factory=dict)
    """Lesson -> how much surer recall must be, in log-odds (less when negative), and why."""


ALIKE = "resembles at "
"""How the reason begins when a resemblance was too weak to say, and nothing else kept it silent."""

Lessons = Callable[[str], Lesson | None]
Near = Callable[[Finding, Finding], bool]
"""Whether two findings are about one edit."""


def overlap(one: Finding, other: Finding) -> bool:
    """The least that makes two findings one place: a line in common."""
    return (
        one.path == other.path
        and one.start_line <= other.end_line
        and other.start_line <= one.end_line
    )


def claim_of(finding: Finding) -> str:
    """What a dismissal is kept under: the lesson and the code it speaks of, wherever that code
    stands.
    """
    return _digest(finding.lesson, finding.key)


def decide(
    findings: Iterable[Finding],
    lessons: Lessons,
    settings: Settings,
    standing: Mapping[str, Trust],
    memory: Memory | None = None,
    near: Near = overlap,
) -> tuple[JudgedFinding, ...]:
    """Every finding of a lesson that is alive and in scope, loudest first, then by path and line.

    ``near`` says which findings are about one edit: a lesson speaks once of each.
    """
    judged = [
        _judge(
            finding,
            lesson,
            settings,
            standing.get(lesson.id, Trust()),
            memory or Memory(),
            fingerprint,
        )
        for finding, fingerprint in fingerprinted(findings)
        if (lesson := lessons(finding.lesson)) and out_of_scope(lesson, finding.path) is None
    ]
    judged.sort(key=_loudness)
    said = _alike_elsewhere(_said_once(judged, near), near)
    return tuple(_within_limit(said, settings.max_comments))


def conclude(
    judged: Iterable[JudgedFinding], not_looked_at: Sequence[NotLookedAt] = ()
) -> Conclusion:
    """``failure`` when something blocks, ``neutral`` when there is something to say or silence
    would mean too much.

    It would where something was not looked at, and where what would have blocked is out of sight.
    """
    findings = list(judged)
    loudest = max((finding.action.rank for finding in findings), default=0)
    if loudest == 0 and (not_looked_at or any(finding.hides_a_block for finding in findings)):
        return Conclusion.NEUTRAL
    return (Conclusion.SUCCESS, Conclusion.NEUTRAL, Conclusion.FAILURE)[loudest]


def sure_enough(finding: Finding, settings: Settings) -> bool:
    """Whether a finding would be said by a lesson that may speak."""
    shy = finding.guard is GuardName.RECALL and finding.score < settings.recall.comment_at
    return not finding.stands_at_base and not shy


def out_of_scope(lesson: Lesson, path: str) -> str | None:
    """Why a lesson has nothing to say about a path, None when it may."""
    if lesson.mode is Mode.RETIRED:
        return "retired"
    if lesson.mode is Mode.DRAFT:
        return "a draft: set its mode to observe, comment or block"
    if lesson.applies_to and not matches_any(lesson.applies_to, path):
        return f"out of scope: applies to {', '.join(lesson.applies_to)}"
    return None


def fingerprinted(findings: Iterable[Finding]) -> Iterator[tuple[Finding, str]]:
    """Each finding with its fingerprint: lesson, path, key and how many of the same stand before it
    in the file.

    No line number goes in, so a finding keeps its fingerprint when code above it grows or shrinks.
    """
    seen: dict[tuple[str, str, str], int] = {}
    for finding in sorted(
        findings, key=lambda each: (each.path, each.start_line, each.end_line, each.guard)
    ):
        same = (finding.lesson, finding.path, finding.key)
        index = seen[same] = seen.get(same, -1) + 1
        yield finding, _digest(*same, str(index))


def _digest(*parts: str) -> str:
    return sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:20]


def _judge(
    finding: Finding,
    lesson: Lesson,
    settings: Settings,
    standing: Trust,
    memory: Memory,
    fingerprint: str,
) -> JudgedFinding:
    cap = _CAP[lesson.mode]
    limits = [
        *_remembered(finding, cap, memory),
        *_limits(finding, lesson, settings, standing, memory),
    ]
    action, reason = min(limits, key=lambda limit: limit[0].rank, default=(cap, ""))
    if cap.rank <= action.rank:
        action, reason = cap, "its lesson is in observe mode" if cap is Action.OBSERVE else ""
    alike = action is Action.OBSERVE and reason.startswith(ALIKE)
    judged = JudgedFinding(
        finding,
        lesson,
        action,
        fingerprint,
        lesson.postmortem,
        reason,
        backing=standing.backing,
        alike=alike,
    )
    return with_escape(judged, settings)


def _remembered(finding: Finding, cap: Action, memory: Memory) -> Iterator[tuple[Action, str]]:
    """The bounds that people's answers put on a finding."""
    if dismissal := memory.dismissed.get(claim_of(finding)):
        yield Action.OBSERVE, f"dismissed by {dismissal.who}: {dismissal.reason}"
    if finding.lesson in memory.demoted:
        steps, why = memory.demoted[finding.lesson]
        yield list(Action)[max(0, cap.rank - steps)], why


def _limits(
    finding: Finding, lesson: Lesson, settings: Settings, standing: Trust, memory: Memory
) -> Iterator[tuple[Action, str]]:
    """Every bound policy puts on a finding, each with its reason."""
    if finding.stands_at_base:
        yield Action.OBSERVE, "it was there before this change"
    if standing.failed:
        yield Action.OBSERVE, f"the lesson failed its self-check: {standing.failed}"
    if finding.guard is GuardName.SCARS:
        yield Action.COMMENT, "scars never block"
    elif finding.guard is GuardName.RECALL:
        yield from _recall_limits(finding, settings, memory)
    if lesson.severity.rank < settings.block_at.rank:
        yield Action.COMMENT, f"severity {lesson.severity} is under block_at: {settings.block_at}"
    if finding.rule in standing.unproven_rules:
        yield Action.COMMENT, "a rule without evidence may comment but not block"


def _recall_limits(
    finding: Finding, settings: Settings, memory: Memory
) -> Iterator[tuple[Action, str]]:
    shift, why = memory.caution.get(finding.lesson, (0.0, ""))
    because = f", because {why}" if why else ""
    for action, name, threshold in (
        (Action.OBSERVE, "comment_at", settings.recall.comment_at),
        (Action.COMMENT, "block_at", settings.recall.block_at),
    ):
        asked = _moved(threshold, shift)
        if finding.score < asked:
            yield action, f"{ALIKE}{finding.score:.2f}, under {name} {asked:.2f}{because}"
            return


def _moved(threshold: float, shift: float) -> float:
    """A threshold moved in log-odds; 0 and 1 stay."""
    if shift == 0 or not 0 < threshold < 1:
        return threshold
    return 1 / (1 + exp(-(log(threshold / (1 - threshold)) + shift)))


def _loudness(judged: JudgedFinding) -> tuple[int, int, str, int, float]:
    finding = judged.finding
    return (
        -judged.action.rank,
        _LOUDEST_FIRST.index(finding.guard),
        finding.path,
        finding.start_line,
        -finding.score,
    )


def _said_once(judged: Sequence[JudgedFinding], near: Near) -> list[JudgedFinding]:
    """One comment for a lesson and a place: what other guards say of it is kept, observed, and
    named on the first.
    """
    said: list[JudgedFinding] = []
    for each in judged:
        first = next((i for i, other in enumerate(said) if _speaks_for(other, each, near)), None)
        if first is None or each.action is Action.OBSERVE:
            said.append(each)
            continue
        guard = said[first].finding.guard
        if each.finding.guard not in (guard, *said[first].also):
            said[first] = _with(said[first], each.finding)
        said.append(replace(each, action=Action.OBSERVE, reason=f"said once already, by {guard}"))
    return said


def _with(judged: JudgedFinding, other: Finding) -> JudgedFinding:
    """What is said, with what another guard adds: its name, and what recall saw: what it resembles,
    lines to compare.
    """
    finding = judged.finding
    if other.guard is GuardName.RECALL:
        resembles = other.headline.removesuffix(f": {judged.lesson.title}")
        finding = replace(finding, headline=resembles, then=other.then, lacks=other.lacks)
    return replace(judged, finding=finding, also=(*judged.also, str(other.guard)))


def _alike_elsewhere(judged: Sequence[JudgedFinding], near: Near) -> list[JudgedFinding]:
    """What only looked alike is no news where something is said already: by the same lesson near
    it, by any on its lines.
    """
    shown = [each.finding for each in judged if each.action is not Action.OBSERVE]
    told: list[Finding] = []
    rows: list[JudgedFinding] = []
    for each in judged:
        if each.alike and _is_told(each.finding, shown, told, near):
            rows.append(replace(each, alike=False))
            continue
        if each.alike:
            told.append(each.finding)
        rows.append(each)
    return rows


def _is_told(
    finding: Finding, shown: Iterable[Finding], told: Iterable[Finding], near: Near
) -> bool:
    if any(
        overlap(finding, other) or (finding.lesson == other.lesson and near(finding, other))
        for other in shown
    ):
        return True
    return any(finding.lesson == other.lesson and overlap(finding, other) for other in told)


def _speaks_for(other: JudgedFinding, each: JudgedFinding, near: Near) -> bool:
    one, two = other.finding, each.finding
    return (
        other.action is not Action.OBSERVE
        and (one.lesson, one.path) == (two.lesson, two.path)
        and (near(one, two) or GuardName.SCARS in (one.guard, two.guard))
    )


def _within_limit(judged: Sequence[JudgedFinding], max_comments: int) -> Iterator[JudgedFinding]:
    """Inline comments up to the limit; a scar is a line in the summary and never takes a place
    among them.
    """
    left = max_comments
    for each in judged:
        if each.action is Action.OBSERVE:
            yield each
        elif each.finding.guard is GuardName.SCARS or left == 0:
            yield replace(each, inline=False)
        else:
            left -= 1
            yield each
