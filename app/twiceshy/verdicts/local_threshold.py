"""How sure a likeness must be in one repository, after what its people said of earlier ones.

Pure: answers in, a score out. Knows neither who may answer nor where answers are kept.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import exp, log

from twiceshy.guards.recall.comparison import RECALL

LIKENESSES = frozenset({RECALL.name})
"""The guards whose claims must reach a threshold, as the store names them."""

STEP = 0.5
"""In log-odds. An alarm that was wrong at 0.92 asks for 0.95, one at 0.96 for 0.975: scores of the
same code in another place differ by about so much. A confirmation takes as much back.
"""

MOST = 0.985
"""No dismissal asks for more: what comes back almost word for word scores 0.99, and still speaks.
"""

MOST_NAMES = 3


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a likeness: a person called it wrong, or it was right."""

    at: float  # seconds since the epoch: the order is what counts
    who: str = ""  # who called it wrong; empty where it was right
    score: float = 0.0  # of what was called wrong


@dataclass(frozen=True, slots=True)
class LocalThreshold:
    """The least score that is said of a lesson in a repository, and on whose word."""

    score: float
    wrong: int  # how many dismissals
    who: tuple[str, ...]
    right: int = 0  # how many confirmations since the first of them

    def __str__(self) -> str:
        names = ", ".join(self.who[:MOST_NAMES]) + (" …" if len(self.who) > MOST_NAMES else "")
        back = f", confirmed {_times(self.right)} since" if self.right else ""
        return f"dismissed as wrong {_times(self.wrong)}, by {names}{back}"


def local_threshold(answers: Iterable[Answer]) -> LocalThreshold | None:
    """What the answers ask for, taken in the order in which they were given; None when none of
    them calls anything wrong.

    A dismissal asks for a step over what it dismissed, a confirmation after it takes a step back.
    Without an answer the rest asks for what it would have asked for alone: nothing else is kept.
    """
    asked: float | None = None
    wrong: list[str] = []
    right = 0
    for answer in sorted(answers, key=lambda answer: answer.at):
        if answer.who:
            wrong.append(answer.who)
            over = min(_log_odds(MOST), _log_odds(answer.score) + STEP)
            asked = over if asked is None else max(asked, over)
        elif asked is not None:
            asked -= STEP
            right += 1
    if asked is None:
        return None
    return LocalThreshold(_share(asked), len(wrong), tuple(dict.fromkeys(wrong)), right)


def asked_for(
    answers: Mapping[tuple[str, str], Iterable[Answer]],
) -> Mapping[tuple[str, str], LocalThreshold]:
    """The same for each lesson and guard."""
    thresholds: dict[tuple[str, str], LocalThreshold] = {}
    for name, given in answers.items():
        threshold = local_threshold(given)
        if threshold is not None:
            thresholds[name] = threshold
    return thresholds


def _log_odds(share: float) -> float:
    held = min(max(share, 1e-6), 1 - 1e-6)
    return log(held / (1 - held))


def _share(log_odds: float) -> float:
    return 1 / (1 + exp(-max(-30.0, log_odds)))


def _times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count} times")
