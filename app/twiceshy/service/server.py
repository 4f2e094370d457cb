"""Runs a process of the service: the web with a worker in it, or a worker alone, until it is told
to stop.
"""

import os
import secrets
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from platformdirs import user_data_path
from prometheus_client import start_http_server
from structlog import get_logger

from twiceshy.lessons.private_files import private_folder
from twiceshy.lessons.time_limits import patient
from twiceshy.service.environment import Environment, read_environment
from twiceshy.service.logs import set_up_logs
from twiceshy.service.metrics import Metrics
from twiceshy.service.web.connections import MOST_HEADER_BYTES, BoundedConnection
from twiceshy.service.web.setup import setup_app
from twiceshy.service.web.site import web_app
from twiceshy.service.worker import run_worker

KEEP_ALIVE_SECONDS = 5
STOP_SECONDS = 10
"""For requests under way when the process is told to stop."""

STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)

LOOPBACK = "127.0.0.1"

log = get_logger()


def data_folder() -> Path:
    """Where the service keeps what it has no database for."""
    return user_data_path("twiceshy")


def environment() -> Environment:
    """What the environment says. Raises NotSetUp."""
    return read_environment(os.environ, data_folder())


def serve(host: str, port: int) -> None:
    """The web process, with a worker in it; while there are no credentials, the page that makes
    them.
    """
    set_up_logs()
    for number in STOP_SIGNALS:  # the server raises them again when it has stopped
        signal.signal(number, lambda *_: sys.exit(0))
    current = environment()
    if not current.app_id or not current.private_key:
        _set_up(current, host, port)
        current = environment()
        if not current.app_id:
            return
    with run_worker(current) as workflows:
        log.info("serving", address=f"http://{host}:{port}", app=workflows.context.slug)
        _server(web_app(workflows), host, port).run()


def work(metrics_host: str = LOOPBACK, metrics_port: int = 0) -> None:
    """A worker alone; its own figures at a port, when one is named. Raises OSError when that port
    cannot be had.
    """
    set_up_logs()
    stop = threading.Event()
    for number in STOP_SIGNALS:
        signal.signal(number, lambda *_: stop.set())
    with (
        run_worker(environment()) as workflows,
        figures(workflows.context.metrics, metrics_host, metrics_port),
    ):
        log.info("working", app=workflows.context.slug)
        stop.wait()


@contextmanager
def figures(metrics: Metrics, host: str, port: int) -> Iterator[None]:
    """One process's figures for Prometheus, at a port of their own; 0 is none."""
    if not port:
        yield
        return
    server, thread = start_http_server(port, host, metrics.registry)
    log.info("figures", address=f"http://{host}:{port}/metrics")
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _set_up(current: Environment, host: str, port: int) -> None:
    token = secrets.token_urlsafe(16)
    servers: list[uvicorn.Server] = []  # of one: the page must know the server it stands on

    def done() -> None:
        servers[0].should_exit = True

    private_folder(current.data_folder)
    servers.append(_server(setup_app(current, token, done), host, port))
    log.info(
        "not set up yet: open this page to make the App",
        address=f"http://{host}:{port}/setup?token={token}",
    )
    servers[0].run()


def _server(app: object, host: str, port: int) -> uvicorn.Server:
    config = uvicorn.Config(
        app,  # type: ignore[arg-type]  # an ASGI application
        host=host,
        port=port,
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=int(patient(STOP_SECONDS)),
        server_header=False,
        proxy_headers=True,
        http=BoundedConnection,
        ws="none",
        h11_max_incomplete_event_size=MOST_HEADER_BYTES,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
    )
    return uvicorn.Server(config)
