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
from twiceshy.guards.finding import Finding
from twiceshy.lessons.lesson import Lesson, Mode
from twiceshy.lessons.proofs import Backing
from twiceshy.verdicts.escapes import with_escape
from twiceshy.verdicts.local_threshold import LocalThreshold
from twiceshy.verdicts.reasons import Reason, Why
from twiceshy.verdicts.settings import Settings
from twiceshy.verdicts.verdict import Action, Conclusion, JudgedFinding

_CAP = {Mode.OBSERVE: Action.OBSERVE, Mode.COMMENT: Action.COMMENT, Mode.BLOCK: Action.BLOCK}


@dataclass(frozen=True, slots=True)
class Trust:
    """How far a lesson may be trusted today; the self-check's result."""

    failed: str = ""  # why it may only observe; empty when the self-check passed
    # rules without evidence: may comment, not block
    unproven_rules: frozenset[str] = field(default_factory=frozenset)
    # what its word rests on; for people to see, policy goes by the others
    backing: Backing | None = None


@dataclass(frozen=True, slots=True)
class Dismissal:
    """A person's word that a lesson does not apply to some code."""

    who: str
    reason: str


@dataclass(frozen=True, slots=True)
class Memory:
    """What people said of earlier findings."""

    dismissed: Mapping[str, Dismissal] = field(default_factory=dict)  # by claim, see ``claim_of``
    # lesson -> how many steps down, and why
    demoted: Mapping[str, tuple[int, str]] = field(default_factory=dict)
    caution: Mapping[str, tuple[float, str]] = field(default_factory=dict)
    """Lesson -> how much surer recall must be, in log-odds (less when negative), and why."""

    local: Mapping[tuple[str, str], LocalThreshold] = field(default_factory=dict)
    """Lesson and guard -> what this repository's own people ask of its likenesses."""

    def with_local(self, asked: Mapping[tuple[str, str], LocalThreshold]) -> "Memory":
        """And what was asked for elsewhere: of two words on one likeness the stricter counts."""
        local = dict(self.local)
        for name, threshold in asked.items():
            if name not in local or local[name].score < threshold.score:
                local[name] = threshold
        return replace(self, local=local)


@dataclass(frozen=True, slots=True)
class Bound:
    """The most that may be done about a finding, and why not more; None when nothing stands in the
    way.
    """

    action: Action
    reason: Reason | None = None


Lessons = Callable[[str], Lesson | None]
Near = Callable[[Finding, Finding], bool]
"""Whether two findings are about one edit."""


def overlap(finding: Finding, other: Finding) -> bool:
    """The least that makes two findings one place: a line in common."""
    return (
        finding.path == other.path
        and finding.start_line <= other.end_line
        and other.start_line <= finding.end_line
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
    judged: list[JudgedFinding] = []
    for finding, fingerprint in fingerprinted(findings):
        lesson = lessons(finding.lesson)
        if lesson and not out_of_scope(lesson, finding.path):
            trust = standing.get(lesson.id, Trust())
            bound = _bound(finding, lesson, settings, trust, memory or Memory())
            row = _judged(finding, lesson, bound, trust, fingerprint)
            judged.append(with_escape(row, settings))
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
    return not finding.stands_at_base and not too_weak(finding, settings.recall.comment_at)


def too_weak(finding: Finding, comment_at: float) -> bool:
    """Whether it is a likeness, and not enough of one to be said."""
    return not finding.guard.exact and finding.score < comment_at


def out_of_scope(lesson: Lesson, path: str) -> Reason | None:
    """Why a lesson has nothing to say about a path, None when it may."""
    if lesson.mode is Mode.RETIRED:
        return Reason.of(Why.RETIRED)
    if lesson.mode is Mode.DRAFT:
        return Reason.of(Why.DRAFT)
    if lesson.applies_to and not matches_any(lesson.applies_to, path):
        return Reason.of(Why.OUT_OF_SCOPE, globs=", ".join(lesson.applies_to))
    return None


def fingerprinted(findings: Iterable[Finding]) -> Iterator[tuple[Finding, str]]:
    """Each finding with its fingerprint: lesson, path, key and how many of the same stand before it
    in the file.

    No line number goes in, so a finding keeps its fingerprint when code above it grows or shrinks.
    """
    count: dict[tuple[str, str, str], int] = {}
    for finding in sorted(findings, key=_place):
        claim = (finding.lesson, finding.path, finding.key)
        before = count.get(claim, 0)
        count[claim] = before + 1
        yield finding, _digest(*claim, str(before))


def _place(finding: Finding) -> tuple[str, int, int, str]:
    return finding.path, finding.start_line, finding.end_line, finding.guard.name


def _digest(*parts: str) -> str:
    return sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:20]


