"""What hits are worth: recall by kind, alarms, precision, and what follows at one recurrence in 200
changes. Pure.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from data import Row

POSITIVE = (
    *(f"reintro-{how}" for how in ("exact", "moved", "renamed", "reformatted", "partial")),
    "natural-recurrence",
)
NEGATIVE = ("negative-fix", "negative-fixed-version", "negative-unrelated", "negative-same-file")
ELSEWHERE = NEGATIVE[2:]
HONEST = ("as-new-code", "real-introducing-commit", "real-revert")
SHARES = (0.01, 0.003, 0.001)
BASE_RATE = 200  # one change in so many repeats a lesson

Hits = Mapping[str, Mapping[str, float]]  # query -> lesson -> score
Known = Mapping[str, tuple[str, str]]


@dataclass(frozen=True)
class Trial:
    """Everything that was asked, and what one method answered."""

    queries: Sequence[Row]
    everyday: Sequence[Row]
    hits: Hits
    known: Known


def table(trial: Trial, extra: Sequence[float] = ()) -> str:
    """A column for 1% of unrelated and same-file changes alarming, one for each share of everyday
    ones, and extra ones.
    """
    queries, everyday, hits, known = trial.queries, trial.everyday, trial.hits, trial.known
    elsewhere = [row for row in queries if row["kind"] in ELSEWHERE]
    columns = [
        threshold_for(0.01, elsewhere, trial),
        *(threshold_for(share, everyday, trial) for share in SHARES),
        *extra,
    ]
    names = [
        "1% other",
        *(f"{share:.1%} daily" for share in SHARES),
        *(f">= {each:.2f}" for each in extra),
    ]
    counted = [tally(queries, hits, each, known) for each in columns]
    alarms = [
        sum(outcome(row, hits[row["id"]], each, known) == "false alarm" for row in everyday)
        / max(1, len(everyday))
        for each in columns
    ]
    recalls = [rate(count, POSITIVE, "hit") for count in counted]
    fields = [
        recall / max(1e-9, recall + (BASE_RATE - 1) * alarm)
        for recall, alarm in zip(recalls, alarms, strict=True)
    ]
    lines: list[tuple[str, Sequence[float | str]]] = [
        ("", names),
        ("threshold", columns),
        ("everyday changes alarming", alarms),
        (
            "unrelated, same file alarming",
            [rate(count, ELSEWHERE, "false alarm") for count in counted],
        ),
        ("field precision at 1 in 200", fields),
        ("precision on the queries", [precision(count) for count in counted]),
        ("recall, all kinds", recalls),
        *(
            (f"  recall, {kind}", [rate(count, (kind,), "hit") for count in counted])
            for kind in (*POSITIVE, "honest")
        ),
        *(
            (f"  alarms, {kind}", [rate(count, (kind,), "false alarm") for count in counted])
            for kind in NEGATIVE
        ),
    ]
    return "\n".join(_line(name, cells) for name, cells in lines)


def _line(name: str, cells: Iterable[float | str]) -> str:
    return f"{name:34}" + "".join(
        f"{cell:>12}" if isinstance(cell, str) else f"{cell:12.4f}" for cell in cells
    )


def curve(trial: Trial, points: int = 60) -> Iterator[tuple[float, float]]:
    """Share of everyday changes alarming, and recall, from loud to silent."""
    tops = sorted((_top(row, trial) for row in trial.everyday), reverse=True)
    positives = [row for row in trial.queries if row["kind"] in POSITIVE]
    for step in range(points):
        at = min(len(tops) - 1, int(len(tops) * 0.05 * 0.9**step))
        found = sum(
            outcome(row, trial.hits[row["id"]], tops[at] + 1e-9, trial.known) == "hit"
            for row in positives
        )
        yield at / len(tops), found / max(1, len(positives))


def reliability(trial: Trial) -> list[tuple[float, float, int]]:
    """In ten bins of score: what the loudest finding of a query promised, how often it was right,
    how many there were.
    """
    bins: dict[int, list[tuple[float, bool]]] = defaultdict(list)
    for row in trial.queries:
        named = {
            lesson: s
            for lesson, s in trial.hits[row["id"]].items()
            if not is_neutral(row, lesson, trial.known)
        }
        if named:
            best = max(named, key=lambda lesson: named[lesson])
            bins[min(9, int(named[best] * 10))].append(
                (named[best], best in row["expected_lesson_ids"])
            )
    return [
        (
            sum(s for s, _ in held) / len(held),
            sum(right for _, right in held) / len(held),
            len(held),
        )
        for _, held in sorted(bins.items())
    ]


def calibration_error(bins: Sequence[tuple[float, float, int]]) -> float:
    """Mean distance of promise and truth over the bins, weighted by their counts (ECE; Naeini et
    al., AAAI 2015).
    """
    total = sum(count for _, _, count in bins)
    return sum(abs(said - true) * count for said, true, count in bins) / max(1, total)


def is_neutral(row: Row, lesson: str, known: Known) -> bool:
    """Neither right nor wrong: a lesson of the same project learned only later, or one that is as
    good.
    """
    project, day = known[lesson]
    later = project == row["project"] and bool(day and row["date"]) and day > row["date"]
    return later or lesson in (row.get("also_ok_lesson_ids") or ())


def outcome(row: Row, hits: Mapping[str, float], threshold: float, known: Known) -> str:
    """Of the three best at or over the threshold: hit, wrong, false alarm, or silent."""
    shown = [
        lesson
        for lesson in sorted(hits, key=lambda each: -hits[each])[:3]
        if hits[lesson] >= threshold
    ]
    expected = row["expected_lesson_ids"]
    if any(lesson in expected for lesson in shown):
        return "hit"
    stray = any(lesson not in expected and not is_neutral(row, lesson, known) for lesson in shown)
    return ("wrong" if expected else "false alarm") if stray else "silent"


def threshold_for(share: float, rows: Sequence[Row], trial: Trial) -> float:
    """The lowest threshold at which at most this share of the changes alarms."""
    tops = sorted((_top(row, trial) for row in rows), reverse=True)
    return tops[min(len(tops) - 1, int(share * len(tops)))] + 1e-9 if tops else 1.0


def _top(row: Row, trial: Trial) -> float:
    hits = trial.hits[row["id"]]
    return max(
        (score for lesson, score in hits.items() if not is_neutral(row, lesson, trial.known)),
        default=0.0,
    )


def tally(
    queries: Sequence[Row], hits: Hits, threshold: float, known: Known
) -> dict[str, Counter[str]]:
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for row in queries:
        result = outcome(row, hits[row["id"]], threshold, known)
        counts[row["kind"]][result] += 1
        if is_honest(row):
            counts["honest"][result] += 1
    return counts


def is_honest(row: Row) -> bool:
    """A natural recurrence that does not give itself away by removing the fix."""
    return row["kind"] == "natural-recurrence" and any(word in row["subkind"] for word in HONEST)


def rate(counts: Mapping[str, Counter[str]], kinds: Iterable[str], result: str) -> float:
    total = sum((counts[kind] for kind in kinds if kind in counts), Counter[str]())
    return total[result] / max(1, total.total())


def precision(counts: Mapping[str, Counter[str]]) -> float:
    total = sum((counts[kind] for kind in (*POSITIVE, *NEGATIVE) if kind in counts), Counter[str]())
    return total["hit"] / max(1, total["hit"] + total["wrong"] + total["false alarm"])
