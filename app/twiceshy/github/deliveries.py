"""The deliveries GitHub tried to bring: lists the attempts, and asks for one to be made again.

GitHub never redelivers by itself, and forgets a delivery after three days, GitHub Enterprise Server
after seven: https://docs.github.com/en/webhooks/using-webhooks/handling-failed-webhook-deliveries
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any

from twiceshy.github.api import Api

MOST = 100_000
"""Deliveries looked through at a time."""

DAYS, ENTERPRISE_DAYS = 3, 7
"""For so long GitHub, and GitHub Enterprise Server, can bring a delivery again."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to bring a delivery; ``at`` is when it was made, in seconds since the epoch."""

    id: int
    guid: str  # the delivery's
    event: str
    status: int  # what was answered; 0: nothing
    at: float

    @property
    def arrived(self) -> bool:
        """Whether it was taken in."""
        return HTTPStatus.OK <= self.status < HTTPStatus.MULTIPLE_CHOICES


def attempts_since(api: Api, since: float) -> Iterator[Attempt]:
    """The attempts to bring a delivery, the newest first, until one that was made before
    ``since``.
    """
    for values in api.linked("/app/hook/deliveries", MOST):
        attempt = _attempt(values)
        if attempt.at < since:
            return
        yield attempt


def ask_again(api: Api, attempt: int) -> None:
    """Have GitHub make an attempt once more. Raises Refused or Gone where that is of no use."""
    api.send("POST", f"/app/hook/deliveries/{attempt}/attempts")


def _attempt(values: Mapping[str, Any]) -> Attempt:
    return Attempt(
        id=int(values["id"]),
        guid=str(values["guid"]),
        event=str(values.get("event", "")),
        status=int(values.get("status_code") or 0),
        at=datetime.fromisoformat(str(values["delivered_at"])).timestamp(),
    )
