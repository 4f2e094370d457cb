"""What a check concludes when its judging died or was late: what the repository, its organisation
and the operator ask.

The strictest of them holds: a repository may ask for more than its organisation, never for less.
Judges nothing.
"""

import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from twiceshy.github.errors import GitHubError
from twiceshy.github.queries import settings_of
from twiceshy.lessons.sources import MAX_FILE_BYTES
from twiceshy.publishing.publication import LONGEST_TITLE, failed
from twiceshy.publishing.values import Publication
from twiceshy.service.context import Context
from twiceshy.service.sandbox.launcher import RegistryRef
from twiceshy.store.heads import Head
from twiceshy.store.notes import ON_FAILURE, note, set_note
from twiceshy.verdicts.settings import OnFailure, SettingsError, read_settings

_BLOCKS = re.compile(rb"^[\"']?mode[\"']?[ \t]*:[ \t]*[\"']?block\b", re.MULTILINE)


def said_by(text: str | None) -> OnFailure:
    """What a ``.twiceshy.yml`` asks for; one that cannot be used asks for the default."""
    try:
        return read_settings(text).on_failure if text is not None else OnFailure.NEUTRAL
    except SettingsError:
        return OnFailure.NEUTRAL


def strictest(asked: Iterable[OnFailure]) -> OnFailure:
    """``failure`` when anybody asks for it."""
    return OnFailure.FAILURE if OnFailure.FAILURE in asked else OnFailure.NEUTRAL


def remember(context: Context, head: Head, asked: OnFailure) -> None:
    """Keep what a repository asks for, for when GitHub cannot be read; written only when it is
    another than before.
    """
    if _remembered(context, head.name) is not asked:
        context.transaction(set_note, ON_FAILURE + head.name, str(asked))


def on_failure(context: Context, head: Head) -> OnFailure:
    """What holds for a repository: its own word as last read, its organisation's, the
    operator's.
    """
    asked = (_remembered(context, head.name), context.environment.on_failure)
    if strictest(asked) is OnFailure.FAILURE:
        return OnFailure.FAILURE
    return _of_organisation(context, head)


def _remembered(context: Context, repository: str) -> OnFailure:
    return OnFailure(context.transaction(note, ON_FAILURE + repository) or OnFailure.NEUTRAL)


def _of_organisation(context: Context, head: Head) -> OnFailure:
    """What ``OWNER/.github`` asks for; what it last asked for when GitHub cannot be read."""
    name = f"{head.name.partition('/')[0]}/.github"
    try:
        asked = said_by(settings_of(context.api(head.installation), name))
    except GitHubError:
        return _remembered(context, name)
    context.transaction(set_note, ON_FAILURE + name, str(asked))
    return asked


def may_block(registries: Iterable[RegistryRef]) -> bool:
    """Whether a lesson of these registries may block; what cannot be read counts as one that
    may.
    """
    for registry in registries:
        try:
            if any(map(_blocks, (Path(registry.folder) / "lessons").rglob("*"))):
                return True
        except OSError:
            return True
    return False


def _blocks(file: Path) -> bool:
    is_lesson = file.name.lower().endswith(".md") and file.is_file()
    return is_lesson and _BLOCKS.search(_front_matter(file)) is not None


def _front_matter(file: Path) -> bytes:
    with file.open("rb") as stream:
        return stream.read(MAX_FILE_BYTES).partition(b"\n---")[0]


def not_judged(
    context: Context, head: Head, why: str, registries: Iterable[RegistryRef] | None = None
) -> Publication:
    """The check of a head that was not judged; ``registries`` None: nobody knows which lessons
    there are.
    """
    blocks = registries is None or may_block(registries)
    return failed(why, on_failure(context, head), blocks=blocks)


def as_asked(
    context: Context, head: Head, publication: Publication, registries: Iterable[RegistryRef]
) -> Publication:
    """A verdict in which a guard died, as the organisation or the operator ask; any other as it
    is.
    """
    lenient = not publication.died or publication.conclusion == "failure"
    if lenient or not may_block(registries) or on_failure(context, head) is OnFailure.NEUTRAL:
        return publication
    title = f"not judged, and failure is asked for then (on_failure); {publication.title}"
    return replace(publication, conclusion="failure", title=title[:LONGEST_TITLE])
