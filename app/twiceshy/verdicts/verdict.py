"""What a verdict is: every finding with the action policy gave it, and the report the contracts
promise. Pure values.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum

from twiceshy.changes.not_looked_at import NotLookedAt as NotLookedAt  # noqa: PLC0414 - a part of the verdict too
from twiceshy.changes.not_looked_at import Unseen as Unseen  # noqa: PLC0414
from twiceshy.guards.finding import EscapeKind, Finding
from twiceshy.lessons.lesson import Lesson, Problem
from twiceshy.lessons.proofs import Backing
from twiceshy.verdicts.sharing import Share

SCHEMA = 1
"""Of the JSON report."""


class Action(StrEnum):
    """What is done about a finding."""

    OBSERVE = "observe"
    COMMENT = "comment"
    BLOCK = "block"

    @property
    def rank(self) -> int:
        """0 for observe to 2 for block."""
        return list(Action).index(self)


class Conclusion(StrEnum):
    """``failure`` = something blocks, ``neutral`` = something to say, or something was not looked
    at.
    """

    SUCCESS = "success"
    NEUTRAL = "neutral"
    FAILURE = "failure"


@dataclass(frozen=True, slots=True)
class JudgedFinding:
    """A finding after policy."""

    finding: Finding
    lesson: Lesson
    action: Action
    fingerprint: str
    url: str | None = None  # post-mortem, or the lesson file's own address
    reason: str = (
        ""  # why the action is less than the lesson's mode would allow; empty when it is not
    )
    inline: bool = True  # False when over max_comments: counted in the summary only
    also: tuple[str, ...] = ()  # other guards that found the same place for the same lesson
    backing: Backing | None = (
        None  # what the lesson's word rests on; None when it has no code to be tried on
    )
    alike: bool = False  # a resemblance, and only its score kept it from being said
    share: Share = Share.TEXT  # how much of its lesson the readers may see; the rest is not in here
    without_escape: Action = (
        Action.OBSERVE
    )  # what would be done about it but for ``finding.escape``

    @property
    def hides_a_block(self) -> bool:
        """Whether the change put out of sight, by names or marks of its own, what would have
        blocked.
        """
        escape = self.finding.escape
        hidden = escape is not None and escape.kind is EscapeKind.SKIPPED and not escape.decided
        return hidden and self.without_escape is Action.BLOCK


@dataclass(frozen=True, slots=True)
class Seconds:
    """How long the parts of a check took."""

    load: float = 0.0
    rules: float = 0.0
    recall: float = 0.0
    total: float = 0.0


@dataclass(frozen=True, slots=True)
class Stats:
    """How much was looked at."""

    files: int = 0
    hunks: int = 0
    lessons: int = 0
    rules: int = 0
    rules_run: int = 0
    seconds: Seconds = Seconds()


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a lesson said nothing, or a file was not looked at: for ``--explain``."""

    subject: str  # a lesson's id or a path
    reason: str


@dataclass(frozen=True, slots=True)
class Excerpt:
    """The lines of code around a finding at head, for renderers that draw them."""

    path: str
    first_line: int
    lines: tuple[str, ...]
    added: frozenset[int]  # line numbers the change added


