"""Lessons and rules that a pull request brings: read and tried, so that a broken one is mended before it is merged.

They guard nothing yet: what guards comes from the base branch. Text alone is written, into a folder of our own.
"""

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

from twiceshy.lessons.model import Problem
from twiceshy.lessons.sources import Folder
from twiceshy.verdicts.guard import Guard


def try_lessons(proposed: Mapping[str, str | None], base: Path | None) -> tuple[Problem, ...]:
    """What is wrong with these files (None: deleted) once they lie over the base's registry; self-checks included."""
    with tempfile.TemporaryDirectory(prefix="twiceshy-trial-") as folder:
        root = Path(folder) / "registry"
        if base:
            shutil.copytree(base, root, symlinks=True)
        for path, text in proposed.items():
            if ".." not in PurePosixPath(path).parts and not path.startswith("/"):
                _lay(root / path, text)
        guard = Guard((Folder(root),), cache=None)
        named = tuple(problem for problem in guard.problems if problem.path in proposed)
        return (*named, *_failed(guard, frozenset(proposed)))


def _lay(place: Path, text: str | None) -> None:
    if text is None:
        place.unlink(missing_ok=True)
    else:
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(text.encode("utf-8", "replace"))


def _failed(guard: Guard, proposed: frozenset[str]) -> Iterator[Problem]:
    lessons = [lesson for name in guard.index.lesson_ids() if (lesson := guard.index.lesson(name))]
    touched = {
        lesson.id: lesson
        for lesson in lessons
        if proposed & {lesson.source, *(rule.source for rule in guard.index.rules(lesson.id))}
    }
    for name, standing in guard.self_check(touched).items():
        if standing.failed:
            message = f"lesson {name} fails its self-check and would only observe: {standing.failed}"
            yield Problem(touched[name].source, 1, message)
