"""Thresholds from outcomes: near the truth where it is known, and none where too little is."""

from math import exp, inf, log, nan
from random import Random

import pytest

from twiceshy.learning.calibrate import (
    NEVER,
    Judged,
    LeftOut,
    NoProposal,
    OutcomeRow,
    calibrated,
    sorted_out,
)
from twiceshy.verdicts.settings import RecallSettings


def log_odds(share: float) -> float:
    return log(share / (1 - share))


def sigmoid(value: float) -> float:
    return 1 / (1 + exp(-value))


def outcomes(count: int, seed: int, slope: float, shift: float) -> list[OutcomeRow]:
    """Findings said at 0.90 and more; a score is right by a line through its log-odds."""
    random = Random(seed)
    rows = []
    for _ in range(count):
        score = sigmoid(random.uniform(log_odds(0.90), log_odds(0.999)))
        right = random.random() < sigmoid(slope * log_odds(score) + shift)
        rows.append(OutcomeRow("recall", score, "prevented" if right else "dismissed"))
    return rows


def true_threshold(promise: float, slope: float, shift: float) -> float:
    return sigmoid((log_odds(promise) - shift) / slope)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("count", "off_by"), [(400, 0.9), (6_000, 0.5)])
def test_thresholds_are_near_the_truth_and_hold_on_what_was_not_seen(
    count: int, off_by: float, seed: int
) -> None:
    """``off_by``: in log-odds."""
    slope, shift = 1.1, -2.4
    found = calibrated(sorted_out(outcomes(count, seed, slope, shift)))
    assert found.proposal is not None
    for proposed, promise in ((found.proposal.comment_at, 0.90), (found.proposal.block_at, 0.98)):
        truth = true_threshold(promise, slope, shift)
        assert abs(log_odds(proposed) - log_odds(truth)) < off_by, (proposed, truth)
    unseen = sorted_out(outcomes(10_000, 100 + seed, slope, shift))
    assert unseen.from_score(0.90).share < 0.90, "as it was, the promise was broken"
    assert unseen.from_score(found.proposal.comment_at).share >= 0.90
    assert unseen.from_score(found.proposal.block_at).share >= 0.975


def test_scores_that_keep_their_promise_stay_about_where_they_are() -> None:
    found = calibrated(sorted_out(outcomes(900, 1, 1.0, 0.0)))
    assert found.proposal is not None
    assert 0.90 <= found.proposal.comment_at < 0.93
    assert 0.97 < found.proposal.block_at < 0.99


def test_with_few_outcomes_the_promise_itself_still_counts() -> None:
    def proposed(times: int) -> float:
        ended = [(0.92, "prevented", 34), (0.92, "dismissed", 6)]
        ended += [(0.97, "prevented", 76), (0.97, "dismissed", 4)]
        rows = [OutcomeRow("recall", at, end, count=count * times) for at, end, count in ended]
        found = calibrated(sorted_out(rows))
        assert found.proposal is not None
        return found.proposal.comment_at

    assert 0.92 < proposed(1) < proposed(30)


def test_nothing_under_the_lowest_judged_is_proposed() -> None:
    rows = [
        OutcomeRow("recall", 0.93, "prevented", count=500),
        OutcomeRow("recall", 0.94, "dismissed", count=12),
    ]
    rows += [OutcomeRow("recall", 0.99, "prevented", count=300)]
    found = calibrated(sorted_out(rows))
    assert found.proposal is not None
    assert found.proposal.comment_at == 0.93


def judged(right: int, wrong: int) -> Judged:
    return sorted_out(
        [
            OutcomeRow("recall", 0.95, "prevented", count=right),
            OutcomeRow("recall", 0.92, "dismissed", count=wrong),
        ]
    )


@pytest.mark.parametrize(
    ("scores", "why_not"),
    [
        (Judged(), NoProposal.TOO_FEW),
        (judged(30, 19), NoProposal.TOO_FEW),
        (judged(60, 9), NoProposal.ONE_KIND),
        (sorted_out([OutcomeRow("recall", 0.95, "prevented", count=99)]), NoProposal.ONE_KIND),
        (judged(40, 10), None),
    ],
)
def test_too_little_proposes_nothing(scores: Judged, why_not: NoProposal | None) -> None:
    found = calibrated(scores)
    assert found.why_not is why_not
    assert (found.proposal is None) is (why_not is not None)


def test_scores_that_order_nothing_propose_nothing() -> None:
    rows = [
        OutcomeRow("recall", 0.92, "prevented", count=300),
        OutcomeRow("recall", 0.99, "dismissed", count=300),
    ]
    assert calibrated(sorted_out(rows)).why_not is NoProposal.NO_ORDER


def test_a_promise_that_no_score_keeps_is_not_made() -> None:
    rows = [OutcomeRow("recall", score, "dismissed", count=1_000) for score in (0.91, 0.95, 0.99)]
    rows.append(OutcomeRow("recall", 0.99, "prevented", count=1_000))
    assert calibrated(sorted_out(rows)).why_not is NoProposal.OUT_OF_REACH
    found = calibrated(sorted_out(rows), RecallSettings(0.5, 0.98))
    assert found.proposal == RecallSettings(0.99, NEVER)


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (OutcomeRow("rules", 1.0, "prevented"), LeftOut.EXACT),
        (OutcomeRow("recall", nan, "prevented"), LeftOut.UNUSABLE),
        (OutcomeRow("recall", inf, "prevented"), LeftOut.UNUSABLE),
        (OutcomeRow("recall", 0.0, "prevented"), LeftOut.UNUSABLE),
        (OutcomeRow("recall", 1.5, "prevented"), LeftOut.UNUSABLE),
        (OutcomeRow("recall", 0.9, "prevented", count=0), LeftOut.UNUSABLE),
        (OutcomeRow("recall", 0.9, "prevented", count=10**400), LeftOut.UNUSABLE),
        (OutcomeRow("recall", 0.9, "forgotten"), LeftOut.UNUSABLE),
        (OutcomeRow("recall", 0.9, "abandoned"), LeftOut.ABANDONED),
        (OutcomeRow("recall", 0.9, "escaped"), LeftOut.ESCAPED),
    ],
)
def test_what_tells_nothing_is_left_out_and_counted(row: OutcomeRow, why: LeftOut) -> None:
    scores = sorted_out([row])
    assert (scores.count, list(scores.left_out)) == (0, [why])


def test_an_escape_that_came_true_was_right() -> None:
    scores = sorted_out([OutcomeRow("recall", 0.9, "escaped", came_true=True)])
    assert (scores.right, scores.wrong) == (1, 0)


def test_many_outcomes_are_held_as_ten_thousand_scores() -> None:
    random = Random(1)
    rows = (OutcomeRow("recall", random.random(), "dismissed") for _ in range(200_000))
    scores = sorted_out(rows)
    assert scores.count == 200_000
    assert len(scores.scores) <= 10_001