def _judged(
    finding: Finding, lesson: Lesson, bound: Bound, trust: Trust, fingerprint: str
) -> JudgedFinding:
    reason = bound.reason
    return JudgedFinding(
        finding,
        lesson,
        bound.action,
        fingerprint,
        url=lesson.postmortem,
        reason=reason.text if reason else "",
        why=reason.why if reason else None,
        backing=trust.backing,
        alike=reason is not None and reason.why is Why.BELOW_COMMENT_AT,
    )


def _bound(
    finding: Finding, lesson: Lesson, settings: Settings, trust: Trust, memory: Memory
) -> Bound:
    """The lowest of all bounds; the lesson's mode is the highest there is."""
    cap = _CAP[lesson.mode]
    bounds = (
        *_memory_bounds(finding, cap, memory),
        *_trust_bounds(finding, trust),
        *_guard_bounds(finding, settings, memory),
        *_severity_bounds(lesson, settings),
        *_evidence_bounds(finding, trust),
    )
    lowest = min(bounds, key=lambda bound: bound.action.rank, default=Bound(cap))
    if lowest.action.rank < cap.rank:
        return lowest
    return Bound(cap, Reason.of(Why.OBSERVING) if cap is Action.OBSERVE else None)


def _memory_bounds(finding: Finding, cap: Action, memory: Memory) -> Iterator[Bound]:
    """The bounds that people's answers put on a finding."""
    if dismissal := memory.dismissed.get(claim_of(finding)):
        reason = Reason.of(Why.DISMISSED, who=dismissal.who, reason=dismissal.reason)
        yield Bound(Action.OBSERVE, reason)
    if finding.lesson in memory.demoted:
        steps, feedback = memory.demoted[finding.lesson]
        action = list(Action)[max(0, cap.rank - steps)]
        yield Bound(action, Reason.of(Why.DEMOTED, feedback=feedback))


def _trust_bounds(finding: Finding, trust: Trust) -> Iterator[Bound]:
    if finding.stands_at_base:
        yield Bound(Action.OBSERVE, Reason.of(Why.AT_BASE))
    if trust.failed:
        yield Bound(Action.OBSERVE, Reason.of(Why.SELF_CHECK, failed=trust.failed))


def _guard_bounds(finding: Finding, settings: Settings, memory: Memory) -> Iterator[Bound]:
    guard = finding.guard
    if guard.under_other_names and not settings.recall.structure:
        yield Bound(Action.OBSERVE, Reason.of(Why.STRUCTURE_OFF))
    if not guard.may_block:
        who = "likenesses under other names" if guard.under_other_names else guard
        yield Bound(Action.COMMENT, Reason.of(Why.NEVER_BLOCKS, guard=who))
    if not guard.exact:
        yield from _likeness_bounds(finding, settings, memory)


def _likeness_bounds(finding: Finding, settings: Settings, memory: Memory) -> Iterator[Bound]:
    for action, why, threshold in (
        (Action.OBSERVE, Why.BELOW_COMMENT_AT, settings.recall.comment_at),
        (Action.COMMENT, Why.BELOW_BLOCK_AT, settings.recall.block_at),
    ):
        asked, because = _asked(finding, threshold, memory)
        if finding.score < asked:
            reason = Reason.of(why, score=finding.score, threshold=asked, because=because)
            yield Bound(action, reason)
            return


def _asked(finding: Finding, threshold: float, memory: Memory) -> tuple[float, str]:
    """The score that is asked of a likeness, and why it is not the threshold; what the repository's
    own people said counts where it asks for more.
    """
    shift, doubt = memory.caution.get(finding.lesson, (0.0, ""))
    asked = _moved(threshold, shift)
    local = memory.local.get((finding.lesson, finding.guard.name))
    if local is not None and local.score > asked:
        return local.score, f", which it asks for here: {local}"
    return asked, f", because {doubt}" if doubt else ""


