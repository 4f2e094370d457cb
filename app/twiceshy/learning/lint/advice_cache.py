"""What lint found before, kept in the user's cache under all it was found of. Judges nothing.

A name holds everything the advice depends on; where that is the same, looking again finds the same.
"""

import json
from collections.abc import Iterable
from dataclasses import astuple
from hashlib import sha256
from pathlib import Path

from twiceshy.learning.lint.advice import Advice, Weight
from twiceshy.lessons.private_files import private_file, private_folder

MOST_FILES = 50
"""The oldest go first."""


class AdviceCache:
    """The advice kept under one name. Where it cannot be read or written, nothing is kept."""

    def __init__(self, folder: Path, name: str) -> None:
        digest = sha256(name.encode(errors="replace")).hexdigest()[:32]
        self._path = folder / "advice" / f"{digest}.json"

    def read(self) -> list[Advice] | None:
        """What was found; None when it is not known."""
        try:
            rows = json.loads(self._path.read_text(encoding="utf-8"))
            return [Advice(Weight(weight), path, line, text) for weight, path, line, text in rows]
        except (OSError, ValueError, TypeError):
            return None

    def keep(self, advice: Iterable[Advice]) -> None:
        """Keep what was found."""
        rows = json.dumps([astuple(piece) for piece in advice], ensure_ascii=False)
        waiting = self._path.with_suffix(".new")
        try:
            private_folder(self._path.parent)
            private_file(waiting).write_text(rows, encoding="utf-8", errors="replace")
            waiting.replace(self._path)
            _prune(self._path.parent)
        except OSError:
            return  # it is found again next time


def _prune(folder: Path) -> None:
    files = sorted(folder.glob("*.json"), key=lambda path: path.stat().st_mtime)
    for path in files[:-MOST_FILES]:
        path.unlink(missing_ok=True)
