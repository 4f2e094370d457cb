"""What a user gets at the defaults: how many everyday changes draw a comment of any guard, and how
often a comment is right where one change in 200 repeats a lesson.
"""

from collections import Counter
from collections.abc import Iterator, Mapping

from asking import Answer
from data import LearningSet, Row
from returning import Returning
from scoring import POSITIVE, Trial, field_precision, is_neutral

MOST_ALARMS = 20


def at_defaults(learning: LearningSet, answered: Mapping[str, Answer]) -> str:
    """The first thing to be read of a run."""
    returning = Returning({row["id"]: row for row in learning.lessons})
    by_guard: Counter[str] = Counter()
    alarms = returned = 0
    for row in learning.everyday:
        answer = answered[row["id"]]
        by_guard.update(answer.said)
        if answer.said and _is_return(row, answer, learning, returning):
            returned += 1
        elif answer.said:
            alarms += 1
    count = max(1, len(learning.everyday))
    lines = [
        f"\nat the defaults, all guards: {alarms / count:.3%} of {count} everyday changes draw a "
        f"comment; {returned / count:.3%} more take a lesson's fix out again",
        *(f"  {guard}: {said}" for guard, said in by_guard.most_common()),
    ]
    positives = [row for row in learning.queries if row["kind"] in POSITIVE]
    if positives:
        hits = sum(bool(answered[row["id"]].said) for row in positives)
        precision = field_precision(hits / len(positives), alarms / count)
        lines.append(f"  field precision at one in 200, all guards: {precision:.2f}")
    return "\n".join(lines)


def _is_return(row: Row, answer: Answer, learning: LearningSet, returning: Returning) -> bool:
    """Whether a lesson is right though nobody labelled it."""
    return any(
        returning.brings_back(row, lesson) or is_neutral(row, lesson, learning.origins)
        for lesson, score in answer.scores.items()
        if score >= 0.9
    )


def loudest(trial: Trial) -> Iterator[str]:
    """The surest findings in everyday changes: a figure is worth what these are."""
    alarms: list[tuple[float, str, str]] = []
    for row in trial.everyday:
        for lesson, score in trial.hits[row["id"]].items():
            if not is_neutral(row, lesson, trial.origins):
                alarms.append((score, row["id"], lesson))
    for score, change, lesson in sorted(alarms, reverse=True)[:MOST_ALARMS]:
        yield f"  {score:.3f} {change} {lesson}"
