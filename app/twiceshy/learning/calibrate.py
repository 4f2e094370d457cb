"""Whether scores keep what they promise on an organisation's own outcomes, and which thresholds
would. Pure: outcomes in, figures out; reads no store and writes no settings.

Only what was said has an outcome, so nothing is known of scores under the threshold of the past,
and none under the lowest or over the highest that was judged is ever proposed.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from math import ceil, isfinite, log
from typing import TYPE_CHECKING

from twiceshy.verdicts.local_threshold import LIKENESSES
from twiceshy.verdicts.settings import RecallSettings
from twiceshy.verdicts.wilson import interval

if TYPE_CHECKING:
    import numpy as np

ENOUGH = 50
"""Judged findings before thresholds are proposed: under it a threshold moves by more than it would
correct.
"""

ENOUGH_OF_A_KIND = 10
"""Right ones, and wrong ones, among them."""

PRIOR = 20
"""How many findings the scores' own promise counts for. Of 50 judged ones it is a third of what
decides, of 1,000 nothing.
"""

MOST_COUNT = 10**9
"""Of one row."""

PLACES = 10_000
"""How many scores are told apart: what is held in memory is bounded by it."""

FINEST = 1_000
"""Thresholds have three places, rounded up."""

NEVER = 1.0
"""A threshold that no resemblance reaches."""

EDGES = (0.0, 0.5, 0.7, 0.8, 0.85, 0.9, 0.92, 0.94, 0.96, 0.97, 0.98, 0.99, 1.0)
"""Of the curve's bins; a score belongs to the bin it opens. Finer where thresholds stand."""


class LeftOut(StrEnum):
    """Why an outcome says nothing of a score."""

    EXACT = "not of a guard that compares"
    ESCAPED = "merged as they were, and nothing is known since"
    ABANDONED = "never merged"
    UNUSABLE = "without a score or an outcome that can be read"


class NoProposal(StrEnum):
    """Why no thresholds are proposed."""

    TOO_FEW = "too few"
    ONE_KIND = "one kind"
    NO_ORDER = "no order"
    OUT_OF_REACH = "out of reach"


@dataclass(frozen=True, slots=True)
class OutcomeRow:
    """How many findings of a guard and a score ended in one way."""

    guard: str
    score: float
    outcome: str  # prevented, escaped, dismissed, abandoned
    came_true: bool = False  # a later commit mended or reverted what was merged
    count: int = 1


@dataclass(frozen=True, slots=True)
class JudgedScore:
    """A score, and how often it was right and wrong."""

    score: float
    right: int = 0
    wrong: int = 0

    @property
    def count(self) -> int:
        return self.right + self.wrong


@dataclass(frozen=True, slots=True)
class Judged:
    """All that outcomes say of scores, by score; and how many say nothing, by why."""

    scores: tuple[JudgedScore, ...] = ()
    left_out: Mapping[LeftOut, int] = field(default_factory=dict)

    @property
    def right(self) -> int:
        return sum(row.right for row in self.scores)

    @property
    def wrong(self) -> int:
        return sum(row.wrong for row in self.scores)

    @property
    def count(self) -> int:
        return self.right + self.wrong

    def with_unusable(self, count: int) -> "Judged":
        """The same, and so many more that could not be read."""
        if not count:
            return self
        unusable = self.left_out.get(LeftOut.UNUSABLE, 0) + count
        return Judged(self.scores, {**self.left_out, LeftOut.UNUSABLE: unusable})

    def from_score(self, least: float, under: float = 2.0) -> "Tally":
        """What became of scores from one on, and under another."""
        rows = [row for row in self.scores if least <= row.score < under]
        count = sum(row.count for row in rows)
        promised = sum(row.score * row.count for row in rows) / count if count else 0.0
        return Tally(least, count, sum(row.right for row in rows), promised)


@dataclass(frozen=True, slots=True)
class Tally:
    """How many findings of some scores were right."""

    least: float
    count: int
    right: int
    promised: float  # the mean of their scores

    @property
    def share(self) -> float:
        return self.right / self.count if self.count else 0.0

    @property
    def between(self) -> tuple[float, float]:
        """What the true share is at 95%."""
        return interval(self.right, self.count)


@dataclass(frozen=True, slots=True)
class Calibration:
    """What came of fitting: thresholds, or why there are none."""

    judged: Judged
    promised: RecallSettings
    proposal: RecallSettings | None = None
    why_not: NoProposal | None = None
    needed: int = ENOUGH

    @property
    def curve(self) -> tuple[Tally, ...]:
        """The reliability curve: a tally for each bin that holds anything."""
        ends = (*EDGES[1:-1], 2.0)
        bins = [self.judged.from_score(*edges) for edges in zip(EDGES, ends, strict=False)]
        return tuple(row for row in bins if row.count)


