"""Bounds what strangers' connections cost the web process: how many there are, and how long one may
take to ask.

uvicorn waits for ever for the first line of a request, and for the rest of its headers. Nothing
here reads a request.
"""

import asyncio
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_SECONDS = 10.0
MOST_CONNECTIONS = 512
"""Half of the files a process may commonly have open."""

MOST_HEADER_BYTES = 16 * 1024


class BoundedConnection(H11Protocol):
    """A connection that has asked for nothing within its time is closed; so is the one that waits
    longest, for room.
    """

    head_seconds = HEAD_SECONDS
    most_connections = MOST_CONNECTIONS
    _waits_since = 0.0
    _alarm: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """One more: it begins to wait for its request, and another may have to go for it."""
        super().connection_made(transport)
        self._wait()
        self._make_room()

    def connection_lost(self, exc: Exception | None) -> None:
        """One less."""
        if self._alarm:
            self._alarm.cancel()
        super().connection_lost(exc)

    def on_response_complete(self) -> None:
        """It begins to wait for its next request."""
        self._waits_since = self.loop.time()
        super().on_response_complete()

    def _wait(self) -> None:
        self._waits_since = self.loop.time()
        self._alarm = self.loop.call_later(self.head_seconds, self._close_when_late)

    def _close_when_late(self) -> None:
        """Close the connection when it has waited for too long; look again later otherwise."""
        left = self.head_seconds
        if self._is_waiting():
            left = self._waits_since + self.head_seconds - self.loop.time()
        if left <= 0:
            self.transport.abort()
        else:
            self._alarm = self.loop.call_later(left, self._close_when_late)

    def _is_waiting(self) -> bool:
        """Whether no request is under way: nothing was asked, or all that was asked is answered."""
        return self.cycle is None or self.cycle.response_complete

    def _make_room(self) -> None:
        if len(self.connections) <= self.most_connections:
            return
        waiting = []
        for other in self.connections:
            if isinstance(other, BoundedConnection) and other._is_waiting() and other is not self:
                waiting.append(other)
        longest = min(waiting, key=lambda other: other._waits_since, default=self)
        longest.transport.abort()
