"""Fits the numbers of ``score.py`` with scikit-learn: what they are worth on projects they have not
seen, then on all.

Each set has a registry of its own; the hosts of its changes speak where ``hosts.jsonl`` names them.
``PROMISED`` makes a score the promise of its threshold; the table shows whether it is kept.
"""

import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import exp
from multiprocessing import Pool
from pathlib import Path

from data import LearningSet, Row, change_of, lesson_of
from hosts import host_of
from returning import Returning
from scoring import POSITIVE, Trial, is_honest, is_neutral, table
from sklearn.linear_model import LogisticRegression

from twiceshy.changes.parser.client import own_parser
from twiceshy.guards.recall.candidates import Candidate, candidates, held_against, places_of
from twiceshy.guards.recall.host import opened_host
from twiceshy.guards.recall.recall_guard import RecallCompiler
from twiceshy.guards.recall.score import WEIGHTS
from twiceshy.lessons.index import Index, MemoryIndex, Unit

FIXED_BY_HAND = ("intercept", "places", "keys", "uncontrasted")
FOLDS = 5
RIDGE = 0.5  # scikit-learn's C; a little, for the features go together
WEIGHT_OF = {"negative-fixed-version": 3.0, "negative-fix": 3.0, "everyday": 2.0}
"""What is rare in the set and matters in the field counts more."""

PROMISED = 3.0
"""Added to every score in log-odds, chosen by the field precision in the table: of the findings
this sure or surer so many are right where one change in 200 repeats a lesson.
"""

WORTH_ASKING = 0.05
"""From this score on the host is asked for places: what a fit may make loud."""


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

    def moved(self, shift: float) -> "Model":
        return Model({**self.weights, "intercept": self.weights["intercept"] + shift})


def fit(sets: Sequence[LearningSet]) -> str:
    """The report: cross-validated by project, a table for each set, then the numbers to ship."""
    by_set = [_examples_of(learning) for learning in sets]
    examples = [example for part in by_set for example in part]
    projects = sorted({example.project for example in examples})
    logits: dict[str, dict[str, float]] = {}
    for learning in sets:
        logits |= {row["id"]: {} for row in (*learning.queries, *learning.everyday)}
    for number in range(FOLDS):
        fold = frozenset(projects[number::FOLDS])
        model = fitted([example for example in examples if example.project not in fold])
        _note(logits, model, [example for example in examples if example.project in fold])
    final = fitted(examples).moved(PROMISED)
    scores = _scores(logits, PROMISED)
    recurrences = sum(example.true for example in examples)
    lines = [f"{len(examples)} comparisons, {recurrences} of them recurrences", ""]
    for learning in sets:
        lines += _report(learning, scores)
    lines += ["fitted on all:"]
    for name, weight in final.weights.items():
        lines.append(f'    "{name}": {weight:.2f},')
    return "\n".join(lines)


def _report(learning: LearningSet, scores: Mapping[str, Mapping[str, float]]) -> list[str]:
    """A set's table, each project scored by what was fitted without it, and its loudest alarms."""
    trial = Trial(learning.queries, learning.everyday, scores, learning.origins)
    lines = [f"{learning.name}, each project scored by what was fitted without it:"]
    lines += [table(trial, (0.5, 0.8, 0.9, 0.98)), ""]
    loud: list[tuple[float, str]] = []
    for row in learning.everyday:
        for lesson, score in scores[row["id"]].items():
            if score >= 0.9 and not is_neutral(row, lesson, learning.origins):
                loud.append((score, f"{score:.3f} {row['id']} {lesson}"))
    return [*lines, "loudest alarms:", *(text for _, text in sorted(loud, reverse=True)[:20]), ""]


def fitted(examples: Sequence[Example]) -> Model:
    """Logistic regression of lessons in code; the features fixed by hand stay out of it."""
    names = list(WEIGHTS)
    keys = names.index("keys")
    examples = [example for example in examples if not example.features[keys]]
    free = [number for number, name in enumerate(names) if name not in FIXED_BY_HAND]
    features = []
    for example in examples:
        features.append([example.features[number] for number in free])
    model = LogisticRegression(C=RIDGE, max_iter=1000)
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


def _scores(logits: Mapping[str, Mapping[str, float]], shift: float) -> dict[str, dict[str, float]]:
    scores: dict[str, dict[str, float]] = {}
    for query, of_query in logits.items():
        scores[query] = {lesson: _logistic(z + shift) for lesson, z in of_query.items()}
    return scores


def _logistic(z: float) -> float:
    return 1 / (1 + exp(-max(-30.0, min(30.0, z))))


def _note(logits: dict[str, dict[str, float]], model: Model, examples: Iterable[Example]) -> None:
    for example in examples:
        of_query = logits[example.query]
        logit = model.logit(example.features)
        of_query[example.lesson] = max(logit, of_query.get(example.lesson, -30.0))


_registry: list[tuple[LearningSet, Index, Returning, Path]] = []
"""What the processes that are forked share: nothing of it is written to."""


def _examples_of(learning: LearningSet) -> list[Example]:
    """Every comparison of a set, a process for each core, a project after the other."""
    with own_parser():
        units = [Unit(lesson_of(row), ()) for row in learning.lessons]
        index = MemoryIndex(units, [RecallCompiler()])
    by_id = {row["id"]: row for row in learning.lessons}
    by_project: dict[str, list[Row]] = {}
    for row in (*learning.queries, *learning.everyday):
        by_project.setdefault(row["project"], []).append(row)
    work = [
        # in the order of time: the host of the next change has most of its files
        sorted(rows, key=lambda row: row.get("date") or "")
        for rows in sorted(by_project.values(), key=len, reverse=True)
    ]
    with tempfile.TemporaryDirectory() as folder:
        _registry[:] = [(learning, index, Returning(by_id), Path(folder))]
        with Pool(os.cpu_count(), maxtasksperchild=3) as pool:
            examples: list[Example] = []
            for part in pool.imap_unordered(_examples, work, chunksize=1):
                examples += part
                print(f"{learning.name}: {len(examples)} comparisons", flush=True)
    return examples


def _examples(changes: Sequence[Row]) -> list[Example]:
    learning, index, returning, folder = _registry[0]
    examples: list[Example] = []
    with own_parser():
        for row in changes:
            change = replace(change_of(row), host=host_of(row, learning.snapshots))
            with opened_host(change, folder) as host:
                places = places_of(change, index)
                rows = [
                    held_against(host, change, index, candidate)
                    if host and candidate.like.score >= WORTH_ASKING
                    else candidate
                    for candidate in candidates(change, places, index, host=host)
                ]
            examples += _of_change(row, rows, learning, returning)
    return examples


def _of_change(
    row: Row, compared: Iterable[Candidate], learning: LearningSet, returning: Returning
) -> Iterator[Example]:
    best: dict[str, tuple[float, Example]] = {}
    for candidate in compared:
        lesson, like = candidate.lesson, candidate.like
        if like.score <= 0 or is_neutral(row, lesson, learning.origins):
            continue
        if row.get("kind", "everyday") == "everyday" and returning.brings_back(row, lesson):
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
