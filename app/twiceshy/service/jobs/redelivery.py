"""After downtime: asks GitHub which deliveries it could not bring, and to bring them again. Takes
nothing in itself.

The first look comes before this process's port is open, so what is sent again may fail again: each
delivery is asked for again after growing pauses, and given up by name after the last. A list is
read as far back as the last look and a little further: deliveries under way are not listed, and ids
are not in the order in which they end.
"""

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from structlog import get_logger

from twiceshy.github import deliveries
from twiceshy.github.api import Api
from twiceshy.github.deliveries import Attempt
from twiceshy.github.errors import Gone, Refused
from twiceshy.service.context import Context
from twiceshy.service.environment import API
from twiceshy.store import leases, missed_deliveries
from twiceshy.store.missed_deliveries import Failure
from twiceshy.store.notes import note, set_note
from twiceshy.store.tables import MissedRow

DAY = 86_400.0

OVERLAP_SECONDS = 900.0
"""What was under way at the last look is listed by now, and clocks differ."""

PAUSES = (15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 600.0, 600.0)
"""Seconds after each asking until it is asked for again; after the last it is given up."""

ASKED_AT_ONCE = 60
BETWEEN_PORTIONS, USUAL_PAUSE, SHORTEST_PAUSE = 20.0, 600.0, 5.0
NOT_OURS_PAUSE = 60.0
LEASE, LEASE_SECONDS = "catching up", 900.0
LOOKED = "deliveries looked through until"

log = get_logger()


@dataclass
class Redelivery:
    """Looks again and again, soon while something is missing. ``clock`` gives seconds since the
    epoch.
    """

    context: Context
    clock: Callable[[], float] = time.time
    next_at: float = 0.0
    _failures: int = field(default=0, init=False)

    def run(self, stop: threading.Event) -> None:
        """Look until told to stop."""
        while not stop.wait(SHORTEST_PAUSE if self.next_at else 0):
            self.tick()

    def tick(self) -> None:
        """Look when it is time to. A failure is logged, and looked past soon."""
        now = self.clock()
        if now < self.next_at:
            return
        try:
            self.next_at = now + self._alone(now)
            self._failures = 0
        except Exception as error:  # nobody else would look, and nobody would miss it
            self._failures += 1
            pause = min(SHORTEST_PAUSE * 2**self._failures, USUAL_PAUSE)
            log.warning("deliveries not looked through", exc_info=error, again_in=pause)
            self.next_at = now + pause

    def _alone(self, now: float) -> float:
        """One process looks; the others only ask whether it still does."""
        context = self.context
        token = context.transaction(leases.take, LEASE, context.name, LEASE_SECONDS)
        if token is None:
            return NOT_OURS_PAUSE
        try:
            return ask_for_missing(context, now)
        finally:
            context.transaction(leases.release, LEASE, token)


def ask_for_missing(context: Context, now: float) -> float:
    """Look once, and have what failed brought again. Gives the seconds until the next look. Raises
    a GitHubError.
    """
    api = context.app.itself()
    on_github = context.environment.api_url == API
    days = deliveries.DAYS if on_github else deliveries.ENTERPRISE_DAYS
    oldest = now - DAY * days
    looked_until = float(context.transaction(note, LOOKED) or oldest)
    since = max(oldest, looked_until - OVERLAP_SECONDS)
    failures, brought = missing(deliveries.attempts_since(api, since))
    context.transaction(missed_deliveries.note_failures, failures)
    context.transaction(missed_deliveries.forget_brought, brought)
    context.transaction(missed_deliveries.forget_old, oldest)
    context.transaction(set_note, LOOKED, str(now))
    _ask(context, api, now)
    _give_up(context, now)
    return _pause(context, now)


def missing(attempts: Iterable[Attempt]) -> tuple[list[Failure], set[str]]:
    """Deliveries of which every attempt failed, with the newest attempt of each; and those that
    arrived. Pure: the attempts come newest first.
    """
    brought: set[str] = set()
    newest: dict[str, Attempt] = {}
    for attempt in attempts:
        newest.setdefault(attempt.guid, attempt)
        if attempt.arrived:
            brought.add(attempt.guid)
    failures = []
    for guid, attempt in newest.items():
        if guid not in brought:
            failure = Failure(guid, attempt.id, attempt.event, attempt.status, attempt.at)
            failures.append(failure)
    return failures, brought


def _ask(context: Context, api: Api, now: float) -> None:
    rows = context.transaction(missed_deliveries.due, now, ASKED_AT_ONCE, len(PAUSES))
    for row in rows:
        if _asked(api, row):
            tries, next_at = row.tries + 1, now + PAUSES[min(row.tries, len(PAUSES) - 1)]
        else:
            tries, next_at = len(PAUSES), now
        context.transaction(
            missed_deliveries.note_asked, guid=row.guid, tries=tries, next_at=next_at
        )
    if rows:
        log.info("asked for missed deliveries", count=len(rows))


def _asked(api: Api, row: MissedRow) -> bool:
    """Whether asking once more can help: what GitHub refuses, or knows no longer, it refuses
    again.
    """
    try:
        deliveries.ask_again(api, row.delivery)
    except (Refused, Gone) as error:
        log.warning(
            "redelivery refused", delivery=row.guid, github_event=row.event, error=str(error)
        )
        return False
    return True


def _give_up(context: Context, now: float) -> None:
    for row in context.transaction(missed_deliveries.give_up, now, len(PAUSES)):
        log.error(
            "delivery given up",
            delivery=row.guid,
            github_event=row.event,
            status=row.status,
            tries=row.tries,
            mend="find it in the App's settings under Advanced, "
            "and why it is answered so in this log",
        )


def _pause(context: Context, now: float) -> float:
    next_at = context.transaction(missed_deliveries.next_time)
    if next_at is None:
        return USUAL_PAUSE
    if next_at <= now:
        return BETWEEN_PORTIONS
    return min(max(next_at - now, SHORTEST_PAUSE), USUAL_PAUSE)
