"""The data set: real lessons, changes that repeat them or do not, ordinary changes; and a registry
made of it.
"""

import gzip
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from twiceshy.changes.change import Change, FileChange, LineKind
from twiceshy.changes.diff import parse_diff
from twiceshy.lessons.lesson import Evidence, Lesson, Mode, Severity, Side
from twiceshy.lessons.lesson_writer import new_lesson

Row = dict[str, Any]  # one line of the data set
MOST_FILES = 150
Texts = Callable[[str], str | None]


def rows(folder: Path, name: str) -> Iterator[Row]:
    with gzip.open(folder / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def hosts(folder: Path) -> Mapping[tuple[str, str], dict[str, str]]:
    """Some files of each project, by language: a stand-in for its tree."""
    found: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    for row in rows(folder, "everyday"):
        held = found[row["project"], row["language"]]
        if len(held) < MOST_FILES:
            held.update(row["files"])
    return found


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
        (folder / "lessons" / f"{row['id']}.md").write_text(
            new_lesson(lesson_of(row)), encoding="utf-8"
        )


def learned(lessons: Iterable[Row]) -> dict[str, tuple[str, str]]:
    """Of each lesson the project, and the day since when it is known."""
    return {row["id"]: (row["project"], row["date"]) for row in lessons}


def texts_of(row: Row) -> Texts:
    """The files at head: whole for an ordinary change; of a query, the functions around its edits."""
    if "files" in row:
        files: Mapping[str, str] = row["files"]
        return files.get
    codes: dict[str, list[str]] = defaultdict(list)
    for each in row["after"]:
        codes[each["path"]].append(each["code"])
    return {
        file.path: _head(file, codes[file.path])
        for file in parse_diff(row["diff"]).files
        if codes[file.path]
    }.get


def change_of(row: Row) -> Change:
    """A row as the guards see it."""
    return Change(parse_diff(row["diff"]).files, read_head=texts_of(row))


def _head(file: FileChange, codes: Iterable[str]) -> str:
    """The file as far as it is known: added lines and enclosing functions at their numbers, blank
    elsewhere.
    """
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
