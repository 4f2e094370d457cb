"""Misuses of a language or its library that are known to be wrong in anybody's code, as candidates
for rules.

``known_misuses.yaml`` holds them, each with its evidence. One is proposed only for a fix that
mended it: the rule is its own author's, what a fix shows is that it happens here. Reads that file
only.
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

import yaml

from twiceshy.learning.learn.evidence import EvidencePair
from twiceshy.learning.learn.rule_candidates import Breadth, Edit, RuleCandidate
from twiceshy.learning.learn.rule_trial import Matching

_HOW = "a known misuse"
_WORD = re.compile(r"(?<![\w$])[A-Za-z_]\w*")


@dataclass(frozen=True, slots=True)
class KnownMisuse:
    """What is wrong in anybody's code, and how it is mended."""

    language: str
    wrong: tuple[Matching, ...]  # Semgrep's clauses, all of which must hold
    right: tuple[str, ...]  # patterns; one of them stands where it was mended
    instead: str  # what to do, as a rule's message says it
    bad: str
    good: str

    def mended(self) -> Matching:
        """A rule for what stands where it was mended."""
        return {"pattern-either": [{"pattern": pattern} for pattern in self.right]}

    def candidate(self) -> RuleCandidate:
        """The rule for it."""
        anchor = next(_patterns(self.wrong[:1]))
        return RuleCandidate(
            Breadth.CALL,
            _HOW,
            (("pattern", anchor),),
            Edit.KNOWN,
            self.right[0],
            known=True,
            body=json.dumps({"patterns": self.wrong}),
            instead=self.instead,
        )


@lru_cache(maxsize=1)
def known_misuses() -> tuple[KnownMisuse, ...]:
    """All of them."""
    text = (files(__package__) / "known_misuses.yaml").read_text(encoding="utf-8")
    return tuple(_known(row) for row in yaml.load(text, Loader=yaml.CSafeLoader))


def _known(row: dict[str, Any]) -> KnownMisuse:
    return KnownMisuse(**{**row, "wrong": tuple(row["wrong"]), "right": tuple(row["right"])})


def mended_by(candidate: RuleCandidate) -> Matching:
    """A rule for what stands where a known misuse was mended; KeyError for any other candidate."""
    return _by_candidate()[candidate].mended()


@lru_cache(maxsize=1)
def _by_candidate() -> dict[RuleCandidate, KnownMisuse]:
    return {misuse.candidate(): misuse for misuse in known_misuses()}


def misuses_of(pair: EvidencePair) -> list[RuleCandidate]:
    """Candidates for those that a fix may have mended: all that is asked here is whether the words
    are there, on both sides.
    """
    failed = frozenset(_WORD.findall(pair.bad))
    fixed = frozenset(_WORD.findall(pair.good))
    there: list[RuleCandidate] = []
    for candidate, misuse in _by_candidate().items():
        if misuse.language != pair.language:
            continue
        if _any_holds(_patterns(misuse.wrong[:1]), failed) and _any_holds(misuse.right, fixed):
            there.append(candidate)
    return there


def _any_holds(patterns: Iterable[str], words: frozenset[str]) -> bool:
    return any(words.issuperset(_told(pattern)) for pattern in patterns)


def _told(pattern: str) -> list[str]:
    """The names in a pattern; those in its strings are not told apart from what they say."""
    return _WORD.findall(re.sub(r'"[^"\n]*"|\'[^\'\n]*\'', "", pattern))


def _patterns(clauses: Sequence[Matching]) -> Iterator[str]:
    for clause in clauses:
        for value in clause.values():
            if isinstance(value, str):
                yield value
            elif isinstance(value, list):
                yield from _patterns(value)
