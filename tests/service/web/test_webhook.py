"""Webhooks come in: verified before they are read, kept before they are answered, and nothing takes
the service down.
"""

import hmac
import json
from hashlib import sha256

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from github_double.webhooks import recorded
from twiceshy.github.events import Event, HeadChanged, read_event
from twiceshy.lessons.serial import as_values_of_kind, from_values
from twiceshy.service.metrics import Metrics
from twiceshy.service.web.request_bodies import MOST_BYTES
from twiceshy.service.web.webhook import Intake

SECRET = "It's a Secret to Everybody"
HELLO = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
"""GitHub's own test vector: this secret over ``Hello, World!``."""


class Door:
    """An intake, and what it kept."""

    def __init__(self, secret: str = SECRET, broken: bool = False) -> None:
        self.kept: list[tuple[str, Event]] = []
        self.broken = broken
        app = FastAPI()
        app.add_api_route(
            "/webhooks/github", Intake(secret, self.keep, Metrics()).receive, methods=["POST"]
        )
        self.client = TestClient(app)

    def keep(self, delivery: str, event: Event, _received_at: float) -> None:
        if self.broken:
            raise OSError("disk full")
        self.kept.append((delivery, event))

    def post(self, body: bytes, **headers: str) -> tuple[int, str]:
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        answer = self.client.post("/webhooks/github", content=body, headers=names)
        return answer.status_code, answer.json()["message"]


def sign(body: bytes) -> str:
    return "sha256=" + hmac.new(SECRET.encode(), body, sha256).hexdigest()


def signed(body: bytes, event: str = "pull_request", delivery: str = "d-1") -> dict[str, str]:
    return {
        "x_github_event": event,
        "x_github_delivery": delivery,
        "x_hub_signature_256": sign(body),
    }


def test_githubs_own_test_vector_is_accepted_and_only_then_the_body_is_read() -> None:
    assert Door().post(b"Hello, World!", x_hub_signature_256=HELLO)[0] == 400
    assert Door().post(b"Hello, World?", x_hub_signature_256=HELLO)[0] == 401


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x_hub_signature": "sha1=0123456789abcdef0123456789abcdef01234567"},
        {"x_hub_signature_256": "sha256="},
        {"x_hub_signature_256": "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"},
        {"x_hub_signature_256": "sha256=" + "0" * 64},
        {"x_hub_signature_256": HELLO.upper()},
    ],
)
def test_what_is_not_signed_is_refused(headers: dict[str, str]) -> None:
    door = Door()
    assert door.post(b"Hello, World!", **headers) == (401, "the signature is missing or wrong")
    assert door.kept == []


def test_without_a_secret_everything_is_refused() -> None:
    door = Door(secret="")
    assert door.post(b"Hello, World!", x_hub_signature_256=HELLO)[0] == 401


def test_a_body_over_25_mb_is_refused_by_its_announced_and_by_its_real_size() -> None:
    door = Door()
    assert door.post(b"x", content_length=str(MOST_BYTES + 1))[0] == 413
    chunks = (b"x" * 1_000_000 for _ in range(30))
    lies = {"x-hub-signature-256": "sha256=" + "0" * 64}
    assert door.client.post("/webhooks/github", content=chunks, headers=lies).status_code == 413


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"not json", 400),
        (b"\xff\xfe", 400),
        (b"[" * 100_000, 400),
        (b"[]", 202),
        (b"7", 202),
        (b"{}", 202),
        (b"null", 202),
    ],
)
def test_strange_bodies_that_are_signed_are_answered(body: bytes, status: int) -> None:
    door = Door()
    assert door.post(body, **signed(body))[0] == status
    assert door.kept == []


def test_an_event_we_do_not_know_is_acknowledged() -> None:
    body = json.dumps(recorded()["star"]["created"]).encode()
    assert Door().post(body, **signed(body, "star")) == (202, "nothing to do")


def test_a_delivery_that_could_not_be_kept_is_not_acknowledged() -> None:
    body = json.dumps(recorded()["pull_request"]["opened"] | {"installation": {"id": 5}}).encode()
    assert Door(broken=True).post(body, **signed(body))[0] == 503
    door = Door()
    assert door.post(body, **signed(body)) == (202, "kept")
    assert [(delivery, type(event)) for delivery, event in door.kept] == [("d-1", HeadChanged)]


def test_recorded_payloads_are_read_without_an_error_and_survive_being_kept() -> None:
    read = {}
    for name, actions in recorded().items():
        for action, payload in actions.items():
            event = read_event(
                name, {**payload, "installation": payload.get("installation") or {"id": 5}}
            )
            read[f"{name}.{action}"] = type(event).__name__
            if event is not None:
                stored = json.loads(json.dumps(as_values_of_kind(event)))
                assert from_values(stored, Event) == event
    assert read == {
        "check_run.created": "NoneType",
        "check_run.requested_action": "RerunRequested",
        "check_run.rerequested": "RerunRequested",
        "check_suite.completed": "NoneType",
        "check_suite.rerequested": "RerunRequested",
        "installation.created": "Installed",
        "installation.deleted": "Uninstalled",
        "installation.suspend": "Suspended",
        "installation_repositories.added": "RepositoriesAdded",
        "issue_comment.created": "NoneType",
        "issue_comment.deleted": "NoneType",
        "merge_group.checks_requested": "MergeGroupQueued",
        "ping.": "NoneType",
        "pull_request.closed": "Closed",
        "pull_request.labeled": "NoneType",
        "pull_request.opened": "HeadChanged",
        "pull_request.ready_for_review": "HeadChanged",
        "pull_request.reopened": "HeadChanged",
        "pull_request.synchronize": "HeadChanged",
        "pull_request_review_comment.created": "CommentCreated",
        "pull_request_review_comment.deleted": "CommentDeleted",
        "pull_request_review_thread.resolved": "ThreadResolved",
        "pull_request_review_thread.unresolved": "NoneType",
        "push.": "NoneType",
        "star.created": "NoneType",
    }


@pytest.mark.parametrize("name", sorted(recorded()))
def test_a_payload_that_lacks_anything_is_nothing_to_us_or_still_understood(name: str) -> None:
    for payload in recorded()[name].values():
        for key in payload:
            read_event(name, {other: value for other, value in payload.items() if other != key})
            read_event(name, {**payload, key: None})
            read_event(name, {**payload, key: "a text"})
            read_event(name, {**payload, key: [payload[key]]})
