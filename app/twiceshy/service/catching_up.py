"""After downtime: asks GitHub which deliveries it could not bring, and to bring them again. Takes nothing in itself.

GitHub never redelivers by itself, and forgets a delivery after three days:
https://docs.github.com/en/webhooks/using-webhooks/handling-failed-webhook-deliveries
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from structlog import get_logger

from twiceshy.github.errors import GitHubError
from twiceshy.service.context import Context
from twiceshy.store.notes import note, set_note

MOST = 1_000
"""Deliveries looked through at a time."""

LAST = "last delivery"

log = get_logger()


def catch_up(context: Context) -> int:
    """Have every delivery that failed, and was not brought since, brought again. Gives how many."""
    api = context.app.itself()
    last = int(context.keep(lambda session: note(session, LAST)) or 0)
    deliveries = list(api.pages("/app/hook/deliveries", MOST))
    asked = 0
    for delivery in missed(deliveries, last):
        try:
            api.send("POST", f"/app/hook/deliveries/{delivery}/attempts")
            asked += 1
        except GitHubError as error:
            log.warning("redelivery refused", delivery=delivery, error=str(error))
    newest = max((int(each["id"]) for each in deliveries), default=last)
    context.keep(lambda session: set_note(session, LAST, str(newest)))
    if asked:
        log.info("asked for missed deliveries", count=asked)
    return asked


def missed(deliveries: Iterable[Mapping[str, Any]], last: int) -> Iterator[int]:
    """Ids of the failed deliveries after ``last`` that no later attempt brought; each GUID once. Pure."""
    rows = list(deliveries)
    brought = {each["guid"] for each in rows if _good(each)}
    asked: set[str] = set()
    for each in rows:
        guid = str(each["guid"])
        if int(each["id"]) > last and not _good(each) and guid not in brought and guid not in asked:
            asked.add(guid)
            yield int(each["id"])


def _good(delivery: Mapping[str, Any]) -> bool:
    return 200 <= int(delivery.get("status_code") or 0) < 300  # noqa: PLR2004 - success
