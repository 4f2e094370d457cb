"""Lessons and rules that a pull request brings: read and tried, so that a broken one is mended
before it is merged.

They guard nothing yet: what guards comes from the base branch. Tried in a process of its own, with
its own time and memory, after the change's own verdict is safe: what a pull request proposes cannot
end the judging of what it changes. Nothing of it is written under a name it chose.
"""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from twiceshy.changes.programs import isolated_python
from twiceshy.lessons.lesson import Problem
from twiceshy.lessons.serial import as_json, from_json
from twiceshy.lessons.sources import Content, Source, SourceFile, kind_of, shown
from twiceshy.lessons.time_limits import bound_memory, patient
from twiceshy.service.sandbox.launcher import environment
from twiceshy.verdicts.guard import Guard

SECONDS = 60.0
"""For all that a pull request proposes."""

ENDING_SECONDS = 5.0
MEMORY_BYTES = 6 << 30
MOST_PROPOSED = 200
"""Files that are tried; of more the rest is named by its number."""

MOST_PROBLEMS = 100
NOT_TRIED = (
    "the lessons and rules this change brings were not tried: {}. "
    "What it changes was judged all the same"
)


@dataclass(frozen=True, slots=True)
class Proposed:
    """What a pull request does to a registry."""

    texts: Mapping[str, str | None]  # by path; None: deleted
    folder: str | None = None  # the base's registry on disk
    label: str = "proposed"
    cache: str | None = None
    left: int = 0  # files beyond the limit


def proposed_by(
    texts: Mapping[str, str | None], folder: str | None, label: str, cache: str
) -> Proposed:
    """What of these files (None: deleted) is for the registry, up to a limit."""
    ours = sorted(path for path in texts if kind_of(path))
    tried = {path: texts[path] for path in ours[:MOST_PROPOSED]}
    base = str(Path(folder).absolute()) if folder else None  # it is tried in another working folder
    return Proposed(
        tried, base, label, str(Path(cache).absolute()), max(0, len(ours) - MOST_PROPOSED)
    )


def try_apart(
    proposed: Proposed, seconds: float = SECONDS, memory: int = MEMORY_BYTES
) -> tuple[Problem, ...]:
    """What is wrong with what is proposed, found out in a process of its own. Never raises for what
    is in it.
    """
    if not any(text is not None for text in proposed.texts.values()):
        return ()
    command = isolated_python("-m", "twiceshy.service.sandbox.proposed_lessons", str(memory))
    try:
        return from_json(_output(command, as_json(proposed), seconds), tuple[Problem, ...])
    except subprocess.TimeoutExpired:
        return (Problem("", 0, NOT_TRIED.format(f"it took over {seconds:g} s")),)
    except (OSError, ValueError, TypeError):
        return (Problem("", 0, NOT_TRIED.format("trying them failed")),)


def _output(command: Sequence[str], given: bytes, seconds: float) -> bytes:
    """What a process answers. Raises TimeoutExpired; it is asked to end first, so that it ends its
    Semgrep too.
    """
    # files: no pipe to fill, none to break
    with tempfile.TemporaryFile() as question, tempfile.TemporaryFile() as answer:
        question.write(given)
        question.seek(0)
        process = subprocess.Popen(
            command,
            stdin=question,
            stdout=answer,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            cwd=os.sep,
            env=environment(),
        )
        _wait(process, patient(seconds))
        answer.seek(0)
        return answer.read()


def _wait(process: "subprocess.Popen[bytes]", seconds: float) -> None:
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(ENDING_SECONDS)
        raise
    finally:
        process.kill()
        process.wait()


def main() -> None:
    """Try what standard input proposes, and write what is wrong with it."""
    bound_memory(int(sys.argv[1]))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    proposed = from_json(sys.stdin.buffer.read(), Proposed)
    problems = try_lessons(proposed)
    sys.stdout.buffer.write(as_json(problems[:MOST_PROBLEMS]))


def try_lessons(proposed: Proposed) -> tuple[Problem, ...]:
    """What is wrong with these files once they lie over the base's registry; self-checks
    included.
    """
    overlay = Overlay(_base(proposed), proposed.texts, proposed.label)
    guard = Guard((overlay,), cache=_cache(proposed))
    paths = frozenset(shown(path) for path in proposed.texts)
    named = tuple(problem for problem in guard.problems if problem.path in paths)
    return (*_left(proposed), *named, *_failed(guard, paths))


class Overlay:
    """A ``lessons.sources.Source``: a registry with some files changed, none of which is ever
    written.
    """

    def __init__(self, base: Source | None, texts: Mapping[str, str | None], label: str) -> None:
        self._base = base
        self._texts = {shown(path): text for path, text in texts.items() if kind_of(path)}
        self.label = label

    def identity(self) -> str:
        tokens = "\0".join(f"{file.path}={file.token}" for file in self.files())
        return sha256(tokens.encode(errors="backslashreplace")).hexdigest()

    def files(self) -> Sequence[SourceFile]:
        under = self._base.files() if self._base else ()
        files = [file for file in under if file.path not in self._texts]
        for path, text in self._texts.items():
            kind = kind_of(path)
            if text is not None and kind:
                files.append(SourceFile(path, kind, sha256(_bytes(text)).hexdigest()))
        return sorted(files, key=lambda file: file.path)

    def read(self, files: Sequence[SourceFile]) -> Mapping[str, Content]:
        under = [file for file in files if file.path not in self._texts]
        contents: dict[str, Content] = dict(self._base.read(under)) if self._base else {}
        for file in files:
            text = self._texts.get(file.path)
            if text is not None:
                contents[file.path] = _bytes(text)
        return contents


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "replace")


def _base(proposed: Proposed) -> Source | None:
    from twiceshy.lessons.kept_registry import KeptRegistry  # noqa: PLC0415 - not for the parent

    return KeptRegistry(Path(proposed.folder), proposed.label) if proposed.folder else None


def _cache(proposed: Proposed) -> Path | None:
    """Under a label of its own: what is proposed never comes near the index that guards."""
    return Path(proposed.cache) / "proposed" if proposed.cache else None


def _left(proposed: Proposed) -> Iterator[Problem]:
    if proposed.left:
        tried = f"{len(proposed.texts)} files this change brings for the registry were tried"
        message = f"{tried}, {proposed.left} were not"
        yield Problem("", 0, message)


def _failed(guard: Guard, proposed: frozenset[str]) -> Iterator[Problem]:
    lessons = [lesson for name in guard.index.lesson_ids() if (lesson := guard.index.lesson(name))]
    touched = {
        lesson.id: lesson
        for lesson in lessons
        if proposed & {lesson.source, *(rule.source for rule in guard.index.rules(lesson.id))}
    }
    for name, standing in guard.self_check(touched).items():
        if standing.failed:
            message = (
                f"lesson {name} fails its self-check and would only observe: {standing.failed}"
            )
            yield Problem(touched[name].source, 1, message)


if __name__ == "__main__":
    main()
