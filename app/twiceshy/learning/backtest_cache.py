"""What a replay found, kept by commit in the user's cache: a line a part, added as it comes. Judges
nothing.

A commit's content never changes, so what was found of it holds as long as registry, settings and
version do.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass
from hashlib import sha256
from pathlib import Path

from twiceshy.lessons.private_files import private_file, private_folder

MOST_KEPT = 20
"""Files; the oldest go first."""


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


class BacktestCache:
    """What was found before under one name. Without a folder, or where it cannot be written,
    nothing is kept.
    """

    def __init__(self, folder: Path | None, name: str) -> None:
        self._path = (
            folder and folder / f"{sha256(name.encode(errors='replace')).hexdigest()[:32]}.jsonl"
        )

    def read(self, commits: Iterable[str]) -> dict[str, tuple[CachedFinding, ...] | None]:
        """What is known of these commits."""
        wanted = frozenset(commits)
        found: dict[str, tuple[CachedFinding, ...] | None] = {}
        for line in self._lines():
            found |= {commit: said for commit, said in _read(line).items() if commit in wanted}
        return found

    def tally(self) -> tuple[int, Counter[str]]:
        """How many commits were judged, and how often each lesson spoke in them."""
        found: dict[str, tuple[CachedFinding, ...] | None] = {}
        for line in self._lines():
            found |= _read(line)
        spoke = Counter(each.lesson for said in found.values() for each in said or ())
        return sum(said is not None for said in found.values()), spoke

    def add(self, found: Mapping[str, tuple[CachedFinding, ...] | None]) -> None:
        """Keep what was found of these commits."""
        if self._path is None:
            return
        rows = {commit: said and [astuple(each) for each in said] for commit, said in found.items()}
        try:
            private_folder(self._path.parent)
            with private_file(self._path).open("a", encoding="utf-8", errors="replace") as stream:
                stream.write(json.dumps(rows, separators=(",", ":")) + "\n")
            _prune(self._path.parent)
        except OSError:
            return  # it is found again next time

    def _lines(self) -> list[str]:
        try:
            return (
                self._path.read_text(encoding="utf-8", errors="replace").splitlines()
                if self._path
                else []
            )
        except OSError:
            return []


def _read(line: str) -> dict[str, tuple[CachedFinding, ...] | None]:
    """A line that is damaged, as by an interruption, is known no more."""
    try:
        return {commit: _cached_finding(said) for commit, said in json.loads(line).items()}
    except (ValueError, TypeError, AttributeError):
        return {}


def _cached_finding(rows: list[list[object]] | None) -> tuple[CachedFinding, ...] | None:
    return None if rows is None else tuple(CachedFinding(*row) for row in rows)  # type: ignore[arg-type]  # as they were kept


def _prune(folder: Path) -> None:
    files = sorted(folder.glob("*.jsonl"), key=lambda path: path.stat().st_mtime)
    for path in files[:-MOST_KEPT]:
        path.unlink(missing_ok=True)
