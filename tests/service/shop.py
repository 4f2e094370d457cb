"""What the service's tests work with: a shop whose partner was once slow, and the service in this
process.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from dbos import DBOS
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from git_repository import Repo
from github_double import GitHubDouble, Pull
from github_double.webhooks import pull_payload, signed
from service.prepared import copy_databases
from twiceshy.service import worker
from twiceshy.service.environment import Environment
from twiceshy.service.jobs.workflows import Workflows
from twiceshy.service.web.site import web_app
from twiceshy.service.worker import run_worker
from twiceshy.store.tables import FindingRow, RunRow

LESSON = """---
id: INC-245
title: A slow partner took checkout down
date: 2026-05-14
severity: high
mode: block
mitigation: Give every outgoing call a timeout.
postmortem: https://wiki.acme.example/INC-245
---
The partner answered in minutes and every worker waited for it.

```python bad path=services/pay/client.py
import requests

def charge(order):
    return requests.post(PARTNER, json=order.dict())
```

```python good
import requests

def charge(order):
    return requests.post(PARTNER, json=order.dict(), timeout=(3.05, 10))
```
"""
RULE = """rules:
  - id: inc-245-timeout
    languages: [python]
    severity: ERROR
    message: This call waits forever for a slow partner.
    metadata: {lesson: INC-245}
    patterns:
      - pattern: requests.post(...)
      - pattern-not: requests.post(..., timeout=$T, ...)
"""
BASE = {
    "lessons/INC-245.md": LESSON,
    "rules/inc-245.yaml": RULE,
    "src/app.py": "import os\n\n\ndef main():\n    return os.name\n",
}
BUG = (
    "import requests\n\n\ndef refund(ticket):\n    return requests.post(BANK, json=ticket.dict())\n"
)
FIX = BUG.replace("ticket.dict())", "ticket.dict(), timeout=5)")
UNJUDGED = "not analysed; neutral satisfies a required check (on_failure: neutral)"
CLEAN = "def total(lines):\n    return sum(lines)\n"

UNDER_WAY = ["PENDING", "ENQUEUED", "DELAYED"]
API_TOKEN = "a token that opens every lesson"


class Shop:
    """The repository ``acme/shop`` and its pull requests."""

    def __init__(
        self, double: GitHubDouble, folder: Path, name: str = "acme/shop", installation: int = 1
    ) -> None:
        self.git = Repo(folder)
        self.git.commit(BASE, "begin")
        self.double = double
        self.github = double.repository(name, folder, installation)
        self.github.collaborators = {"maria": "write", "eve": "read"}

    def pull(self, files: dict[str, str | bytes | None], branch: str = "topic") -> Pull:
        """A pull request that writes these files."""
        self.git.git("checkout", "--quiet", "-B", branch, "main")
        self.git.commit(files, f"on {branch}")
        return self.github.open_pull(branch)

    def push(self, pull: Pull, files: dict[str, str | bytes | None]) -> None:
        """One more commit on its branch."""
        self.git.git("checkout", "--quiet", pull.branch)
        self.git.commit(files, "more")
        pull.synchronize()

    def on_main(self, files: dict[str, str | bytes | None], message: str = "on main") -> str:
        """A commit on the default branch."""
        self.git.git("checkout", "--quiet", "main")
        return self.git.commit(files, message)


@dataclass
class Service:
    """The service in this process."""

    workflows: Workflows
    client: TestClient
    double: GitHubDouble

    def deliver(self, event: str, payload: Any, delivery: str | None = None) -> int:
        """Bring a delivery; gives the answer's code."""
        headers, body = signed(self.double, event, payload, delivery)
        return int(self.client.post("/webhooks/github", content=body, headers=headers).status_code)

    def opened(self, pull: Pull) -> dict[str, Any]:
        """Tell of a new pull request, and wait for its check."""
        assert self.deliver("pull_request", pull_payload("opened", pull)) == 202
        return self.check(pull)

    def pushed(self, pull: Pull) -> dict[str, Any]:
        """Tell of a new head, and wait for its check."""
        assert self.deliver("pull_request", pull_payload("synchronize", pull)) == 202
        return self.check(pull)

    def check(self, pull: Pull, count: int = 1) -> dict[str, Any]:
        """The newest completed check of a pull request's head, once there are so many."""
        self.double.wait(lambda: len(self.completed(pull)) >= count)
        self.settled(pull.head, count)
        return self.completed(pull)[-1]

    def completed(self, pull: Pull) -> list[dict[str, Any]]:
        return [
            check for check in self.double.checks_of(pull.head) if check["status"] == "completed"
        ]

    def settled(self, head: str, count: int) -> None:
        """Wait until so many runs of a head are remembered, and all that was counted or begun with
        them has ended.
        """
        self.double.wait(
            lambda: len([run for run in self.rows(RunRow) if run.head == head]) >= count
        )
        self.idle()

    def idle(self) -> None:
        """Wait until all that was taken in has ended: a row may be seen before those that follow
        it.
        """
        self.double.wait(lambda: not under_way())

    def rows(self, table: type[Any]) -> list[Any]:
        """Every row of a table."""
        with Session(self.workflows.context.engine) as session:
            return list(session.scalars(select(table)))

    def findings(self, pull: Pull) -> list[FindingRow]:
        return [row for row in self.rows(FindingRow) if row.number == pull.number]


def under_way() -> int:
    """How many workflows have not ended."""
    return len(DBOS.list_workflows(status=UNDER_WAY, load_input=False, load_output=False))


def environment(double: GitHubDouble, folder: Path, database_url: str = "") -> Environment:
    """The environment of a service that knows this GitHub."""
    return Environment(
        database_url=database_url or f"sqlite:///{folder / 'twiceshy.sqlite'}",
        data_folder=folder,
        app_id=double.app_id,
        private_key=double.private_key,
        webhook_secret=double.webhook_secret,
        api_url=double.url,
        api_token=API_TOKEN,
    )


@contextmanager
def started(
    double: GitHubDouble, folder: Path, database_url: str = "", *, fresh: bool = False
) -> Iterator[Service]:
    """The service, started in this process; ``fresh``: it makes its databases itself."""
    if not (fresh or database_url):
        copy_databases(folder)
    with (
        pytest.MonkeyPatch.context() as patch,
        run_worker(environment(double, folder, database_url)) as workflows,
    ):
        client = TestClient(web_app(workflows), headers={"Authorization": f"Bearer {API_TOKEN}"})
        yield Service(workflows, client, double)
        if not under_way():  # the engine waits a second before it looks whether anything is
            patch.setattr(worker, "DRAIN_SECONDS", 0)
