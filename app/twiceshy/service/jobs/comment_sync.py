"""Says what is new of a verdict, and of what is gone that it is gone: once, whoever else is at
work. Judges nothing.

One writer a pull request, across processes; what was said stands in the store before it is sent. So
a crash, a lost answer, a push while a review is being sent, or a person's deletion never makes
anything be said twice.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

from structlog import get_logger

from twiceshy.github import sending
from twiceshy.github.api import Api
from twiceshy.github.errors import Forbidden, Gone, Limited, Refused
from twiceshy.github.events import CommentDeleted
from twiceshy.publishing.comment import marked
from twiceshy.publishing.publication import (
    Comment,
    Differences,
    PostedComment,
    Publication,
    SilencedClaims,
    differences,
)
from twiceshy.service.context import Context
from twiceshy.service.jobs.writer_lease import Pen, writing
from twiceshy.store import heads, said_comments
from twiceshy.store.heads import Head
from twiceshy.store.said_comments import Saying, State
from twiceshy.store.tables import SaidRow

log = get_logger()


@dataclass(frozen=True, slots=True)
class Listed:
    """Our comments as GitHub listed them, and what the store knew to be said just before that."""

    comments: tuple[PostedComment, ...] = ()
    complete: bool = True  # nothing was left off the list
    known: tuple[str, ...] = ()  # fingerprints, each with its state: "0123…:standing"


def known_before(context: Context, head: Head) -> tuple[str, ...]:
    """What the store knows to be said, asked before GitHub is: only what is in it can be missing
    from GitHub's list.
    """
    return _known(_rows(context, head))


def speak(context: Context, head: Head, publication: Publication, seen: Listed) -> bool:
    """Say it. False when a newer head is known by now, and nothing was said. Raises a GitHubError;
    trying again is safe.
    """
    rows = _rows(context, head)
    if not rows and not seen.comments and not publication.comments:
        return context.transaction(heads.is_newest, head)
    with writing(context, f"pull:{head.repository}/{head.number}") as pen:
        if not context.transaction(heads.is_newest, head):
            return False
        current = _current(context, head, seen)
        _note_seen(context, head, publication, current)
        different = differences(publication, current.comments, head.head, _silence(context, head))
        _say(pen, head, publication, different.new)
        _settle(pen, head, different)
    return True


def deleted(context: Context, event: CommentDeleted) -> None:
    """A person deleted a comment: where it is ours, that is an answer."""
    place = event.place
    row = context.transaction(said_comments.of_comment, place.repository, event.comment)
    mark = marked(event.body) if event.author == f"{context.slug}[bot]" else None
    fingerprint = row.fingerprint if row else mark[0] if mark else None
    if fingerprint is None or event.by == f"{context.slug}[bot]":
        return
    context.transaction(
        said_comments.note_deleted, place.repository, event.number, fingerprint, event.by
    )
    log.info("comment deleted", pull=event.number, fingerprint=fingerprint, by=event.by)


def _rows(context: Context, head: Head) -> dict[str, SaidRow]:
    return context.transaction(said_comments.of_pull, head.repository, head.number)


def _known(rows: dict[str, SaidRow]) -> tuple[str, ...]:
    return tuple(sorted(f"{fingerprint}:{row.state}" for fingerprint, row in rows.items()))


def _current(context: Context, head: Head, seen: Listed) -> Listed:
    """What was seen, or a new list when somebody has spoken since, or nobody knows whether
    something arrived.
    """
    rows = _rows(context, head)
    in_flight = {fingerprint for fingerprint, row in rows.items() if row.state == State.SENDING}
    if not in_flight and set(_known(rows)) <= set(seen.known):
        return seen
    api = context.api(head.installation)
    comments, complete = sending.standing(api, head.name, head.number, context.slug)
    arrived = {found[0] for each in comments if (found := marked(each.body))}
    lost = in_flight - arrived
    if lost:
        _recover(context, api, head, lost)
    return Listed(comments, complete, _known(_rows(context, head)))


def _recover(context: Context, api: Api, head: Head, lost: set[str]) -> None:
    """What was being sent and is in no comment stands in a review's body, or was not said."""
    review = sending.find_alone(api, head.name, head.number, lost, context.slug)
    place = (head.repository, head.number)
    if review is None:
        context.transaction(said_comments.forget, *place, lost)
    else:
        context.transaction(said_comments.note_standing, *place, lost, review, alone=True)


