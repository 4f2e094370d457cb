"""Which registries a pull request is judged with, and how much of each its readers may see.
Publishes nothing.

A registry that may not be quoted is not used, and the pull request is told no more than its own
settings say already: the same sentence for one that is not there and for one that is not shared.
The log and ``doctor`` tell the operator.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from structlog import get_logger

from twiceshy.github.errors import Gone
from twiceshy.github.registry_store import RemoteRegistry, has_no_outsiders, registry_of
from twiceshy.lessons.lesson import Problem
from twiceshy.service.context import Context
from twiceshy.service.sandbox.launcher import RegistryRef
from twiceshy.store.heads import Head
from twiceshy.store.notes import UNUSED, delete_note, note, notes_under, set_note
from twiceshy.verdicts.settings import FILE_NAME, RegistrySetting, Settings
from twiceshy.verdicts.sharing import (
    NotUsed,
    Reader,
    Share,
    Shared,
    Visibility,
    readable_by_all,
    share_for,
)

FRESH_SECONDS = 10.0
"""For so long another repository's registry, its visibility and its consent are taken for what they
were.
"""

log = get_logger()


@dataclass(frozen=True, slots=True)
class Allowed:
    """A registry that may be used, and how much of it may be shown."""

    registry: RemoteRegistry
    share: Share


def remote_registry(
    context: Context, head: Head, reader: Reader, setting: RegistrySetting
) -> RegistryRef | Problem | None:
    """Another repository's registry for a pull request; a Problem when it is not used; None when it
    has no lessons.

    Raises a GitHubError other than Gone.
    """
    repository = str(setting.repo)
    allowed = _allowed(context, head, reader, setting)
    _remember(context, head, repository, allowed)
    if isinstance(allowed, NotUsed):
        log.warning("registry not used", registry=repository, reason=str(allowed))
        return not_used(repository)
    api, name = context.api(head.installation), allowed.registry.shared.name
    folder = context.registries.folder(api, name, allowed.registry.trees)
    if folder is None:
        return None
    label = f"{context.environment.site}/{name}"
    return RegistryRef(str(folder), label, f"{repository}:", name, allowed.share)


def not_used(repository: str) -> Problem:
    """What a pull request is told, whatever the reason is: the difference would tell strangers what
    exists.
    """
    message = (
        f"registry {repository} was not used: the App cannot read it, "
        "or its owner has not shared it with this repository (`share` in its own settings)"
    )
    return Problem(FILE_NAME, 0, message)


def operators_registry(context: Context, reader: Reader, folder: Path) -> RegistryRef | None:
    """A folder the operator guards every repository with; what public ones may show of it the
    operator decides.
    """
    public = reader.visibility is Visibility.PUBLIC
    share = context.environment.registry_public if public else Share.TEXT
    return RegistryRef(str(folder), str(folder), f"{folder.name}:", share=share) if share else None


def _allowed(
    context: Context, head: Head, reader: Reader, setting: RegistrySetting
) -> Allowed | NotUsed:
    try:
        registry = _registry(context, head, str(setting.repo), setting.ref)
    except Gone:
        return NotUsed.UNREADABLE
    reader = _with_members(context, head, reader, registry.shared)
    share = share_for(reader, registry.shared)
    if share is None:
        return NotUsed.NOT_SHARED
    if not registry.default_branch and not readable_by_all(reader, registry.shared):
        return NotUsed.OTHER_REF
    return Allowed(registry, share)


def _with_members(context: Context, head: Head, reader: Reader, registry: Shared) -> Reader:
    """Ask who may read the pull request, where that decides: for an internal registry."""
    if registry.visibility is not Visibility.INTERNAL or reader.visibility is Visibility.PUBLIC:
        return reader
    return replace(
        reader, only_members=has_no_outsiders(context.api(head.installation), reader.name)
    )


def _registry(context: Context, head: Head, repository: str, ref: str | None) -> RemoteRegistry:
    key = (head.installation, repository, ref)
    registry = context.fresh_registries.get(key)
    if registry is None:
        registry = registry_of(context.api(head.installation), repository, ref)
        context.fresh_registries.put(key, registry, FRESH_SECONDS)
    return registry


def _remember(context: Context, head: Head, repository: str, allowed: Allowed | NotUsed) -> None:
    """For the operator: which registries are named and not used."""
    name = f"{UNUSED}{head.name} {repository}"
    if isinstance(allowed, NotUsed):
        context.transaction(set_note, name, str(allowed))
    elif context.transaction(note, name) is not None:
        context.transaction(delete_note, name)


def forget_unnamed(context: Context, repository: str, settings: Settings) -> None:
    """Settings that name a registry no more have nothing to tell of it."""
    prefix = f"{UNUSED}{repository} "
    named = {setting.repo for setting in settings.registries}
    for registry in context.transaction(notes_under, prefix):
        if registry not in named:
            context.transaction(delete_note, prefix + registry)


def unused_registries(notes: Mapping[str, str]) -> list[str]:
    """The notes of ``_remember``, in words: which registry, where, why."""
    lines = []
    for name, reason in sorted(notes.items()):
        pull, _, registry = name.partition(" ")
        lines.append(f"{registry} on {pull} ({reason})")
    return lines
