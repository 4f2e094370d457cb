"""One writer at a time for what many processes may want to write: a lease in the store, fenced.
Writes nothing itself.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from twiceshy.github.errors import Lost
from twiceshy.service.context import Context
from twiceshy.store import leases

LEASE_SECONDS = 300.0
"""Longer than a request and its waiting for a budget. A process that died loses its leases long
before.
"""

POLL_SECONDS, MOST_POLLS = 0.1, 300


@dataclass(frozen=True)
class Pen:
    """The right to write, as long as nobody took it away."""

    context: Context
    name: str
    token: str

    def check(self) -> None:
        """Asked before each write: is it still ours? Raises Lost when it is not, as after a long
        pause of this process.
        """
        if not self.context.transaction(leases.renew, self.name, self.token, LEASE_SECONDS):
            raise Lost(f"{self.name}: another process writes by now")


@contextmanager
def writing(context: Context, name: str) -> Iterator[Pen]:
    """Hold the pen of this name. Raises Lost when others hold it for too long."""
    token = _taken(context, name)
    try:
        yield Pen(context, name, token)
    finally:
        context.transaction(leases.release, name, token)


def _taken(context: Context, name: str) -> str:
    for _ in range(MOST_POLLS):
        token = context.transaction(leases.take, name, context.name, LEASE_SECONDS)
        if token:
            return token
        threading.Event().wait(POLL_SECONDS)
    raise Lost(f"{name}: another process writes for long")
