"""What a user gets at the defaults: how many everyday changes draw a comment of any guard, and how
often a comment is right where one change in 200 repeats a lesson.
"""

from collections import Counter
from collections.abc import Iterator, Mapping

from asking import Answer
from data import LearningSet
from returning import Returning
from scoring import POSITIVE, Trial, field_precision, is_neutral

MOST_ALARMS = 20
NOTED = 0.5


def at_defaults(learning: LearningSet, answered: Mapping[str, Answer]) -> str:
    """The first thing to be read of a run. What a lesson says of a change that is older than it is
    no alarm: it was not there then.
    """
    returning = Returning({row["id"]: row for row in learning.lessons})
    by_guard: Counter[str] = Counter()
    alarms = returned = 0
    for row in learning.everyday:
        said = answered[row["id"]].said
        known = {pair for pair in said if not is_neutral(row, pair[1], learning.origins)}
        wrong = {pair for pair in known if not returning.brings_back(row, pair[1])}
        by_guard.update(guard for guard, _ in wrong)
        alarms += bool(wrong)
        returned += bool(known) and not wrong
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


def loudest(learning: LearningSet, trial: Trial) -> Iterator[str]:
    """The surest findings in everyday changes: a figure is worth what these are."""
    returning = Returning({row["id"]: row for row in learning.lessons})
    alarms: list[tuple[float, str, str]] = []
    for row in trial.everyday:
        for lesson, score in trial.hits[row["id"]].items():
            if is_neutral(row, lesson, trial.origins) or score < NOTED:
                continue
            if not returning.brings_back(row, lesson):
                alarms.append((score, row["id"], lesson))
    for score, change, lesson in sorted(alarms, reverse=True)[:MOST_ALARMS]:
        yield f"  {score:.3f} {change} {lesson}"
