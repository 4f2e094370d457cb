"""Pull requests nobody just pushed to: open at an installation, or when lessons changed. Says which
to judge, no more.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from structlog import get_logger

from twiceshy.github.api import Api
from twiceshy.github.errors import Gone
from twiceshy.github.events import (
    Installed,
    Pushed,
    RepositoriesAdded,
    RepositoryRef,
    RerunRequested,
)
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

MOST_SOUGHT = 300
"""Open pull requests among which a fork's head is looked for."""

_REGISTRY = ("lessons/", "rules/")

log = get_logger()


def repositories(context: Context, event: object) -> list[str]:
    """Names of the repositories whose open pull requests an event is a reason to judge. Raises a
    GitHubError.
    """
    match event:
        case Installed(created=True):
            api = context.api(event.installation)
            found = api.linked("/installation/repositories", MOST_REPOSITORIES, "repositories")
            return [str(repository["full_name"]) for repository in found][:MOST_REPOSITORIES]
        case RepositoriesAdded():
            return list(event.repositories[:MOST_REPOSITORIES])
        case Pushed() if touches_lessons(event):
            place = event.place
            users = context.transaction(registry_uses.users_of, place.name, place.installation)
            return [place.name, *(name for name in users if name != place.name)]
    return []


def touches_lessons(event: Pushed) -> bool:
    """Whether a push changes what is guarded with, or might: GitHub lists no paths of a forced
    push.
    """
    return event.forced or any(
        path == FILE_NAME or path.startswith(_REGISTRY) for path in event.paths
    )


def open_heads(context: Context, installation: int, repository: str) -> list[Head]:
    """The heads of a repository's newest open pull requests. Raises a GitHubError, Gone where we
    may not look.
    """
    found = context.api(installation).linked(f"/repos/{repository}/pulls", MOST_OPEN, state="open")
    return [_head(installation, repository, pull) for pull in found if not pull.get("draft")][
        :MOST_OPEN
    ]


def comments_for(at: int) -> int:
    """How many comments the pull request at this place of the list may get."""
    return QUIET_COMMENTS if at < MOST_COMMENTED else 0


def is_waiting(context: Context, head: Head) -> bool:
    """Whether the same head waits for its judging anyway: it will see today's lessons, and may say
    all it has to.
    """
    known = context.transaction(heads.head_of, head.repository, head.number)
    if known is None or known.head != head.head:
        return False
    return not context.transaction(heads.was_judged, head.repository, head.head)


def now(context: Context, head: Head) -> Head | None:
    """The same pull request as GitHub knows it now; None when it is closed. Raises a GitHubError."""
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
    """The open pull requests at a check's head: those we know, else those GitHub finds, forks' too."""
    place = event.place
    known = context.transaction(heads.with_head, place.repository, event.head)
    return known or list(_sought(context.api(place.installation), place, event.head))


def _sought(api: Api, place: RepositoryRef, sha: str) -> Iterator[Head]:
    """GitHub may not list a fork's head by its commit: it is looked for among all that are open."""
    paths = (f"/repos/{place.name}/commits/{sha}/pulls", f"/repos/{place.name}/pulls")
    for path in paths:
        found = [
            pull
            for pull in api.linked(path, MOST_SOUGHT)
            if pull["head"]["sha"] == sha and pull["state"] == "open"
        ]
        if found:
            yield from (
                _head(place.installation, place.name, pull, place.repository) for pull in found
            )
            return


def _head(installation: int, name: str, pull: Mapping[str, Any], repository: int = 0) -> Head:
    number = repository or int(pull["base"]["repo"]["id"])
    return Head(
        installation,
        number,
        name,
        int(pull["number"]),
        str(pull["head"]["sha"]),
        str(pull["base"]["sha"]),
    )
