"""The double's state and what it does: one App, its installations, repositories over real git, pull
requests.
"""

import re
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from patience import HANG_SECONDS, wait_until

ALL = {
    "metadata": "read",
    "contents": "read",
    "pull_requests": "write",
    "checks": "write",
    "issues": "read",
    "merge_queues": "read",
    "statuses": "write",
}
EVENTS = [
    "issue_comment",
    "merge_group",
    "pull_request",
    "pull_request_review_comment",
    "pull_request_review_thread",
    "push",
]
_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PRIVATE_KEY = _KEY.private_bytes(
    serialization.Encoding.PEM,
    serialization.PrivateFormat.TraditionalOpenSSL,
    serialization.NoEncryption(),
).decode()
PUBLIC_KEY = _KEY.public_key().public_bytes(
    serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
)


@dataclass(frozen=True)
class Call:
    """A request that came in, and how it was answered (0: not at all)."""

    verb: str
    path: str
    status: int
    at: float
    by: str  # "app", an installation's id, or nobody


@dataclass
class Fault:
    """Something that goes wrong, so many times, for requests that match."""

    verb: str
    path: str  # a regular expression
    times: int = 1
    after: bool = False  # only after the double did what was asked: the answer is lost
    status: int = 0  # 0: the connection is cut
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] = field(default_factory=lambda: {"message": "made to fail"})
    stall: float = 0.0
    then: Callable[[], None] | None = None  # whatever else is to happen at that moment


@dataclass
class Repository:
    """A repository over a git folder."""

    name: str
    path: Path
    id: int
    installation: int
    double: "GitHubDouble"
    default_branch: str = "main"
    visibility: str = "private"
    outsiders: int | None = 0  # outside collaborators; None: GitHub does not tell
    collaborators: dict[str, str] = field(
        default_factory=dict
    )  # login -> role: GitHub's, or one of the custom ones
    custom_roles: dict[str, str] = field(default_factory=dict)  # name -> the role it builds on
    public: bool = False

    def git(self, *arguments: str) -> str:
        done = subprocess.run(["git", *arguments], cwd=self.path, capture_output=True, check=False)
        return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else ""

    def sha(self, name: str) -> str:
        return self.git("rev-parse", "--verify", "--quiet", f"{name}^{{}}").strip()

    def open_pull(
        self, head: str, base: str = "main", author: str = "robin", fork: bool = False
    ) -> "Pull":
        number = next(self.double.numbers)
        pull = Pull(self, number, head, base, author, fork)
        pull.synchronize()
        self.double.pulls[self.name, number] = pull
        return pull


@dataclass
class Pull:
    """A pull request."""

    repository: Repository
    number: int
    branch: str
    base: str
    author: str
    fork: bool
    draft: bool = False
    head: str = ""
    before: str = ""
    base_then: str = (
        ""  # the base branch's head when it was opened: what the API and webhooks call base.sha
    )
    state: str = "open"
    merged: bool = False
    merge_commit: str | None = None
    changed_files: int = 0  # what GitHub counts, when that is more than it lists
    reviews: list[dict[str, Any]] = field(default_factory=list)
    comments: list[dict[str, Any]] = field(default_factory=list)
    conversation: list[dict[str, Any]] = field(default_factory=list)

    def synchronize(self) -> None:
        self.before, self.head = self.head, self.repository.sha(self.branch)
        self.base_then = self.base_then or self.base_sha

    def delete_comment(self, at: int = 0) -> dict[str, Any]:
        """Somebody deletes a review comment: it is gone from every listing."""
        return self.comments.pop(at)

    @property
    def base_sha(self) -> str:
        return self.repository.sha(self.base)

    def react(self, who: str, content: str = "-1", at: int = 0) -> None:
        """Somebody leaves a reaction under a comment."""
        rows = self.comments[at].setdefault("reacted_by", [])
        rows.append({"login": who, "content": content, "at": next(self.repository.double.ids)})

    def unreact(self, who: str, at: int = 0) -> None:
        """And takes it back."""
        rows = self.comments[at]["reacted_by"]
        self.comments[at]["reacted_by"] = [row for row in rows if row["login"] != who]

    def close(self, merged: bool) -> None:
        self.state, self.merged = "closed", merged
        self.merge_commit = self.head if merged else None


class GitHubDouble:
    """See the module. Use as a context manager."""

    def __init__(self) -> None:
        from github_double.server import Server

        self.app_id, self.slug, self.webhook_secret = 4711, "twiceshy", "It's a Secret to Everybody"
        self.bot_id = 99
        self.private_key, self.public_key = PRIVATE_KEY, PUBLIC_KEY
        self.lock = threading.RLock()
        self.numbers, self.ids = count(1), count(1001)
        self.repositories: dict[str, Repository] = {}
        self.pulls: dict[tuple[str, int], Pull] = {}
        self.checks: dict[int, dict[str, Any]] = {}
        self.permissions: dict[int, dict[str, str]] = {}
        self.suspended: set[int] = set()
        self.tokens: dict[str, tuple[int, float]] = {}
        self.narrow_tokens: dict[str, set[int]] = {}  # those for some repositories alone
        self.deliveries: list[dict[str, Any]] = []
        self.redelivered: list[int] = []
        self.arrives: Callable[[dict[str, Any]], int] = lambda delivery: (
            202
        )  # what comes of a redelivery
        self.users: set[str] = set()  # who is known to GitHub besides the collaborators
        self.emails: dict[str, str] = {}  # of commits -> login
        self.clock: Callable[[], float] = time.time
        self.manifests: dict[str, dict[str, Any]] = {}
        self.calls: list[Call] = []
        self.violations: list[str] = []
        self.faults: list[Fault] = []
        self.latency = 0.0
        self.token_seconds = 3600.0
        self.remaining = 5000
        self._server = Server(self)

    @property
    def url(self) -> str:
        return self._server.url

    def __enter__(self) -> "GitHubDouble":
        self._server.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.stop()

    def repository(self, name: str, path: Path, installation: int = 1) -> Repository:
        repository = Repository(name, path, next(self.ids), installation, self)
        self.repositories[name] = repository
        self.permissions.setdefault(installation, dict(ALL))
        return repository

    def fail(self, verb: str, path: str, **what: Any) -> Fault:
        fault = Fault(verb, path, **what)
        self.faults.append(fault)
        return fault

    def fault_for(self, verb: str, path: str, after: bool) -> Fault | None:
        with self.lock:
            for fault in self.faults:
                if (
                    fault.verb == verb
                    and fault.after == after
                    and fault.times > 0
                    and re.search(fault.path, path)
                ):
                    fault.times -= 1
                    return fault
        return None

    def now(self) -> str:
        return datetime.fromtimestamp(self.clock(), UTC).isoformat().replace("+00:00", "Z")

    def checks_of(self, head: str) -> list[dict[str, Any]]:
        return [check for check in self.checks.values() if check["head_sha"] == head]

    def made(self, verb: str, path: str) -> list[Call]:
        """The calls of one kind so far."""
        return [call for call in self.calls if call.verb == verb and re.search(path, call.path)]

    def wait(self, until: Callable[[], bool], seconds: float = HANG_SECONDS) -> None:
        """Wait for something to become true."""
        wait_until(until, lambda: f"calls: {self.calls[-12:]}", seconds)
