"""The data set: real lessons, changes that repeat them or do not, ordinary changes; and a registry
made of it.
"""

import gzip
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from hosts import Snapshots, snapshots

from twiceshy.changes.change import Change, FileChange, LineKind
from twiceshy.changes.diff import parse_diff
from twiceshy.lessons.lesson import Evidence, Lesson, Mode, Severity, Side
from twiceshy.lessons.lesson_writer import new_lesson

Row = dict[str, Any]  # one line of the data set
MOST_FILES = 150
Texts = Callable[[str], str | None]


@dataclass(frozen=True)
class LearningSet:
    """Lessons of some projects, changes that are labelled, everyday ones, and the projects' trees
    over time.
    """

    name: str
    lessons: Sequence[Row]
    queries: Sequence[Row]
    everyday: Sequence[Row]
    snapshots: Snapshots

    @cached_property
    def origins(self) -> dict[str, tuple[str, str]]:
        """See ``learned``."""
        return learned(self.lessons)


def read_set(folder: Path, sample: int = 1, everyday: int | None = None) -> LearningSet:
    """A set with every so manieth query and at most so many everyday changes, drawn evenly. One
    without queries is of use for its alarms.
    """
    daily = list(rows(folder, "everyday"))
    if everyday:
        daily = daily[:: max(1, len(daily) // everyday)]
    queries = list(rows(folder, "queries"))[::sample] if _has(folder, "queries") else []
    lessons = list(rows(folder, "lessons"))
    return LearningSet(folder.name, lessons, queries, daily, snapshots(folder))


def _has(folder: Path, name: str) -> bool:
    return (folder / f"{name}.jsonl.gz").is_file()


def rows(folder: Path, name: str) -> Iterator[Row]:
    with gzip.open(folder / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def hosts(folder: Path) -> Mapping[tuple[str, str], dict[str, str]]:
    """Some files of each project, by language: a stand-in for its tree."""
    files_of: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    for row in rows(folder, "everyday"):
        files = files_of[row["project"], row["language"]]
        if len(files) < MOST_FILES:
            files.update(row["files"])
    return files_of


def without_failure(row: Row, code: Mapping[str, str]) -> dict[str, str]:
    """The files in which a lesson's failing code does not stand."""
    return {path: text for path, text in code.items() if row["bad"].strip() not in text}


def lesson_of(row: Row) -> Lesson:
    evidence = (
        Evidence(Side.BAD, row["language"], row["bad"], 0, 1, row["path"]),
        Evidence(Side.GOOD, row["language"], row["good"], 0, 1),
    )
    day = date.fromisoformat(row["date"]) if row["date"] else date(2000, 1, 1)
    return Lesson(
        row["id"],
        row["title"] or row["id"],
        day,
        Severity.HIGH,
        Mode.BLOCK,
        row["id"],
        evidence=evidence,
    )


def write_registry(lessons: Iterable[Row], folder: Path) -> None:
    """The lessons as files, as anybody's registry has them."""
    (folder / "lessons").mkdir(parents=True, exist_ok=True)
    for row in lessons:
        path = folder / "lessons" / f"{row['id']}.md"
        path.write_text(new_lesson(lesson_of(row)), encoding="utf-8")


def learned(lessons: Iterable[Row]) -> dict[str, tuple[str, str]]:
    """Of each lesson the project, and the day since when it is known."""
    return {row["id"]: (row["project"], row["date"]) for row in lessons}


def texts_of(row: Row) -> Texts:
    """The files at head: whole for an ordinary change; of a query, the functions around its
    edits.
    """
    if "files" in row:
        files: Mapping[str, str] = row["files"]
        return files.get
    codes: dict[str, list[str]] = defaultdict(list)
    for function in row["after"]:
        codes[function["path"]].append(function["code"])
    heads = {}
    for file in parse_diff(row["diff"]).files:
        if codes[file.path]:
            heads[file.path] = _head(file, codes[file.path])
    return heads.get


def change_of(row: Row) -> Change:
    """A row as the guards see it."""
    return Change(parse_diff(row["diff"]).files, read_head=texts_of(row))


def _head(file: FileChange, codes: Iterable[str]) -> str:
    """The file as far as it is known: added lines and enclosing functions at their numbers, blank
    elsewhere.
    """
    lines = [(line.new, line) for hunk in file.hunks for line in hunk.lines if line.new is not None]
    text_at = {number: line.text for number, line in lines if line.kind is LineKind.ADDED}
    numbers: dict[str, list[int]] = defaultdict(list)
    for number, line in lines:
        if line.text.strip():
            numbers[line.text].append(number)
    for code in codes:
        texts = code.split("\n")
        first = _first_line(texts, numbers)
        if first is not None:
            for offset, text in enumerate(texts):
                text_at.setdefault(first + offset, text)
    last = max(text_at, default=0)
    return "\n".join(text_at.get(number, "") for number in range(1, last + 1)) + "\n"


def _first_line(texts: Iterable[str], numbers: Mapping[str, list[int]]) -> int | None:
    """Where a function begins, by most of its lines that stand in the diff."""
    votes: Counter[int] = Counter()
    for offset, text in enumerate(texts):
        for number in numbers.get(text, ())[:20]:
            votes[number - offset] += 1
    return votes.most_common(1)[0][0] if votes else None
