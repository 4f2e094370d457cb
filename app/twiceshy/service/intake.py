"""Takes webhooks in: who sent this, is it something to us, is it safely kept. Judges nothing, calls nobody.

The order matters: the bytes are verified before anything of them is read, and 202 is answered only for what is durable.
"""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse
from structlog import get_logger

from twiceshy.github.events import read_event
from twiceshy.github.signature import signed_by
from twiceshy.service.kept import kept
from twiceshy.service.metrics import Metrics

MOST_BYTES = 25 * 1024 * 1024
"""GitHub sends no more: https://docs.github.com/en/webhooks/webhook-events-and-payloads#payload-cap"""

LONGEST_NAME = 100

log = get_logger()

Keep = Callable[[str, dict[str, Any], float], None]
"""Makes a delivery durable: its id, the event, when it came. The same id twice is one delivery."""


@dataclass(frozen=True)
class Intake:
    """The webhook's end."""

    secret: str
    keep: Keep
    metrics: Metrics

    async def receive(self, request: Request) -> JSONResponse:
        """Answer one delivery: 202 kept or nothing to us, 400 unreadable, 401 not signed, 413 too large, 503 not kept."""
        at = time.time()
        name = request.headers.get("x-github-event", "")[:LONGEST_NAME]
        body = await _body(request)
        if body is None:
            return self._answer(name, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"over {MOST_BYTES:,} bytes")
        if not signed_by(self.secret, body, request.headers.get("x-hub-signature-256")):
            return self._answer(name, HTTPStatus.UNAUTHORIZED, "the signature is missing or wrong")
        delivery = request.headers.get("x-github-delivery", "")[:LONGEST_NAME]
        try:
            payload = json.loads(body)
        except (ValueError, RecursionError):
            return self._answer(
                name, HTTPStatus.BAD_REQUEST, "the body is not JSON: set the webhook's content type to JSON"
            )
        event = read_event(name, payload)
        if event is None or not delivery:
            return self._answer(name, HTTPStatus.ACCEPTED, "nothing to do")
        return await self._keep(name, delivery, kept(event), at)

    async def _keep(self, name: str, delivery: str, event: dict[str, Any], at: float) -> JSONResponse:
        try:
            await run_in_threadpool(self.keep, delivery, event, at)
        except Exception as error:  # noqa: BLE001 - whatever it is, GitHub must hear that it was not kept
            log.error("delivery not kept", delivery=delivery, error=f"{type(error).__name__}: {error}")  # noqa: TRY400
            return self._answer(name, HTTPStatus.SERVICE_UNAVAILABLE, "not kept; it will be asked for again")
        return self._answer(name, HTTPStatus.ACCEPTED, "kept")

    def _answer(self, name: str, status: HTTPStatus, message: str) -> JSONResponse:
        known = name if name.replace("_", "").isalpha() else "other"
        self.metrics.deliveries.labels(known, str(status.value)).inc()
        if status is not HTTPStatus.ACCEPTED:
            log.warning("delivery refused", github_event=known, status=status.value, reason=message)
        return JSONResponse({"message": message}, status.value)


async def _body(request: Request) -> bytes | None:
    """The raw body; None over the limit, without reading all of it."""
    said = request.headers.get("content-length", "")
    if said.isdecimal() and int(said) > MOST_BYTES:
        return None
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > MOST_BYTES:
            return None
        parts.append(part)
    return b"".join(parts)
