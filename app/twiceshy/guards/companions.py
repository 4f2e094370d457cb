"""The companions guard: ``when`` changed and ``require`` did not, in the same change. Never looks at code beyond the
added lines a lesson's own pattern names.
"""

import json
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from twiceshy.changes.globs import matches
from twiceshy.changes.model import Change, FileChange
from twiceshy.guards.finding import Finding, GuardName, Look
from twiceshy.lessons.index import Compiled, Entry, Index, Unit
from twiceshy.lessons.model import Companion, Mode

SHELF = "companions"
MAX_LINE = 2_000
"""A longer line is not matched against a pattern: nobody wrote it by hand, and it bounds the time."""

_WILD = re.compile(r"[*?\[!]")


class CompanionsCompiler:
    """Shelves each companion under the first folder its ``when`` names, or under ``*``."""

    name = "companions"
    version = "1"

    def compile(self, units: Sequence[Unit]) -> Compiled:
        alive = [unit.lesson for unit in units if unit.lesson.mode not in (Mode.DRAFT, Mode.RETIRED)]
        return Compiled(
            tuple(
                Entry(
                    SHELF,
                    _anchor(each.when),
                    lesson.id,
                    json.dumps([each.when, each.require, each.because, each.pattern]),
                )
                for lesson in alive
                for each in lesson.companions
            )
        )


class CompanionsGuard:
    """See the module."""

    name = GuardName.COMPANIONS

    def look(self, change: Change, index: Index) -> Look:
        paths = sorted({path for file in change.files for path in (file.path, file.base_path)})
        keys = {"*", *(path.split("/")[0] for path in paths)}
        findings: list[Finding] = []
        silent: dict[str, str] = {}
        for entry in index.find(SHELF, sorted(keys)):
            companion = Companion(*json.loads(entry.payload))
            changed = next(_triggers(companion, change.files), None)
            if changed is None:
                continue
            kept = next((path for path in paths if matches(companion.require, path)), None)
            if kept is not None:
                silent[entry.lesson] = f"{companion.require} changed too: {kept}"
            else:
                findings.append(_finding(entry.lesson, companion, *changed))
        return Look(tuple(findings), silent=silent)


def _anchor(when: str) -> str:
    first, slash, _ = when.removeprefix("/").partition("/")
    rooted = slash or when.startswith("/")  # `settings.py` alone matches in any folder
    return first if rooted and first and not _WILD.search(first) else "*"


def _triggers(companion: Companion, files: Sequence[FileChange]) -> Iterator[tuple[FileChange, int]]:
    """Each changed file that asks for the companion, with the line that shows it."""
    for file in files:
        if not (matches(companion.when, file.path) or matches(companion.when, file.base_path)):
            continue
        if companion.pattern is None:
            yield file, next((line.new or 1 for line in file.added), 1)
            continue
        pattern = _compiled(companion.pattern)
        hits = (line.new or 1 for line in file.added if len(line.text) <= MAX_LINE and pattern.search(line.text))
        if (hit := next(hits, None)) is not None:
            yield file, hit


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def _finding(lesson: str, companion: Companion, file: FileChange, line: int) -> Finding:
    because = companion.because.rstrip(".")
    return Finding(
        GuardName.COMPANIONS, lesson, file.path, line, line, 1.0,
        headline=f"{file.path} changed and {companion.require} did not",
        why=f"{because}: {companion.require} must change with it" if because else f"{companion.require} must change with it",
        key=f"{companion.when}\0{companion.require}\0{companion.pattern or ''}",
    )  # fmt: skip