def _severity_bounds(lesson: Lesson, settings: Settings) -> Iterator[Bound]:
    if lesson.severity.rank < settings.block_at.rank:
        reason = Reason.of(Why.SEVERITY, severity=lesson.severity, block_at=settings.block_at)
        yield Bound(Action.COMMENT, reason)


def _evidence_bounds(finding: Finding, trust: Trust) -> Iterator[Bound]:
    if finding.rule in trust.unproven_rules:
        yield Bound(Action.COMMENT, Reason.of(Why.NO_EVIDENCE))


def _moved(threshold: float, shift: float) -> float:
    """A threshold moved in log-odds; 0 and 1 stay."""
    if shift == 0 or not 0 < threshold < 1:
        return threshold
    return 1 / (1 + exp(-(log(threshold / (1 - threshold)) + shift)))


def _loudness(judged: JudgedFinding) -> tuple[int, int, str, int, float]:
    finding = judged.finding
    return (
        -judged.action.rank,
        -finding.guard.precision,
        finding.path,
        finding.start_line,
        -finding.score,
    )


def _said_once(findings: Sequence[JudgedFinding], near: Near) -> list[JudgedFinding]:
    """One comment for a lesson and a place: what other guards say of it is kept, observed, and
    named on the first.
    """
    rows: list[JudgedFinding] = []
    for judged in findings:
        index = _speaker(rows, judged, near)
        if index is None:
            rows.append(judged)
            continue
        guard = rows[index].finding.guard
        if judged.finding.guard.name not in (guard.name, *rows[index].also):
            rows[index] = _with(rows[index], judged.finding)
        rows.append(judged.observed(Reason.of(Why.SAID_ONCE, guard=guard)))
    return rows


def _speaker(rows: Sequence[JudgedFinding], judged: JudgedFinding, near: Near) -> int | None:
    """The place in ``rows`` of what speaks for a finding; None when it speaks for itself."""
    if judged.action is Action.OBSERVE:
        return None
    for index, louder in enumerate(rows):
        if _speaks_for(louder, judged, near):
            return index
    return None


def _speaks_for(louder: JudgedFinding, judged: JudgedFinding, near: Near) -> bool:
    finding, other = louder.finding, judged.finding
    return (
        louder.action is not Action.OBSERVE
        and (finding.lesson, finding.path) == (other.lesson, other.path)
        and (finding.guard.place_only or other.guard.place_only or near(finding, other))
    )


def _with(judged: JudgedFinding, other: Finding) -> JudgedFinding:
    """What is said, with what another guard adds: its name, and of a likeness what it resembles and
    lines to compare.
    """
    finding = judged.finding
    if other.brief:
        finding = replace(finding, headline=other.brief, then=other.then, lacks=other.lacks)
    return replace(judged, finding=finding, also=(*judged.also, other.guard.name))


def _alike_elsewhere(findings: Sequence[JudgedFinding], near: Near) -> list[JudgedFinding]:
    """What only looked alike is no news where something is said already: by the same lesson near
    it, by any on its lines.
    """
    shown = [judged.finding for judged in findings if judged.action is not Action.OBSERVE]
    alike: list[Finding] = []
    rows: list[JudgedFinding] = []
    for judged in findings:
        if not judged.alike:
            rows.append(judged)
        elif _is_shown(judged.finding, shown, near) or _is_among(judged.finding, alike):
            rows.append(replace(judged, alike=False))
        else:
            alike.append(judged.finding)
            rows.append(judged)
    return rows


def _is_shown(finding: Finding, shown: Iterable[Finding], near: Near) -> bool:
    def is_told_by(other: Finding) -> bool:
        return overlap(finding, other) or (finding.lesson == other.lesson and near(finding, other))

    return any(is_told_by(other) for other in shown)


def _is_among(finding: Finding, alike: Iterable[Finding]) -> bool:
    return any(finding.lesson == other.lesson and overlap(finding, other) for other in alike)


def _within_limit(findings: Sequence[JudgedFinding], max_comments: int) -> Iterator[JudgedFinding]:
    """Inline comments up to the limit; what only knows a place is a line in the summary and never
    takes a place among them.
    """
    left = max_comments
    for judged in findings:
        if judged.action is Action.OBSERVE:
            yield judged
        elif judged.finding.guard.place_only or left == 0:
            yield replace(judged, inline=False)
        else:
            left -= 1
            yield judged
