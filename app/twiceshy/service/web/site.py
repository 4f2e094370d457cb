"""The web process: webhook, health, metrics, and what people and programs may read. Decides
nothing.
"""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

from dbos import DBOS, SetWorkflowID
from fastapi import APIRouter, Depends, FastAPI, Request, Response
from sqlalchemy import text
from sqlalchemy.orm import Session

from twiceshy.github.events import Event
from twiceshy.lessons.serial import as_values_of_kind
from twiceshy.lessons.version import VERSION
from twiceshy.service.context import Context
from twiceshy.service.environment import Environment
from twiceshy.service.jobs.workflows import Workflows, queue_of
from twiceshy.service.metrics import Metrics
from twiceshy.service.web import api_v1, pages
from twiceshy.service.web.access import AccessMiddleware, Exposure, exposure_check, host_name
from twiceshy.service.web.webhook import Intake, Keep


def web_app(workflows: Workflows, on_stop: Callable[[], None] | None = None) -> FastAPI:
    """The application over a running engine."""
    context = workflows.context
    intake = Intake(context.environment.webhook_secret, _enqueuer(workflows), context.metrics)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        if on_stop:
            on_stop()

    app = FastAPI(
        title="twiceshy",
        version=VERSION,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
    )
    app.add_middleware(AccessMiddleware, host=host_name(urlsplit(context.environment.url).netloc))
    app.add_api_route("/webhooks/github", intake.receive, methods=["POST"], include_in_schema=False)
    app.include_router(api_v1.router(context))
    app.include_router(pages.router(context))
    app.include_router(_health(context))
    app.include_router(_figures(workflows))
    app.include_router(_description(app, context.environment))
    return app


def _enqueuer(workflows: Workflows) -> Keep:
    """What makes a delivery durable: its workflow stands in the database when this returns."""

    def enqueue(delivery: str, event: Event, came_at: float) -> None:
        with SetWorkflowID(f"delivery:{delivery}"):
            values = as_values_of_kind(event)
            DBOS.enqueue_workflow(queue_of(event), workflows.receive, values, came_at)

    return enqueue


def _health(context: Context) -> APIRouter:
    routes = APIRouter()

    @routes.get("/healthz")
    def healthz() -> dict[str, str]:
        """Whether the process is alive."""
        return {"status": "ok"}

    @routes.get("/readyz")
    def readyz(response: Response) -> dict[str, str]:
        """Whether it can keep a delivery: the database answers, and the secret is set."""
        trouble = _why_not_ready(context)
        if trouble:
            response.status_code = 503
        return {"status": trouble or "ready"}

    return routes


def _why_not_ready(context: Context) -> str:
    if not context.environment.webhook_secret:
        return "TWICESHY_GITHUB_WEBHOOK_SECRET is not set: every delivery is refused"
    try:
        context.transaction(Session.scalar, text("SELECT 1"))
    except Exception as error:  # noqa: BLE001 - not ready, whatever it is
        return f"the database does not answer: {type(error).__name__}"
    return ""


def _figures(workflows: Workflows) -> APIRouter:
    environment = workflows.context.environment
    routes = APIRouter(dependencies=[_exposed(environment, environment.metrics)])

    @routes.get("/metrics")
    def metrics(_request: Request) -> Response:
        """For Prometheus."""
        _note_queue(workflows.context.metrics)
        figures = workflows.context.metrics.text()
        return Response(figures, media_type="text/plain; version=0.0.4")

    return routes


def _description(app: FastAPI, environment: Environment) -> APIRouter:
    access = _exposed(environment, environment.openapi)
    routes = APIRouter(include_in_schema=False, dependencies=[access])

    @routes.get("/openapi.json")
    def openapi() -> dict[str, Any]:
        return app.openapi()

    return routes


def _exposed(environment: Environment, exposure: Exposure) -> Any:
    return Depends(exposure_check(exposure, environment.api_token))


def _note_queue(metrics: Metrics) -> None:
    waiting = DBOS.list_queued_workflows(status="ENQUEUED", load_input=False, limit=1_000)
    times = [workflow.created_at for workflow in waiting if workflow.created_at]
    metrics.queue_length.set(len(waiting))
    metrics.queue_age.set(time.time() - min(times) / 1000 if times else 0)
