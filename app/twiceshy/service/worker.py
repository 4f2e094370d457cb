"""Starts and stops a process that does the work: tables, durable engine, heartbeat, recovery of
processes that died.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime

from dbos import DBOS, DBOSConfig
from sqlalchemy.exc import SQLAlchemyError
from structlog import get_logger

from twiceshy.github.errors import GitHubError
from twiceshy.lessons.private_files import private_folder, tighten
from twiceshy.lessons.time_limits import patient
from twiceshy.service.context import Context
from twiceshy.service.environment import Environment, save, saved_credentials
from twiceshy.service.jobs import uninstall
from twiceshy.service.jobs.redelivery import Redelivery
from twiceshy.service.jobs.workflows import (
    BACKLOG,
    CHECKS,
    DELIVERIES,
    HEADS,
    HOSTS,
    REVIEWS,
    Workflows,
    registered,
)
from twiceshy.store import leases, retention, workers
from twiceshy.store.database import open_database, prepare_sqlite, sqlite_folder, with_driver

NAME = "twiceshy"
WORK_VERSION = "3"
"""Fixed, so that what an earlier build began a later one finishes; raised when the steps of the
work change.
"""

POLL_SECONDS = 0.1
REVIEWS_AT_ONCE = 4
"""By one process: judging is work for a core, the rest is waiting for GitHub."""

REVIEWS_AN_INSTALLATION = 8
DELIVERIES_AT_ONCE = 3
"""By one process: more would make the database keep new deliveries waiting."""
HEADS_AT_ONCE, CHECKS_AT_ONCE, CHECKS_AN_INSTALLATION = 3, 12, 3
"""By one process: noting a head asks the database alone, opening its check waits for GitHub."""

BEAT_SECONDS = 5.0
TIDY_SECONDS = 600.0
WORK_DAYS, DAY_SECONDS, MOST_FORGOTTEN = 7, 86_400.0, 2_000
"""A delivery may be brought again within three days (seven on Enterprise), and must then be known.
"""

DRAIN_SECONDS = 30
"""At an orderly stop what is under way may end; the rest is resumed by the next process."""

log = get_logger()


@contextmanager
def run_worker(environment: Environment, *, work: bool = True) -> Iterator[Workflows]:
    """A process's engine, started; without ``work`` it only takes deliveries in. Raises NotSetUp,
    GitHubError.
    """
    _prepare_folders(environment)
    engine = open_database(environment.database_url)
    context = Context(environment, engine, environment.app, slug_of(environment))
    prepare_sqlite(environment.work_url)
    DBOS(config=_config(environment, context.name))
    with registered(context) as workflows:
        if not work:
            DBOS.listen_queues([])
        DBOS.launch()
        _register_queues()
        try:
            with _beside_the_work(context):
                yield workflows
        finally:
            DBOS.destroy(workflow_completion_timeout_sec=int(patient(DRAIN_SECONDS)))
            with suppress(SQLAlchemyError):  # the row is found dead in time
                context.transaction(workers.leave, context.name)
            engine.dispose()


def _prepare_folders(environment: Environment) -> None:
    """Only we may read what is kept; a database's folder that is there is the operator's, who may
    share it.
    """
    tighten(environment.data_folder, deep=True)
    private_folder(environment.data_folder)
    folder = sqlite_folder(environment.database_url)
    if folder and not folder.is_dir():
        private_folder(folder)


@contextmanager
def _beside_the_work(context: Context) -> Iterator[None]:
    """A thread that says that we live, and one that asks for deliveries we missed."""
    stop = threading.Event()
    alone = sqlite_folder(context.environment.database_url) is not None
    threads = (
        threading.Thread(target=_beat, args=(context, stop, alone), name="heartbeat", daemon=True),
        threading.Thread(
            target=Redelivery(context).run, args=(stop,), name="redelivery", daemon=True
        ),
    )
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join(BEAT_SECONDS)


def slug_of(environment: Environment) -> str:
    """The App's own name, asked of GitHub; the saved one when GitHub gives no answer now."""
    try:
        slug = str(environment.app.itself().get("/app")["slug"])
    except GitHubError:
        saved = saved_credentials(environment.data_folder).get("slug")
        if saved:
            return saved
        raise
    save(environment.data_folder, "slug", slug)
    return slug


def _config(environment: Environment, name: str) -> DBOSConfig:
    return {
        "name": NAME,
        "system_database_url": with_driver(environment.work_url),
        "executor_id": name,
        "application_version": WORK_VERSION,
        "log_level": "WARNING",
        "enable_otlp": False,
        "notification_listener_polling_interval_sec": POLL_SECONDS,
    }


def _register_queues() -> None:
    DBOS.register_queue(
        DELIVERIES, worker_concurrency=DELIVERIES_AT_ONCE, polling_interval_sec=POLL_SECONDS
    )
    DBOS.register_queue(HEADS, worker_concurrency=HEADS_AT_ONCE, polling_interval_sec=POLL_SECONDS)
    DBOS.register_queue(
        CHECKS,
        worker_concurrency=CHECKS_AT_ONCE,
        partition_worker_concurrency=CHECKS_AN_INSTALLATION,
        polling_interval_sec=POLL_SECONDS,
    )
    DBOS.register_queue(HOSTS, worker_concurrency=1, polling_interval_sec=POLL_SECONDS)
    DBOS.register_queue(
        BACKLOG, worker_concurrency=1, partition_concurrency=1, polling_interval_sec=POLL_SECONDS
    )
    DBOS.register_queue(
        REVIEWS,
        worker_concurrency=REVIEWS_AT_ONCE,
        partition_concurrency=REVIEWS_AN_INSTALLATION,
        polling_interval_sec=POLL_SECONDS,
    )


def _beat(context: Context, stop: threading.Event, alone: bool) -> None:
    """Say that this process lives, take over from those that do not, forget what is old. Nothing
    here waits for GitHub.
    """
    all_others, next_tidying = alone, 0.0
    while True:
        try:
            _take_over(context, all_others=all_others)
            all_others = False
            if time.monotonic() >= next_tidying:
                next_tidying = time.monotonic() + TIDY_SECONDS
                _tidy(context)
        except Exception as error:
            log.warning("heartbeat", exc_info=error)
        if stop.wait(BEAT_SECONDS):
            return


def _tidy(context: Context) -> None:
    context.transaction(retention.forget_old)
    forget_old_work()
    uninstall.tidy(context)


def forget_old_work(days: float = WORK_DAYS) -> None:
    """Delete what the engine keeps of work that ended so many days ago, a part at a time."""
    before = datetime.fromtimestamp(time.time() - days * DAY_SECONDS, UTC).isoformat()
    ended = DBOS.list_workflows(
        status=["SUCCESS", "ERROR", "CANCELLED"],
        completed_before=before,
        limit=MOST_FORGOTTEN,
        load_input=False,
        load_output=False,
    )
    if ended:
        DBOS.delete_workflows([workflow.workflow_id for workflow in ended])


def _take_over(context: Context, *, all_others: bool) -> None:
    context.workers = context.transaction(workers.alive, context.name)
    dead = context.transaction(workers.bury, context.name, all_others=all_others)
    if dead:
        context.transaction(leases.free_of, dead)
        log.warning("taking over from processes that died", dead=dead)
        DBOS._recover_pending_workflows(dead)
