"""Fits the numbers of ``score.py`` with scikit-learn: what they are worth on projects they have not
seen, then on all.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import exp

from data import Row, change_of, lesson_of
from scoring import POSITIVE, Trial, calibration_error, is_honest, is_neutral, reliability, table
from sklearn.linear_model import LogisticRegression

from twiceshy.changes.parser.client import own_parser
from twiceshy.guards.recall.candidates import candidates
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
        return sum(
            weight * value for weight, value in zip(self.weights.values(), features, strict=True)
        )

    def moved(self, slope: float, shift: float) -> "Model":
        scaled = {
            name: value * slope for name, value in self.weights.items() if name not in FIXED_BY_HAND
        }
        return Model(
            {**self.weights, **scaled, "intercept": self.weights["intercept"] * slope + shift}
        )


def fit(
    lessons: Sequence[Row],
    queries: Sequence[Row],
    everyday: Sequence[Row],
    known: Mapping[str, tuple[str, str]],
) -> str:
    """The report: cross-validated by project, then the numbers to ship."""
    with own_parser():
        examples = list(_examples(lessons, [*queries, *everyday], known))
    projects = sorted({each.project for each in examples})
    logits: dict[str, dict[str, float]] = {row["id"]: {} for row in (*queries, *everyday)}
    for fold in (projects[at::FOLDS] for at in range(FOLDS)):
        model = fitted([each for each in examples if each.project not in fold])
        _note(logits, model, [each for each in examples if each.project in fold])
    slope, shift = _platt(queries, logits, known)
    held_out = Trial(queries, everyday, _scores(logits, slope, shift), known)
    final = fitted(examples).moved(slope, shift)
    rows = "\n".join(f'    "{name}": {value:.2f},' for name, value in final.weights.items())
    return (
        f"{len(examples)} comparisons, {sum(each.true for each in examples)} of them recurrences\n\n"
        f"each project scored by what was fitted without it:\n{table(held_out, (0.9, 0.98))}\n"
        f"calibration error {calibration_error(reliability(held_out)):.3f}\n\nfitted on all:\n{rows}"
    )


def fitted(examples: Sequence[Example]) -> Model:
    """Logistic regression; the features fixed by hand stay out of it."""
    names = list(WEIGHTS)
    free = [at for at, name in enumerate(names) if name not in FIXED_BY_HAND]
    model = LogisticRegression(C=RIDGE, max_iter=500)
    model.fit(
        [[each.features[at] for at in free] for each in examples],
        [each.true for each in examples],
        sample_weight=[each.weight for each in examples],
    )
    found = dict(zip((names[at] for at in free), map(float, model.coef_[0]), strict=True))
    return Model(
        {
            **{name: found.get(name, WEIGHTS[name]) for name in names},
            "intercept": float(model.intercept_[0]),
        }
    )


def _platt(
    queries: Sequence[Row],
    logits: Mapping[str, Mapping[str, float]],
    known: Mapping[str, tuple[str, str]],
) -> tuple[float, float]:
    """Slope and shift that make the loudest finding of a query right as often as it says (Platt
    1999).
    """
    tops = []
    for row in queries:
        named = {
            lesson: z
            for lesson, z in logits[row["id"]].items()
            if not is_neutral(row, lesson, known)
        }
        if named:
            best = max(named, key=lambda lesson: named[lesson])
            tops.append((named[best], best in row["expected_lesson_ids"]))
    model = LogisticRegression(C=1e6).fit([[z] for z, _ in tops], [right for _, right in tops])
    return float(model.coef_[0][0]), float(model.intercept_[0])


def _scores(
    logits: Mapping[str, Mapping[str, float]], slope: float, shift: float
) -> dict[str, dict[str, float]]:
    return {
        query: {
            lesson: 1 / (1 + exp(-max(-30.0, min(30.0, slope * z + shift))))
            for lesson, z in held.items()
        }
        for query, held in logits.items()
    }


def _note(logits: dict[str, dict[str, float]], model: Model, examples: Iterable[Example]) -> None:
    for each in examples:
        held = logits[each.query]
        held[each.lesson] = max(model.logit(each.features), held.get(each.lesson, -30.0))


def _examples(
    lessons: Sequence[Row], found: Iterable[Row], known: Mapping[str, tuple[str, str]]
) -> Iterator[Example]:
    index = MemoryIndex([Unit(lesson_of(row), ()) for row in lessons], [RecallCompiler()])
    for row in found:
        compared = [each for each in candidates(change_of(row), index) if each.like.score > 0]
        best: dict[str, tuple[float, Example]] = {}
        for each in compared:
            if is_neutral(row, each.lesson, known):
                continue
            example = _example(row, each.lesson, each.like.features)
            if not example.true:
                yield example
            elif each.like.score > best.get(each.lesson, (0.0, None))[0]:
                best[each.lesson] = (
                    each.like.score,
                    example,
                )  # it comes back in one place: the others are not it
        yield from (example for _, example in best.values())


def _example(row: Row, lesson: str, features: Mapping[str, float]) -> Example:
    true = lesson in row.get("expected_lesson_ids", ())
    kind = row.get("kind", "everyday")
    weight = (2.0 if is_honest(row) else 1.0) if true else WEIGHT_OF.get(kind, 1.0)
    assert not true or kind in POSITIVE
    return Example(row["id"], lesson, row["project"], tuple(features.values()), true, weight)
