"""Strangers at the door, with real sockets: what they hold is bounded, and GitHub's deliveries get
through all the while.

Sizes and counts are asserted, never how long something took: deadlines here are short so that the
tests are.
"""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

import httpx2
import pytest
import uvicorn
from fastapi import FastAPI

from github_double import GitHubDouble
from patience import HANG_SECONDS, wait_until
from service.processes import Process, free_port, process
from service.shop import CLEAN, Shop
from service.web.test_webhook import SECRET, Door, sign
from twiceshy.service.metrics import Metrics
from twiceshy.service.web.connections import BoundedConnection
from twiceshy.service.web.request_bodies import Bodies
from twiceshy.service.web.webhook import Intake

MB = 1_000_000
HEAD = (
    "POST /webhooks/github HTTP/1.1\r\nHost: twiceshy\r\nX-GitHub-Event: push\r\n"
    "X-Hub-Signature-256: sha256={signature}\r\nContent-Length: {length}\r\n\r\n"
)


_connections: list[socket.socket] = []


@pytest.fixture(autouse=True)
def hung_up() -> Iterator[None]:
    """Every connection is closed in the end."""
    yield
    while _connections:
        _connections.pop().close()


def connected(port: int) -> socket.socket:
    _connections.append(socket.create_connection(("127.0.0.1", port), timeout=HANG_SECONDS))
    return _connections[-1]


def stranger(port: int, sent: int, length: int = 24 * MB) -> socket.socket:
    """A connection with an unfinished body; whoever is hung up on in the middle of it has sent
    less.
    """
    connection = connected(port)
    with suppress(OSError):
        connection.sendall(HEAD.format(signature="0" * 64, length=length).encode() + b"x" * sent)
    return connection


def answer_of(connection: socket.socket) -> bytes:
    """What comes back until the other side hangs up."""
    parts = []
    try:
        while part := connection.recv(65536):
            parts.append(part)
    except ConnectionError:
        pass
    return b"".join(parts)


def resident(server: Process) -> int:
    """Bytes of memory a process holds."""
    lines = Path(f"/proc/{server.pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS:"))


def test_thirty_unfinished_bodies_cost_little_and_a_delivery_gets_through(
    double: GitHubDouble, shop: Shop, tmp_path: Path
) -> None:
    with process(double, tmp_path / "data") as server:
        before = resident(server)
        strangers = [stranger(server.port, sent=14 * MB) for _ in range(30)]
        assert server.deliver(double, shop.pull({"src/total.py": CLEAN})) == 202
        grown = resident(server) - before
        assert len(strangers) == 30
        assert grown < 200 * MB, "the 64 MB they may hold, and what that costs to shuffle"


class Served:
    """An intake behind uvicorn, in a thread of this process."""

    def __init__(self, bodies: Bodies, connection: type[BoundedConnection]) -> None:
        self.bodies, self.kept, self.port = bodies, Door().kept, free_port()
        app = FastAPI()
        intake = Intake(
            SECRET,
            lambda delivery, event, _at: self.kept.append((delivery, event)),
            Metrics(),
            bodies,
        )
        app.add_api_route("/webhooks/github", intake.receive, methods=["POST"])
        config = uvicorn.Config(app, port=self.port, log_level="error", http=connection, ws="none")
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=self.server.run, daemon=True)

    def deliver(self) -> int:
        body = json.dumps({"zen": "Keep it logically awesome."}).encode()
        headers = {
            "X-GitHub-Event": "ping",
            "X-GitHub-Delivery": "1",
            "X-Hub-Signature-256": sign(body),
        }
        url = f"http://127.0.0.1:{self.port}/webhooks/github"
        return httpx2.post(url, content=body, headers=headers, timeout=HANG_SECONDS).status_code


@contextmanager
def served(
    bodies: Bodies, connection: type[BoundedConnection] = BoundedConnection
) -> Iterator[Served]:
    server = Served(bodies, connection)
    server.thread.start()
    wait_until(lambda: server.server.started)
    try:
        yield server
    finally:
        server.server.should_exit = True
        server.thread.join(HANG_SECONDS)


def test_a_body_that_does_not_come_is_not_waited_for() -> None:
    with served(Bodies(seconds=0.2)) as server:
        slow = stranger(server.port, sent=10)
        assert answer_of(slow).startswith(b"HTTP/1.1 408 ")
        assert server.bodies.bytes_held == 0
        assert server.deliver() == 202


def test_who_holds_most_makes_room_and_is_told_to_come_again() -> None:
    with served(Bodies(most_together=4 * MB)) as server:
        largest = stranger(server.port, sent=3 * MB)
        wait_until(lambda: server.bodies.bytes_held == 3 * MB)
        small = stranger(server.port, sent=2 * MB)
        answer = answer_of(largest)
        assert answer.startswith(b"HTTP/1.1 503 ") and b"retry-after: 10" in answer
        wait_until(lambda: server.bodies.bytes_held == 2 * MB)
        assert server.deliver() == 202
        small.close()
        wait_until(lambda: server.bodies.bytes_held == 0)


def _holds(server: Served, size: int) -> bool:
    return server.bodies.bytes_held == size


def test_who_has_been_at_it_longest_makes_room_for_one_more() -> None:
    with served(Bodies(most_bodies=3)) as server:
        strangers = []
        for number in range(3):
            strangers.append(stranger(server.port, sent=1))
            wait_until(partial(_holds, server, number + 1))
        assert server.deliver() == 202
        assert answer_of(strangers[0]).startswith(b"HTTP/1.1 503 ")
        assert server.bodies.bytes_held == 2


@pytest.mark.parametrize("signature", ["", "sha256=abc", "sha1=" + "0" * 40, "é" * 64])
def test_what_cannot_be_signed_is_refused_before_its_body_is_there(signature: str) -> None:
    with served(Bodies()) as server:
        connection = connected(server.port)
        head = HEAD.format(signature="0" * 64, length=24 * MB).replace(
            "sha256=" + "0" * 64, signature
        )
        connection.sendall(head.encode("latin-1"))
        assert answer_of(connection).startswith(b"HTTP/1.1 401 ")


def test_a_body_that_announces_too_much_is_refused_before_it_is_there() -> None:
    with served(Bodies()) as server:
        assert answer_of(stranger(server.port, sent=0, length=26 * 1024 * 1024)).startswith(
            b"HTTP/1.1 413 "
        )


class Hasty(BoundedConnection):
    head_seconds = 0.2


class Few(BoundedConnection):
    most_connections = 3


@pytest.mark.parametrize("begun", [b"", b"POST /webhooks/github HTTP/1.1\r\nHost: a\r\nX-Slow: "])
def test_who_never_ends_asking_is_hung_up_on(begun: bytes) -> None:
    with served(Bodies(), Hasty) as server:
        connection = connected(server.port)
        connection.sendall(begun)
        assert answer_of(connection) == b""
        assert server.deliver() == 202


def test_connections_without_a_request_make_room_for_one_that_has_one() -> None:
    with served(Bodies(), Few) as server:
        idle = [connected(server.port) for _ in range(3)]
        wait_until(lambda: len(server.server.server_state.connections) == 3)
        assert server.deliver() == 202
        assert answer_of(idle[0]) == b""
