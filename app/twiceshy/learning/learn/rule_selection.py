"""Which proposed rule to keep: tried with Semgrep on the failure, its other forms, its fix, and
today's code.

Only one that says more than *this line again* is kept: of those the one that today's code bears
out most. Runs nothing of the repository.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import NamedTuple

from twiceshy.learning.learn.evidence import EvidencePair, is_test
from twiceshy.learning.learn.fix_place import FixPlace, fix_place
from twiceshy.learning.learn.generalise import generalised
from twiceshy.learning.learn.imported_names import library_names
from twiceshy.learning.learn.known_misuses import mended_by, misuses_of
from twiceshy.learning.learn.proposal_kind import (
    Judgement,
    Kind,
    Surroundings,
    Why,
    at_first_sight,
    called_name,
    is_line,
    judge,
)
from twiceshy.learning.learn.rule_candidates import RuleCandidate, candidates_of
from twiceshy.learning.learn.rule_trial import Span, Trial, try_rules
from twiceshy.learning.learn.witness import NOT_ASKED, Support, question, witness
from twiceshy.learning.mutations import Form, mutations
from twiceshy.lessons.languages import example_path, language_of_path
from twiceshy.lessons.progress import Progress, no_progress

MOST_RUNNERS_UP = 3
MOST_TRIED_ON_TREE = 30
"""The tree is asked about so many candidates; each costs a run of its anchor too."""


@dataclass(frozen=True, slots=True)
class TriedRule:
    """A candidate and what it did."""

    candidate: RuleCandidate
    forms: int  # of the failure's other forms, how many it caught
    judgement: Judgement
    support: Support = NOT_ASKED

    @property
    def hits(self) -> tuple[Span, ...]:
        """Places of today's code, other than the fix's own, where it fires."""
        return self.support.exceptions


@dataclass(frozen=True, slots=True)
class Choice:
    """The rule to keep, if any is worth it, and what it was chosen from."""

    winner: TriedRule | None
    runners_up: tuple[TriedRule, ...]
    tried: int
    caught: int  # candidates that caught every failure and no fix
    forms: int  # in how many other forms the failures were shown
    why: Why | None = None  # of the best candidate; None: none told the failure from its fix
    pieces: tuple[EvidencePair, ...] = ()  # what the rule was chosen for
    unread: tuple[str, ...] = ()  # files of today that Semgrep gave up, or read in part


def choose_all(
    pairs: Sequence[EvidencePair],
    host: Mapping[str, str],
    progress: Progress = no_progress,
    siblings: Sequence[EvidencePair] = (),
) -> tuple[Choice, ...]:
    """One rule for all pairs where there is one, else one for each that has one: a piece without
    a rule takes nothing from the others. ``host``: today's files, path to text. ``siblings``:
    other fixes that made the same edit, to generalise over.
    """
    alike = len({pair.language for pair in pairs}) == 1
    if alike and len(pairs) > 1:
        together = choose(pairs, host, progress, siblings)
        if together.winner:
            return (together,)
    return tuple(choose([pair], host, progress, siblings) for pair in pairs)


def choose(
    pairs: Sequence[EvidencePair],
    host: Mapping[str, str],
    progress: Progress = no_progress,
    siblings: Sequence[EvidencePair] = (),
) -> Choice:
    """The best rule for these pairs of one language; ``host``: today's files, path to text."""
    language = pairs[0].language
    pairs = [pair for pair in pairs if pair.language == language]
    known = _known(pairs)
    candidates = [*known, *_proposed(pairs, siblings)]
    # the failing line again is never written: it need not be tried
    proposed = [candidate for candidate in candidates if not is_line(candidate)]
    if not proposed:
        why = Why.LINE if candidates else None
        return Choice(None, (), len(candidates), 0, 0, why, tuple(pairs))
    shown = _Shown(pairs)
    bodies = [candidate.matching() for candidate in proposed]
    mended = [mended_by(candidate) for candidate in known]
    trial = try_rules([*bodies, *mended], shown.texts, language)
    if trial.broken:
        return Choice(None, (), len(proposed), 0, len(shown.forms), Why.NOT_TRIED, tuple(pairs))
    gone: set[RuleCandidate] = set()  # known misuses that went with their code, and were not mended
    for number, candidate in enumerate(known, start=len(proposed)):
        if not shown.came(trial.of(number)):
            gone.add(candidate)
    sound = shown.sound(trial, len(proposed))
    sound = [number for number in sound if proposed[number] not in gone]
    tried: list[TriedRule] = []
    for number in sound:
        refused = at_first_sight(proposed[number], language)
        judgement = refused or Judgement(Kind.TRIPWIRE, Why.UNSEEN)
        tried.append(TriedRule(proposed[number], shown.forms_caught(trial, number), judgement))
    tried = _on_tree(tried, pairs, host, progress)
    unread = frozenset[str]().union(*(rule.support.unread for rule in tried))
    tried.sort(key=_best)
    winner = tried[0] if tried and tried[0].judgement.is_written else None
    return Choice(
        winner,
        tuple(_runners_up(tried, winner)),
        len(proposed),
        len(sound),
        len(shown.forms),
        tried[0].judgement.why if tried else _why_none_is_sound(shown, trial),
        tuple(pairs),
        tuple(sorted(unread)),
    )


