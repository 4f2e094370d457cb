"""Takes webhooks in: who sent this, is it something to us, is it safely kept. Judges nothing, calls
nobody.

The order matters: the bytes are verified before anything of them is read, and 202 is answered only
for what is durable.
"""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse
from structlog import get_logger

from twiceshy.github.events import Event, read_event
from twiceshy.github.webhook_signature import looks_signed, signed_by
from twiceshy.service.metrics import Metrics
from twiceshy.service.web.request_bodies import MOST_BYTES, Bodies, NotRead, announced_too_large

LONGEST_NAME = 100

UNSIGNED = "the signature is missing or wrong"

_REFUSALS = {
    NotRead.TOO_LARGE: (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"over {MOST_BYTES:,} bytes"),
    NotRead.TOO_SLOW: (HTTPStatus.REQUEST_TIMEOUT, "the body did not come in time"),
    NotRead.NO_ROOM: (
        HTTPStatus.SERVICE_UNAVAILABLE,
        "too much comes in at once; it will be asked for again",
    ),
    NotRead.GONE: (HTTPStatus.BAD_REQUEST, "the body ended early"),
}

_HANG_UP = {"Connection": "close", "Retry-After": "10"}

log = get_logger()

Keep = Callable[[str, Event, float], None]
"""Makes a delivery durable: its id, the event, when it came. The same id twice is one delivery."""


@dataclass(frozen=True)
class Intake:
    """The webhook's end."""

    secret: str
    keep: Keep
    metrics: Metrics
    bodies: Bodies = field(default_factory=Bodies)

    async def receive(self, request: Request) -> JSONResponse:
        """Answer one delivery.

        202 kept or nothing to us, 400 unreadable, 401 not signed, 408 too slow, 413 too large, 503
        not kept, or no room.
        """
        at = time.time()
        name = request.headers.get("x-github-event", "")[:LONGEST_NAME]
        signature = request.headers.get("x-hub-signature-256")
        if announced_too_large(request.headers.get("content-length", "")):
            return self._unread(name, *_REFUSALS[NotRead.TOO_LARGE])
        if not self.secret or not looks_signed(signature):
            return self._unread(name, HTTPStatus.UNAUTHORIZED, UNSIGNED)
        body = await self.bodies.read(request.stream())
        if isinstance(body, NotRead):
            return self._unread(name, *_REFUSALS[body])
        if not signed_by(self.secret, body, signature):
            return self._answer(name, HTTPStatus.UNAUTHORIZED, UNSIGNED)
        delivery = request.headers.get("x-github-delivery", "")[:LONGEST_NAME]
        try:
            payload = json.loads(body)
        except (ValueError, RecursionError):
            return self._answer(
                name,
                HTTPStatus.BAD_REQUEST,
                "the body is not JSON: set the webhook's content type to JSON",
            )
        event = read_event(name, payload)
        if event is None or not delivery:
            return self._answer(name, HTTPStatus.ACCEPTED, "nothing to do")
        return await self._keep(name, delivery, event, at)

    async def _keep(self, name: str, delivery: str, event: Event, at: float) -> JSONResponse:
        try:
            await run_in_threadpool(self.keep, delivery, event, at)
        except Exception:
            log.exception("delivery not kept", delivery=delivery)
            return self._answer(
                name, HTTPStatus.SERVICE_UNAVAILABLE, "not kept; it will be asked for again"
            )
        return self._answer(name, HTTPStatus.ACCEPTED, "kept")

    def _unread(self, name: str, status: HTTPStatus, message: str) -> JSONResponse:
        """Refuse, and hang up: the rest of a body that nobody will read must not come in."""
        return self._answer(name, status, message, _HANG_UP)

    def _answer(
        self, name: str, status: HTTPStatus, message: str, headers: Mapping[str, str] | None = None
    ) -> JSONResponse:
        known = name if name.replace("_", "").isalpha() else "other"
        self.metrics.deliveries.labels(known, str(status.value)).inc()
        if status is not HTTPStatus.ACCEPTED:
            log.warning("delivery refused", github_event=known, status=status.value, reason=message)
        return JSONResponse({"message": message}, status.value, headers)
