"""Reads a pull request and has it judged: the step between a webhook and what is published.
Publishes nothing.
"""

from dataclasses import dataclass, field, replace

from structlog import get_logger

from twiceshy.changes.change import Status
from twiceshy.github.pulls import Snapshot, digest, read_pull, read_range
from twiceshy.lessons.famous import FAMOUS, famous_folder
from twiceshy.publishing.comment import marked
from twiceshy.publishing.publication import broken, with_problems
from twiceshy.publishing.values import Publication
from twiceshy.service.context import Context
from twiceshy.service.jobs import host_copies
from twiceshy.service.jobs.comment_sync import Listed, known_before
from twiceshy.service.jobs.feedback_queries import confirmed_here, dismissed_here, judged_here
from twiceshy.service.jobs.on_failure import as_asked, not_judged, remember
from twiceshy.service.jobs.reactions import note_thumbs
from twiceshy.service.jobs.registry_trees import note_uses, registries_of
from twiceshy.service.sandbox.launcher import JudgeRequest, NotJudged, RegistryRef, judge_apart
from twiceshy.service.sandbox.proposed_lessons import Proposed, proposed_by, try_apart
from twiceshy.store.heads import Head, last_digest
from twiceshy.verdicts.settings import Settings
from twiceshy.workspace import names_famous, usable_settings

AS_BEFORE = (
    "## twiceshy: as judged on the pull request\n\n"
    "Our lessons see nothing else in the merge queue's commit.\n"
)
CLOSED = "closed"

log = get_logger()


@dataclass(frozen=True, slots=True)
class PlannedReview:
    """What is to be published of a head."""

    publication: Publication
    listed: Listed = field(default_factory=Listed)
    digest: str = ""  # of what was judged
    moved: str = ""  # the pull request's head, when it is another by now; CLOSED when it is closed

    @property
    def new_head(self) -> str:
        """The head that is to be judged instead; empty when none is."""
        return "" if self.moved == CLOSED else self.moved

    def with_comments(self, most: int) -> "PlannedReview":
        """With at most so many comments, for who did not ask: the rest stands in the check."""
        comments = self.publication.comments[:most]
        return replace(self, publication=replace(self.publication, comments=comments))


def review(context: Context, head: Head) -> PlannedReview:
    """The verdict on a pull request's head. Raises a GitHubError."""
    api = context.api(head.installation)
    said = known_before(context, head)
    snapshot = read_pull(api, head.name, head.number, head.base, head.head, context.slug)
    if not snapshot.open or snapshot.head != head.head:
        return PlannedReview(broken("superseded"), moved=snapshot.head if snapshot.open else CLOSED)
    settings = usable_settings(snapshot.settings)[0]
    note_thumbs(context, head, snapshot.comments)
    note_uses(context, head, settings)
    request = _request(context, head, snapshot, settings)
    publication = _judged(context, head, snapshot, settings, request)
    comments = tuple(comment for comment in snapshot.comments if marked(comment.body))
    listed = Listed(comments, snapshot.complete, said)
    return PlannedReview(publication, listed, _digest(snapshot, request))


def review_queue(context: Context, head: Head) -> PlannedReview:
    """The verdict on a merge queue's commit: the pull request's own where our lessons see the same
    change.
    """
    snapshot = read_range(context.api(head.installation), head.name, head.base, head.head)
    settings = usable_settings(snapshot.settings)[0]
    request = _request(context, head, snapshot, settings)
    judged_digest = _digest(snapshot, request)
    if not context.environment.registries:  # a folder has no version
        before = context.transaction(last_digest, head.repository, judged_digest)
        if before and before.conclusion == "success":
            publication = Publication(before.conclusion, before.title, AS_BEFORE)
            return PlannedReview(publication, digest=judged_digest)
    publication = _judged(context, head, snapshot, settings, request)
    return PlannedReview(publication, digest=judged_digest)


def _request(context: Context, head: Head, snapshot: Snapshot, settings: Settings) -> JudgeRequest:
    registries = registries_of(context, head, snapshot.repository, snapshot.trees, settings)
    dismissed = dismissed_here(context, head)
    return JudgeRequest(
        files=snapshot.files,
        texts=snapshot.texts,
        settings=snapshot.settings,
        attributes=snapshot.attributes,
        base=snapshot.base,
        head=snapshot.head,
        shelves=registries.folders,
        repository_url=f"{context.environment.site}/{head.name}",
        dismissed=dismissed,
        confirmed=confirmed_here(context, head, dismissed),
        judged=judged_here(context, head),
        not_looked_at=snapshot.not_looked_at,
        problems=(*snapshot.problems, *registries.problems),
        author=snapshot.author,
        cache=str(context.index_folder / str(head.installation)),
        host=host_copies.host_of(context, head),
    )


def _digest(snapshot: Snapshot, request: JudgeRequest) -> str:
    """With all that guards it: a copy of a registry has its version in its folder's name, a
    dismissal ends.
    """
    folders = [registry.folder for registry in request.shelves]
    dismissed = sorted(f"{row.claim} {row.lesson} {row.registry}" for row in request.dismissed)
    return digest(snapshot, (*folders, *dismissed))


def _judged(
    context: Context, head: Head, snapshot: Snapshot, settings: Settings, request: JudgeRequest
) -> Publication:
    if not snapshot.settings_unread:
        remember(context, head, settings.on_failure)
    guarding = _guarding(request, settings)
    try:
        judged = judge_apart(request, context.judge_seconds)
    except NotJudged as error:
        context.metrics.failures.labels("judging").inc()
        trace = list(error.trace)  # the other process's
        log.error("not judged", reason=str(error), trace=trace)  # noqa: TRY400 - ours says nothing
        return not_judged(context, head, str(error), guarding)
    publication = as_asked(context, head, judged, guarding)
    return with_problems(publication, try_apart(_proposed(request)))


def _guarding(request: JudgeRequest, settings: Settings) -> tuple[RegistryRef, ...]:
    """The registries that guard, the famous incidents among them where they do."""
    if request.shelves and not names_famous(settings):
        return request.shelves
    return (*request.shelves, RegistryRef(str(famous_folder()), FAMOUS))


def _proposed(request: JudgeRequest) -> Proposed:
    """The lessons and rules the change brings, to be tried over those of the base."""
    texts: dict[str, str | None] = {}
    for file in request.files:
        if file.status is Status.DELETED:
            texts[file.path] = None
        elif file.path in request.texts:
            texts[file.path] = request.texts[file.path]
            if file.status is Status.RENAMED and file.previous:
                texts.setdefault(file.previous, None)
    own = next((registry for registry in request.shelves if not registry.prefix), None)
    folder = own.folder if own else None
    return proposed_by(texts, folder, f"proposed to {request.repository_url}", request.cache)
