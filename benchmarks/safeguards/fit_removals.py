"""Fits the numbers of ``removal_score.py`` with scikit-learn."""

from collections.abc import Sequence
from typing import Any

from examples import Answers, Example
from removals_table import alarms, table
from sklearn.linear_model import LogisticRegression

from twiceshy.guards.recall.score import scored
from twiceshy.guards.removal_score import WEIGHTS

FIXED_BY_HAND = ("elsewhere",)
"""All lessons of the sets name a path."""

FREE = [name for name in WEIGHTS if name not in (*FIXED_BY_HAND, "intercept")]
FOLDS = 5
RIDGE = 1.0  # scikit-learn's C

ONE_IN = 40
"""A score is a probability where one change in so many takes a fix back. At the default thresholds
that keeps what recall's scores promise, where half of the changes bring a failure back: what is
said is right nine times in ten at one in 200.
"""


def fit(answers: Answers) -> str:
    """The report: cross-validated by project, then the numbers to ship."""
    projects = sorted({example.project for example in answers.examples})
    scores = [0.0] * len(answers.examples)
    for number in range(FOLDS):
        fold = set(projects[number::FOLDS])
        seen = [example for example in answers.examples if example.project not in fold]
        weights = _fitted(seen, answers)
        for place, example in enumerate(answers.examples):
            if example.project in fold:
                scores[place] = scored(example.features, weights)
    lines = ["each project scored by what was fitted without it:", table(answers, scores)]
    lines += ["", alarms(answers, scores), "", "fitted on all:"]
    for name, weight in _fitted(answers.examples, answers).items():
        lines.append(f'    "{name}": {weight:.2f},')
    return "\n".join(lines)


def _fitted(examples: Sequence[Example], answers: Answers) -> dict[str, float]:
    kinds = {example.kind for example in answers.examples if example.true}
    removals = sum(asked.true and asked.kind in kinds for asked in answers.asked)
    true_weight = answers.everyday / (ONE_IN - 1) / removals
    chosen = [example for example in examples if _counts(example)]
    rows: list[list[float]] = []
    for example in chosen:
        rows.append([example.features[name] for name in FREE])
    model: Any = LogisticRegression(C=RIDGE, max_iter=2000)
    model.fit(
        rows,
        [example.true for example in chosen],
        sample_weight=[true_weight if example.true else 1.0 for example in chosen],
    )
    weights = dict(WEIGHTS)
    weights["intercept"] = float(model.intercept_[0])
    weights.update(zip(FREE, map(float, model.coef_[0]), strict=True))
    return weights


def _counts(example: Example) -> bool:
    """What an everyday commit does beside a removal that was put into it is counted once."""
    return example.true or not example.kind.startswith("removal-")