def _why_none_is_sound(shown: "_Shown", trial: Trial) -> Why | None:
    """Where Semgrep gave up on what was shown, nobody knows what it would have told apart."""
    given_up = [path for _, path in trial.gave_up if path not in shown.forms]
    return Why.NOT_TRIED if given_up else None


def _on_tree(
    tried: Sequence[TriedRule],
    pairs: Sequence[EvidencePair],
    host: Mapping[str, str],
    progress: Progress,
) -> list[TriedRule]:
    """With what today's code says of those that are worth asking about."""
    refused = [rule for rule in tried if rule.judgement.why is not Why.UNSEEN]
    open_rules = [rule for rule in tried if rule.judgement.why is Why.UNSEEN]
    open_rules = sorted(open_rules, key=_best)[:MOST_TRIED_ON_TREE]
    if not open_rules:
        return refused
    language = pairs[0].language
    tree = {path: text for path, text in host.items() if not is_test(path)}
    own: list[Span] = []
    libraries: set[str] = set()
    for pair in pairs:
        libraries |= library_names(pair.before or pair.bad, language, host)
        if place := fix_place(pair):
            tree[pair.path] = pair.after
            own.append(Span(pair.path, *place.after))
    questions = [question(rule.candidate) for rule in open_rules]
    supports = witness(questions, tree, own, language, progress)
    names = {called_name(rule.candidate) for rule in open_rules}
    fixed = [pair.good for pair in pairs]
    around = Surroundings(language, libraries, _standing(names, (*tree.values(), *fixed)))
    # the same edit in several places: each is a use that has it now
    again = len(pairs) - 1
    for rule, seen in zip(open_rules, supports, strict=True):
        support = replace(seen, k=seen.k + again, n=seen.n + again)
        judgement = judge(rule.candidate, support, around)
        refused.append(replace(rule, judgement=judgement, support=support))
    return refused


def _standing(names: Set[str], texts: Iterable[str]) -> frozenset[str]:
    """Those of some names that stand in one of the texts."""
    standing: set[str] = set()
    for text in texts:
        standing.update(name for name in names - standing if name in text)
    return frozenset(standing)


class _Texts(NamedTuple):
    """The same text, as it failed and as it was fixed: their paths in a trial."""

    failed: str
    fixed: str


def _came(spans: Iterable[Span], pair: EvidencePair, failed: str, fixed: str) -> bool:
    here = [span for span in spans if span.path == fixed]
    if pair.added and fixed.startswith("after/"):
        return any(_on_lines(span, pair.added) for span in here)
    return len(here) > sum(span.path == failed for span in spans)


def _on_lines(span: Span, lines: Iterable[int]) -> bool:
    return any(span.start <= line <= span.end for line in lines)