def _note_seen(context: Context, head: Head, publication: Publication, seen: Listed) -> None:
    """Adopt what stands, also what is older than the store; what was there and is gone, a person
    deleted.
    """
    claims = {finding.fingerprint: finding.claim for finding in publication.findings}
    place, listed = (head.repository, head.number), set()
    for comment in seen.comments:
        fingerprint, settled = marked(comment.body) or ("", False)
        listed.add(fingerprint)
        saying = Saying(fingerprint, claims.get(fingerprint, ""), _digest(comment.body))
        context.transaction(said_comments.note_seen, *place, saying, comment.id, settled=settled)
    was_standing = {
        known.partition(":")[0] for known in seen.known if known.endswith(f":{State.STANDING}")
    }
    gone = [
        row.fingerprint
        for row in _rows(context, head).values()
        if row.fingerprint in was_standing - listed
        and row.state == State.STANDING
        and not row.alone
    ]
    if gone and seen.complete:
        log.info("comments were deleted", pull=head.number, fingerprints=gone)
        context.transaction(said_comments.note_gone, *place, gone)


def _silence(context: Context, head: Head) -> SilencedClaims:
    rows = _rows(context, head).values()
    spoken = frozenset(
        row.fingerprint for row in rows if row.state in (State.STANDING, State.DELETED)
    )
    claims = frozenset(row.claim for row in rows if row.state == State.DELETED and row.claim)
    return SilencedClaims(spoken, claims)


def _say(pen: Pen, head: Head, publication: Publication, comments: Sequence[Comment]) -> None:
    """Post what is new. A refusal of the lines never loses the words."""
    if not comments:
        return
    try:
        _send(pen, head, publication, comments[: sending.MOST_COMMENTS_A_REVIEW], len(comments))
    except Refused as refused:
        log.warning("review refused, posted without lines", reason=str(refused))
        _send(pen, head, publication, comments, len(comments), alone=True)


def _send(
    pen: Pen,
    head: Head,
    publication: Publication,
    comments: Sequence[Comment],
    of: int,
    *,
    alone: bool = False,
) -> None:
    context, place = pen.context, (head.repository, head.number)
    claims = {finding.fingerprint: finding.claim for finding in publication.findings}
    sayings = [
        Saying(each.fingerprint, claims.get(each.fingerprint, ""), _digest(each.body))
        for each in comments
    ]
    fingerprints = [saying.fingerprint for saying in sayings]
    context.transaction(said_comments.begin, *place, head.head, sayings)
    pen.check()
    api = context.api(head.installation)
    try:
        if alone:
            review = sending.post_alone(api, head.name, head.number, head.head, comments)
        else:
            review = sending.post_review(api, head.name, head.number, head.head, comments, of)
    except (Refused, Limited, Forbidden, Gone):  # it certainly is not there
        context.transaction(said_comments.forget, *place, fingerprints)
        raise
    context.transaction(said_comments.note_standing, *place, fingerprints, review, alone=alone)


def _settle(pen: Pen, head: Head, different: Differences) -> None:
    context = pen.context
    api = context.api(head.installation)
    for comment, body in different.edits:
        pen.check()
        sending.edit_comment(api, head.name, comment, body)
        fingerprint = (marked(body) or ("",))[0]
        context.transaction(said_comments.note_settled, head.repository, head.number, fingerprint)


def _digest(body: str) -> str:
    return sha256(body.encode("utf-8", "replace")).hexdigest()[:20]


def quietly(publication: Publication, most: int) -> Publication:
    """With at most so many comments, for who did not ask: the rest stands in the check."""
    return replace(publication, comments=publication.comments[:most])
