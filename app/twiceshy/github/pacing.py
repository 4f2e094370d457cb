"""Keeps one installation within GitHub's limits on bursts, by waiting only when the budget is
spent.

https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
"""

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from twiceshy.github.errors import Limited

POINTS_A_MINUTE = 900
"""For REST: a read costs one, a write five."""

CONTENT_A_MINUTE, CONTENT_AN_HOUR = 80, 500
"""Requests that make content for people: reviews and comments. GitHub's description marks them
``triggersNotification``; a check run is not among them.
"""

RESERVED_POINTS = 300
"""Of the points, for what is urgent: a new head's check is not to wait for the reviews of others.
"""

READ_COST, WRITE_COST = 1, 5
MINUTE, HOUR = 60.0, 3_600.0


@dataclass(frozen=True, slots=True)
class _Request:
    sent_at: float
    cost: int
    content: bool


@dataclass
class Pacer:
    """The last hour of an installation's requests. ``share`` is this process's part of the budget,
    from 0 to 1.
    """

    share: float = 1.0
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    _sent: deque["_Request"] = field(default_factory=deque)  # of the last minute
    _content: deque[float] = field(default_factory=deque)  # when, of the last hour
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def wait(self, *, writes: bool, content: bool = False, urgent: bool = False) -> float:
        """Wait until one more request fits, and count it. Gives the seconds waited.

        Raises Limited where that would take over a minute, as when the hour's content is spent: no
        request sleeps so long.
        """
        cost = WRITE_COST if writes else READ_COST
        waited = 0.0
        while (pause := self._take(cost, content=content, urgent=urgent)) > 0:
            if pause > MINUTE:
                raise Limited(pause)
            self.sleep(pause)
            waited += pause
        return waited

    def delay(self, *, content: bool = True, urgent: bool = False) -> float:
        """Seconds until a write would fit now."""
        with self._lock:
            return self._pause(WRITE_COST, content=content, urgent=urgent)

    def _take(self, cost: int, *, content: bool, urgent: bool) -> float:
        with self._lock:
            pause = self._pause(cost, content=content, urgent=urgent)
            if pause <= 0:
                self._sent.append(_Request(self.clock(), cost, content))
                if content:
                    self._content.append(self.clock())
            return pause

    def _pause(self, cost: int, *, content: bool, urgent: bool) -> float:
        now = self.clock()
        self._forget_before(now)
        if content and len(self._content) + 1 > CONTENT_AN_HOUR * self.share:
            return self._content[0] + HOUR - now if self._content else 0.0
        most = POINTS_A_MINUTE if urgent else POINTS_A_MINUTE - RESERVED_POINTS
        points = sum(request.cost for request in self._sent)
        full = points + cost > most * self.share
        if content:
            contents = sum(request.content for request in self._sent)
            full = full or contents + 1 > CONTENT_A_MINUTE * self.share
        return self._sent[0].sent_at + MINUTE - now if full and self._sent else 0.0

    def _forget_before(self, now: float) -> None:
        """What no limit counts any more."""
        while self._sent and self._sent[0].sent_at <= now - MINUTE:
            self._sent.popleft()
        while self._content and self._content[0] <= now - HOUR:
            self._content.popleft()
