"""Reads the bodies of webhooks before anybody knows who sent them: bounded in size, in number, in
sum and in time.

Strangers may send as much as they like: what they hold is bounded for the whole process, and no
part of it for long. Whoever is new gets room, from whoever holds most of it or has been at it
longest; a delivery of GitHub's is small and is read in no time, so it is never that one. Never
judges a signature.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from enum import StrEnum

from starlette.requests import ClientDisconnect

MOST_BYTES = 25 * 1024 * 1024
"""GitHub sends no more: https://docs.github.com/en/webhooks/webhook-events-and-payloads#payload-cap
"""

SECONDS = 10.0
"""GitHub gives up on a delivery after as many:
https://docs.github.com/en/webhooks/using-webhooks/best-practices-for-using-webhooks
"""

MOST_TOGETHER = 64 * 1024 * 1024
MOST_BODIES = 64


class NotRead(StrEnum):
    """Why a body was not read to its end."""

    TOO_LARGE = "too large"
    TOO_SLOW = "too slow"
    NO_ROOM = "no room"
    GONE = "gone"  # who sent it hung up


def announced_too_large(content_length: str) -> bool:
    """Whether a body says itself that it is; one that says nothing, or lies, is counted as it comes
    in.
    """
    return content_length.isdecimal() and int(content_length[:20]) > MOST_BYTES


@dataclass(eq=False)
class _Body:
    deadline: asyncio.Timeout
    text: bytearray = field(default_factory=bytearray)
    crowded_out: bool = False

    def give_up(self) -> None:
        """Let go of everything now; whoever waits for the rest is woken and told."""
        self.crowded_out = True
        self.text.clear()
        self.deadline.reschedule(asyncio.get_running_loop().time())


@dataclass
class Bodies:
    """All bodies that one process reads at the moment."""

    seconds: float = SECONDS
    most_together: int = MOST_TOGETHER
    most_bodies: int = MOST_BODIES
    _reading: list[_Body] = field(default_factory=list)  # oldest first

    @property
    def bytes_held(self) -> int:
        """The sum of what is read of all of them."""
        return sum(len(body.text) for body in self._reading)

    async def read(self, stream: AsyncIterator[bytes]) -> bytes | bytearray | NotRead:
        """A body, as it comes in."""
        body: _Body | None = None
        try:
            async with asyncio.timeout(self.seconds) as deadline:
                body = _Body(deadline)
                self._reading.append(body)
                return await self._whole(body, stream)
        except TimeoutError:
            return NotRead.NO_ROOM if body and body.crowded_out else NotRead.TOO_SLOW
        except ClientDisconnect:
            return NotRead.GONE
        finally:
            if body:
                self._reading.remove(body)

    async def _whole(self, body: _Body, stream: AsyncIterator[bytes]) -> bytearray | NotRead:
        self._make_room(body)
        async for part in stream:
            if body.crowded_out:
                return NotRead.NO_ROOM
            body.text += part
            if len(body.text) > MOST_BYTES:
                return NotRead.TOO_LARGE
            self._make_room(body)
        return NotRead.NO_ROOM if body.crowded_out else body.text

    def _make_room(self, newest: _Body) -> None:
        others = [body for body in self._reading if not body.crowded_out]
        if len(others) > self.most_bodies:
            next(body for body in others if body is not newest).give_up()
        while self.bytes_held > self.most_together:
            max(self._reading, key=lambda body: len(body.text)).give_up()
