"""Asks the product: every change goes through ``Guard.check``, as a pull request does. Two
processes, one index.
"""

import os
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing import Pool
from pathlib import Path

from data import Row, texts_of, write_registry

from twiceshy import Guard
from twiceshy.guards.recall.recall_guard import RECALL
from twiceshy.verdicts.verdict import JudgedFinding

_guards: list[Guard] = []


@contextmanager
def registry(lessons: Sequence[Row]) -> Iterator[str]:
    """A folder with the lessons, compiled; and how it went."""
    with tempfile.TemporaryDirectory() as folder:
        write_registry(lessons, Path(folder))
        started = time.perf_counter()
        guard = Guard.load(folder, cache=Path(folder) / "cache")
        left_out = [str(problem) for problem in guard.problems]
        seconds = time.perf_counter() - started
        print(
            f"{guard.index.lesson_count} lessons compiled in {seconds:.1f} s,"
            f" {len(left_out)} problems"
        )
        print("\n".join(left_out[:5]))
        yield folder


def hits(
    folder: str, rows: Sequence[Row], what: str, *, whole: bool = True
) -> dict[str, dict[str, float]]:
    """For every change the lessons recall found in it, with their scores. ``whole``: it may read
    the files at head.
    """
    started = time.perf_counter()
    with Pool(os.cpu_count(), _open, (folder,)) as pool:
        ask = _whole if whole else _diff_only
        scores = dict(pool.imap_unordered(ask, rows, chunksize=16))
    hunks = sum(row["diff"].count("\n@@ ") for row in rows)
    seconds = time.perf_counter() - started
    print(
        f"{len(rows)} {what}, {hunks} hunks in {seconds:.0f} s: "
        f"{1000 * seconds * (os.cpu_count() or 1) / max(1, hunks):.1f} ms of one core a hunk",
        flush=True,
    )
    return scores


def _open(folder: str) -> None:
    _guards[:] = [Guard.load(folder, cache=Path(folder) / "cache")]


def _whole(row: Row) -> tuple[str, dict[str, float]]:
    return row["id"], _best(_guards[0].check(row["diff"], texts_of(row)).findings)


def _diff_only(row: Row) -> tuple[str, dict[str, float]]:
    return row["id"], _best(_guards[0].check(row["diff"]).findings)


def _best(judged: Iterable[JudgedFinding]) -> dict[str, float]:
    scores: dict[str, float] = {}
    for judgement in judged:
        finding = judgement.finding
        if finding.guard is RECALL:
            scores[finding.lesson] = max(finding.score, scores.get(finding.lesson, 0.0))
    return scores