class _Shown:
    """The texts that a rule must tell apart: what failed and what fixed it, as pieces and in their
    whole files, and other forms of what failed.
    """

    def __init__(self, pairs: Sequence[EvidencePair]) -> None:
        self.texts: dict[str, str] = {}
        self.forms: list[str] = []
        self._bad: list[str] = []
        self._good: list[str] = []
        self._whole: list[tuple[str, str, FixPlace]] = []
        self._pieces: list[tuple[EvidencePair, _Texts]] = []
        for number, pair in enumerate(pairs):
            self._add(number, pair)

    def _add(self, number: int, pair: EvidencePair) -> None:
        name = _name(pair)
        self._bad.append(self._text(f"bad/{number}/{name}", pair.bad))
        self._good.append(self._text(f"good/{number}/{name}", pair.good))
        texts = _Texts(self._bad[-1], self._good[-1])
        if place := fix_place(pair):
            before = self._text(f"before/{number}/{name}", pair.before)
            after = self._text(f"after/{number}/{name}", pair.after)
            self._whole.append((before, after, place))
            texts = _Texts(before, after)
        self._pieces.append((pair, texts))
        for form, mutation in enumerate(mutations(pair.bad, pair.language, name)):
            if mutation.form is not Form.AS_IT_WAS:
                self.forms.append(self._text(f"form/{number}.{form}/{name}", mutation.code))

    def _text(self, path: str, text: str) -> str:
        self.texts[path] = text
        return path

    def sound(self, trial: Trial, count: int) -> list[int]:
        """Those of so many rules that catch every failure and no fix."""
        told: list[int] = []
        for number in range(count):
            silent = trial.given_up_by(number).isdisjoint(self._fixed())
            if silent and self._tells_apart(trial.of(number)):
                told.append(number)
        return told

    def _fixed(self) -> list[str]:
        """Where a rule must be silent."""
        return [*self._good, *(after for _, after, _ in self._whole)]

    def _tells_apart(self, spans: Iterable[Span]) -> bool:
        red = {span.path for span in spans}
        if not red.issuperset(self._bad) or not red.isdisjoint(self._good):
            return False
        for before, after, place in self._whole:
            failed = [span for span in spans if span.path == before]
            fixed = [span for span in spans if span.path == after]
            if not any(place.before.touches(span.start, span.end) for span in failed):
                return False
            if any(place.after.touches(span.start, span.end) for span in fixed):
                return False
        return True

    def came(self, spans: Iterable[Span]) -> bool:
        """Whether each fix brought one of these matches: on lines that it added where those are
        known, else in what it shows more than in what failed.
        """
        return all(_came(spans, pair, *texts) for pair, texts in self._pieces)

    def forms_caught(self, trial: Trial, number: int) -> int:
        """In how many other forms of the failure a rule matches."""
        red = {span.path for span in trial.of(number)}
        return len(red.intersection(self.forms))


def _name(pair: EvidencePair) -> str:
    """A file name that Semgrep takes for the pair's language."""
    name = PurePosixPath(pair.path).name
    return name if language_of_path(name) == pair.language else example_path(pair.language)


def _proposed(
    pairs: Sequence[EvidencePair], siblings: Sequence[EvidencePair] = ()
) -> list[RuleCandidate]:
    """The candidates of all pairs, each once; first what they have in common."""
    proposed = dict.fromkeys(generalised([*pairs, *siblings]))
    for pair in pairs:
        proposed |= dict.fromkeys(candidates_of(pair))
    return list(proposed)


def _known(pairs: Sequence[EvidencePair]) -> list[RuleCandidate]:
    """Known misuses that all of the pairs may hold."""
    shared = list(misuses_of(pairs[0]))
    for pair in pairs[1:]:
        there = misuses_of(pair)
        shared = [candidate for candidate in shared if candidate in there]
    return shared


def _runners_up(tried: Sequence[TriedRule], winner: TriedRule | None) -> Iterator[TriedRule]:
    """Other patterns, the most general first: one that fires today may have found the next
    incident.
    """
    anchors = {winner.candidate.anchor} if winner else set()
    most = MOST_RUNNERS_UP + len(anchors)
    for rule in sorted(tried, key=lambda rule: (-rule.candidate.breadth, len(rule.hits))):
        anchor = rule.candidate.anchor
        if len(anchors) < most and anchor not in anchors:
            anchors.add(anchor)
            yield rule


_WORTH = {why: place for place, why in enumerate(Why)}


def _best(tried: TriedRule) -> tuple[int, float, int, int, int, str]:
    """What is worth most, borne out most, sure in other forms, general, short."""
    patterns = tried.candidate.patterns
    length = sum(len(text) for _, text in patterns)
    return (
        _WORTH[tried.judgement.why],
        -tried.support.sure,
        -tried.forms,
        -tried.candidate.breadth,
        length,
        repr(patterns),
    )


def fired(
    proposed: Sequence[RuleCandidate], texts: Mapping[str, str], language: str
) -> dict[str, set[int]]:
    """By path, which candidates (by their place) fire there; one Semgrep cannot read never does."""
    trial = try_rules([candidate.matching() for candidate in proposed], texts, language)
    numbers: dict[str, set[int]] = {}
    for number, spans in trial.matches.items():
        for span in spans:
            numbers.setdefault(span.path, set()).add(number)
    return numbers
