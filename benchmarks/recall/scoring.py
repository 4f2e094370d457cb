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
Origins = Mapping[str, tuple[str, str]]


@dataclass(frozen=True)
class Trial:
    """Everything that was asked, and what one method answered."""

    queries: Sequence[Row]
    everyday: Sequence[Row]
    hits: Hits
    origins: Origins


def table(trial: Trial, extra: Sequence[float] = ()) -> str:
    """A column for 1% of unrelated and same-file changes alarming, one for each share of everyday
    ones, and extra ones.
    """
    queries, everyday, hits, origins = trial.queries, trial.everyday, trial.hits, trial.origins
    elsewhere = [row for row in queries if row["kind"] in ELSEWHERE]
    thresholds = {"1% other": threshold_for(0.01, elsewhere, trial)}
    for share in SHARES:
        thresholds[f"{share:.1%} daily"] = threshold_for(share, everyday, trial)
    for threshold in extra:
        thresholds[f">= {threshold:.2f}"] = threshold
    tallies = [tally(queries, hits, threshold, origins) for threshold in thresholds.values()]
    alarms = [everyday_alarms(trial, threshold) for threshold in thresholds.values()]
    recalls = rates(tallies, POSITIVE, "hit")
    fields = [field_precision(*pair) for pair in zip(recalls, alarms, strict=True)]
    lines: list[tuple[str, Sequence[float | str]]] = [
        ("", list(thresholds)),
        ("threshold", list(thresholds.values())),
        ("everyday changes alarming", alarms),
        ("unrelated, same file alarming", rates(tallies, ELSEWHERE, "false alarm")),
        ("field precision at 1 in 200", fields),
        ("precision on the queries", [precision(counts) for counts in tallies]),
        ("recall, all kinds", recalls),
    ]
    for kind in (*POSITIVE, "honest"):
        lines.append((f"  recall, {kind}", rates(tallies, (kind,), "hit")))
    for kind in NEGATIVE:
        lines.append((f"  alarms, {kind}", rates(tallies, (kind,), "false alarm")))
    return "\n".join(_line(name, cells) for name, cells in lines)


def everyday_alarms(trial: Trial, threshold: float) -> float:
    """The share of everyday changes that alarm."""
    alarms = 0
    for row in trial.everyday:
        alarms += outcome(row, trial.hits[row["id"]], threshold, trial.origins) == "false alarm"
    return alarms / max(1, len(trial.everyday))


def field_precision(recall: float, alarms: float) -> float:
    """Precision where one change in ``BASE_RATE`` repeats a lesson."""
    return recall / max(1e-9, recall + (BASE_RATE - 1) * alarms)


def _line(name: str, cells: Iterable[float | str]) -> str:
    line = f"{name:34}"
    for cell in cells:
        line += f"{cell:>12}" if isinstance(cell, str) else f"{cell:12.4f}"
    return line


def curve(trial: Trial, points: int = 60) -> Iterator[tuple[float, float]]:
    """Share of everyday changes alarming, and recall, from loud to silent."""
    tops = sorted((_top(row, trial) for row in trial.everyday), reverse=True)
    positives = [row for row in trial.queries if row["kind"] in POSITIVE]
    for step in range(points):
        rank = min(len(tops) - 1, int(len(tops) * 0.05 * 0.9**step))
        threshold = tops[rank] + 1e-9
        hits = 0
        for row in positives:
            hits += outcome(row, trial.hits[row["id"]], threshold, trial.origins) == "hit"
        yield rank / len(tops), hits / max(1, len(positives))


def reliability(trial: Trial) -> list[tuple[float, float, int]]:
    """In ten bins of score: what the loudest finding of a change promised, how often it was right
    where one change in ``BASE_RATE`` repeats a lesson, how many there were.
    """
    recurrences = sum(row["kind"] in POSITIVE for row in trial.queries)
    weights = 1 / max(1, recurrences), (BASE_RATE - 1) / max(1, len(trial.everyday))
    bins: dict[int, list[tuple[float, bool, float]]] = defaultdict(list)
    for row in (*trial.queries, *trial.everyday):
        loudest = loudest_of(row, trial.hits[row["id"]], trial.origins)
        if loudest is None or not (loudest[1] or row.get("kind", "everyday") == "everyday"):
            continue
        score, right = loudest
        bins[min(9, int(score * 10))].append((score, right, weights[0 if right else 1]))
    return [_bin(findings) for _, findings in sorted(bins.items())]


