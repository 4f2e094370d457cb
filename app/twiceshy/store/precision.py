"""Whether a lesson has earned its voice: pure arithmetic over what people said."""

from math import log

from twiceshy.store.feedback import FeedbackTotals
from twiceshy.verdicts.wilson import ONE_SIDE_95, interval

FEWEST = 10
"""People who have judged a lesson before any of it is acted on (DESIGN section 6)."""


def lower_bound(useful: float, count: int) -> float:
    """The lower bound of a share at one-sided 95%, 0 without any."""
    return interval(useful, count, ONE_SIDE_95)[0]


MOST_CAUTION = 1.0
"""In log-odds: a threshold of 0.90 rises to 0.96 and sinks to 0.77 at most."""

LEAST_CAUTION = 1e-6


def caution(judged: FeedbackTotals) -> tuple[float, str] | None:
    """How much surer recall must be of a lesson, in log-odds, and why; None while nobody judged it,
    or opinions balance.
    """
    wrong, useful = judged.all - judged.useful, judged.useful + judged.mended
    shift = max(-MOST_CAUTION, min(MOST_CAUTION, log((wrong + 1) / (useful + 1)) / 2))
    if abs(shift) < LEAST_CAUTION:
        return None
    if shift > 0:
        return shift, f"{_share(wrong, judged.all)} was not useful"
    said = [f"{_share(judged.useful, judged.all)} was useful"] if judged.all else []
    if judged.mended:
        were = "was" if judged.mended == 1 else "were"
        said.append(f"{judged.mended} of its findings {were} mended before the merge")
    return shift, ", and ".join(said)


def demotion(judged: FeedbackTotals, noise_budget: float) -> tuple[int, str] | None:
    """How many steps a lesson falls (block, comment, observe), and why; None when it keeps its
    mode.

    One over the budget; two when the budget is surely exceeded: when even the lower bound of its
    noise is over it. Ten people are ten names: nobody counts twice, however many findings they
    judge.
    """
    wrong = judged.all - judged.useful
    if judged.all < FEWEST or wrong / judged.all <= noise_budget:
        return None
    said = (
        f"{_share(wrong, judged.all)} was not useful, over the noise budget of {noise_budget:.0%}"
    )
    return (2 if lower_bound(wrong, judged.all) > noise_budget else 1), said


def _share(part: float, count: int) -> str:
    people = "one person" if count == 1 else f"{count} people"
    return f"{part / count:.0%} of what {people} judged"
