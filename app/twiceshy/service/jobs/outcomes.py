"""What follows from a pull request's life: outcomes when it closes, predictions that come true,
registries that move.
"""

import re

from structlog import get_logger

from twiceshy.changes.diff import parse_patch
from twiceshy.github.errors import GitHubError
from twiceshy.github.events import Closed, HeadChanged, MergeGroupQueued, Pushed, RepositoryRef
from twiceshy.github.listings import CommitPart, commit_parts
from twiceshy.github.pulls import own_comments
from twiceshy.github.registry_store import trees_of
from twiceshy.service.context import Context
from twiceshy.service.jobs.dismiss import opinion_on
from twiceshy.service.jobs.open_pulls import REGISTRY_FOLDERS
from twiceshy.service.jobs.reactions import note_thumbs
from twiceshy.store import feedback, findings, heads
from twiceshy.store.feedback import OUTCOME
from twiceshy.store.heads import Head
from twiceshy.store.tables import FindingRow

SLACK = 3
"""Lines a place may have moved by and still be the same place."""

_MENDS = re.compile(
    r"\b(?:fix(?:e[sd])?|revert(?:s|ed)?|hotfix|rollback|roll back|mend(?:s|ed)?)\b", re.IGNORECASE
)

log = get_logger()


def head_of_event(event: HeadChanged) -> Head:
    """The head an event tells of."""
    return _head(event.place, event.number, event.head, event.base)


def note_pusher(context: Context, event: HeadChanged) -> None:
    """Remember who pushed: they count among the authors, whatever the commits say."""
    place = event.place
    if event.pusher:
        context.transaction(heads.note_pusher, place.repository, event.number, event.pusher)


def head_of_queue(event: MergeGroupQueued) -> Head:
    """A merge queue's commit, which is no pull request's."""
    return _head(event.place, 0, event.head, event.base)


def _head(place: RepositoryRef, number: int, head: str, base: str) -> Head:
    return Head(place.installation, place.repository, place.name, number, head, base)


def closed(context: Context, event: Closed) -> None:
    """Record what became of the findings. Thumbs are asked for a last time: no webhook tells of
    them.
    """
    head = _head(event.place, event.number, event.head, "")
    pull = (head.repository, head.number)
    if any(row.shown for row in context.transaction(findings.of_pull, *pull)):
        _last_thumbs(context, head)
    context.transaction(heads.close, *pull)
    concluded = context.transaction(findings.conclude, *pull, merged=event.merged)
    for row in concluded:
        if row.outcome == "prevented":
            opinion = opinion_on(row, OUTCOME, OUTCOME, useful=True)
            context.transaction(feedback.note_feedback, opinion)
    names = sorted({str(row.outcome) for row in concluded})
    log.info("closed", pull=event.number, outcomes=names)


def _last_thumbs(context: Context, head: Head) -> None:
    try:
        api = context.api(head.installation)
        note_thumbs(context, head, own_comments(api, head.name, head.number, context.slug))
    except GitHubError:
        return  # what was noted while it was open stands


def pushed(context: Context, event: Pushed) -> None:
    """The default branch moved: look whether an escaped finding was mended, and have changed
    lessons at hand.
    """
    api, place = context.api(event.place.installation), event.place
    if any(path.startswith(REGISTRY_FOLDERS) for path in event.paths):
        context.registries.folder(api, place.name, trees_of(api, place.name, event.head))
    escaped = context.transaction(findings.escaped, place.repository)
    if not any(row.path in event.paths for row in escaped):
        return
    mended: set[int] = set()
    for part in commit_parts(api, place.name, event.head):
        if _MENDS.search(part.message):
            mended |= {row.id for row in escaped if _touches(part, row)}
    context.transaction(findings.note_came_true, sorted(mended), event.head)


def _touches(part: CommitPart, row: FindingRow) -> bool:
    """Whether a commit removes something at a finding's lines."""
    patch = part.patches.get(row.path)
    if patch is None:
        return False
    first, last = row.start_line - SLACK, row.end_line + SLACK
    for file in parse_patch(row.path, patch).files:
        for line in file.removed:
            if line.old is not None and first <= line.old <= last:
                return True
    return False