def _bin(findings: Sequence[tuple[float, bool, float]]) -> tuple[float, float, int]:
    total = sum(weight for _, _, weight in findings)
    promised = sum(score * weight for score, _, weight in findings) / total
    true = sum(weight for _, right, weight in findings if right) / total
    return promised, true, len(findings)


def loudest_of(
    row: Row, scores: Mapping[str, float], origins: Origins
) -> tuple[float, bool] | None:
    """The best score of a query that is not neutral, and whether it is right."""
    best: str | None = None
    for lesson, score in scores.items():
        if not is_neutral(row, lesson, origins) and (best is None or score > scores[best]):
            best = lesson
    return None if best is None else (scores[best], best in row.get("expected_lesson_ids", ()))


def calibration_error(bins: Sequence[tuple[float, float, int]]) -> float:
    """Mean distance of promise and truth over the bins, weighted by their counts (ECE; Naeini et
    al., AAAI 2015).
    """
    total = sum(count for _, _, count in bins)
    return sum(abs(promised - true) * count for promised, true, count in bins) / max(1, total)


def is_neutral(row: Row, lesson: str, origins: Origins) -> bool:
    """Neither right nor wrong: a lesson of the same project learned only later, or one that is as
    good.
    """
    project, day = origins[lesson]
    later = project == row["project"] and bool(day and row["date"]) and day > row["date"]
    return later or lesson in (row.get("also_ok_lesson_ids") or ())


def outcome(row: Row, hits: Mapping[str, float], threshold: float, origins: Origins) -> str:
    """Of the three best at or over the threshold: hit, wrong, false alarm, or silent."""
    best = sorted(hits, key=lambda lesson: -hits[lesson])[:3]
    shown = [lesson for lesson in best if hits[lesson] >= threshold]
    expected = row.get("expected_lesson_ids", ())
    if any(lesson in expected for lesson in shown):
        return "hit"
    stray = any(lesson not in expected and not is_neutral(row, lesson, origins) for lesson in shown)
    return ("wrong" if expected else "false alarm") if stray else "silent"


def threshold_for(share: float, rows: Sequence[Row], trial: Trial) -> float:
    """The lowest threshold at which at most this share of the changes alarms."""
    tops = sorted((_top(row, trial) for row in rows), reverse=True)
    return tops[min(len(tops) - 1, int(share * len(tops)))] + 1e-9 if tops else 1.0


def _top(row: Row, trial: Trial) -> float:
    loudest = loudest_of(row, trial.hits[row["id"]], trial.origins)
    return loudest[0] if loudest else 0.0


def tally(
    queries: Sequence[Row], hits: Hits, threshold: float, origins: Origins
) -> dict[str, Counter[str]]:
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for row in queries:
        result = outcome(row, hits[row["id"]], threshold, origins)
        counts[row["kind"]][result] += 1
        if is_honest(row):
            counts["honest"][result] += 1
    return counts


def is_honest(row: Row) -> bool:
    """A natural recurrence that does not give itself away by removing the fix."""
    return row["kind"] == "natural-recurrence" and any(word in row["subkind"] for word in HONEST)


def rates(
    tallies: Iterable[Mapping[str, Counter[str]]], kinds: Sequence[str], result: str
) -> list[float]:
    """One rate a column."""
    return [rate(counts, kinds, result) for counts in tallies]


def rate(counts: Mapping[str, Counter[str]], kinds: Iterable[str], result: str) -> float:
    total = sum((counts[kind] for kind in kinds if kind in counts), Counter[str]())
    return total[result] / max(1, total.total())


def precision(counts: Mapping[str, Counter[str]]) -> float:
    total = sum((counts[kind] for kind in (*POSITIVE, *NEGATIVE) if kind in counts), Counter[str]())
    return total["hit"] / max(1, total["hit"] + total["wrong"] + total["false alarm"])
