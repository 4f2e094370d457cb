"""How often the recall guard is right, on real bug-fix history: recall and false alarms through the product's own path.

    python benchmarks/recall.py FOLDER [--everyday N | --all] [--fit]

FOLDER (or the variable TWICESHY_BENCH) holds ``lessons.jsonl.gz``, ``queries.jsonl.gz`` and ``everyday.jsonl.gz``; see
README.md for their fields and for how to build a like set from public histories. ``--fit`` fits the numbers of
``score.py`` instead: it prints them, and what fits without a project are worth on that project. Nothing is written.
"""

import argparse
import gzip
import json
import os
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import exp, log
from pathlib import Path
from typing import Any

from twiceshy.changes.diff import parse_diff
from twiceshy.changes.model import Change, FileChange, LineKind
from twiceshy.guards.recall.candidates import candidates
from twiceshy.guards.recall.guard import RecallCompiler, RecallGuard
from twiceshy.guards.recall.score import WEIGHTS, scored
from twiceshy.lessons.index import Index, MemoryIndex, Unit
from twiceshy.lessons.model import Evidence, Lesson, Mode, Severity, Side

POSITIVE = (
    *(f"reintro-{how}" for how in ("exact", "moved", "renamed", "reformatted", "partial")),
    "natural-recurrence",
)
NEGATIVE = ("negative-fix", "negative-fixed-version", "negative-unrelated", "negative-same-file")
HONEST = ("as-new-code", "real-introducing-commit", "real-revert")
SHARES = (0.01, 0.003, 0.001)
SPEAKS_AT, SPEAKS_IN = 0.90, 0.002
"""The intercept is set so that this share of the everyday changes alarms at this score."""

FIXED_BY_HAND = ("uncontrasted",)
Row = dict[str, Any]  # one line of the data set
Hits = dict[str, dict[str, float]]  # query -> lesson -> score


