"""The work itself: a delivery comes in, a head is judged, a review and a check go out. Every step
survives a crash.

Steps are written so that doing one twice does no harm: what is sent goes through ``once``.
"""

import time
from dataclasses import asdict, replace
from functools import partial
from typing import Any

from dbos import DBOS, DBOSConfiguredInstance, SetEnqueueOptions, SetWorkflowID
from sqlalchemy.orm import Session
from structlog import get_logger
from structlog.contextvars import bound_contextvars

from twiceshy.github import sending
from twiceshy.github.events import (
    Closed,
    CommentCreated,
    CommentDeleted,
    Event,
    HeadChanged,
    Installed,
    MergeGroupQueued,
    OfInstallation,
    Pushed,
    RepositoriesAdded,
    RerunRequested,
    ThreadResolved,
)
from twiceshy.publishing.publication import Publication
from twiceshy.service.context import Context
from twiceshy.service.jobs import (
    check_runs,
    commands,
    comment_sync,
    open_pulls,
    outcomes,
    reading_rights,
    uninstall,
)
from twiceshy.service.jobs.comment_sync import Listed
from twiceshy.service.jobs.durable import FAULT, StepFailed, calls_so_far, durably
from twiceshy.service.jobs.event_json import event_from
from twiceshy.service.jobs.on_failure import not_judged
from twiceshy.service.jobs.review import publication_of, review, review_queue
from twiceshy.service.jobs.send_once import send_once
from twiceshy.store import findings, heads, installations
from twiceshy.store.findings import SeenFinding
from twiceshy.store.heads import Head
from twiceshy.store.tables import RunRow
from twiceshy.verdicts.render.escape import markdown

DELIVERIES, REVIEWS = "deliveries", "reviews"
HEADS, CHECKS = "heads", "checks"
"""New heads and their checks have a road of their own: nothing on it waits for a judging, or for an
answer to a command.
"""

BACKLOG = "backlog"
"""Pull requests nobody has just pushed to."""

log = get_logger()


