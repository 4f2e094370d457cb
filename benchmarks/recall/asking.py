"""Asks the product: every change goes through ``Guard.check``, as a pull request does. Two
processes, one index.
"""

import os
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from multiprocessing import Pool
from pathlib import Path

from data import Row, texts_of, write_registry
from hosts import Snapshots, host_of

from twiceshy import Guard
from twiceshy.changes.diff_file import change_from_diff
from twiceshy.guards.finding import GuardKind
from twiceshy.guards.recall.recall_guard import RECALL
from twiceshy.verdicts.verdict import JudgedFinding


@dataclass(frozen=True, slots=True)
class _Opened:
    """What a process asks."""

    guard: Guard
    of: Snapshots
    whole: bool


_opened: list[_Opened] = []


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


@dataclass(frozen=True, slots=True)
class Answer:
    """What the product said of a change at its defaults."""

    scores: Mapping[str, float]  # of recall, by lesson
    said: frozenset[tuple[str, str]]  # out loud, by guard and lesson


def answers(
    folder: str, changes: Sequence[Row], what: str, of: Snapshots, *, whole: bool = True
) -> dict[str, Answer]:
    """What the product says of every change. ``whole``: it may read the files at head, and the
    host.
    """
    started = time.perf_counter()
    work = _by_project(changes)
    answered: dict[str, Answer] = {}
    with Pool(os.cpu_count(), _open, (folder, of if whole else {}, whole)) as pool:
        for part in pool.imap_unordered(_ask, work, chunksize=1):
            answered |= part
    hunks = sum(row["diff"].count("\n@@ ") for row in changes)
    seconds = time.perf_counter() - started
    print(
        f"{len(changes)} {what}, {hunks} hunks in {seconds:.0f} s: "
        f"{1000 * seconds * (os.cpu_count() or 1) / max(1, hunks):.1f} ms of one core a hunk",
        flush=True,
    )
    return answered


def _by_project(changes: Sequence[Row]) -> list[list[Row]]:
    """In the order of time: the host of the next change has most of its files."""
    projects: dict[str, list[Row]] = defaultdict(list)
    for row in changes:
        projects[row["project"]].append(row)
    for rows in projects.values():
        rows.sort(key=lambda row: row.get("date") or "")
    return sorted(projects.values(), key=len, reverse=True)


def _open(folder: str, of: Snapshots, whole: bool) -> None:
    guard = Guard.load(folder, cache=Path(folder) / "cache")
    _opened[:] = [_Opened(guard, of, whole)]


def _ask(changes: Sequence[Row]) -> dict[str, Answer]:
    opened = _opened[0]
    return {row["id"]: _answer(opened, row) for row in changes}


def _answer(opened: _Opened, row: Row) -> Answer:
    if opened.whole:
        change = change_from_diff(row["diff"], texts_of(row))
        report = opened.guard.judge(replace(change, host=host_of(row, opened.of)))
    else:
        report = opened.guard.check(row["diff"])
    said = {(_level(judged.finding.guard), judged.lesson.id) for judged in report.shown}
    return Answer(_best(report.findings), frozenset(said))


def _level(guard: GuardKind) -> str:
    return f"{guard}, under other names" if guard.under_other_names else guard.name


def _best(judged: Iterable[JudgedFinding]) -> dict[str, float]:
    scores: dict[str, float] = {}
    for judgement in judged:
        finding = judgement.finding
        if finding.guard is RECALL:
            scores[finding.lesson] = max(finding.score, scores.get(finding.lesson, 0.0))
    return scores
