"""Everyday changes: ordinary commits, drawn evenly over a history's last years.

They say how often a guard speaks up when nobody repeats anything. Fixes among them stay: they are
everyday, too.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from benchmarks.mine.drawing import drawn_evenly
from benchmarks.mine.histories import (
    CommitChange,
    History,
    LoggedCommit,
    changes,
    ordinary_commits,
    source_paths,
)

from twiceshy.changes.change import FileChange, LineKind
from twiceshy.lessons.languages import language_of_path

MOST_FILES = 12
MOST_PATHS = 60
"""A commit of more is a sweep over the tree, whatever it is that it touches."""

MOST_LINES = 400
YEARS = 10

Row = dict[str, Any]

_DATA = frozenset(["json", "xml", "html", "css", "toml", "properties"])
"""A commit of nothing else is a version's bump or a page's new look."""

_NUMBER = re.compile(r"\b[0-9a-f]{12,64}\b|\d[\w.+-]*")
_REVERT = re.compile(r"revert\b|.{0,40}\breverts?\b (?:\"|commit )", re.IGNORECASE)


def everyday_rows(past: History, seed: int, first: int, last: int) -> Iterator[Row]:
    """The changes drawn at these places, from 0; the same draw whatever part of it is asked for."""
    drawn = filter(_is_everyday, changes(past, drawing(past, seed)))
    for commit_change in islice(drawn, first, last):
        yield _row(past, commit_change)


def drawing(past: History, seed: int) -> list[LoggedCommit]:
    """All that may be drawn, in the order of drawing."""
    commits = ordinary_commits(past)
    since = max((commit.day.year for commit in commits), default=0) - YEARS
    recent = [commit for commit in commits if commit.day.year > since]
    return drawn_evenly(filter(_may_be_everyday, recent), f"{seed} {past.project}")


def _may_be_everyday(commit: LoggedCommit) -> bool:
    if len(commit.paths) > MOST_PATHS or _REVERT.match(commit.subject):
        return False
    paths = source_paths(commit)
    return 1 <= len(paths) <= MOST_FILES and bool(_languages(paths) - _DATA)


def _languages(paths: Iterable[str]) -> set[str]:
    return {language_of_path(path) or "" for path in paths}


def _is_everyday(drawn: CommitChange) -> bool:
    files = drawn.change.files
    if not 1 <= len(files) <= MOST_FILES or not _languages(drawn.patches) - _DATA:
        return False
    return sum(map(_changed_lines, files)) <= MOST_LINES


def _changed_lines(file: FileChange) -> int:
    return len(file.added) + len(file.removed)


def _row(past: History, drawn: CommitChange) -> Row:
    change, commit = drawn.change, drawn.commit
    heads = {file.path: change.read_head(file.path) for file in change.files}
    language = _main_language(change.files)
    main = [file for file in change.files if language_of_path(file.path) == language]
    return {
        "id": f"{past.project}-{commit.id[:12]}",
        "kind": "everyday",
        "subkind": "version" if all(map(_is_version, change.files)) else "",
        "project": past.project,
        "path": max(main, key=_changed_lines).path,
        "paths": list(drawn.patches),
        "language": language,
        "diff": "".join(drawn.patches.values()),
        "before_files": _texts_before(drawn),
        "files": {path: text for path, text in heads.items() if text is not None},
        "expected_lesson_ids": [],
        "also_ok_lesson_ids": [],
        "commit": commit.id,
        "base": commit.parent,
        "date": commit.day.isoformat(),
        "note": commit.subject,
    }


def _is_version(file: FileChange) -> bool:
    """Whether a file's lines differ in numbers and digests alone, as robots write them."""
    sides = []
    for lines in (file.added, file.removed):
        sides.append(sorted(_NUMBER.sub("0", line.text) for line in lines))
    return sides[0] == sides[1]


def _main_language(files: Iterable[FileChange]) -> str:
    """The one with most changed lines; of data only where there is nothing else."""
    lines: Counter[str] = Counter()
    for file in files:
        language = language_of_path(file.path) or ""
        lines[language] += _changed_lines(file)
    return max(lines, key=lambda language: (language not in _DATA, lines[language], language))


def _texts_before(drawn: CommitChange) -> Row:
    """By path at base: as edits of the text after where that is shorter, else the whole text."""
    before: Row = {}
    for file in drawn.change.files:
        text = drawn.change.read_base(file.base_path)
        if text is not None:
            edits = _edits(file, text, drawn.change.read_head(file.path))
            before[file.base_path] = text if edits is None else edits
    return before


def _edits(file: FileChange, base: str, head: str | None) -> list[list[Any]] | None:
    """``[start, end, lines]`` of the text after, from 0, to be put back from the last to the first;
    None when the text before does not come out of that to the letter.
    """
    if head is None or file.old_path not in (None, file.path):
        return None
    edits: list[list[Any]] = []
    for hunk in file.hunks:
        place = hunk.new_start - 1
        for line in hunk.lines:
            if line.kind is LineKind.CONTEXT:
                place += 1
                continue
            if not edits or edits[-1][1] != place:
                edits.append([place, place, []])
            if line.kind is LineKind.ADDED:
                place += 1
                edits[-1][1] = place
            else:
                edits[-1][2].append(line.text)
    lines = head.split("\n")
    for start, end, removed in reversed(edits):
        lines[start:end] = removed
    return edits if "\n".join(lines) == base else None
