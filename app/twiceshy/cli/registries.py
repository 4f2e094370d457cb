"""Which registry and which settings a command works with: folders a person names, a commit's tree, or the working tree.

Decides where lessons come from; reads none.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from twiceshy.changes import git
from twiceshy.changes.registry_tree import TreeSource
from twiceshy.cli.main import Stop
from twiceshy.lessons.famous import FAMOUS, famous_folder
from twiceshy.lessons.index import Index
from twiceshy.lessons.model import Problem
from twiceshy.lessons.sources import Folder, Source
from twiceshy.verdicts.settings import FILE_NAME, RegistryPlace, Settings, read_settings


@dataclass(frozen=True)
class Chosen:
    """What a command guards with."""

    sources: tuple[Source, ...]
    settings: Settings
    problems: tuple[Problem, ...] = ()


def named(folders: Sequence[Path], settings: Settings) -> Chosen:
    """The folders a person named. Raises FileNotFoundError for one that is not there."""
    for folder in folders:
        if not folder.is_dir():
            raise FileNotFoundError(f"no registry folder {folder}: give a folder that holds lessons/ or rules/")
    several = len(folders) > 1
    return Chosen(
        tuple(Folder(folder, f"{folder.as_posix().rstrip('/')}/" if several else "") for folder in folders), settings
    )


def of_commit(root: Path, commit: str, settings: Settings) -> Chosen:
    """What a commit's tree holds, as its own settings say; without lessons or settings there, the famous incidents."""
    own = tuple(TreeSource(root, commit, place.path) for place in settings.registries if place.path)
    if not settings.written and all(source.empty for source in own):
        return Chosen((_famous(),), settings, tuple(_not_there_yet(root)))
    return Chosen((*own, *_elsewhere(settings.registries)), settings, tuple(_unreachable(settings.registries)))


def of_folder(root: Path, settings: Settings) -> Chosen:
    """What the working tree holds, likewise."""
    own = tuple(_folder(root, place.path) for place in settings.registries if place.path)
    if not settings.written and not any((root / name).is_dir() for name in ("lessons", "rules")):
        return Chosen((_famous(),), settings)
    return Chosen((*own, *_elsewhere(settings.registries)), settings, tuple(_unreachable(settings.registries)))


def working_tree(root: Path | None, folders: Sequence[Path]) -> Chosen:
    """For commands that look at lessons and not at a change: named folders, else the working tree around here."""
    here = root or git.repository_root(Path.cwd()) or Path.cwd()
    text = (here / FILE_NAME).read_text(encoding="utf-8", errors="replace") if (here / FILE_NAME).is_file() else None
    settings = read_settings(text) if text is not None else Settings()
    return named(folders, settings) if folders else of_folder(here, settings)


def must_know(index: Index, ids: Iterable[str]) -> None:
    """Stops, and names them, when some of these are no lessons of the registry."""
    missing = [name for name in ids if index.lesson(name) is None]
    if missing:
        raise Stop(f"no lesson {', '.join(missing)} here: `twiceshy coverage` lists those there are")


def _folder(root: Path, path: str) -> Folder:
    return Folder(root / path, "" if path == "." else path.strip("/") + "/")


def _famous() -> Folder:
    return Folder(famous_folder(), FAMOUS)


def _elsewhere(places: Sequence[RegistryPlace]) -> Iterator[Source]:
    if any(place.builtin for place in places):
        yield _famous()


def _unreachable(places: Sequence[RegistryPlace]) -> Iterator[Problem]:
    for place in places:
        if place.repo:
            yield Problem(FILE_NAME, 0, f"registry {place.repo} is read by the GitHub App; here its lessons do not guard: "
                          "clone it and name the folder with --registry, beside --registry .")  # fmt: skip


def _not_there_yet(root: Path) -> Iterator[Problem]:
    if (root / "lessons").is_dir():
        yield Problem("lessons", 0, "these lessons guard once they are on the base branch; until then the famous "
                      "incidents do. To try yours now: twiceshy check --registry .")  # fmt: skip