@dataclass(frozen=True)
class Example:
    """One comparison: which query and lesson, its features, and whether it is a recurrence."""

    query: str
    lesson: str
    project: str
    features: tuple[float, ...]
    true: bool
    weight: float


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", default=os.environ.get("TWICESHY_BENCH"), type=Path)
    parser.add_argument("--everyday", type=int, default=2000, metavar="N", help="how many everyday changes to look at")
    parser.add_argument("--all", action="store_true", help="look at all of them")
    parser.add_argument("--sample", type=int, default=1, metavar="N", help="look at every Nth query only")
    parser.add_argument("--fit", action="store_true")
    given = parser.parse_args()
    if not given.folder or not (given.folder / "lessons.jsonl.gz").is_file():
        print("no data: give the folder of a set of recurring bugs; README.md says how to build one", file=sys.stderr)
        return 2
    lessons = list(rows(given.folder, "lessons"))
    index = compiled(lessons)
    queries = list(rows(given.folder, "queries"))[:: given.sample]
    everyday = list(rows(given.folder, "everyday"))
    everyday = everyday if given.all else everyday[:: max(1, len(everyday) // given.everyday)]
    (fit if given.fit else measure)(index, lessons, queries, everyday)
    return 0


def rows(folder: Path, name: str) -> Iterator[Row]:
    with gzip.open(folder / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def compiled(lessons: Sequence[Row]) -> Index:
    started = time.perf_counter()
    index = MemoryIndex([unit(row) for row in lessons], [RecallCompiler()])
    sizes = [len(entry.payload) for entry in index.all("recall.signatures")]
    print(
        f"{len(lessons)} lessons compiled in {time.perf_counter() - started:.1f} s, {len(index.problems)} left out;"
        f" signatures {sum(sizes) / len(sizes) / 1000:.1f} KB at the mean, {max(sizes) / 1000:.1f} KB at most"
    )
    return index


def unit(row: Row) -> Unit:
    evidence = (
        Evidence(Side.BAD, row["language"], row["bad"], 0, 1, row["path"]),
        Evidence(Side.GOOD, row["language"], row["good"], 0, 1),
    )
    day = date.fromisoformat(row["date"]) if row["date"] else date(2000, 1, 1)
    return Unit(Lesson(row["id"], row["title"], day, Severity.HIGH, Mode.BLOCK, row["id"], evidence=evidence), ())


def change_of(row: Row) -> Change:
    """A row's change; a query knows only the functions around its edits, an everyday change its whole files."""
    files = parse_diff(row["diff"]).files
    if "files" in row:
        return Change(files, read_head=row["files"].get)
    codes = {file.path: [each["code"] for each in row["after"] if each["path"] == file.path] for file in files}
    return Change(files, read_head={file.path: head(file, codes[file.path]) for file in files if codes[file.path]}.get)


def head(file: FileChange, codes: Iterable[str]) -> str:
    """The file as far as it is known: added lines and enclosing functions at their numbers, blank elsewhere."""
    lines = [(line.new, line) for hunk in file.hunks for line in hunk.lines if line.new is not None]
    held = {number: line.text for number, line in lines if line.kind is LineKind.ADDED}
    numbers: dict[str, list[int]] = defaultdict(list)
    for number, line in lines:
        if line.text.strip():
            numbers[line.text].append(number)
    for code in codes:
        texts = code.split("\n")
        votes = Counter(n - at for at, text in enumerate(texts) for n in numbers.get(text, ())[:20])
        if votes:
            first = votes.most_common(1)[0][0]
            for at, text in enumerate(texts):
                held.setdefault(first + at, text)
    return "\n".join(held.get(number, "") for number in range(1, max(held, default=0) + 1)) + "\n"


def measure(index: Index, lessons: Sequence[Row], queries: Sequence[Row], everyday: Sequence[Row]) -> None:
    guard = RecallGuard(worth_telling=0.02)

    def hits(row: Row) -> dict[str, float]:
        scores: dict[str, float] = {}
        for finding in guard.look(change_of(row), index).findings:
            scores[finding.lesson] = max(finding.score, scores.get(finding.lesson, 0.0))
        return scores

    found, ordinary = timed("queries", queries, hits), timed("everyday changes", everyday, hits)
    table(queries, everyday, found, ordinary, learned(lessons), thresholds=True)


def timed(what: str, found: Sequence[Row], look: Callable[[Row], dict[str, float]]) -> Hits:
    started = time.perf_counter()
    hits = {row["id"]: look(row) for row in found}
    seconds = time.perf_counter() - started
    print(f"{len(found)} {what} in {seconds:.0f} s, {1000 * seconds / max(1, len(found)):.1f} ms each")
    return hits


def learned(lessons: Sequence[Row]) -> dict[str, tuple[str, str]]:
    return {row["id"]: (row["project"], row["date"]) for row in lessons}


def is_neutral(row: Row, lesson: str, known: Mapping[str, tuple[str, str]]) -> bool:
    """Neither right nor wrong: a lesson of the same project learned only later, or one that is as good."""
    project, day = known[lesson]
    later = project == row["project"] and bool(day and row["date"]) and day > row["date"]
    return later or lesson in (row.get("also_ok_lesson_ids") or ())


def outcome(row: Row, hits: Mapping[str, float], threshold: float, known: Mapping[str, tuple[str, str]]) -> str:
    """Of the three best at or over the threshold: hit, wrong, false alarm, or silent."""
    shown = [lesson for lesson in sorted(hits, key=lambda each: -hits[each])[:3] if hits[lesson] >= threshold]
    expected = row["expected_lesson_ids"]
    if any(lesson in expected for lesson in shown):
        return "hit"
    stray = any(lesson not in expected and not is_neutral(row, lesson, known) for lesson in shown)
    return ("wrong" if expected else "false alarm") if stray else "silent"


def threshold_for(share: float, everyday: Sequence[Row], hits: Hits, known: Mapping[str, tuple[str, str]]) -> float:
    """The lowest threshold at which at most this share of the everyday changes alarms."""
    tops = sorted((max((s for lesson, s in hits[row["id"]].items() if not is_neutral(row, lesson, known)), default=0.0)
                   for row in everyday), reverse=True)  # fmt: skip
    return tops[min(len(tops) - 1, int(share * len(tops)))] + 1e-9


def table(
    queries: Sequence[Row], everyday: Sequence[Row], hits: Hits, ordinary: Hits, known: Mapping[str, tuple[str, str]],
    *, thresholds: bool,
) -> None:  # fmt: skip
    """Print one column for each share of everyday changes alarming, and one for the scores policy speaks and blocks at."""
    columns = [threshold_for(share, everyday, ordinary, known) for share in SHARES] + (
        [0.90, 0.98] if thresholds else []
    )
    print(f"{'threshold':34}" + "".join(f"{each:9.3f}" for each in columns))
    counted = [tally(queries, hits, each, known) for each in columns]
    alarms = [sum(outcome(row, ordinary[row["id"]], each, known) == "false alarm" for row in everyday) / len(everyday)
              for each in columns]  # fmt: skip
    recalls = [rate(count, POSITIVE, "hit") for count in counted]
    print(f"{'everyday changes alarming':34}" + "".join(f"{each:9.4f}" for each in alarms))
    fields = [recall / max(1e-9, recall + 199 * alarm) for recall, alarm in zip(recalls, alarms, strict=True)]
    print(f"{'field precision at 1 in 200':34}" + "".join(f"{each:9.2f}" for each in fields))
    print(f"{'precision on the queries':34}" + "".join(f"{precision(count):9.3f}" for count in counted))
    print(f"{'recall, all kinds':34}" + "".join(f"{each:9.3f}" for each in recalls))
    for kind in (*POSITIVE, "honest"):
        print(f"  {'recall, ' + kind:32}" + "".join(f"{rate(count, (kind,), 'hit'):9.3f}" for count in counted))
    for kind in NEGATIVE:
        print(f"  {'alarms, ' + kind:32}" + "".join(f"{rate(count, (kind,), 'false alarm'):9.3f}" for count in counted))


def tally(
    queries: Sequence[Row], hits: Hits, threshold: float, known: Mapping[str, tuple[str, str]]
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


def fit(index: Index, lessons: Sequence[Row], queries: Sequence[Row], everyday: Sequence[Row]) -> None:
    known = learned(lessons)
    examples = list(all_examples(index, [*queries, *everyday], known))
    print(f"{len(examples)} comparisons, {sum(each.true for each in examples)} of them recurrences")
    projects = sorted({each.project for each in examples})
    hits: Hits = {row["id"]: {} for row in (*queries, *everyday)}
    for fold in (projects[at::5] for at in range(5)):
        weights = fitted([each for each in examples if each.project not in fold])
        put_scores(hits, [each for each in examples if each.project in fold], weights)
    print("\neach project scored by what was fitted without it:")
    table(queries, everyday, hits, hits, known, thresholds=False)
    weights = fitted(examples)
    put_scores(hits, examples, weights)
    shift = log(SPEAKS_AT / (1 - SPEAKS_AT)) - logit(threshold_for(SPEAKS_IN, everyday, hits, known))
    weights["intercept"] += shift
    print(f"\nfitted on all; the intercept moved by {shift:+.2f} so that {SPEAKS_IN:.1%} alarm at {SPEAKS_AT}:")
    print("\n".join(f'    "{name}": {value:.2f},' for name, value in weights.items()))


def all_examples(index: Index, found: Iterable[Row], known: Mapping[str, tuple[str, str]]) -> Iterator[Example]:
    for row in found:
        best: dict[str, Example] = {}
        for each in candidates(change_of(row), index):
            if each.like.score > 0 and not is_neutral(row, each.lesson, known):
                example = example_of(row, each.lesson, each.like.features)
                held = best.get(each.lesson)
                if example.true and (held is None or held.features[1] < example.features[1]):
                    best[each.lesson] = example  # a change brings a bug back in one place: the others are not it
                elif not example.true:
                    yield example
        yield from best.values()


def example_of(row: Row, lesson: str, features: Mapping[str, float]) -> Example:
    """Honest recurrences and fixed versions weigh double: they are few, and they are what matters."""
    true = lesson in row["expected_lesson_ids"]
    double = is_honest(row) if true else row["kind"] in ("negative-fixed-version", "everyday")
    return Example(row["id"], lesson, row["project"], tuple(features.values()), true, 2.0 if double else 1.0)


def put_scores(hits: Hits, examples: Iterable[Example], weights: Mapping[str, float]) -> None:
    for each in examples:
        score = scored(dict(zip(WEIGHTS, each.features, strict=True)), weights)
        hits[each.query][each.lesson] = max(score, hits[each.query].get(each.lesson, 0.0))


def fitted(examples: Sequence[Example], rounds: int = 8, ridge: float = 1.0) -> dict[str, float]:
    """Logistic regression by Newton's method with a little ridge; plain Python, no seed needed."""
    names = list(WEIGHTS)
    free = [at for at, name in enumerate(names) if name not in FIXED_BY_HAND]
    beta = [0.0] * len(free)
    for _ in range(rounds):
        gradient = [-ridge * value for value in beta]
        curve = [[ridge * (i == j) for j in range(len(free))] for i in range(len(free))]
        for each in examples:
            x = [each.features[at] for at in free]
            p = 1 / (1 + exp(-max(-30.0, min(30.0, sum(map(float.__mul__, beta, x))))))
            slope, bend = each.weight * (each.true - p), each.weight * max(p * (1 - p), 1e-6)
            for i, value in enumerate(x):
                gradient[i] += slope * value
                if value:
                    scaled = bend * value
                    curve[i][: i + 1] = [
                        held + scaled * other for held, other in zip(curve[i], x[: i + 1], strict=False)
                    ]
        beta = [value + step for value, step in zip(beta, solved(curve, gradient), strict=True)]
    return {
        **{name: WEIGHTS[name] for name in names},
        **{names[at]: value for at, value in zip(free, beta, strict=True)},
    }


def solved(lower: list[list[float]], right: Sequence[float]) -> list[float]:
    """Solve a symmetric system, given its lower triangle, by Cholesky."""
    size = len(right)
    root = [[0.0] * size for _ in range(size)]
    for i in range(size):
        for j in range(i + 1):
            left = lower[i][j] - sum(root[i][k] * root[j][k] for k in range(j))
            root[i][j] = left**0.5 if i == j else left / root[j][j]
    down: list[float] = []
    for i in range(size):
        down.append((right[i] - sum(root[i][k] * down[k] for k in range(i))) / root[i][i])
    up = [0.0] * size
    for i in reversed(range(size)):
        up[i] = (down[i] - sum(root[k][i] * up[k] for k in range(i + 1, size))) / root[i][i]
    return up


def logit(p: float) -> float:
    return log(p / (1 - p))


if __name__ == "__main__":
    sys.exit(main())
