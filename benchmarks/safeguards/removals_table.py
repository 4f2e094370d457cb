"""What scores of removals are worth: alarms and recall by kind, precision at one removal in 200."""

from collections import Counter
from collections.abc import Iterator, Sequence

from examples import EVERYDAY, Answers
from scoring import field_precision

from twiceshy.guards.removal_score import removal_score

LEVELS = (0.0, 0.5, 0.9, 0.98)
"""0: all that is removed, as if every removal were said."""

Scores = Sequence[float]
"""One for each example of the answers."""


def scores_now(answers: Answers) -> Scores:
    """As the product scores."""
    return [removal_score(example.features) for example in answers.examples]


def table(answers: Answers, scores: Scores) -> str:
    """A column for each level."""
    lines = [_line("a score of at least", "n", [f"{level:.2f}" for level in LEVELS])]
    alarms = [
        _share(_alarming(answers, scores, EVERYDAY, level), answers.everyday) for level in LEVELS
    ]
    lines.append(_line("everyday changes alarming", answers.everyday, _percents(alarms)))
    kinds = Counter((asked.kind, asked.true) for asked in answers.asked)
    recalls: list[list[float]] = []
    for (kind, true), count in sorted(kinds.items()):
        if kind == EVERYDAY:
            continue
        find = _caught if true else _alarming
        rates = [_share(find(answers, scores, kind, level), count) for level in LEVELS]
        lines.append(_line(("recall, " if true else "alarms, ") + kind, count, _percents(rates)))
        if kind.startswith("removal-") or kind in ("reintro-exact", "real-revert"):
            recalls.append(rates)
    for_field = [sum(column) / len(column) for column in zip(*recalls, strict=True)]
    field = [field_precision(*pair) for pair in zip(for_field, alarms, strict=True)]
    lines.append(_line("recall, mean of true removals", "", _percents(for_field)))
    lines.append(_line("precision at one removal in 200", "", _percents(field)))
    return "\n".join(lines)


def alarms(answers: Answers, scores: Scores) -> str:
    """Every false alarm of an everyday change, loudest first."""
    false = []
    for example, score in zip(answers.examples, scores, strict=True):
        if example.kind == EVERYDAY:
            false.append((score, example))
    lines: list[str] = []
    for score, example in sorted(false, key=lambda pair: -pair[0]):
        told = " ".join(f"{name}={value:.2f}" for name, value in example.features.items())
        lines += [f"{score:.3f} {example.change} {example.lesson} {example.path}", f"      {told}"]
        lines += [f"      - {line.strip()[:120]}" for line in example.why.split("\n")[:3]]
    return "\n".join(lines)


def _changes(
    answers: Answers, scores: Scores, kind: str, level: float
) -> Iterator[tuple[str, bool]]:
    for example, score in zip(answers.examples, scores, strict=True):
        if example.kind == kind and score >= level:
            yield example.change, example.true


def _caught(answers: Answers, scores: Scores, kind: str, level: float) -> int:
    return len({change for change, true in _changes(answers, scores, kind, level) if true})


def _alarming(answers: Answers, scores: Scores, kind: str, level: float) -> int:
    return len({change for change, true in _changes(answers, scores, kind, level) if not true})


def _share(part: int, whole: int) -> float:
    return part / max(1, whole)


def _percents(rates: Sequence[float]) -> list[str]:
    return [f"{rate:.2%}" for rate in rates]


def _line(name: str, count: object, cells: Sequence[str]) -> str:
    return f"{name:40}{count!s:>7}" + "".join(f"{cell:>10}" for cell in cells)
