"""The work itself: a delivery comes in, a head is judged, a review and a check go out. Every step
survives a crash.

Steps are written so that doing one twice does no harm: what is sent goes through ``send_once``.
The engine keeps a workflow under the names given here; arguments are plain values.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from dbos import DBOS, DBOSConfiguredInstance, SetEnqueueOptions, SetWorkflowID
from dbos._dbos import _get_or_create_dbos_registry
from sqlalchemy.orm import Session
from structlog import get_logger
from structlog.contextvars import bound_contextvars

from twiceshy.github.events import (
    Event,
    HeadChanged,
    Installed,
    MergeGroupQueued,
    Pushed,
    RepositoriesAdded,
    RepositoryRef,
)
from twiceshy.lessons.serial import as_values, from_values
from twiceshy.publishing.values import Publication
from twiceshy.service.context import Context
from twiceshy.service.jobs import check_runs, comment_sync, host_copies, open_pulls
from twiceshy.service.jobs.durable import FAULT, StepFailed, Steps
from twiceshy.service.jobs.on_failure import not_judged
from twiceshy.service.jobs.review import PlannedReview, review, review_queue
from twiceshy.service.jobs.routing import heads_to_judge, is_away, is_newest
from twiceshy.store import findings, heads
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

HOSTS = "hosts"
"""Copies of repositories whose default branch moved; nothing waits for one."""

CONFIGURATION = "workflows"
"""Under this name the engine finds the instance when it resumes work."""

log = get_logger()


@DBOS.dbos_class()
class Workflows(DBOSConfiguredInstance):
    """The workflows of one process."""

    def __init__(self, context: Context) -> None:
        super().__init__(CONFIGURATION)
        self.context = context

    @DBOS.workflow(name="receive")
    def receive(self, event_values: dict[str, Any], received_at: float) -> None:
        """Act on a delivery."""
        event: Event = from_values(event_values, Event)
        steps = Steps()
        with bound_contextvars(delivery=DBOS.workflow_id, event_kind=type(event).__name__):
            try:
                for wanted in steps.run("route", heads_to_judge, self.context, event):
                    self._take_up(steps, wanted.head, received_at, again=wanted.again)
            finally:  # whatever became of the event's own part
                if isinstance(event, Installed | RepositoriesAdded | Pushed):
                    self._take_up_repositories(steps, event, received_at)
                if isinstance(event, Pushed):
                    self._take_up_host(event.place, received_at)

    @DBOS.workflow(name="open check")
    def open_check(self, head_values: dict[str, Any], before: int) -> str:
        """Open a head's check, long before its judging begins. Gives what came of it."""
        head = from_values(head_values, Head)
        with bound_contextvars(repository=head.name, pull=head.number, head=head.head):
            try:
                return Steps().run("open check", check_runs.open_check, self.context, head, before)
            except StepFailed as failure:  # the judging tries again
                log.warning("check not opened", kind=failure.kind, reason=str(failure))
                return f"stopped: {failure}"

    @DBOS.workflow(name="judge open")
    def judge_open(
        self, installation: int, repository: str, again: bool, received_at: float
    ) -> int:
        """Have a repository's open pull requests judged, quietly. Gives how many."""
        steps, context = Steps(), self.context
        try:
            waiting = steps.run(
                "open pull requests", open_pulls.heads_to_judge, context, installation, repository
            )
        except StepFailed as failure:
            log.warning(
                "open pull requests not judged",
                repository=repository,
                kind=failure.kind,
                reason=str(failure),
            )
            return 0
        for position, head in enumerate(waiting):
            most = open_pulls.comments_for(position)
            self._take_up(steps, head, received_at, again=again, most=most)
        return len(waiting)

    @DBOS.workflow(name="judge")
    def judge(
        self, head_values: dict[str, Any], received_at: float, most: int | None = None
    ) -> str:
        """Judge a pull request's head and publish the verdict, ``most`` new comments at most. Gives
        what came of it.
        """
        head = from_values(head_values, Head)
        with bound_contextvars(repository=head.name, pull=head.number, head=head.head):
            try:
                return self._judge(head, received_at, most)
            except StepFailed as failure:
                return self._not_published(failure)

    @DBOS.workflow(name="judge queue")
    def judge_queue(self, head_values: dict[str, Any], received_at: float) -> str:
        """Judge a merge queue's commit: a check, and nothing else."""
        head = from_values(head_values, Head)
        with bound_contextvars(repository=head.name, head=head.head):
            try:
                return self._judge_queue(head, received_at)
            except StepFailed as failure:
                return self._not_published(failure)

    @DBOS.workflow(name="renew host")
    def renew_host(self, place_values: dict[str, Any], pushed: bool) -> str:
        """Renew this machine's copy of a repository's code. Gives what came of it."""
        place = from_values(place_values, RepositoryRef)
        with bound_contextvars(repository=place.name):
            try:
                return Steps().run("renew host", host_copies.renew, self.context, place, pushed)
            except StepFailed as failure:  # a review asks for it again
                log.warning("host not renewed", kind=failure.kind, reason=str(failure))
                return f"stopped: {failure}"

    def _take_up_host(self, place: RepositoryRef, received_at: float) -> None:
        """Have the copy of a repository renewed that was pushed to, once for all pushes of some
        minutes: it is fetched when they are over.
        """
        if not host_copies.are_kept(self.context):
            return
        turn = int(received_at // host_copies.PUSH_SECONDS)
        delay = SetEnqueueOptions(delay_seconds=host_copies.PUSH_SECONDS)
        with SetWorkflowID(f"host:{place.repository}/{turn}"), delay:
            DBOS.enqueue_workflow(HOSTS, self.renew_host, as_values(place), pushed=True)

    def _follow_host(self, steps: Steps, head: Head) -> None:
        """Have the copy renewed that a review found old, or missed: here, where the next one looks
        for it.
        """
        if steps.run("host is due", host_copies.is_due, self.context, head):
            place = RepositoryRef(head.installation, head.repository, head.name)
            with SetWorkflowID(f"{DBOS.workflow_id}/host"):
                DBOS.start_workflow(self.renew_host, as_values(place), pushed=False)

    def _take_up_repositories(
        self, steps: Steps, event: Installed | RepositoriesAdded | Pushed, received_at: float
    ) -> None:
        """Have the open pull requests judged that an event gives reason to."""
        again = isinstance(event, Pushed)
        installation = event.place.installation if isinstance(event, Pushed) else event.installation
        if steps.run("away", is_away, self.context, installation):
            return
        names = steps.run("repositories", open_pulls.repositories, self.context, event)
        for name in names:
            with SetWorkflowID(f"open:{DBOS.workflow_id}:{name}"), _partition(installation):
                DBOS.enqueue_workflow(
                    BACKLOG, self.judge_open, installation, name, again, received_at
                )

    def _take_up(
        self,
        steps: Steps,
        head: Head,
        received_at: float,
        *,
        again: bool = False,
        most: int | None = None,
    ) -> None:
        """Have a head judged, unless a newer one is known by now."""
        generation = steps.run("note head", _note_head, self.context, head, received_at, again)
        if generation == heads.OUTRUN:
            return
        values = as_values(replace(head, generation=generation))
        name = f"{head.repository}/{head.number or 'queue'}/{generation}/{head.head[:16]}"
        if most is None:
            before = steps.run("count those before it", _waiting)
            with SetWorkflowID(f"check:{name}"), _partition(head.installation):
                DBOS.enqueue_workflow(CHECKS, self.open_check, values, before)
        with SetWorkflowID(f"judge:{name}"), _partition(head.installation):
            if head.number == 0:
                DBOS.enqueue_workflow(REVIEWS, self.judge_queue, values, received_at)
            elif most is None:
                DBOS.enqueue_workflow(REVIEWS, self.judge, values, received_at)
            else:
                DBOS.enqueue_workflow(BACKLOG, self.judge, values, received_at, most)

    def _judge(self, head: Head, received_at: float, most: int | None) -> str:
        steps, context = Steps(), self.context
        if not steps.run("newest", is_newest, context, head):
            steps.run("withdraw check", check_runs.withdraw, context, head)
            return "superseded before it began"
        check = self._begin_check(steps, head)
        planned = self._planned(steps, review, head)
        if most is not None:
            planned = planned.with_comments(most)
        publication = planned.publication
        unsaid = None if planned.moved else self._post_comments(steps, head, planned)
        if unsaid is None:
            superseded = replace(publication, conclusion="neutral", title="superseded", comments=())
            check_runs.conclude(steps, context, head, check, superseded)
            if planned.new_head:  # its own delivery may be lost, or be taken for an older one
                now = steps.run("now", time.time)
                self._take_up(steps, replace(head, head=planned.new_head, generation=0), now)
            return "superseded"
        with_unsaid = replace(publication, summary=publication.summary + unsaid)
        check_runs.conclude(steps, context, head, check, with_unsaid)
        self._record(steps, head, planned, received_at)
        self._follow_host(steps, head)
        return publication.conclusion

    def _judge_queue(self, head: Head, received_at: float) -> str:
        steps, context = Steps(), self.context
        if steps.run("away", is_away, context, head.installation):
            return "the App is not installed any more"
        check = self._begin_check(steps, head)
        planned = self._planned(steps, review_queue, head)
        check_runs.conclude(steps, context, head, check, planned.publication)
        self._record(steps, head, planned, received_at)
        return planned.publication.conclusion

    def _begin_check(self, steps: Steps, head: Head) -> int:
        """The head's check, opened long ago or now, which says from now on that it is looked at."""
        check = steps.run("open check", check_runs.open_check, self.context, head, 0)
        return steps.run("begin check", check_runs.begin, self.context, head, check)

    def _planned(
        self, steps: Steps, plan: Callable[[Context, Head], PlannedReview], head: Head
    ) -> PlannedReview:
        """What is to be published; when GitHub gives no answer at all, that is."""
        try:
            return steps.run("review", plan, self.context, head)
        except StepFailed as failure:
            why = str(failure)
            if failure.kind != FAULT:
                why = f"GitHub could not be read: {failure}"
            return PlannedReview(steps.run("not judged", not_judged, self.context, head, why))

    def _post_comments(self, steps: Steps, head: Head, planned: PlannedReview) -> str | None:
        """What the check must say of what could not be said; None when this head is not the newest
        any more.
        """
        publication, listed = planned.publication, planned.listed
        try:
            newest = steps.run(
                "post comments", comment_sync.post, self.context, head, publication, listed
            )
        except StepFailed as failure:
            self.context.metrics.failures.labels(failure.kind).inc()
            log.warning("not said", kind=failure.kind, reason=str(failure))
            return f"\n\nThe review could not be written: {markdown(str(failure))}\n"
        return "" if newest else None

    def _record(self, steps: Steps, head: Head, planned: PlannedReview, received_at: float) -> None:
        requests = steps.requests
        steps.run("record", _record_run, self.context, head, planned, received_at, requests)

    def _not_published(self, failure: StepFailed) -> str:
        self.context.metrics.failures.labels(failure.kind).inc()
        log.warning("not published", kind=failure.kind, reason=str(failure))
        return f"stopped: {failure}"


@contextmanager
def registered(context: Context) -> Iterator[Workflows]:
    """The workflows over a context. The engine knows them by their name for so long; a process has
    no two.
    """
    workflows = Workflows(context)
    try:
        yield workflows
    finally:  # the engine itself never lets go of one
        instances = _get_or_create_dbos_registry().instance_info_map
        for name in [name for name, instance in instances.items() if instance is workflows]:
            del instances[name]


def queue_of(event: object) -> str:
    """The road a delivery takes."""
    return HEADS if isinstance(event, HeadChanged | MergeGroupQueued) else DELIVERIES


def _partition(installation: int) -> SetEnqueueOptions:
    return SetEnqueueOptions(queue_partition_key=str(installation))


def _waiting() -> int:
    """How many judgings wait or are under way, counted no further than is shown."""
    waiting = DBOS.list_queued_workflows(
        queue_name=REVIEWS, load_input=False, load_output=False, limit=check_runs.MOST_COUNTED
    )
    return len(waiting)


def _note_head(context: Context, head: Head, received_at: float, again: bool) -> int:
    """The head's generation; a merge queue's commit has none."""
    if head.number == 0:
        return 0
    return context.transaction(heads.note_head, head, received_at, again=again)


def _record_run(
    context: Context, head: Head, planned: PlannedReview, received_at: float, requests: int
) -> None:
    """Remember what was published, and count it."""
    if is_away(context, head.installation):
        return
    publication = planned.publication
    run = RunRow(
        key=check_runs.key_of(head),
        repository=head.repository,
        name=head.name,
        number=head.number or None,
        head=head.head,
        conclusion=publication.conclusion,
        title=publication.title,
        judged=publication.judged,
        digest=planned.digest,
        seconds=time.time() - received_at,
        calls=requests,
        at=time.time(),
    )
    context.transaction(_note_run, run, head, publication)
    _count(context, head, publication, run.seconds)
    log.info("published", conclusion=publication.conclusion, seconds=round(run.seconds, 3))


def _note_run(session: Session, run: RunRow, head: Head, publication: Publication) -> None:
    """Remember a run and what stands at its head, in one transaction: who sees the one sees the
    other.
    """
    heads.note_run(session, run)
    if head.number and publication.judged:
        findings.remember(session, head, publication.findings)


def _count(context: Context, head: Head, publication: Publication, seconds: float) -> None:
    metrics, calls_left = context.metrics, context.api(head.installation).left
    metrics.review_seconds.observe(seconds)
    for finding in publication.findings:
        metrics.findings.labels(finding.lesson, finding.action).inc()
    if calls_left is not None:
        metrics.calls_left.labels(str(head.installation)).set(calls_left)
