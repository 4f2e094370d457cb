"""Which proposed rule to keep: tried with Semgrep on the failure, its other forms, its fix, and
today's code.

The most general one that catches every failure, no fix, and nothing in today's code. Runs nothing
of the repository.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import yaml

from twiceshy.changes.change import Change, as_added
from twiceshy.guards.rules import RulesCompiler, RulesGuard
from twiceshy.learning.learn.evidence import EvidencePair
from twiceshy.learning.learn.rule_candidates import RuleCandidate, rule_candidates
from twiceshy.learning.mutations import Form, mutations
from twiceshy.lessons.index import MemoryIndex, Unit
from twiceshy.lessons.languages import example_path, language_named
from twiceshy.lessons.lesson import Lesson, Mode, Rule, Severity
from twiceshy.lessons.progress import Progress, no_progress

MOST_RUNNERS_UP = 3
FILES_AT_ONCE = 500
_KINDS = ("bad/", "good/", "form/")
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
    pairs: Sequence[EvidencePair], host: Mapping[str, str], progress: Progress = no_progress
) -> tuple[Choice, ...]:
    """One rule for all pairs where there is one, else one for each: a lesson's rules must catch all
    of its evidence.
    """
    together = choose(pairs, host, progress)
    if together.winner or len(pairs) == 1:
        return (together,)
    return tuple(choose([pair], host, progress) for pair in pairs)


def choose(
    pairs: Sequence[EvidencePair], host: Mapping[str, str], progress: Progress = no_progress
) -> Choice:
    """The best rule for these pairs of one language; ``host``: today's files, path to text."""
    language = pairs[0].language
    pairs = [pair for pair in pairs if pair.language == language]
    proposed = list(
        dict.fromkeys(
            each for pair in pairs for each in rule_candidates(pair.bad, pair.good, language)
        )
    )
    if not proposed:
        return Choice(None, (), 0, 0, 0)
    shown = _shown(pairs)
    red = fired(proposed, shown, language)
    bad, good, forms = (
        [red.get(path, set()) for path in shown if path.startswith(kind)] for kind in _KINDS
    )
    sound = [
        at
        for at in range(len(proposed))
        if all(at in each for each in bad) and not any(at in each for each in good)
    ]
    today = _today([proposed[at] for at in sound], host, language, progress) if sound else {}
    hits = {
        at: tuple(sorted(path for path, rules in today.items() if place in rules))
        for place, at in enumerate(sound)
    }
    tried = [TriedRule(proposed[at], sum(at in each for each in forms), hits[at]) for at in sound]
    tried.sort(key=_best)
    winner = tried[0] if tried and not tried[0].hits else None
    return Choice(winner, tuple(_runners_up(tried, winner)), len(proposed), len(sound), len(forms))


def _runners_up(tried: Sequence[TriedRule], winner: TriedRule | None) -> Iterator[TriedRule]:
    """Other patterns, the most general first: one that fires today may have found the next
    incident.
    """
    told = {winner.candidate.patterns[0]} if winner else set()
    for each in sorted(tried, key=lambda each: (-each.candidate.breadth, len(each.hits))):
        if len(told) - bool(winner) < MOST_RUNNERS_UP and each.candidate.patterns[0] not in told:
            told.add(each.candidate.patterns[0])
            yield each


def _today(
    proposed: Sequence[RuleCandidate], host: Mapping[str, str], language: str, progress: Progress
) -> dict[str, set[int]]:
    """Where the candidates fire in today's code, some files at a time: that bounds memory and shows
    how far it is.
    """
    found: dict[str, set[int]] = {}
    paths = sorted(host)
    for at in range(0, len(paths), FILES_AT_ONCE):
        progress("trying rules on today's code", at, len(paths))
        found |= fired(
            proposed, {path: host[path] for path in paths[at : at + FILES_AT_ONCE]}, language
        )
    return found


def _best(tried: TriedRule) -> tuple[bool, int, int, int, str]:
    """Silent today, then sure in other forms, then general, then short."""
    length = sum(len(text) for _, text in tried.candidate.patterns)
    return (
        bool(tried.hits),
        -tried.forms,
        -tried.candidate.breadth,
        length,
        repr(tried.candidate.patterns),
    )


def _shown(pairs: Sequence[EvidencePair]) -> dict[str, str]:
    texts: dict[str, str] = {}
    for at, pair in enumerate(pairs):
        name = example_path(pair.language)
        texts[f"bad/{at}/{name}"], texts[f"good/{at}/{name}"] = pair.bad, pair.good
        for number, each in enumerate(mutations(pair.bad, pair.language, name)):
            if each.form is not Form.AS_IT_WAS:
                texts[f"form/{at}.{number}/{name}"] = each.code
    return texts


def fired(
    proposed: Sequence[RuleCandidate], texts: Mapping[str, str], language: str
) -> dict[str, set[int]]:
    """By path, which candidates (by their place) fire there; one Semgrep cannot read never does."""
    rules = tuple(
        _rule(each, f"trial-{at}", "TRIAL", language, "trial") for at, each in enumerate(proposed)
    )
    index = MemoryIndex([Unit(_TRIAL, rules)], [RulesCompiler()])
    change = Change(tuple(as_added(path, text) for path, text in texts.items()), texts.get)
    found: dict[str, set[int]] = {}
    for finding in RulesGuard().check(change, index).findings:
        found.setdefault(finding.path, set()).add(int((finding.rule or "-0").rsplit("-", 1)[1]))
    return found


def _rule(candidate: RuleCandidate, name: str, lesson: str, language: str, message: str) -> Rule:
    return Rule(
        name,
        lesson,
        (_semgrep_name(language),),
        json.dumps(_document(candidate, name, lesson, language, message)),
        "",
        0,
    )


def _document(
    candidate: RuleCandidate, name: str, lesson: str, language: str, message: str
) -> dict[str, object]:
    patterns: list[dict[str, str]] = [{kind: text} for kind, text in candidate.patterns]
    matching: dict[str, object] = (
        dict(patterns[0]) if len(patterns) == 1 else {"patterns": patterns}
    )
    head: dict[str, object] = {
        "id": name,
        "languages": [_semgrep_name(language)],
        "severity": "ERROR",
        "message": message,
    }
    return {**head, "metadata": {"lesson": lesson}, **matching}


def _semgrep_name(language: str) -> str:
    return language_named(language).semgrep or language


def rule_file(winners: Sequence[RuleCandidate], lesson: str, title: str, language: str) -> str:
    """The chosen rules as a file a person reads on."""
    message = f"{title}. What to do instead: ..."
    rules = [
        _document(each, f"{lesson.lower()}-{at}", lesson, language, message)
        for at, each in enumerate(winners, 1)
    ]
    text = yaml.dump(
        {"rules": rules}, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110
    )
    how = "; ".join(dict.fromkeys(each.how for each in winners))
    return f"# Proposed from the fix ({' '.join(how.split())}). It guards once the lesson's mode is no longer draft.\n{text}"


class _Dumper(yaml.SafeDumper):
    """Patterns of several lines stand as they are written."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar(
        "tag:yaml.org,2002:str", text, style="|" if "\n" in text else None
    )


_Dumper.add_representer(str, _text)
