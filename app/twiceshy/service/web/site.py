"""The web process: webhook, health, metrics, and what people and programs may read. Decides
nothing.
"""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

from dbos import DBOS, SetWorkflowID
from fastapi import Depends, FastAPI, Request, Response
from sqlalchemy import text
from sqlalchemy.orm import Session

from twiceshy.github.events import Event
from twiceshy.lessons.serial import as_values_of_kind
from twiceshy.lessons.version import VERSION
from twiceshy.service.environment import Environment
from twiceshy.service.jobs.workflows import Workflows, queue_of
from twiceshy.service.web import api_v1, pages
from twiceshy.service.web.access import Exposure, Front, exposure_check, host_name
from twiceshy.service.web.webhook import Intake


def web_app(workflows: Workflows, on_stop: Callable[[], None] | None = None) -> FastAPI:
    """The application over a running engine."""
    context, environment = workflows.context, workflows.context.environment

    def keep(delivery: str, event: Event, at: float) -> None:
        with SetWorkflowID(f"delivery:{delivery}"):
            values = as_values_of_kind(event)
            DBOS.enqueue_workflow(queue_of(event), workflows.receive, values, at)

    intake = Intake(context.environment.webhook_secret, keep, context.metrics)

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
    app.add_middleware(Front, host=host_name(urlsplit(environment.url).netloc))
    app.add_api_route("/webhooks/github", intake.receive, methods=["POST"], include_in_schema=False)
    app.include_router(api_v1.router(context))
    app.include_router(pages.router(context))

    @app.get("/healthz")
    def healthz() -> dict[str, str]:
        """Whether the process is alive."""
        return {"status": "ok"}

    @app.get("/readyz")
    def readyz(response: Response) -> dict[str, str]:
        """Whether it can keep a delivery: the database answers, and the secret is set."""
        if not context.environment.webhook_secret:
            response.status_code = 503
            return {
                "status": "TWICESHY_GITHUB_WEBHOOK_SECRET is not set: every delivery is refused"
            }
        try:
            context.transaction(Session.scalar, text("SELECT 1"))
        except Exception as error:  # noqa: BLE001 - not ready, whatever it is
            response.status_code = 503
            return {"status": f"the database does not answer: {type(error).__name__}"}
        return {"status": "ready"}

    @app.get(
        "/openapi.json",
        include_in_schema=False,
        dependencies=[_exposed(environment, environment.openapi)],
    )
    def openapi() -> dict[str, Any]:
        return app.openapi()

    @app.get("/metrics", dependencies=[_exposed(environment, environment.metrics)])
    def metrics(_request: Request) -> Response:
        """For Prometheus."""
        _note_queue(workflows)
        return Response(context.metrics.text(), media_type="text/plain; version=0.0.4")

    return app


def _exposed(environment: Environment, exposure: Exposure) -> Any:
    return Depends(exposure_check(exposure, environment.api_token))


def _note_queue(workflows: Workflows) -> None:
    waiting = DBOS.list_queued_workflows(status="ENQUEUED", load_input=False, limit=1_000)
    oldest = min((each.created_at for each in waiting if each.created_at), default=None)
    workflows.context.metrics.queue_length.set(len(waiting))
    workflows.context.metrics.queue_age.set(time.time() - oldest / 1000 if oldest else 0)
