"""Keeps one installation within GitHub's limits on bursts, by waiting only when the budget is spent.

https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits
"""

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

POINTS_A_MINUTE = 900
"""For REST: a read costs one, a write five."""

CONTENT_A_MINUTE = 80
"""Requests that make content for people: reviews and comments."""

READ_COST, WRITE_COST = 1, 5
MINUTE = 60.0


@dataclass
class Pacer:
    """The last minute of an installation's requests. ``share`` is this process's part of the budget, from 0 to 1."""

    share: float = 1.0
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    _sent: deque[tuple[float, int, bool]] = field(default_factory=deque)  # when, points, is it content
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def wait(self, *, writes: bool, content: bool = False) -> float:
        """Wait until one more request fits, and count it. Gives the seconds waited."""
        waited = 0.0
        while (pause := self._take(WRITE_COST if writes else READ_COST, content)) > 0:
            self.sleep(pause)
            waited += pause
        return waited

    def delay(self) -> float:
        """Seconds until a write would fit now."""
        with self._lock:
            return self._pause(WRITE_COST, content=True)

    def _take(self, cost: int, content: bool) -> float:
        with self._lock:
            pause = self._pause(cost, content=content)
            if pause <= 0:
                self._sent.append((self.clock(), cost, content))
            return pause

    def _pause(self, cost: int, *, content: bool) -> float:
        now = self.clock()
        while self._sent and self._sent[0][0] <= now - MINUTE:
            self._sent.popleft()
        points = sum(each for _, each, _ in self._sent)
        made = sum(each for *_, each in self._sent)
        full = points + cost > POINTS_A_MINUTE * self.share
        full = full or (content and made + 1 > CONTENT_A_MINUTE * self.share)
        return self._sent[0][0] + MINUTE - now if full and self._sent else 0.0
