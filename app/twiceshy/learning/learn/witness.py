"""How today's tree uses what a proposed rule is about: in how many places it has what the failing
code lacked, and where it does not. Counts only; what follows from it is for ``proposal_kind``.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from twiceshy.learning.learn.rule_candidates import RuleCandidate
from twiceshy.learning.learn.rule_trial import Matching, Span, Trial, try_rules
from twiceshy.lessons.progress import Progress, no_progress
from twiceshy.verdicts.wilson import ONE_SIDE_95, interval

_EXCEPTIONS = ("pattern-not", "metavariable-comparison")
"""How the keys begin that say what the failing code lacked."""

_ALONE = frozenset(["pattern", "pattern-either", "pattern-regex"])
"""What may stand in a rule without others."""


@dataclass(frozen=True, slots=True)
class Support:
    """``k`` of ``n`` uses have what the failing code lacked; the fix's own place is none of
    them.
    """

    k: int = 0
    n: int = 0
    kept: tuple[Span, ...] = ()  # those that have it
    exceptions: tuple[Span, ...] = ()  # those that do not
    seen: bool = True  # whether Semgrep finished
    unread: frozenset[str] = frozenset()  # files it gave up, or could not read all of

    @property
    def sure(self) -> float:
        """The share that have it is at least this, 0..1: Wilson's bound, 19 times of 20."""
        low, _ = interval(self.k, self.n, ONE_SIDE_95)
        return low if self.n else 0.0


NOT_ASKED = Support()
"""What the tree says of a rule that it was not asked about."""


def without_exceptions(body: Matching) -> Matching:
    """A rule for every use, whether or not it has what the failing code lacked."""
    kept: dict[str, object] = {}
    for key, value in body.items():
        if key == "pattern-sanitizers":
            continue
        if key == "patterns" and isinstance(value, list):
            kept |= _together([part for part in value if not _is_exception(part)])
        elif key in ("pattern-sinks", "pattern-sources") and isinstance(value, list):
            kept[key] = [without_exceptions(part) for part in value]
        else:
            kept[key] = value
    return kept


def has_exceptions(body: Matching) -> bool:
    """Whether a rule says what would be right."""
    return without_exceptions(body) != body


def _is_exception(part: Matching) -> bool:
    return any(key.startswith(_EXCEPTIONS) for key in part)


def _together(parts: Sequence[Matching]) -> Matching:
    alone = parts[0] if len(parts) == 1 else {}
    if len(alone) == 1 and not _ALONE.isdisjoint(alone):
        return alone
    return {"patterns": list(parts)}


@dataclass(frozen=True, slots=True)
class Question:
    """What to count: the rule, and what makes up all uses, right and wrong."""

    rule: Matching
    uses: tuple[Matching, ...]


def question(candidate: RuleCandidate) -> Question:
    """Of a rule with exceptions, every use of its anchor; of one without, itself and what the fix
    has instead.
    """
    body = candidate.matching()
    if has_exceptions(body):
        return Question(body, (without_exceptions(body),))
    instead = candidate.added
    return Question(body, (body, {"pattern": instead})) if instead else Question(body, (body,))


def witness(
    questions: Sequence[Question],
    tree: Mapping[str, str],
    own: Sequence[Span],
    language: str,
    progress: Progress = no_progress,
) -> list[Support]:
    """For each question what the tree says; ``own``: places of the fix itself, which say
    nothing.
    """
    asked: list[Matching] = []
    for wanted in questions:
        asked += [wanted.rule, *wanted.uses]
    asked = _each_once(asked)
    trial = try_rules(asked, tree, language, progress)
    supports: list[Support] = []
    for wanted in questions:
        lacking = _elsewhere(trial, asked.index(wanted.rule), own)
        uses: set[Span] = set()
        given_up = trial.given_up_by(asked.index(wanted.rule))
        for use in wanted.uses:
            number = asked.index(use)
            uses |= _elsewhere(trial, number, own)
            given_up |= trial.given_up_by(number)
        support = _support(lacking, frozenset(uses), given_up)
        unread = given_up | trial.unparsed
        supports.append(replace(support, seen=not trial.broken, unread=unread))
    return supports


def _each_once(bodies: Sequence[Matching]) -> list[Matching]:
    once: dict[str, Matching] = {}
    for body in bodies:
        once.setdefault(repr(body), body)
    return list(once.values())


def _elsewhere(trial: Trial, number: int, own: Sequence[Span]) -> frozenset[Span]:
    return frozenset(_outside(trial.of(number), own))


def _outside(spans: frozenset[Span], own: Sequence[Span]) -> Iterator[Span]:
    for span in spans:
        if not any(span.within(place) for place in own):
            yield span


def _support(lacking: frozenset[Span], uses: frozenset[Span], given_up: frozenset[str]) -> Support:
    """A file that was given up bears nothing out: there the rule's silence is Semgrep's."""
    uses = frozenset(use for use in uses if use.path not in given_up)
    # a rule may match more lines than its anchor; then its use is not the same span
    kept = [use for use in uses if not any(use.meets(span) for span in lacking)]
    exceptions = sorted(lacking)
    return Support(len(kept), len(kept) + len(exceptions), tuple(sorted(kept)), tuple(exceptions))
