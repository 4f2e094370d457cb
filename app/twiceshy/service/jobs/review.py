"""Reads a pull request and has it judged: the step between a webhook and what is published.
Publishes nothing.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from structlog import get_logger

from twiceshy.changes.change import Status
from twiceshy.github.pulls import Snapshot, digest, read_pull, read_range
from twiceshy.lessons.famous import FAMOUS, famous_folder
from twiceshy.lessons.lesson import Problem
from twiceshy.publishing.comment import marked
from twiceshy.publishing.publication import PostedComment, Publication, broken, with_problems
from twiceshy.service.context import Context
from twiceshy.service.jobs import reading_rights
from twiceshy.service.jobs.comment_sync import Listed, known_before
from twiceshy.service.jobs.feedback_queries import dismissed_here, judged_here
from twiceshy.service.jobs.on_failure import as_asked, not_judged, remember
from twiceshy.service.jobs.reactions import note_thumbs
from twiceshy.service.sandbox.launcher import JudgeRequest, NotJudged, RegistryRef, judge_apart
from twiceshy.service.sandbox.proposed_lessons import Proposed, proposed_by, try_apart
from twiceshy.store import registry_uses
from twiceshy.store.heads import Head, last_digest
from twiceshy.store.notes import REGISTRY, set_note
from twiceshy.verdicts.settings import RegistrySetting, Settings
from twiceshy.workspace import names_famous, names_top, other_repositories, usable_settings

AS_BEFORE = "## twiceshy: as judged on the pull request\n\nOur lessons see nothing else in the merge queue's commit.\n"

log = get_logger()


@dataclass(frozen=True)
class PlannedReview:
    """What is to be published of a head, as plain values."""

    publication: Publication
    seen: Listed
    digest: str
    moved: str = (
        ""  # the pull request's head, when it is another by now; "closed" when it is closed
    )

    def to_dict(self) -> dict[str, Any]:
        """As it is kept between two steps."""
        return {
            "publication": self.publication.to_dict(),
            "digest": self.digest,
            "moved": self.moved,
            "seen": asdict(self.seen),
        }


def review(context: Context, head: Head) -> PlannedReview:
    """The verdict on a pull request's head. Raises a GitHubError."""
    api = context.api(head.installation)
    known = known_before(context, head)
    snapshot = read_pull(api, head.name, head.number, head.base, head.head, context.slug)
    if not snapshot.open or snapshot.head != head.head:
        return PlannedReview(
            broken("superseded"), Listed(), "", snapshot.head if snapshot.open else "closed"
        )
    note_thumbs(context, head, snapshot.comments)
    _note_uses(context, head, snapshot)
    case = _case(context, head, snapshot)
    publication = _judged(context, head, snapshot, case)
    comments = tuple(
        PostedComment(each.id, each.body) for each in snapshot.comments if marked(each.body)
    )
    return PlannedReview(
        publication, Listed(comments, snapshot.complete, known), _digest(snapshot, case)
    )


def review_queue(context: Context, head: Head) -> PlannedReview:
    """The verdict on a merge queue's commit: the pull request's own where our lessons see the same
    change.
    """
    snapshot = read_range(context.api(head.installation), head.name, head.base, head.head)
    case = _case(context, head, snapshot)
    known = _digest(snapshot, case)
    before = context.keep(lambda session: last_digest(session, head.repository, known))
    if (
        before and before.conclusion == "success" and not context.environment.registries
    ):  # a folder has no version
        return PlannedReview(
            Publication(before.conclusion, before.title, AS_BEFORE), Listed(), known
        )
    return PlannedReview(_judged(context, head, snapshot, case), Listed(), known)


def _digest(snapshot: Snapshot, case: JudgeRequest) -> str:
    """With all that guards it: a copy of a registry has its version in its folder's name, a
    dismissal ends.
    """
    dismissed = sorted(f"{row.claim} {row.lesson} {row.registry}" for row in case.dismissed)
    return digest(snapshot, (*(shelf.folder for shelf in case.shelves), *dismissed))


def _judged(context: Context, head: Head, snapshot: Snapshot, case: JudgeRequest) -> Publication:
    if not snapshot.settings_unread:
        remember(context, head, snapshot.settings)
    try:
        judged = as_asked(context, head, judge_apart(case, context.judge_seconds), _guarding(case))
    except NotJudged as error:
        context.metrics.failures.labels("judging").inc()
        log.error("not judged", reason=str(error), trace=list(error.trace))  # noqa: TRY400 - the trace is the other process's
        return not_judged(context, head, str(error), _guarding(case))
    return with_problems(judged, try_apart(_proposed(case)))


