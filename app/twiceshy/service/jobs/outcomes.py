"""What follows from a pull request's life: outcomes when it closes, predictions that come true,
registries that move.
"""

import re
from collections.abc import Mapping
from typing import Any

from structlog import get_logger

from twiceshy.changes.diff import parse_patch
from twiceshy.github.errors import GitHubError
from twiceshy.github.events import Closed, HeadChanged, MergeGroupQueued, Pushed, RepositoryRef
from twiceshy.github.pulls import own_comments
from twiceshy.github.registry_store import trees_of
from twiceshy.service.context import Context
from twiceshy.service.jobs.dismiss import opinion_on
from twiceshy.service.jobs.reactions import note_thumbs
from twiceshy.store import feedback, findings, heads
from twiceshy.store.feedback import OUTCOME
from twiceshy.store.heads import Head
from twiceshy.store.tables import FindingRow

MOST_COMMIT_PAGES = 10
"""Of 300 files each: https://docs.github.com/en/rest/commits/commits#get-a-commit"""

SLACK = 3
"""Lines a place may have moved by and still be the same place."""

_MENDS = re.compile(
    r"\b(?:fix(?:e[sd])?|revert(?:s|ed)?|hotfix|rollback|roll back|mend(?:s|ed)?)\b", re.IGNORECASE
)
_REGISTRY = ("lessons/", "rules/")

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
    place = event.place
    head = _head(place, event.number, event.head, "")
    rows = context.transaction(findings.of_pull, place.repository, event.number)
    if any(row.shown for row in rows):
        _last_thumbs(context, head)
    context.transaction(heads.close, place.repository, event.number)
    rows = context.transaction(
        findings.conclude, place.repository, event.number, merged=event.merged
    )
    for row in rows:
        if row.outcome == "prevented":
            opinion = opinion_on(row, OUTCOME, OUTCOME, useful=True)
            context.transaction(feedback.note_feedback, opinion=opinion)
    log.info("closed", pull=event.number, outcomes=sorted({str(row.outcome) for row in rows}))


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
    if any(path.startswith(_REGISTRY) for path in event.paths):
        context.registries.folder(api, place.name, trees_of(api, place.name, event.head))
    waiting = context.transaction(findings.escaped, place.repository)
    if any(row.path in event.paths for row in waiting):
        pages = api.linked_pages(f"/repos/{place.name}/commits/{event.head}", MOST_COMMIT_PAGES)
        commits = list(pages)
        true = [row.id for row in waiting if any(_mended(row, commit) for commit in commits)]
        context.transaction(_came_true, true, event.head)


def _came_true(session: Any, rows: list[int], commit: str) -> None:
    for number in rows:
        row = session.get(FindingRow, number)
        row.came_true = commit


def _mended(row: FindingRow, commit: Mapping[str, Any]) -> bool:
    """Whether a commit that says it mends or reverts something touches a finding's lines."""
    if not _MENDS.search(str(commit["commit"]["message"])):
        return False
    for file in commit.get("files") or ():
        if file["filename"] == row.path and file.get("patch"):
            lines = {
                line.old
                for each in parse_patch(row.path, file["patch"]).files
                for line in each.removed
            }
            if any(
                row.start_line - SLACK <= line <= row.end_line + SLACK for line in lines if line
            ):
                return True
    return False
