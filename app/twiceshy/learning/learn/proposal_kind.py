"""What a proposed rule is worth: an invariant, a misuse of an API, or no more than a tripwire.

Pure. A tripwire (this line again) is not written: recall and safeguards watch that better.
"""

import re
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from enum import StrEnum

from twiceshy.learning.learn.hollowness import givers, is_everybodys, telling_names
from twiceshy.learning.learn.rule_candidates import Breadth, Edit, RuleCandidate
from twiceshy.learning.learn.witness import Support, has_exceptions

FEWEST_USES = 3
SURE_SHARE = 0.5
"""The least share of uses that must have it, 19 times of 20: 3 of 3, 6 of 7, 10 of 13."""

SURE_OF_COMMON = 0.8
"""The same where the anchor is everybody's: 11 of 11, 20 of 21."""

FEWEST_GIVERS = 5
"""Public projects that give an argument, for its absence to be a misuse."""

MOST_STANDING = 8
"""Places of today's tree that may do a known misuse still; where there are more, and most do it,
it is how the project writes.
"""

_ANY_CALL = "(...)"
_CALLED = re.compile(r"(?<![\w$])((?:[A-Za-z_]\w*\.)*[A-Za-z_]\w*)\(")
_NAME = re.compile(r"(?<![\w$])[A-Za-z_]\w*")
_GIVEN = re.compile(r"\.\.\., ([A-Za-z_]\w*)=\$[A-Z_0-9]+, \.\.\.")


class Kind(StrEnum):
    """What a rule says."""

    INVARIANT = "invariant"  # the tree bears it out
    API_MISUSE = "api misuse"  # a call's shape, true anywhere
    TRIPWIRE = "tripwire"  # this line again


class Why(StrEnum):
    """Why it is of its kind; the surest to be worth a person's eye first."""

    KNOWN_MISUSE = "known misuse"
    SUPPORTED = "supported"
    KNOWN_ARGUMENT = "known argument"
    UNSEEN = "unseen"
    CONTRADICTED = "contradicted"
    ALONE = "alone"
    GONE = "gone"
    HOLLOW = "hollow"
    NO_EXCEPTION = "no exception"
    LINE = "line"
    NOT_TRIED = "not tried"


@dataclass(frozen=True, slots=True)
class Judgement:
    """A kind and its reason."""

    kind: Kind
    why: Why

    @property
    def is_written(self) -> bool:
        """Whether it is more than a tripwire."""
        return self.kind is not Kind.TRIPWIRE


def is_line(candidate: RuleCandidate) -> bool:
    """Whether it is the failing line again, however general its names and literals."""
    return candidate.edit is Edit.LINE or candidate.breadth <= Breadth.ANY_LITERALS


def at_first_sight(candidate: RuleCandidate, language: str) -> Judgement | None:
    """Why a candidate need not be tried on the tree; None: the tree decides."""
    if candidate.known:
        return None
    if not has_exceptions(candidate.matching()) and not _telling_instead(candidate, language):
        return Judgement(Kind.TRIPWIRE, Why.NO_EXCEPTION)
    added = list(added_names(candidate))
    hollow = not telling_names(candidate.anchor, language)
    if (
        hollow
        and added
        and not _given(candidate)
        and all(is_everybodys(name, language) for name in added)
    ):
        return Judgement(Kind.TRIPWIRE, Why.HOLLOW)
    return None


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is known of the code around a fix."""

    language: str
    libraries: Set[str]  # names that the failing file imports from one
    standing: Set[str]  # of the names that the candidates call, those in today's code


def judge(candidate: RuleCandidate, support: Support, around: Surroundings) -> Judgement:
    """What the tree makes of a candidate that was worth asking about."""
    if not support.seen:
        return Judgement(Kind.TRIPWIRE, Why.UNSEEN)
    if candidate.known:
        return _of_known(candidate, support)
    if _is_gone(candidate, around):
        return Judgement(Kind.TRIPWIRE, Why.GONE)
    hollow = not telling_names(candidate.anchor, around.language)
    sure_share = SURE_OF_COMMON if hollow else SURE_SHARE
    if support.n >= FEWEST_USES and support.sure >= sure_share:
        return Judgement(Kind.INVARIANT, Why.SUPPORTED)
    if support.n >= FEWEST_USES and 2 * support.k < support.n:
        return Judgement(Kind.TRIPWIRE, Why.CONTRADICTED)
    if _is_known_misuse(candidate, around):
        return Judgement(Kind.API_MISUSE, Why.KNOWN_ARGUMENT)
    return Judgement(Kind.TRIPWIRE, Why.ALONE)


def _of_known(candidate: RuleCandidate, support: Support) -> Judgement:
    """What is wrong in any code is wrong here too, unless most of the tree is written that way."""
    is_counted = bool(candidate.added)  # else much that is right has the same shape
    if is_counted and len(support.exceptions) > MOST_STANDING and 2 * support.k < support.n:
        return Judgement(Kind.TRIPWIRE, Why.CONTRADICTED)
    return Judgement(Kind.API_MISUSE, Why.KNOWN_MISUSE)


def _is_gone(candidate: RuleCandidate, around: Surroundings) -> bool:
    """Whether what was called is no more: who calls it again is told by the compiler."""
    called = _CALLED.search(candidate.anchor)
    if called is None or called[1].split(".")[0] in around.libraries:
        return False
    return called_name(candidate) not in around.standing


def called_name(candidate: RuleCandidate) -> str:
    """The last name of what a candidate's anchor calls first; empty when it calls nothing."""
    called = _CALLED.search(candidate.anchor)
    return called[1].rpartition(".")[2] if called else ""


def added_names(candidate: RuleCandidate) -> Iterator[str]:
    """Names of what would be right that are not in what is wrong."""
    there = set(_NAME.findall(candidate.anchor))
    for text in (candidate.added, *_texts(candidate.matching(), within_exception=False)):
        for name in _NAME.findall(text):
            if name not in there:
                yield name


def _texts(node: object, *, within_exception: bool) -> Iterator[str]:
    """The patterns under a rule's exceptions."""
    if isinstance(node, str) and within_exception:
        yield node
    elif isinstance(node, Mapping):
        for key, part in node.items():
            excepted = within_exception or key.startswith(("pattern-not", "pattern-sanitizers"))
            yield from _texts(part, within_exception=excepted)
    elif isinstance(node, list):
        for part in node:
            yield from _texts(part, within_exception=within_exception)


def _telling_instead(candidate: RuleCandidate, language: str) -> list[str]:
    """Names of what the fix has instead that are not everybody's, nor in what failed; none where
    the two are not equally general, and so cannot be counted together.
    """
    if not (candidate.anchor.endswith(_ANY_CALL) and candidate.added.endswith(_ANY_CALL)):
        return []
    there = set(_NAME.findall(candidate.anchor))
    return [name for name in telling_names(candidate.added, language) if name not in there]


def _given(candidate: RuleCandidate) -> list[str]:
    """Arguments that the fix gave, whatever their value."""
    given: list[str] = []
    for text in _texts(candidate.matching(), within_exception=False):
        given += _GIVEN.findall(text)
    return given


def _is_known_misuse(candidate: RuleCandidate, around: Surroundings) -> bool:
    """A library's call that lacks an argument which public code gives it."""
    called = _CALLED.match(candidate.anchor)
    if called is None or around.language != "python":
        return False
    name = called[1]
    if name.split(".")[0] not in around.libraries:
        return False
    return any(givers(name, keyword) >= FEWEST_GIVERS for keyword in _given(candidate))
