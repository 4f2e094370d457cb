"""Webhook payloads into the few values we act on. Pure and lenient: real payloads do not keep
GitHub's own description.

An event we do not know, or one that lacks what we need, is None: it is acknowledged and passed
over.
https://docs.github.com/en/webhooks/webhook-events-and-payloads
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

Payload = Mapping[str, Any]

LONGEST_BODY = 2_000
"""Characters of a comment that are looked at: commands stand at its beginning, marks at its end."""


@dataclass(frozen=True, slots=True)
class RepositoryRef:
    """A repository under an installation."""

    installation: int
    repository: int
    name: str  # owner/name


@dataclass(frozen=True, slots=True)
class HeadChanged:
    """A pull request has a new head, a new base, or was asked to be judged again."""

    place: RepositoryRef
    number: int
    head: str
    base: str
    before: str = ""  # the head until now
    again: bool = False  # judge though it was judged already
    pusher: str = ""  # who pushed the head, when the event tells


@dataclass(frozen=True, slots=True)
class Closed:
    """A pull request was closed."""

    place: RepositoryRef
    number: int
    head: str
    merged: bool


@dataclass(frozen=True, slots=True)
class MergeGroupQueued:
    """A merge queue wants its commit judged."""

    place: RepositoryRef
    head: str
    base: str
    ref: str


@dataclass(frozen=True, slots=True)
class RerunRequested:
    """Somebody pressed a button of our check: run again (empty ``button``), or one of our own."""

    place: RepositoryRef
    head: str
    button: str
    by: str


@dataclass(frozen=True, slots=True)
class CommentCreated:
    """Somebody wrote a comment on a pull request: in its conversation, or ``in_review`` beside the
    code.
    """

    place: RepositoryRef
    number: int
    comment: int
    by: str
    body: str
    in_review: bool = False
    thread: int = 0  # the review comment it replies to


@dataclass(frozen=True, slots=True)
class CommentDeleted:
    """Somebody deleted a review comment, which ``author`` had written."""

    place: RepositoryRef
    number: int
    comment: int
    author: str
    body: str
    by: str


@dataclass(frozen=True, slots=True)
class ThreadResolved:
    """A review thread was resolved; ``body`` is the text of the comment that began it, by
    ``author``.
    """

    place: RepositoryRef
    number: int
    author: str
    body: str
    by: str
    author_id: int = 0
    author_kind: str = ""  # "Bot" or "User"


@dataclass(frozen=True, slots=True)
class Pushed:
    """The default branch moved; ``paths`` changed."""

    place: RepositoryRef
    head: str
    paths: tuple[str, ...]
    forced: bool = False


@dataclass(frozen=True, slots=True)
class Installed:
    """The App was installed somewhere, given other permissions, or let in again."""

    installation: int
    account: str
    created: bool = False  # just now


@dataclass(frozen=True, slots=True)
class RepositoriesAdded:
    """Repositories, by name, were put under an installation that is there already."""

    installation: int
    account: str
    repositories: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Suspended:
    """The App may do nothing there until it is let in again."""

    installation: int
    account: str


@dataclass(frozen=True, slots=True)
class Uninstalled:
    """The App was removed; ``repositories`` (with ``names``, in the same order) are those GitHub
    names.
    """

    installation: int
    account: str
    repositories: tuple[int, ...] = ()
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RepositoriesRemoved:
    """The App may not see these repositories any more."""

    installation: int
    account: str
    repositories: tuple[int, ...]
    names: tuple[str, ...]


OfInstallation = Installed | Suspended | Uninstalled | RepositoriesRemoved
"""What tells of an installation as a whole, and of no one repository."""

Event = (
    HeadChanged
    | Closed
    | MergeGroupQueued
    | RerunRequested
    | CommentCreated
    | CommentDeleted
    | ThreadResolved
    | Pushed
    | RepositoriesAdded
    | OfInstallation
)


def read_event(name: str, payload: object) -> Event | None:
    """The event a payload tells of; None when it is nothing to us. Never raises for what is in
    it.
    """
    read = _READERS.get(name)
    if read is None or not isinstance(payload, Mapping):
        return None
    try:
        return read(payload)
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def _place(payload: Payload) -> RepositoryRef:
    repository = payload["repository"]
    return RepositoryRef(
        int(payload["installation"]["id"]), int(repository["id"]), str(repository["full_name"])
    )


_JUDGED = frozenset({"opened", "reopened", "synchronize", "ready_for_review"})


def _pull_request(payload: Payload) -> Event | None:
    action, pull = payload["action"], payload["pull_request"]
    number, head, base = int(pull["number"]), str(pull["head"]["sha"]), str(pull["base"]["sha"])
    if action == "closed":
        return Closed(_place(payload), number, head, bool(pull.get("merged")))
    rebased = action == "edited" and "base" in payload.get("changes", {})
    if action not in _JUDGED and not rebased:
        return None
    pusher = _who(payload) if action in ("opened", "synchronize") else ""
    before = str(payload.get("before") or "")
    return HeadChanged(_place(payload), number, head, base, before, again=rebased, pusher=pusher)


def _merge_group(payload: Payload) -> Event | None:
    group = payload["merge_group"]
    if payload["action"] != "checks_requested":
        return None
    return MergeGroupQueued(
        _place(payload), str(group["head_sha"]), str(group["base_sha"]), str(group["head_ref"])
    )


def _check_run(payload: Payload) -> Event | None:
    if payload["action"] not in ("rerequested", "requested_action"):
        return None
    if payload["action"] == "requested_action" and _is_bot(payload):
        return None
    button = str(payload.get("requested_action", {}).get("identifier", ""))
    return RerunRequested(
        _place(payload), str(payload["check_run"]["head_sha"]), button, _who(payload)
    )


def _check_suite(payload: Payload) -> Event | None:
    if payload["action"] != "rerequested":
        return None
    return RerunRequested(
        _place(payload), str(payload["check_suite"]["head_sha"]), "", _who(payload)
    )


def _issue_comment(payload: Payload) -> Event | None:
    is_on_pull = bool(payload["issue"].get("pull_request"))
    if payload["action"] != "created" or not is_on_pull or _is_bot(payload):
        return None
    comment = payload["comment"]
    number = int(payload["issue"]["number"])
    by, body = str(comment["user"]["login"]), str(comment["body"])[:LONGEST_BODY]
    return CommentCreated(_place(payload), number, int(comment["id"]), by, body)


def _review_comment(payload: Payload) -> Event | None:
    """GitHub tells of a reply in a review thread here, and nowhere else."""
    action, comment = payload["action"], payload["comment"]
    place, number = _place(payload), int(payload["pull_request"]["number"])
    id_, body, author = int(comment["id"]), str(comment["body"]), str(comment["user"]["login"])
    if action == "deleted":
        return CommentDeleted(place, number, id_, author, body[-LONGEST_BODY:], _who(payload))
    if action != "created" or _is_bot(payload):
        return None
    thread = int(comment.get("in_reply_to_id") or 0)
    beginning = body[:LONGEST_BODY]
    return CommentCreated(place, number, id_, author, beginning, in_review=True, thread=thread)


def _thread(payload: Payload) -> Event | None:
    if payload["action"] != "resolved" or _is_bot(payload):
        return None
    first = payload["thread"]["comments"][0]
    number, author = int(payload["pull_request"]["number"]), first["user"]
    login, kind, account = str(author["login"]), str(author.get("type")), int(author.get("id") or 0)
    body = str(first["body"])[-LONGEST_BODY:]
    return ThreadResolved(_place(payload), number, login, body, _who(payload), account, kind)


def _push(payload: Payload) -> Event | None:
    if payload["ref"] != f"refs/heads/{payload['repository']['default_branch']}":
        return None
    paths: set[str] = set()
    for commit in payload["commits"]:
        for kind in ("added", "modified", "removed"):
            paths.update(str(path) for path in commit.get(kind, ()))
    forced = bool(payload.get("forced"))
    return Pushed(_place(payload), str(payload["after"]), tuple(sorted(paths)), forced)


def _installation(payload: Payload) -> Event | None:
    number, account = _installation_of(payload)
    if payload["action"] == "deleted":
        return Uninstalled(number, account, *_named(payload.get("repositories") or ()))
    if payload["action"] == "suspend":
        return Suspended(number, account)
    return Installed(number, account, created=payload["action"] == "created")


def _installation_repositories(payload: Payload) -> Event | None:
    number, account = _installation_of(payload)
    if payload["action"] == "added":
        return RepositoriesAdded(number, account, _named(payload["repositories_added"])[1])
    if payload["action"] != "removed":
        return None
    return RepositoriesRemoved(number, account, *_named(payload["repositories_removed"]))


def _installation_of(payload: Payload) -> tuple[int, str]:
    installation = payload["installation"]
    return int(installation["id"]), str(installation["account"]["login"])


def _named(repositories: Iterable[Payload]) -> tuple[tuple[int, ...], tuple[str, ...]]:
    numbers, names = [], []
    for repository in repositories:
        numbers.append(int(repository["id"]))
        names.append(str(repository["full_name"]))
    return tuple(numbers), tuple(names)


def _who(payload: Payload) -> str:
    return str(payload["sender"]["login"])


def _is_bot(payload: Payload) -> bool:
    return bool(payload.get("sender", {}).get("type") == "Bot")


_READERS: Mapping[str, Callable[[Payload], Event | None]] = {
    "pull_request": _pull_request,
    "merge_group": _merge_group,
    "check_run": _check_run,
    "check_suite": _check_suite,
    "issue_comment": _issue_comment,
    "pull_request_review_comment": _review_comment,
    "pull_request_review_thread": _thread,
    "push": _push,
    "installation": _installation,
    "installation_repositories": _installation_repositories,
}
