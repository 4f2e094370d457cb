"""Fits the numbers of ``score.py`` with scikit-learn: what they are worth on projects they have not
seen, then on all.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import exp

from data import Row, change_of, lesson_of
from scoring import (
    POSITIVE,
    Trial,
    calibration_error,
    is_honest,
    is_neutral,
    loudest_of,
    reliability,
    table,
)
from sklearn.linear_model import LogisticRegression

from twiceshy.changes.parser.client import own_parser
from twiceshy.guards.recall.candidates import candidates, places_of
from twiceshy.guards.recall.recall_guard import RecallCompiler
from twiceshy.guards.recall.score import WEIGHTS
from twiceshy.lessons.index import MemoryIndex, Unit

FIXED_BY_HAND = ("intercept", "uncontrasted")
FOLDS = 5
RIDGE = 0.5  # scikit-learn's C; a little, for the features go together
WEIGHT_OF = {"negative-fixed-version": 3.0, "negative-fix": 3.0, "everyday": 2.0}
"""What is rare in the set and matters in the field counts more."""


@dataclass(frozen=True)
class Example:
    """One comparison: which query and lesson, its features, and whether it is a recurrence."""

    query: str
    lesson: str
    project: str
    features: tuple[float, ...]
    true: bool
    weight: float


@dataclass(frozen=True)
class Model:
    """Weights by feature; a score is the logistic of their sum."""

    weights: Mapping[str, float]

    def logit(self, features: Sequence[float]) -> float:
        pairs = zip(self.weights.values(), features, strict=True)
        return sum(weight * value for weight, value in pairs)

    def moved(self, slope: float, shift: float) -> "Model":
        weights = dict(self.weights)
        for name in weights:
            if name not in FIXED_BY_HAND:
                weights[name] *= slope
        weights["intercept"] = self.weights["intercept"] * slope + shift
        return Model(weights)


def fit(
    lessons: Sequence[Row],
    queries: Sequence[Row],
    everyday: Sequence[Row],
    origins: Mapping[str, tuple[str, str]],
) -> str:
    """The report: cross-validated by project, then the numbers to ship."""
    with own_parser():
        examples = list(_examples(lessons, [*queries, *everyday], origins))
    projects = sorted({example.project for example in examples})
    logits: dict[str, dict[str, float]] = {row["id"]: {} for row in (*queries, *everyday)}
    for number in range(FOLDS):
        fold = projects[number::FOLDS]
        model = fitted([example for example in examples if example.project not in fold])
        _note(logits, model, [example for example in examples if example.project in fold])
    slope, shift = _platt(queries, logits, origins)
    held_out = Trial(queries, everyday, _scores(logits, slope, shift), origins)
    final = fitted(examples).moved(slope, shift)
    recurrences = sum(example.true for example in examples)
    lines = [
        f"{len(examples)} comparisons, {recurrences} of them recurrences",
        "",
        "each project scored by what was fitted without it:",
        table(held_out, (0.9, 0.98)),
        f"calibration error {calibration_error(reliability(held_out)):.3f}",
        "",
        "fitted on all:",
    ]
    for name, weight in final.weights.items():
        lines.append(f'    "{name}": {weight:.2f},')
    return "\n".join(lines)


def fitted(examples: Sequence[Example]) -> Model:
    """Logistic regression; the features fixed by hand stay out of it."""
    names = list(WEIGHTS)
    free = [number for number, name in enumerate(names) if name not in FIXED_BY_HAND]
    features = []
    for example in examples:
        features.append([example.features[number] for number in free])
    model = LogisticRegression(C=RIDGE, max_iter=500)
    model.fit(
        features,
        [example.true for example in examples],
        sample_weight=[example.weight for example in examples],
    )
    weights = dict(WEIGHTS)
    for number, weight in zip(free, model.coef_[0], strict=True):
        weights[names[number]] = float(weight)
    weights["intercept"] = float(model.intercept_[0])
    return Model(weights)


def _platt(
    queries: Sequence[Row],
    logits: Mapping[str, Mapping[str, float]],
    origins: Mapping[str, tuple[str, str]],
) -> tuple[float, float]:
    """Slope and shift that make the loudest finding of a query right as often as it says (Platt
    1999).
    """
    tops = []
    for row in queries:
        loudest = loudest_of(row, logits[row["id"]], origins)
        if loudest is not None:
            tops.append(loudest)
    model = LogisticRegression(C=1e6).fit([[z] for z, _ in tops], [right for _, right in tops])
    return float(model.coef_[0][0]), float(model.intercept_[0])


def _scores(
    logits: Mapping[str, Mapping[str, float]], slope: float, shift: float
) -> dict[str, dict[str, float]]:
    scores: dict[str, dict[str, float]] = {}
    for query, of_query in logits.items():
        scores[query] = {lesson: _logistic(slope * z + shift) for lesson, z in of_query.items()}
    return scores


def _logistic(z: float) -> float:
    return 1 / (1 + exp(-max(-30.0, min(30.0, z))))


def _note(logits: dict[str, dict[str, float]], model: Model, examples: Iterable[Example]) -> None:
    for example in examples:
        of_query = logits[example.query]
        logit = model.logit(example.features)
        of_query[example.lesson] = max(logit, of_query.get(example.lesson, -30.0))


def _examples(
    lessons: Sequence[Row], changes: Iterable[Row], origins: Mapping[str, tuple[str, str]]
) -> Iterator[Example]:
    index = MemoryIndex([Unit(lesson_of(row), ()) for row in lessons], [RecallCompiler()])
    for row in changes:
        best: dict[str, tuple[float, Example]] = {}
        change = change_of(row)
        for candidate in candidates(change, places_of(change, index), index):
            lesson, like = candidate.lesson, candidate.like
            if like.score <= 0 or is_neutral(row, lesson, origins):
                continue
            example = _example(row, lesson, like.features)
            if not example.true:
                yield example
            elif like.score > best.get(lesson, (0.0, None))[0]:
                # it comes back in one place: the others are not it
                best[lesson] = (like.score, example)
        yield from (example for _, example in best.values())


def _example(row: Row, lesson: str, features: Mapping[str, float]) -> Example:
    true = lesson in row.get("expected_lesson_ids", ())
    kind = row.get("kind", "everyday")
    weight = (2.0 if is_honest(row) else 1.0) if true else WEIGHT_OF.get(kind, 1.0)
    assert not true or kind in POSITIVE
    return Example(row["id"], lesson, row["project"], tuple(features.values()), true, weight)
