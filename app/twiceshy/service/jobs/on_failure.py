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
from twiceshy.publishing.publication import Publication, failed
from twiceshy.service.context import Context
from twiceshy.service.sandbox.launcher import RegistryRef
from twiceshy.store.heads import Head
from twiceshy.store.notes import note, set_note
from twiceshy.verdicts.settings import OnFailure, SettingsError, read_settings

NOTE = "on_failure:"
"""Before the name of a repository: what it asked for when it could last be read."""

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


def remember(context: Context, head: Head, text: str | None) -> None:
    """Keep what a repository asks for, for when GitHub cannot be read; written only when it is
    another than before.
    """
    asked = str(said_by(text))
    if (context.transaction(note, NOTE + head.name) or OnFailure.NEUTRAL) != asked:
        context.transaction(set_note, NOTE + head.name, asked)


def on_failure(context: Context, head: Head) -> OnFailure:
    """What holds for a repository: its own word as last read, its organisation's, the operator's."""
    kept = context.transaction(note, NOTE + head.name) or OnFailure.NEUTRAL
    asked = strictest((OnFailure(kept), context.environment.on_failure))
    if asked is OnFailure.FAILURE:
        return asked
    return _of_organisation(context, head)


def _of_organisation(context: Context, head: Head) -> OnFailure:
    """What ``OWNER/.github`` asks for; what it last asked for when GitHub cannot be read."""
    name = f"{head.name.partition('/')[0]}/.github"
    try:
        asked = said_by(settings_of(context.api(head.installation), name))
    except GitHubError:
        kept = context.transaction(note, NOTE + name)
        return OnFailure(kept) if kept else OnFailure.NEUTRAL
    context.transaction(set_note, NOTE + name, str(asked))
    return asked


def may_block(shelves: Iterable[RegistryRef]) -> bool:
    """Whether a lesson on these shelves may block; what cannot be read counts as one that may."""
    for shelf in shelves:
        folder = Path(shelf.folder) / "lessons"
        try:
            if any(
                _BLOCKS.search(_front_matter(file))
                for file in folder.rglob("*")
                if _is_lesson(file)
            ):
                return True
        except OSError:
            return True
    return False


def _is_lesson(file: Path) -> bool:
    return file.name.lower().endswith(".md") and file.is_file()


def _front_matter(file: Path) -> bytes:
    with file.open("rb") as stream:
        return stream.read(MAX_FILE_BYTES).partition(b"\n---")[0]


def not_judged(
    context: Context, head: Head, why: str, shelves: Iterable[RegistryRef] | None = None
) -> Publication:
    """The check of a head that was not judged; ``shelves`` None: nobody knows which lessons there
    are.
    """
    asked = on_failure(context, head)
    blocks = shelves is None or may_block(shelves)
    return failed(why, asked, blocks=blocks)


def as_asked(
    context: Context, head: Head, made: Publication, shelves: Iterable[RegistryRef]
) -> Publication:
    """A verdict in which a guard died, as the organisation or the operator ask; any other as it is."""
    if not made.died or made.conclusion == "failure" or not may_block(shelves):
        return made
    if on_failure(context, head) is OnFailure.NEUTRAL:
        return made
    title = f"not judged, and failure is asked for then (on_failure); {made.title}"[:255]
    return replace(made, conclusion="failure", title=title)
