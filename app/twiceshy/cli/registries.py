"""Which registry and which settings a command works with: folders a person names, a commit's tree,
or the working tree.

Decides where lessons come from; reads none.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import typer

from twiceshy.changes import git
from twiceshy.changes.registry_tree import FOLDERS, TreeSource
from twiceshy.cli.errors import UsageError
from twiceshy.lessons.famous import FAMOUS, famous_folder
from twiceshy.lessons.index import Index
from twiceshy.lessons.lesson import Problem
from twiceshy.lessons.sources import Folder, Source
from twiceshy.verdicts.guard import Guard
from twiceshy.verdicts.readiness import Blindness, Readiness
from twiceshy.verdicts.render.escape import printable
from twiceshy.verdicts.settings import FILE_NAME, RegistrySetting, Settings, read_settings


@dataclass(frozen=True)
class Chosen:
    """What a command guards with."""

    sources: tuple[Source, ...]
    settings: Settings
    problems: tuple[Problem, ...] = ()
    # whose tree the repository's own lessons are read from; empty when they come from folders
    commit: str = ""
    own: tuple[str, ...] = ()  # how the paths of those lessons begin


def named(folders: Sequence[Path], settings: Settings) -> Chosen:
    """The folders a person named. Raises FileNotFoundError for one that is not there, or is no
    registry.
    """
    for folder in folders:
        if not folder.is_dir():
            raise FileNotFoundError(
                f"no registry folder {folder}: give a folder that holds lessons/ or rules/"
            )
        if not _is_registry(folder):
            raise FileNotFoundError(f"{folder} holds neither lessons/ nor rules/{_meant(folder)}")
    several = len(folders) > 1
    return Chosen(
        tuple(
            Folder(folder, f"{folder.as_posix().rstrip('/')}/" if several else "")
            for folder in folders
        ),
        settings,
    )


def of_commit(root: Path, commit: str, settings: Settings) -> Chosen:
    """What a commit's tree holds, as its own settings say; without lessons or settings there, the
    famous incidents.
    """
    own = tuple(TreeSource(root, commit, place.path) for place in settings.registries if place.path)
    if not settings.written and all(source.empty for source in own):
        return Chosen((_famous(),), settings, tuple(_not_there_yet(root)))
    absent = [source.folder for source in own if source.empty]
    problems = (*_unreachable(settings.registries), *_absent(absent, "on the base"))
    folders = [place.path for place in settings.registries if place.path]
    begins = tuple(
        "lessons/" if folder == "." else f"{folder.strip('/')}/lessons/" for folder in folders
    )
    return Chosen((*own, *_elsewhere(settings.registries)), settings, problems, commit, begins)


def of_folder(root: Path, settings: Settings) -> Chosen:
    """What the working tree holds, likewise."""
    own = tuple(_folder(root, place.path) for place in settings.registries if place.path)
    if not settings.written and not _is_registry(root):
        return Chosen((_famous(),), settings)
    absent = [
        place.path
        for place in settings.registries
        if place.path and not _is_registry(root / place.path)
    ]
    problems = (*_unreachable(settings.registries), *_absent(absent, f"in {root}"))
    return Chosen((*own, *_elsewhere(settings.registries)), settings, problems)


def working_tree(root: Path | None, folders: Sequence[Path]) -> Chosen:
    """For commands that look at lessons and not at a change: named folders, else the working tree
    around here.
    """
    here = root or git.repository_root(Path.cwd()) or Path.cwd()
    text = (
        (here / FILE_NAME).read_text(encoding="utf-8", errors="replace")
        if (here / FILE_NAME).is_file()
        else None
    )
    settings = read_settings(text) if text is not None else Settings()
    return named(folders, settings) if folders else of_folder(here, settings)


def must_guard(guard: Guard, chosen: Chosen) -> None:
    """Stops, and says what to do, when nothing guards: silence would be taken for "looked at"."""
    readiness = guard.readiness()
    if not readiness.guards:
        raise UsageError(told_blind(readiness, chosen))


def must_hold_lessons(guard: Guard, chosen: Chosen) -> None:
    """Stops likewise when there is not even a lesson to read: of drafts alone something can be
    told.
    """
    readiness = guard.readiness()
    if readiness.blindness in (*_WITHOUT_FILES, Blindness.UNREADABLE):
        raise UsageError(told_blind(readiness, chosen))


def must_hold_files(guard: Guard, chosen: Chosen) -> None:
    """Stops likewise when there is no file to read: of broken ones the command tells itself."""
    readiness = guard.readiness()
    if readiness.blindness in _WITHOUT_FILES:
        raise UsageError(told_blind(readiness, chosen))


def say_left_out(guard: Guard, chosen: Chosen) -> None:
    """On standard error, what does not guard and why."""
    for problem in (*chosen.problems, *guard.problems):
        typer.echo(f"left out: {printable(str(problem))}", err=True)


def told_blind(readiness: Readiness, chosen: Chosen) -> str:
    """Why nothing guards and what to do about it; a problem of the settings says more than their
    result.
    """
    if readiness.blindness in _WITHOUT_FILES and chosen.problems:
        return f"nothing guards: {'; '.join(str(problem) for problem in chosen.problems)}"
    return f"nothing guards: {readiness.seen}. To mend it: {readiness.advice}"


_WITHOUT_FILES = (Blindness.NO_REGISTRY, Blindness.NO_LESSON)


def must_know(index: Index, ids: Iterable[str]) -> None:
    """Stops, and names them, when some of these are no lessons of the registry."""
    missing = [name for name in ids if index.lesson(name) is None]
    if missing:
        raise UsageError(
            f"no lesson {', '.join(missing)} here: `twiceshy coverage` lists those there are"
        )


def _is_registry(folder: Path) -> bool:
    return any((folder / name).is_dir() for name in FOLDERS)


def _meant(folder: Path) -> str:
    """The registry somebody may have meant: a folder above, or one beneath."""
    above = [
        place.parent
        for place in (folder.resolve(), *folder.resolve().parents)
        if place.name in FOLDERS
    ]
    if above:
        return f": did you mean the folder above, {above[0]}?"
    try:
        beneath = sorted(
            place for place in folder.iterdir() if place.is_dir() and _is_registry(place)
        )
    except OSError:
        beneath = []
    return f": did you mean {beneath[0]}?" if beneath else ": give a folder that holds one of them"


def _absent(paths: Sequence[str], where: str) -> Iterator[Problem]:
    """A word for each folder that the settings name and that is no registry; the default one may be
    empty.
    """
    for path in paths:
        if path in ("", "."):
            continue
        first, _, last = path.rstrip("/").rpartition("/")
        meant = f"; did you mean {first or '.'}?" if last in FOLDERS else ""
        yield Problem(
            FILE_NAME, 0, f"registry {path} holds neither lessons/ nor rules/ {where}{meant}"
        )


def _folder(root: Path, path: str) -> Folder:
    return Folder(root / path, "" if path == "." else path.strip("/") + "/")


def _famous() -> Folder:
    return Folder(famous_folder(), FAMOUS)


def _elsewhere(places: Sequence[RegistrySetting]) -> Iterator[Source]:
    if any(place.builtin for place in places):
        yield _famous()


def _unreachable(places: Sequence[RegistrySetting]) -> Iterator[Problem]:
    for place in places:
        if place.repo:
            yield Problem(
                FILE_NAME,
                0,
                f"registry {place.repo} is read by the GitHub App; here its lessons do not guard: "
                "clone it and name the folder with --registry, beside --registry .",
            )


def _not_there_yet(root: Path) -> Iterator[Problem]:
    if (root / "lessons").is_dir():
        yield Problem(
            "lessons",
            0,
            "these lessons guard once they are on the base branch; until then the famous "
            "incidents do. To try yours now: twiceshy check --registry .",
        )
