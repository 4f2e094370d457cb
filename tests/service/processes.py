"""The service as processes of its own, as an operator runs it."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2

from github_double import GitHubDouble, Pull
from github_double.webhooks import pull_payload, signed
from patience import HANG_SECONDS, wait_until
from service.prepared import copy_databases


class Process:
    """A ``twiceshy serve`` or ``twiceshy worker``."""

    def __init__(
        self,
        double: GitHubDouble,
        data: Path,
        *,
        database_url: str = "",
        web: bool = True,
        fresh: bool = False,
    ) -> None:
        self.port = free_port() if web else 0
        command = ["serve", "--port", str(self.port)] if web else ["worker"]
        environment = {
            **os.environ,
            "XDG_DATA_HOME": str(data),
            "TWICESHY_GITHUB_APP_ID": str(double.app_id),
            "TWICESHY_GITHUB_PRIVATE_KEY": double.private_key,
            "TWICESHY_GITHUB_WEBHOOK_SECRET": double.webhook_secret,
            "TWICESHY_GITHUB_API_URL": double.url,
            "TWICESHY_DATABASE_URL": database_url,
        }
        self.log = data / f"log-{self.port}-{time.monotonic_ns()}"
        data.mkdir(parents=True, exist_ok=True)
        if not (fresh or database_url):
            copy_databases(data / "twiceshy")
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "twiceshy", *command],
                env=environment,
                stderr=log,
                stdout=log,
                start_new_session=True,
            )
        if web:
            self._until_ready()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        return self._process.pid

    def kill(self) -> None:
        """``kill -9``, whatever it is doing."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def stop(self) -> int:
        """Stop it in an orderly way."""
        self._process.terminate()
        return self._process.wait(HANG_SECONDS)

    def alive(self) -> bool:
        return self._process.poll() is None

    def deliver(self, double: GitHubDouble, pull: Pull, action: str = "opened") -> int:
        headers, body = signed(double, "pull_request", pull_payload(action, pull))
        return httpx2.post(
            f"{self.url}/webhooks/github", content=body, headers=headers, timeout=HANG_SECONDS
        ).status_code

    def _until_ready(self) -> None:
        wait_until(lambda: not self.alive() or self._ready(), self.log.read_text)
        assert self.alive(), self.log.read_text()

    def _ready(self) -> bool:
        try:
            return httpx2.get(f"{self.url}/readyz", timeout=HANG_SECONDS).status_code == 200
        except httpx2.HTTPError:
            return False


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@contextmanager
def process(
    double: GitHubDouble,
    data: Path,
    *,
    database_url: str = "",
    web: bool = True,
    fresh: bool = False,
) -> Iterator[Process]:
    """A process, killed at the end; ``fresh``: it makes its databases itself."""
    server = Process(double, data, database_url=database_url, web=web, fresh=fresh)
    try:
        yield server
    finally:
        if server.alive():
            server.kill()