@dataclass(frozen=True, slots=True)
class Report:
    """A verdict with everything a renderer needs."""

    conclusion: Conclusion
    findings: tuple[
        JudgedFinding, ...
    ]  # all, observed ones too; loudest first, then by path and line
    base: str = ""
    head: str = ""
    problems: tuple[Problem, ...] = ()  # what was not looked at is among them
    stats: Stats = Stats()
    lessons: tuple[Explanation, ...] = ()  # --explain: one per lesson that did not speak
    skipped: tuple[
        Explanation, ...
    ] = ()  # --explain: files left out (generated, vendored, minified, ignored), and why
    excerpts: dict[str, Excerpt] = field(default_factory=dict)  # by fingerprint
    explain: bool = False
    not_looked_at: tuple[NotLookedAt, ...] = ()

    @property
    def shown(self) -> tuple[JudgedFinding, ...]:
        """What is said out loud: everything but the observed."""
        return tuple(judged for judged in self.findings if judged.action is not Action.OBSERVE)

    @property
    def alike(self) -> tuple[JudgedFinding, ...]:
        """What looked alike too, but not enough to be said: for one folded line."""
        return tuple(judged for judged in self.findings if judged.alike)

    @property
    def unfinished(self) -> bool:
        """Whether a guard did not come to its end: its silence means nothing, and a busy machine
        may be why.
        """
        return any(part.reason.unfinished for part in self.not_looked_at)

    @property
    def escapes(self) -> tuple[JudgedFinding, ...]:
        """What something in the change itself keeps, or tries to keep, from being said."""
        return tuple(
            judged for judged in self.findings if judged.without_escape is not Action.OBSERVE
        )

    def with_addresses(self, of: Callable[[str], str | None]) -> "Report":
        """The report in which a lesson without a post-mortem is found at its own file's page.

        ``of`` gives a lesson file's address, by the path the registry knows it by; None when it has
        none.
        """
        addressed = [
            replace(judged, url=judged.url or of(judged.lesson.source)) for judged in self.findings
        ]
        return replace(self, findings=tuple(addressed))

    def to_dict(self) -> dict[str, object]:
        """The JSON report, schema 1: plain values; with ``--explain`` also why each lesson kept
        silent and which files were left out.
        """
        values: dict[str, object] = {
            "schema": SCHEMA,
            "conclusion": str(self.conclusion),
            "base": self.base,
            "head": self.head,
            "findings": [_finding_fields(judged) for judged in self.findings],
            "problems": [_problem_fields(problem) for problem in self.problems],
            "stats": _stats_fields(self.stats),
        }
        if self.explain:
            lessons = [
                {"lesson": lesson.subject, "reason": lesson.reason} for lesson in self.lessons
            ]
            skipped = [{"path": file.subject, "reason": file.reason} for file in self.skipped]
            values["explain"] = {"lessons": lessons, "skipped": skipped}
        return values


def _finding_fields(judged: JudgedFinding) -> dict[str, object]:
    finding, lesson = judged.finding, judged.lesson
    return {
        "lesson": {
            "id": lesson.id,
            "title": lesson.title,
            "severity": str(lesson.severity),
            "url": judged.url,
        },
        "guard": str(finding.guard),
        "rule": finding.rule,
        "path": finding.path,
        "start_line": finding.start_line,
        "end_line": finding.end_line,
        "score": round(finding.score, 4),
        "action": str(judged.action),
        "headline": finding.headline,
        "why": finding.why,
        "mitigation": lesson.mitigation,
        "suggestion": finding.suggestion,
        "fingerprint": judged.fingerprint,
        **_escape_fields(judged),
    }


def _problem_fields(problem: Problem) -> dict[str, str]:
    message = f"line {problem.line}: {problem.message}" if problem.line else problem.message
    return {"path": problem.path, "message": message}


def _stats_fields(stats: Stats) -> dict[str, object]:
    seconds = stats.seconds
    times = {
        "load": seconds.load,
        "rules": seconds.rules,
        "recall": seconds.recall,
        "total": seconds.total,
    }
    return {
        "files": stats.files,
        "hunks": stats.hunks,
        "lessons": stats.lessons,
        "rules": stats.rules,
        "rules_run": stats.rules_run,
        "seconds": {name: round(value, 4) for name, value in times.items()},
    }


def _escape_fields(judged: JudgedFinding) -> dict[str, object]:
    """What the JSON report says of an escape; nothing where there is none."""
    escape = judged.finding.escape
    if escape is None:
        return {}
    until = escape.until.isoformat() if escape.until else None
    return {
        "escape": {
            "kind": str(escape.kind),
            "line": escape.line or None,
            "added": escape.added,
            "because": escape.reason or None,
            "until": until,
            "instead_of": str(judged.without_escape),
        }
    }
