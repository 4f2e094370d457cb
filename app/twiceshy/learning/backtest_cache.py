"""What a replay found, kept by commit in the user's cache: a line a part, added as it comes. Judges
nothing.

A commit's content never changes, so what was found of it holds as long as registry, settings and
version do.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from twiceshy.lessons.private_files import private_file, private_folder

MOST_FILES = 20
"""The oldest go first."""


@dataclass(frozen=True, slots=True)
class CachedFinding:
    """A lesson's claim about a place of a commit, and the code it was about without its white
    space.
    """

    lesson: str
    path: str
    line: int
    guard: str
    code: str


Findings = tuple[CachedFinding, ...] | None
"""Of one commit; None when it could not be judged."""


class BacktestCache:
    """What was found before under one name. Without a folder, or where it cannot be written,
    nothing is kept.
    """

    def __init__(self, folder: Path | None, name: str) -> None:
        digest = sha256(name.encode(errors="replace")).hexdigest()[:32]
        self._path = folder / f"{digest}.jsonl" if folder else None

    def read(self, commits: Iterable[str]) -> dict[str, Findings]:
        """What is known of these commits."""
        wanted = frozenset(commits)
        findings: dict[str, Findings] = {}
        for line in self._lines():
            for commit, said in _read(line).items():
                if commit in wanted:
                    findings[commit] = said
        return findings

    def add(self, findings: Mapping[str, Findings]) -> None:
        """Keep what was found of these commits."""
        if self._path is None:
            return
        rows = {commit: _rows(said) for commit, said in findings.items()}
        try:
            private_folder(self._path.parent)
            with private_file(self._path).open("a", encoding="utf-8", errors="replace") as stream:
                stream.write(json.dumps(rows, separators=(",", ":")) + "\n")
            _prune(self._path.parent)
        except OSError:
            return  # it is found again next time

    def _lines(self) -> list[str]:
        if self._path is None:
            return []
        try:
            return self._path.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            return []


def _read(line: str) -> dict[str, Findings]:
    """A line that is damaged, as by an interruption, is known no more."""
    try:
        return {commit: _findings(rows) for commit, rows in json.loads(line).items()}
    except (ValueError, TypeError, AttributeError):
        return {}


def _findings(rows: list[list[Any]] | None) -> Findings:
    return None if rows is None else tuple(CachedFinding(*row) for row in rows)


def _rows(findings: Findings) -> list[tuple[Any, ...]] | None:
    return None if findings is None else [astuple(finding) for finding in findings]


def _prune(folder: Path) -> None:
    files = sorted(folder.glob("*.jsonl"), key=lambda path: path.stat().st_mtime)
    for path in files[:-MOST_FILES]:
        path.unlink(missing_ok=True)
