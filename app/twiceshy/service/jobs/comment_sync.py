"""Says what is new of a verdict, and of what is gone that it is gone: once, whoever else is at
work. Judges nothing.

One writer a pull request, across processes; what was said stands in the store before it is sent. So
a crash, a lost answer, a push while a review is being sent, or a person's deletion never makes
anything be said twice.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from structlog import get_logger

from twiceshy.github import sending
from twiceshy.github.errors import Forbidden, Gone, Limited, Refused
from twiceshy.github.events import CommentDeleted
from twiceshy.github.people import is_app
from twiceshy.publishing.comment import marked
from twiceshy.publishing.differences import Differences, SilencedClaims, differences
from twiceshy.publishing.values import Comment, PostedComment, Publication
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

    @property
    def known_to_stand(self) -> set[str]:
        """The fingerprints of which the store knew that they were said."""
        states = (entry.partition(":") for entry in self.known)
        return {fingerprint for fingerprint, _, state in states if state == State.STANDING}


def known_before(context: Context, head: Head) -> tuple[str, ...]:
    """What the store knows to be said, asked before GitHub is: only what is in it can be missing
    from GitHub's list.
    """
    return _with_states(_said(context, head))


def post(context: Context, head: Head, publication: Publication, listed: Listed) -> bool:
    """Say it. False when a newer head is known by now, and nothing was said. Raises a GitHubError;
    trying again is safe.
    """
    if not _said(context, head) and not listed.comments and not publication.comments:
        return context.transaction(heads.is_newest, head)
    with writing(context, f"pull:{head.repository}/{head.number}") as pen:
        if not context.transaction(heads.is_newest, head):
            return False
        current = _current(context, head, listed)
        _note_listed(context, head, publication, current)
        silence = _silence(_said(context, head).values())
        different = differences(publication, current.comments, head.head, silence)
        _say(pen, head, publication, different.new)
        _settle(pen, head, different)
    return True


def deleted(context: Context, event: CommentDeleted) -> None:
    """A person deleted a comment: where it is ours, that is an answer."""
    if is_app(event.by, context.slug):
        return
    row = context.transaction(said_comments.of_comment, event.place.repository, event.comment)
    if row is not None:
        fingerprint = row.fingerprint
    elif is_app(event.author, context.slug):
        fingerprint, _ = marked(event.body) or ("", False)
    else:
        return
    if not fingerprint:
        return
    context.transaction(
        said_comments.note_deleted, event.place.repository, event.number, fingerprint, event.by
    )
    log.info("comment deleted", pull=event.number, fingerprint=fingerprint, by=event.by)


def _said(context: Context, head: Head) -> dict[str, SaidRow]:
    """All that was ever said on the pull request, by fingerprint."""
    return context.transaction(said_comments.of_pull, head.repository, head.number)


def _with_states(said: Mapping[str, SaidRow]) -> tuple[str, ...]:
    return tuple(sorted(f"{fingerprint}:{row.state}" for fingerprint, row in said.items()))


def _current(context: Context, head: Head, listed: Listed) -> Listed:
    """What was listed, or a new list when somebody has spoken since, or nobody knows whether
    something arrived.
    """
    said = _said(context, head)
    in_flight = {fingerprint for fingerprint, row in said.items() if row.state == State.SENDING}
    if not in_flight and set(_with_states(said)) <= set(listed.known):
        return listed
    api = context.api(head.installation)
    comments, complete = sending.standing(api, head.name, head.number, context.slug)
    lost = in_flight - _fingerprints(comments)
    if lost:
        _recover(context, head, lost)
    return Listed(comments, complete, _with_states(_said(context, head)))


def _fingerprints(comments: Iterable[PostedComment]) -> set[str]:
    marks = (marked(comment.body) for comment in comments)
    return {mark[0] for mark in marks if mark}


def _recover(context: Context, head: Head, lost: set[str]) -> None:
    """What was being sent and is in no comment stands in a review's body, or was not said."""
    api, pull = context.api(head.installation), (head.repository, head.number)
    review = sending.find_alone(api, head.name, head.number, lost, context.slug)
    if review is None:
        context.transaction(said_comments.forget, *pull, lost)
    else:
        context.transaction(said_comments.note_standing, *pull, lost, review, alone=True)


