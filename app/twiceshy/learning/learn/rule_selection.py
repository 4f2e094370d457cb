"""Which proposed rule to keep: tried with Semgrep on the failure, its other forms, its fix, and
today's code.

The most general one that catches every failure, no fix, and nothing in today's code. Runs nothing
of the repository.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import starmap

import yaml

from twiceshy.changes.change import Change, as_added
from twiceshy.guards.rules import RulesCompiler, RulesGuard
from twiceshy.learning.learn.evidence import EvidencePair
from twiceshy.learning.learn.generalise import generalised
from twiceshy.learning.learn.rule_candidates import RuleCandidate, rule_candidates
from twiceshy.learning.mutations import Form, mutations
from twiceshy.lessons.index import MemoryIndex, Unit
from twiceshy.lessons.languages import example_path, language_named
from twiceshy.lessons.lesson import Lesson, Mode, Rule, Severity
from twiceshy.lessons.progress import Progress, no_progress

MOST_RUNNERS_UP = 3
FILES_AT_ONCE = 500
_TRIAL = Lesson("TRIAL", "", date(2000, 1, 1), Severity.HIGH, Mode.BLOCK, "")


@dataclass(frozen=True, slots=True)
class TriedRule:
    """A candidate and what it did."""

    candidate: RuleCandidate
    forms: int  # of the failure's other forms, how many it caught
    hits: tuple[str, ...]  # places of today's code where it fires


@dataclass(frozen=True, slots=True)
class Choice:
    """The rule to keep, if any is worth it, and what it was chosen from."""

    winner: TriedRule | None
    runners_up: tuple[TriedRule, ...]
    tried: int
    caught: int  # candidates that caught every failure and no fix
    forms: int  # in how many other forms the failures were shown


def choose_all(
    pairs: Sequence[EvidencePair],
    host: Mapping[str, str],
    progress: Progress = no_progress,
    siblings: Sequence[EvidencePair] = (),
) -> tuple[Choice, ...]:
    """One rule for all pairs where there is one, else one for each: a lesson's rules must catch all
    of its evidence. ``siblings``: other fixes that made the same edit, to generalise over.
    """
    together = choose(pairs, host, progress, siblings)
    if together.winner or len(pairs) == 1:
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
    proposed = _proposed(pairs, siblings)
    if not proposed:
        return Choice(None, (), 0, 0, 0)
    shown = _shown(pairs)
    red = _Fired(shown, fired(proposed, shown, language))
    sound = red.sound(len(proposed))
    hits = _hits(list(map(proposed.__getitem__, sound)), host, language, progress)
    tried: list[TriedRule] = []
    for number, places in zip(sound, hits, strict=True):
        tried.append(TriedRule(proposed[number], red.forms_caught(number), tuple(places)))
    tried.sort(key=_best)
    winner = tried[0] if tried and not tried[0].hits else None
    runners_up = tuple(_runners_up(tried, winner))
    return Choice(winner, runners_up, len(proposed), len(sound), len(red.forms))


class _Fired:
    """Which candidates, by number, fire on each failing text, fixed text and form of a failure."""

    def __init__(self, shown: Iterable[str], numbers_on: Mapping[str, set[int]]) -> None:
        self.bad: list[set[int]] = []
        self.good: list[set[int]] = []
        self.forms: list[set[int]] = []
        for path in shown:
            kind, _, _ = path.partition("/")
            side = {"bad": self.bad, "good": self.good, "form": self.forms}[kind]
            side.append(numbers_on.get(path, set()))

    def sound(self, count: int) -> list[int]:
        """Those of so many that catch every failure and no fix."""
        return sorted(set(range(count)).intersection(*self.bad).difference(*self.good))

    def forms_caught(self, number: int) -> int:
        """How many of the forms a candidate catches."""
        return sum(number in numbers for numbers in self.forms)


def _proposed(
    pairs: Sequence[EvidencePair], siblings: Sequence[EvidencePair] = ()
) -> list[RuleCandidate]:
    """The candidates of all pairs, each once; first what they have in common."""
    proposed = dict.fromkeys(generalised([*pairs, *siblings]))
    for pair in pairs:
        proposed |= dict.fromkeys(rule_candidates(pair.bad, pair.good, pair.language))
    return list(proposed)


def _hits(
    sound: Sequence[RuleCandidate], host: Mapping[str, str], language: str, progress: Progress
) -> list[list[str]]:
    """For each candidate the places of today's code where it fires."""
    hits: list[list[str]] = [[] for _ in sound]
    today = _today(sound, host, language, progress) if sound else {}
    for path in sorted(today):
        for place in today[path]:
            hits[place].append(path)
    return hits