def sorted_out(rows: Iterable[OutcomeRow]) -> Judged:
    """What rows say of scores, in bounded memory however many there are."""
    right: dict[float, int] = {}
    wrong: dict[float, int] = {}
    left_out: dict[LeftOut, int] = {}
    for row in rows:
        says = _says(row)
        if isinstance(says, LeftOut):
            left_out[says] = left_out.get(says, 0) + min(max(1, row.count), MOST_COUNT)
            continue
        score = round(row.score * PLACES) / PLACES
        side = right if says else wrong
        side[score] = side.get(score, 0) + row.count
    scores = sorted({*right, *wrong})
    judged = (JudgedScore(score, right.get(score, 0), wrong.get(score, 0)) for score in scores)
    return Judged(tuple(judged), left_out)


def calibrated(
    judged: Judged, promised: RecallSettings | None = None, needed: int = ENOUGH
) -> Calibration:
    """The thresholds from which on a finding is right as often as promised: at ``comment_at`` with
    the probability ``promised.comment_at``, and so with ``block_at``.

    Raises ImportError without scikit-learn, when there is enough to fit.
    """
    promised = promised or RecallSettings()
    why_not = _too_little(judged, needed)
    if why_not is not None:
        return Calibration(judged, promised, None, why_not, needed)
    fit = _platt(judged.scores)
    if fit is None:
        return Calibration(judged, promised, None, NoProposal.NO_ORDER, needed)
    comment_at = _least(judged, fit, promised.comment_at)
    if comment_at >= NEVER:
        return Calibration(judged, promised, None, NoProposal.OUT_OF_REACH, needed)
    block_at = max(comment_at, _least(judged, fit, promised.block_at))
    proposal = RecallSettings(comment_at, block_at)
    return Calibration(judged, promised, proposal, None, needed)


def _says(row: OutcomeRow) -> bool | LeftOut:
    """Whether a finding was right, or why its outcome does not tell."""
    if row.guard not in LIKENESSES:
        return LeftOut.EXACT
    if not isfinite(row.score) or not 0 < row.score <= 1 or not 0 < row.count <= MOST_COUNT:
        return LeftOut.UNUSABLE  # 0: its registry shares no score
    if row.outcome == "escaped" and not row.came_true:
        return LeftOut.ESCAPED
    told: Mapping[str, bool | LeftOut] = {
        "prevented": True,
        "escaped": True,
        "dismissed": False,
        "abandoned": LeftOut.ABANDONED,
    }
    return told.get(row.outcome, LeftOut.UNUSABLE)


def _too_little(judged: Judged, needed: int) -> NoProposal | None:
    if judged.count < needed:
        return NoProposal.TOO_FEW
    if min(judged.right, judged.wrong) < min(ENOUGH_OF_A_KIND, needed):
        return NoProposal.ONE_KIND
    return None


Fit = Callable[[Sequence[float]], "np.ndarray"]
"""Scores to the probability that they are right; never falling."""


def _least(judged: Judged, fit: Fit, promised: float) -> float:
    """The lowest threshold that keeps a promise; NEVER when none among the judged scores does."""
    lowest = ceil(judged.scores[0].score * FINEST - 1e-9)
    highest = min(FINEST - 1, ceil(judged.scores[-1].score * FINEST - 1e-9))
    candidates = [step / FINEST for step in range(lowest, highest + 1)]
    if not candidates:
        return NEVER
    for threshold, probability in zip(candidates, fit(candidates), strict=True):
        if probability >= promised:
            return threshold
    return NEVER


def _platt(scores: Sequence[JudgedScore]) -> Fit | None:
    """A line through log-odds; None when it falls. Steps of any rising shape (isotonic regression)
    need far more outcomes: of 6,000 synthetic ones they put ``block_at`` at 0.978 for 0.988.

    J. C. Platt, "Probabilistic outputs for support vector machines and comparisons to regularized
    likelihood methods", 1999. His prior counts every class alike; here it says that scores are
    right.
    """
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 - heavy, and an extra

    at, right, weight = _examples(scores)
    model = LogisticRegression(C=1e6, max_iter=1_000)
    model.fit([[_log_odds(score)] for score in at], right, sample_weight=weight)
    if model.coef_[0][0] <= 0:
        return None
    return lambda asked: model.predict_proba([[_log_odds(score)] for score in asked])[:, 1]


def _examples(
    scores: Sequence[JudgedScore],
) -> tuple[list[float], list[int], list[float]]:
    """Scores, right or not, and weights: the outcomes, and PRIOR findings that are right as often
    as their scores say.
    """
    share = PRIOR / sum(row.count for row in scores)
    at: list[float] = []
    right: list[int] = []
    weight: list[float] = []
    for row in scores:
        believed = share * row.count
        at += [row.score, row.score]
        right += [1, 0]
        weight += [row.right + believed * row.score, row.wrong + believed * (1 - row.score)]
    return at, right, weight


def _log_odds(score: float) -> float:
    held = min(max(score, 1e-5), 1 - 1e-5)
    return log(held / (1 - held))