def _note_listed(context: Context, head: Head, publication: Publication, listed: Listed) -> None:
    """Adopt what stands, also what is older than the store; what was there and is gone, a person
    deleted.
    """
    claims = _claims(publication)
    pull = (head.repository, head.number)
    for comment in listed.comments:
        fingerprint, settled = marked(comment.body) or ("", False)
        saying = Saying(fingerprint, claims.get(fingerprint, ""), _digest(comment.body))
        context.transaction(said_comments.note_seen, *pull, saying, comment.id, settled=settled)
    missing = listed.known_to_stand - _fingerprints(listed.comments)
    gone = []
    for row in _said(context, head).values():
        if row.fingerprint in missing and row.state == State.STANDING and not row.alone:
            gone.append(row.fingerprint)
    if gone and listed.complete:
        log.info("comments were deleted", pull=head.number, fingerprints=gone)
        context.transaction(said_comments.note_gone, *pull, gone)


def _claims(publication: Publication) -> dict[str, str]:
    return {finding.fingerprint: finding.claim for finding in publication.findings}


def _silence(said: Iterable[SaidRow]) -> SilencedClaims:
    fingerprints, claims = set[str](), set[str]()
    for row in said:
        if row.state in (State.STANDING, State.DELETED):
            fingerprints.add(row.fingerprint)
        if row.state == State.DELETED and row.claim:
            claims.add(row.claim)
    return SilencedClaims(frozenset(fingerprints), frozenset(claims))


def _say(pen: Pen, head: Head, publication: Publication, comments: Sequence[Comment]) -> None:
    """Post what is new. A refusal of the lines never loses the words."""
    if not comments:
        return
    try:
        _send(pen, head, publication, comments)
    except Refused as refused:
        log.warning("review refused, posted without lines", reason=str(refused))
        _send(pen, head, publication, comments, alone=True)


def _send(
    pen: Pen,
    head: Head,
    publication: Publication,
    comments: Sequence[Comment],
    *,
    alone: bool = False,
) -> None:
    """Post one review: as many comments as it takes, or, ``alone``, all of them in its body."""
    context, api = pen.context, pen.context.api(head.installation)
    posted = comments if alone else comments[: sending.MOST_COMMENTS_A_REVIEW]
    sayings = _sayings(posted, _claims(publication))
    fingerprints = [saying.fingerprint for saying in sayings]
    pull = (head.repository, head.number)
    context.transaction(said_comments.begin, *pull, head.head, sayings)
    pen.check()
    try:
        if alone:
            review = sending.post_alone(api, head.name, head.number, head.head, posted)
        else:
            count = len(comments)
            review = sending.post_review(api, head.name, head.number, head.head, posted, count)
    except (Refused, Limited, Forbidden, Gone):  # it certainly is not there
        context.transaction(said_comments.forget, *pull, fingerprints)
        raise
    context.transaction(said_comments.note_standing, *pull, fingerprints, review, alone=alone)


def _sayings(comments: Iterable[Comment], claims: Mapping[str, str]) -> list[Saying]:
    sayings = []
    for comment in comments:
        claim = claims.get(comment.fingerprint, "")
        sayings.append(Saying(comment.fingerprint, claim, _digest(comment.body)))
    return sayings


def _settle(pen: Pen, head: Head, different: Differences) -> None:
    context = pen.context
    api = context.api(head.installation)
    for comment, body in different.edits:
        pen.check()
        sending.edit_comment(api, head.name, comment, body)
        fingerprint, _ = marked(body) or ("", True)
        context.transaction(said_comments.note_settled, head.repository, head.number, fingerprint)


def _digest(body: str) -> str:
    return sha256(body.encode("utf-8", "replace")).hexdigest()[:20]