def _runners_up(tried: Sequence[TriedRule], winner: TriedRule | None) -> Iterator[TriedRule]:
    """Other patterns, the most general first: one that fires today may have found the next
    incident.
    """
    patterns = {winner.candidate.patterns[0]} if winner else set()
    most = MOST_RUNNERS_UP + len(patterns)
    for rule in sorted(tried, key=lambda rule: (-rule.candidate.breadth, len(rule.hits))):
        pattern = rule.candidate.patterns[0]
        if len(patterns) < most and pattern not in patterns:
            patterns.add(pattern)
            yield rule


def _today(
    proposed: Sequence[RuleCandidate], host: Mapping[str, str], language: str, progress: Progress
) -> dict[str, set[int]]:
    """Where the candidates fire in today's code, some files at a time: that bounds memory and shows
    how far it is.
    """
    today: dict[str, set[int]] = {}
    paths = sorted(host)
    for start in range(0, len(paths), FILES_AT_ONCE):
        progress("trying rules on today's code", start, len(paths))
        texts = {path: host[path] for path in paths[start : start + FILES_AT_ONCE]}
        today |= fired(proposed, texts, language)
    return today


def _best(tried: TriedRule) -> tuple[bool, int, int, int, str]:
    """Silent today, then sure in other forms, then general, then short."""
    patterns = tried.candidate.patterns
    length = 0
    for _, text in patterns:
        length += len(text)
    return bool(tried.hits), -tried.forms, -tried.candidate.breadth, length, repr(patterns)


def _shown(pairs: Sequence[EvidencePair]) -> dict[str, str]:
    texts: dict[str, str] = {}
    for place, pair in enumerate(pairs):
        name = example_path(pair.language)
        texts[f"bad/{place}/{name}"], texts[f"good/{place}/{name}"] = pair.bad, pair.good
        for number, mutation in enumerate(mutations(pair.bad, pair.language, name)):
            if mutation.form is not Form.AS_IT_WAS:
                texts[f"form/{place}.{number}/{name}"] = mutation.code
    return texts


def fired(
    proposed: Sequence[RuleCandidate], texts: Mapping[str, str], language: str
) -> dict[str, set[int]]:
    """By path, which candidates (by their place) fire there; one Semgrep cannot read never does."""
    rules: list[Rule] = []
    for number, candidate in enumerate(proposed):
        rules.append(_rule(candidate, f"trial-{number}", "TRIAL", language, "trial"))
    index = MemoryIndex([Unit(_TRIAL, tuple(rules))], [RulesCompiler()])
    change = Change(tuple(starmap(as_added, texts.items())), texts.get)
    numbers: dict[str, set[int]] = {}
    for finding in RulesGuard().check(change, index).findings:
        _, _, place = (finding.rule or "-0").rpartition("-")
        numbers.setdefault(finding.path, set()).add(int(place))
    return numbers


def _rule(candidate: RuleCandidate, name: str, lesson: str, language: str, message: str) -> Rule:
    document = json.dumps(_document(candidate, name, lesson, language, message))
    return Rule(name, lesson, (_semgrep_name(language),), document, "", 0)


def _document(
    candidate: RuleCandidate, name: str, lesson: str, language: str, message: str
) -> dict[str, object]:
    head: dict[str, object] = {
        "id": name,
        "languages": [_semgrep_name(language)],
        "severity": "ERROR",
        "message": message,
    }
    return {**head, "metadata": {"lesson": lesson}, **candidate.matching()}


def _semgrep_name(language: str) -> str:
    return language_named(language).semgrep or language


def rule_file(winners: Sequence[RuleCandidate], lesson: str, title: str, language: str) -> str:
    """The chosen rules as a file a person reads on."""
    message = f"{title}. What to do instead: ..."
    rules: list[dict[str, object]] = []
    for number, candidate in enumerate(winners, start=1):
        name = f"{lesson.lower()}-{number}"
        rules.append(_document(candidate, name, lesson, language, message))
    text = yaml.dump(
        {"rules": rules}, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110
    )
    how = " ".join("; ".join(dict.fromkeys(candidate.how for candidate in winners)).split())
    head = f"# Proposed from the fix ({how}). It guards once the lesson's mode is no longer draft."
    return f"{head}\n{text}"


class _Dumper(yaml.SafeDumper):
    """Patterns of several lines stand as they are written."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar(
        "tag:yaml.org,2002:str", text, style="|" if "\n" in text else None
    )


_Dumper.add_representer(str, _text)