@DBOS.dbos_class()
class Workflows(DBOSConfiguredInstance):
    """The workflows of one process."""

    def __init__(self, context: Context) -> None:
        super().__init__("desk")
        self.context = context

    @DBOS.workflow(name="receive")
    def receive(self, kept: dict[str, Any], at: float) -> None:
        """Act on a delivery; ``at`` is when it came in."""
        event = event_from(kept)
        with bound_contextvars(delivery=DBOS.workflow_id, event_kind=type(event).__name__):
            try:
                for head, again in durably("route", lambda: self._route(event)):
                    self._take_up(head, at, again=again)
            finally:  # whatever became of the event's own part
                if isinstance(event, Installed | RepositoriesAdded | Pushed):
                    self._look_over(event, at)

    @DBOS.workflow(name="open check")
    def open_check(self, job: dict[str, Any], before: int) -> str:
        """Open a head's check, long before its judging begins. Gives what came of it."""
        head = Head(**job)
        with bound_contextvars(repository=head.name, pull=head.number, head=head.head):
            try:
                return str(
                    durably("open check", lambda: check_runs.open_check(self.context, head, before))
                )
            except StepFailed as stopped:  # the judging tries again
                log.warning("check not opened", kind=stopped.kind, reason=str(stopped))
                return f"stopped: {stopped}"

    @DBOS.workflow(name="judge open")
    def judge_open(self, installation: int, repository: str, again: bool, at: float) -> int:
        """Have a repository's open pull requests judged, quietly. Gives how many."""
        try:
            found = durably(
                "open pull requests", lambda: self._open_heads(installation, repository)
            )
        except StepFailed as stopped:
            log.warning(
                "open pull requests not judged",
                repository=repository,
                kind=stopped.kind,
                reason=str(stopped),
            )
            return 0
        for place, head in enumerate(found):
            self._take_up(head, at, again=again, most=open_pulls.comments_for(place))
        return len(found)

    @DBOS.workflow(name="judge")
    def judge(self, job: dict[str, Any], at: float, most: int | None = None) -> str:
        """Judge a pull request's head and publish the verdict, ``most`` new comments at most. Gives
        what came of it.
        """
        head = Head(**job)
        with bound_contextvars(repository=head.name, pull=head.number, head=head.head):
            try:
                return self._judge(head, at, most)
            except StepFailed as stopped:
                return self._not_published(stopped)

    @DBOS.workflow(name="judge queue")
    def judge_queue(self, job: dict[str, Any], at: float) -> str:
        """Judge a merge queue's commit: a check, and nothing else."""
        head = Head(**job)
        with bound_contextvars(repository=head.name, head=head.head):
            try:
                return self._judge_queue(head, at)
            except StepFailed as stopped:
                return self._not_published(stopped)

    def _route(self, event: Event) -> list[tuple[dict[str, Any], bool]]:
        """As ``_heads``, for an installation that is there; of one that comes or goes that is
        noted.
        """
        if isinstance(event, OfInstallation):
            uninstall.note(self.context, event)
        if isinstance(event, OfInstallation | RepositoriesAdded):
            return []
        return [] if self._is_away(event.place.installation) else self._heads(event)

    def _heads(self, event: object) -> list[tuple[dict[str, Any], bool]]:
        """The heads to be judged because of an event, and whether again; what else it asks for is
        done here.
        """
        match event:
            case HeadChanged():
                outcomes.note_pusher(self.context, event)
                return [(asdict(outcomes.head_of_event(event)), event.again)]
            case MergeGroupQueued():
                return [(asdict(outcomes.head_of_queue(event)), False)]
            case RerunRequested():
                return self._current(commands.on_button(self.context, event))
            case CommentCreated():
                return self._current(commands.on_comment(self.context, event))
            case ThreadResolved():
                commands.on_thread_resolved(self.context, event)
            case Closed():
                outcomes.closed(self.context, event)
            case CommentDeleted():
                comment_sync.deleted(self.context, event)
            case Pushed():
                outcomes.pushed(self.context, event)
        return []

    def _current(self, heads: list[Head]) -> list[tuple[dict[str, Any], bool]]:
        """These again, as GitHub knows them now: a delivery may have been missed, and the base has
        moved.
        """
        found = [open_pulls.now(self.context, head) for head in heads]
        return [(asdict(head), True) for head in found if head]

    def _look_over(self, event: Installed | RepositoriesAdded | Pushed, at: float) -> None:
        """Have the open pull requests judged that an event gives reason to."""
        pushed = isinstance(event, Pushed)
        installation = event.place.installation if isinstance(event, Pushed) else event.installation
        if durably("away", lambda: self._is_away(installation)):
            return
        for name in durably("repositories", lambda: open_pulls.repositories(self.context, event)):
            with SetWorkflowID(f"open:{DBOS.workflow_id}:{name}"), _partition(installation):
                DBOS.enqueue_workflow(BACKLOG, self.judge_open, installation, name, pushed, at)

    def _open_heads(self, installation: int, repository: str) -> list[dict[str, Any]]:
        reading_rights.forget_registries()
        heads = open_pulls.open_heads(self.context, installation, repository)
        return [asdict(head) for head in heads if not open_pulls.is_waiting(self.context, head)]

    def _take_up(
        self, head: dict[str, Any], at: float, *, again: bool = False, most: int | None = None
    ) -> None:
        """Have a head judged, unless a newer one is known by now."""
        generation = durably("note head", lambda: self._note(head, at, again=again))
        if generation == heads.OUTRUN:
            return
        job, name = (
            {**head, "generation": generation},
            f"{head['repository']}/{head['number'] or 'queue'}",
        )
        name = f"{name}/{generation}/{head['head'][:16]}"
        if most is None:
            self._open_early(job, name)
        with SetWorkflowID(f"judge:{name}"), _partition(head["installation"]):
            if head["number"] == 0:
                DBOS.enqueue_workflow(REVIEWS, self.judge_queue, job, at)
            elif most is None:
                DBOS.enqueue_workflow(REVIEWS, self.judge, job, at)
            else:
                DBOS.enqueue_workflow(BACKLOG, self.judge, job, at, most)

    def _open_early(self, job: dict[str, Any], name: str) -> None:
        before = durably("count those before it", _waiting)
        with SetWorkflowID(f"check:{name}"), _partition(job["installation"]):
            DBOS.enqueue_workflow(CHECKS, self.open_check, job, before)

    def _note(self, head: dict[str, Any], at: float, *, again: bool) -> int:
        if head["number"] == 0:
            return 0
        return self.context.transaction(heads.note_head, Head(**head), at, again=again)

    def _judge(self, head: Head, at: float, most: int | None) -> str:
        if not durably("newest", lambda: self._newest(head)):
            durably("withdraw check", lambda: check_runs.withdraw(self.context, head))
            return "superseded before it began"
        key = check_runs.key_of(head)
        check = self._check(head)
        looked = self._look(head, lambda: review(self.context, head).to_dict())
        publication, seen = publication_of(looked)
        if most is not None:
            publication = comment_sync.quietly(publication, most)
        newest, unsaid = (False, "") if looked["moved"] else self._speak(head, publication, seen)
        if not newest:
            self._conclude(
                head,
                key,
                check,
                replace(publication, conclusion="neutral", title="superseded", comments=()),
            )
            if looked["moved"] not in (
                "",
                "closed",
            ):  # its own delivery may be lost, or be taken for an older one
                self._take_up({**asdict(head), "head": looked["moved"]}, durably("now", time.time))
            return "superseded"
        self._conclude(head, key, check, replace(publication, summary=publication.summary + unsaid))
        self._remember(head, key, publication, looked["digest"], at)
        return publication.conclusion

    def _judge_queue(self, head: Head, at: float) -> str:
        if durably("away", lambda: self._is_away(head.installation)):
            return "the App is not installed any more"
        key = check_runs.key_of(head)
        check = self._check(head)
        looked = self._look(head, lambda: review_queue(self.context, head).to_dict())
        publication, _ = publication_of(looked)
        self._conclude(head, key, check, publication)
        self._remember(head, key, publication, looked["digest"], at)
        return publication.conclusion

    def _not_published(self, stopped: StepFailed) -> str:
        self.context.metrics.failures.labels(stopped.kind).inc()
        log.warning("not published", kind=stopped.kind, reason=str(stopped))
        return f"stopped: {stopped}"

    def _newest(self, head: Head) -> bool:
        if self._is_away(head.installation):
            return False
        return self.context.transaction(heads.is_newest, head)

    def _is_away(self, installation: int) -> bool:
        return self.context.transaction(installations.is_away, installation)

    def _check(self, head: Head) -> int:
        """The head's check, opened long ago or now, which says from now on that it is looked at."""
        check = str(durably("open check", lambda: check_runs.open_check(self.context, head, 0)))
        return int(durably("begin check", lambda: check_runs.begin(self.context, head, check)))

    def _look(self, head: Head, act: Any) -> dict[str, Any]:
        """What is to be published; when GitHub gives no answer at all, that is."""
        try:
            return dict(durably("look", act))
        except StepFailed as stopped:
            why = str(stopped) if stopped.kind == FAULT else f"GitHub could not be read: {stopped}"
            unjudged = durably("not judged", lambda: not_judged(self.context, head, why).to_dict())
            return {"publication": unjudged, "digest": "", "moved": "", "seen": asdict(Listed())}

    def _speak(self, head: Head, publication: Publication, seen: Listed) -> tuple[bool, str]:
        """Whether this head is still the newest, and what the check must say of what could not be
        said.
        """
        try:
            return bool(
                durably("speak", lambda: comment_sync.speak(self.context, head, publication, seen))
            ), ""
        except StepFailed as stopped:
            self.context.metrics.failures.labels(stopped.kind).inc()
            log.warning("not said", kind=stopped.kind, reason=str(stopped))
            return True, f"\n\nThe review could not be written: {markdown(str(stopped))}\n"

    def _conclude(self, head: Head, key: str, check: int, publication: Publication) -> None:
        durably("conclude", lambda: self._close_check(head, key, check, publication))
        batches = -(-len(publication.annotations) // sending.ANNOTATIONS_A_REQUEST)
        for batch in range(1, batches):
            annotate = partial(self._annotate, head, key, check, publication, batch)
            durably(f"annotations {batch}", annotate)

    def _close_check(self, head: Head, key: str, check: int, publication: Publication) -> int:
        api = self.context.api(head.installation)

        def send() -> int:
            sending.close_check(api, head.name, check, publication)
            return check

        return send_once(
            self.context,
            f"conclude:{key}",
            send,
            lambda: sending.closed_check(api, head.name, check),
        )

    def _annotate(
        self, head: Head, key: str, check: int, publication: Publication, batch: int
    ) -> int:
        api = self.context.api(head.installation)

        def find() -> int | None:
            sent = sending.annotations_sent(api, head.name, check)
            return sent if sent > batch * sending.ANNOTATIONS_A_REQUEST else None

        def send() -> int:
            sending.add_annotations(api, head.name, check, publication, batch)
            return batch

        return send_once(self.context, f"annotations:{key}/{batch}", send, find)

    def _remember(
        self, head: Head, key: str, publication: Publication, digest: str, at: float
    ) -> None:
        calls = calls_so_far()
        durably("remember", lambda: self._keep_run(head, key, publication, digest, at, calls))

    def _keep_run(
        self, head: Head, key: str, publication: Publication, digest: str, at: float, calls: int
    ) -> None:
        if self._is_away(head.installation):
            return
        api, metrics = self.context.api(head.installation), self.context.metrics
        seconds = time.time() - at
        run = RunRow(
            key=key,
            repository=head.repository,
            name=head.name,
            number=head.number or None,
            head=head.head,
            conclusion=publication.conclusion,
            title=publication.title,
            judged=publication.judged,
            digest=digest,
            seconds=seconds,
            calls=calls,
            at=time.time(),
        )
        self.context.transaction(_note_run, run, head, publication)
        metrics.review_seconds.observe(seconds)
        for each in publication.findings:
            metrics.findings.labels(each.lesson, each.action).inc()
        if api.left is not None:
            metrics.calls_left.labels(str(head.installation)).set(api.left)
        log.info("published", conclusion=publication.conclusion, seconds=round(seconds, 3))


def _note_run(session: Session, run: RunRow, head: Head, publication: Publication) -> None:
    """Remember a run and what stands at its head, in one transaction: who sees the one sees the
    other.
    """
    heads.note_run(session, run)
    if head.number and publication.judged:
        names = SeenFinding.__dataclass_fields__
        seen = [
            SeenFinding(**{name: getattr(finding, name) for name in names})
            for finding in publication.findings
        ]
        findings.remember(session, head.repository, head.name, head.number, head.head, seen)


def queue_of(event: object) -> str:
    """The road a delivery takes."""
    return HEADS if isinstance(event, HeadChanged | MergeGroupQueued) else DELIVERIES


def _partition(installation: int) -> SetEnqueueOptions:
    return SetEnqueueOptions(queue_partition_key=str(installation))


def _waiting() -> int:
    """How many judgings wait or are under way, counted no further than is shown."""
    found = DBOS.list_queued_workflows(
        queue_name=REVIEWS, load_input=False, load_output=False, limit=check_runs.MOST_COUNTED
    )
    return len(found)


_desks: list[Workflows] = []


def workflows_over(context: Context) -> Workflows:
    """The process's one desk: the engine finds it by its name when it resumes work, so it knows
    just one.
    """
    if not _desks:
        _desks.append(Workflows(context))
    _desks[0].context = context
    return _desks[0]
