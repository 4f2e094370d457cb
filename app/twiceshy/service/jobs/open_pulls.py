"""Pull requests nobody just pushed to: open at an installation, or when lessons changed. Says which
to judge, no more.
"""

from dataclasses import replace

from twiceshy.github import listings
from twiceshy.github.errors import Gone
from twiceshy.github.events import (
    Event,
    Installed,
    Pushed,
    RepositoriesAdded,
    RepositoryRef,
    RerunRequested,
)
from twiceshy.github.listings import ListedPull
from twiceshy.github.queries import pull_now
from twiceshy.service.context import Context
from twiceshy.store import heads, registry_uses
from twiceshy.store.heads import Head
from twiceshy.verdicts.settings import FILE_NAME

MOST_REPOSITORIES, MOST_OPEN = 100, 50
"""Repositories looked at after one event, and open pull requests judged in each, the newest first.
"""

MOST_COMMENTED, QUIET_COMMENTS = 10, 2
"""So many of these are commented, each with at most so many new comments; the others get their
check alone.
"""

REGISTRY_FOLDERS = ("lessons/", "rules/")


def repositories(context: Context, event: Event) -> list[str]:
    """Names of the repositories whose open pull requests an event is a reason to judge. Raises a
    GitHubError.
    """
    match event:
        case Installed(created=True):
            api = context.api(event.installation)
            return listings.repositories_of_installation(api, MOST_REPOSITORIES)
        case RepositoriesAdded():
            return list(event.repositories[:MOST_REPOSITORIES])
        case Pushed() if touches_lessons(event):
            return _users_of(context, event.place)
    return []


def touches_lessons(event: Pushed) -> bool:
    """Whether a push changes what is guarded with, or might: GitHub lists no paths of a forced
    push.
    """
    if event.forced:
        return True
    return any(path == FILE_NAME or path.startswith(REGISTRY_FOLDERS) for path in event.paths)


def heads_to_judge(context: Context, installation: int, repository: str) -> list[Head]:
    """The heads of a repository's newest open pull requests that do not wait for their judging
    anyway. Raises a GitHubError, Gone where we may not look.
    """
    context.fresh_registries.clear()  # their lessons have changed
    listed = listings.open_pulls(context.api(installation), repository, MOST_OPEN)
    pulls = [pull for pull in listed if not pull.draft][:MOST_OPEN]
    waiting = []
    for pull in pulls:
        head = _head(RepositoryRef(installation, pull.repository, repository), pull)
        if not _is_waiting(context, head):
            waiting.append(head)
    return waiting


def comments_for(position: int) -> int:
    """How many comments the pull request at this position of the list may get."""
    return QUIET_COMMENTS if position < MOST_COMMENTED else 0


def now(context: Context, head: Head) -> Head | None:
    """The same pull request as GitHub knows it now; None when it is closed. Raises a
    GitHubError.
    """
    current = pull_now(context.api(head.installation), head.name, head.number)
    return replace(head, head=current[0], base=current[1]) if current else None


def head_at(context: Context, place: RepositoryRef, number: int) -> Head | None:
    """A pull request we never heard of, as one older than the installation; None when it is closed
    or gone.
    """
    try:
        return now(context, Head(place.installation, place.repository, place.name, number, "", ""))
    except Gone:
        return None


def heads_of(context: Context, event: RerunRequested) -> list[Head]:
    """The open pull requests at a check's head: those we know, else those GitHub finds, forks'
    too.
    """
    place = event.place
    stored = context.transaction(heads.with_head, place.repository, event.head)
    if stored:
        return stored
    pulls = listings.open_pulls_at(context.api(place.installation), place.name, event.head)
    return [_head(place, pull) for pull in pulls]


def _users_of(context: Context, place: RepositoryRef) -> list[str]:
    """The repository itself, and those that guard with its lessons."""
    users = context.transaction(registry_uses.users_of, place.name, place.installation)
    return [place.name, *(name for name in users if name != place.name)]


def _is_waiting(context: Context, head: Head) -> bool:
    """Whether the same head waits for its judging anyway: it will see today's lessons, and may say
    all it has to.
    """
    newest = context.transaction(heads.head_of, head.repository, head.number)
    if newest is None or newest.head != head.head:
        return False
    return not context.transaction(heads.was_judged, head.repository, head.head)


def _head(place: RepositoryRef, pull: ListedPull) -> Head:
    return Head(place.installation, place.repository, place.name, pull.number, pull.head, pull.base)
