"""Which registries a pull request is judged with: their folders on this machine. Judges nothing."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from twiceshy.lessons.lesson import Problem
from twiceshy.service.context import Context
from twiceshy.service.jobs import reading_rights
from twiceshy.service.sandbox.launcher import RegistryRef
from twiceshy.store import registry_uses
from twiceshy.store.heads import Head
from twiceshy.store.notes import REGISTRY, set_note
from twiceshy.verdicts.settings import Settings
from twiceshy.verdicts.sharing import Reader
from twiceshy.workspace import names_top, other_repositories


@dataclass(frozen=True, slots=True)
class Registries:
    """The registries, and what is said of those that are not used."""

    folders: tuple[RegistryRef, ...]
    problems: tuple[Problem, ...]


def registries_of(
    context: Context, head: Head, reader: Reader, trees: Mapping[str, str], settings: Settings
) -> Registries:
    """Those that the repository's own trees and its settings ask for, as far as its ``reader`` may
    see them; and those the service guards with. Raises a GitHubError.
    """
    reading_rights.forget_unnamed(context, head.name, settings)
    own = list(_own(context, head, trees, settings))
    others, problems = _others(context, head, reader, settings)
    operators = [
        reading_rights.operators_registry(context, reader, folder)
        for folder in context.environment.registries
    ]
    folders = (*own, *others, *filter(None, operators))
    return Registries(folders, tuple(problems))


def note_uses(context: Context, head: Head, settings: Settings) -> None:
    """Remember whose lessons a repository guards with: when those change, its open pull requests
    are judged.
    """
    sources = [str(registry.repo) for registry in other_repositories(settings)]
    context.transaction(
        registry_uses.note_uses, head.installation, head.repository, head.name, sources
    )


def _own(
    context: Context, head: Head, trees: Mapping[str, str], settings: Settings
) -> Iterator[RegistryRef]:
    folder = context.registries.folder(context.api(head.installation), head.name, trees)
    if folder is None:
        return
    _note_folder(context, head.name, folder)
    if names_top(settings):
        label = f"{context.environment.site}/{head.name}"
        yield RegistryRef(str(folder), label, repository=head.name)


def _others(
    context: Context, head: Head, reader: Reader, settings: Settings
) -> tuple[list[RegistryRef], list[Problem]]:
    """The registries of other repositories, as far as the pull request's readers may see them."""
    folders: list[RegistryRef] = []
    problems: list[Problem] = []
    for setting in other_repositories(settings):
        registry = reading_rights.remote_registry(context, head, reader, setting)
        if isinstance(registry, Problem):
            problems.append(registry)
        elif registry is not None:
            _note_folder(context, str(setting.repo), Path(registry.folder))
            folders.append(registry)
    return folders, problems


def _note_folder(context: Context, repository: str, folder: Path) -> None:
    """Remember where a repository's registry is kept: who asks for lessons is answered from
    there.
    """
    context.transaction(set_note, REGISTRY + repository, str(folder))
