"""Which heads an event gives reason to judge. What else it asks for is done on the way."""

from collections.abc import Iterable
from dataclasses import dataclass

from twiceshy.github.events import (
    Closed,
    CommentCreated,
    CommentDeleted,
    Event,
    HeadChanged,
    MergeGroupQueued,
    OfInstallation,
    Pushed,
    RepositoriesAdded,
    RerunRequested,
    ThreadResolved,
)
from twiceshy.service.context import Context
from twiceshy.service.jobs import commands, comment_sync, open_pulls, outcomes, uninstall
from twiceshy.store import heads, installations
from twiceshy.store.heads import Head


@dataclass(frozen=True, slots=True)
class HeadToJudge:
    """A head, and whether it is judged though it was judged already."""

    head: Head
    again: bool = False


def heads_to_judge(context: Context, event: Event) -> list[HeadToJudge]:
    """None for an installation as a whole, or one that is away. Raises a GitHubError."""
    if isinstance(event, OfInstallation):
        uninstall.note(context, event)
    if isinstance(event, OfInstallation | RepositoriesAdded):
        return []
    return [] if is_away(context, event.place.installation) else _heads_of(context, event)


def is_away(context: Context, installation: int) -> bool:
    """Whether nothing is to be done for an installation."""
    return context.transaction(installations.is_away, installation)


def is_newest(context: Context, head: Head) -> bool:
    """Whether a head is to be judged: no newer one is known, and its installation is there."""
    return not is_away(context, head.installation) and context.transaction(heads.is_newest, head)


def _heads_of(context: Context, event: object) -> list[HeadToJudge]:
    match event:
        case HeadChanged():
            outcomes.note_pusher(context, event)
            return [HeadToJudge(outcomes.head_of_event(event), event.again)]
        case MergeGroupQueued():
            return [HeadToJudge(outcomes.head_of_queue(event))]
        case RerunRequested():
            return _as_they_are_now(context, commands.on_button(context, event))
        case CommentCreated():
            return _as_they_are_now(context, commands.on_comment(context, event))
        case ThreadResolved():
            commands.on_thread_resolved(context, event)
        case Closed():
            outcomes.closed(context, event)
        case CommentDeleted():
            comment_sync.deleted(context, event)
        case Pushed():
            outcomes.pushed(context, event)
    return []


def _as_they_are_now(context: Context, stored: Iterable[Head]) -> list[HeadToJudge]:
    """These again, as GitHub knows them now: a delivery may have been missed, and the base has
    moved.
    """
    wanted = []
    for head in stored:
        current = open_pulls.now(context, head)
        if current is not None:
            wanted.append(HeadToJudge(current, again=True))
    return wanted