def _guarding(case: JudgeRequest) -> tuple[RegistryRef, ...]:
    """The shelves that guard a case, the famous incidents among them where they do."""
    settings, _ = usable_settings(case.settings)
    if case.shelves and not names_famous(settings):
        return case.shelves
    return (*case.shelves, RegistryRef(str(famous_folder()), FAMOUS))


def _proposed(case: JudgeRequest) -> Proposed:
    """The lessons and rules the change brings, to be tried over those of the base."""
    texts: dict[str, str | None] = {}
    for file in case.files:
        if file.status is Status.DELETED:
            texts[file.path] = None
        elif file.path in case.texts:
            texts[file.path] = case.texts[file.path]
            if file.status is Status.RENAMED and file.previous:
                texts.setdefault(file.previous, None)
    own = next((shelf for shelf in case.shelves if not shelf.prefix), None)
    return proposed_by(
        texts, own.folder if own else None, f"proposed to {case.repository_url}", case.cache
    )


def _case(context: Context, head: Head, snapshot: Snapshot) -> JudgeRequest:
    settings, _ = usable_settings(snapshot.settings)  # the judging says what is wrong with them
    problems: list[Problem] = []
    shelves = tuple(_shelves(context, head, snapshot, settings, problems))
    return JudgeRequest(
        files=snapshot.files,
        texts=snapshot.texts,
        settings=snapshot.settings,
        attributes=snapshot.attributes,
        base=snapshot.base,
        head=snapshot.head,
        shelves=shelves,
        repository_url=f"{context.environment.site}/{head.name}",
        dismissed=dismissed_here(context, head),
        judged=judged_here(context, head),
        not_looked_at=snapshot.not_looked_at,
        problems=(*snapshot.problems, *problems),
        author=snapshot.author,
        cache=str(context.index_folder / str(head.installation)),
    )


def _shelves(
    context: Context, head: Head, snapshot: Snapshot, settings: Settings, problems: list[Problem]
) -> Iterator[RegistryRef]:
    """The repository's own registry, those its settings name, and those the service guards with."""
    reading_rights.forget_unnamed(context, head.name, settings)
    api, site = context.api(head.installation), context.environment.site
    own = context.registries.folder(api, head.name, snapshot.trees)
    if own:
        _note_registry(context, head.name, own)
    if own and names_top(settings):
        yield RegistryRef(str(own), f"{site}/{head.name}", repository=head.name)
    for place in other_repositories(settings):
        yield from _elsewhere(context, head, snapshot, place, problems)
    for folder in context.environment.registries:
        shelf = reading_rights.operators_shelf(context, snapshot.repository, folder)
        if shelf:
            yield shelf


def _elsewhere(
    context: Context,
    head: Head,
    snapshot: Snapshot,
    place: RegistrySetting,
    problems: list[Problem],
) -> Iterator[RegistryRef]:
    """The registry of another repository, as far as the pull request's readers may see it."""
    shelf = reading_rights.shelf_of(context, head, snapshot.repository, place)
    if isinstance(shelf, Problem):
        problems.append(shelf)
    elif shelf:
        _note_registry(context, str(place.repo), Path(shelf.folder))
        yield shelf


def _note_uses(context: Context, head: Head, snapshot: Snapshot) -> None:
    """Remember whose lessons a repository guards with: when those change, its open pull requests
    are judged.
    """
    settings, _ = usable_settings(snapshot.settings)
    sources = [place.repo for place in other_repositories(settings) if place.repo]
    note = partial(
        registry_uses.note_uses, installation=head.installation, repository=head.repository
    )
    context.keep(lambda session: note(session, name=head.name, sources=sources))


def _note_registry(context: Context, repository: str, folder: Path) -> None:
    """Remember where a repository's registry is kept: who asks for lessons is answered from there."""
    context.keep(lambda session: set_note(session, REGISTRY + repository, str(folder)))


def publication_of(values: Mapping[str, Any]) -> tuple[Publication, Listed]:
    """Out of ``Looked.to_dict``."""
    seen = values["seen"]
    comments = tuple(PostedComment(int(each["id"]), str(each["body"])) for each in seen["comments"])
    return Publication.from_dict(values["publication"]), Listed(
        comments, seen["complete"], tuple(seen["known"])
    )
