"""Webhooks as GitHub sends them: recorded payloads with our values in place, signed."""

import copy
import hmac
import json
from functools import cache
from hashlib import sha256
from typing import Any
from uuid import uuid4

from github_double.double import GitHubDouble, Pull, Repository
from github_double.openapi import FIXTURES


@cache
def recorded() -> Any:
    """Payloads by event and action."""
    return json.loads((FIXTURES / "webhooks.json").read_text())


def payload(event: str, kind: str, repository: Repository, **values: Any) -> dict[str, Any]:
    """A recorded payload about a repository of ours."""
    recording: dict[str, Any] = copy.deepcopy(recorded()[event][kind])
    recording["repository"] = {
        **recording.get("repository", {}),
        "id": repository.id,
        "full_name": repository.name,
        "name": repository.name.split("/")[1],
        "default_branch": repository.default_branch,
    }
    recording["installation"] = {"id": repository.installation, "node_id": "made-up"}
    recording["sender"] = {
        **recording["sender"],
        "login": values.pop("sender", "robin"),
        "type": values.pop("sender_type", "User"),
    }
    return recording | values


def pull_payload(action: str, pull: Pull, recorded_as: str = "", **values: Any) -> dict[str, Any]:
    """A ``pull_request`` payload."""
    recording = payload(
        "pull_request",
        recorded_as or action,
        pull.repository,
        action=action,
        number=pull.number,
        **values,
    )
    shown = recording["pull_request"]
    shown |= {
        "number": pull.number,
        "state": pull.state,
        "merged": pull.merged,
        "merge_commit_sha": pull.merge_commit,
    }
    shown["head"] |= {"sha": pull.head, "ref": pull.branch}
    shown["base"] |= {"sha": pull.base_then, "ref": pull.base}
    if action == "synchronize":
        recording |= {"before": pull.before, "after": pull.head}
    return recording


def comment_payload(pull: Pull, body: str, by: str, **values: Any) -> dict[str, Any]:
    """Somebody wrote in the conversation of a pull request."""
    number = next(pull.repository.double.ids)
    pull.conversation.append(
        {"id": number, "body": body, "user": {"login": by, "type": "User", "id": 5}}
    )
    recording = payload("issue_comment", "created", pull.repository, sender=by, **values)
    recording["issue"] |= {"number": pull.number, "pull_request": {"url": "made-up"}}
    recording["comment"] |= {"id": number, "body": body}
    recording["comment"]["user"] = {**recording["comment"]["user"], "login": by}
    return recording


def signed(
    double: GitHubDouble, event: str, body: Any, delivery: str | None = None
) -> tuple[dict[str, str], bytes]:
    """Headers and bytes of a delivery."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    signature = hmac.new(double.webhook_secret.encode(), raw, sha256).hexdigest()
    headers = {
        "X-GitHub-Event": event,
        "X-GitHub-Delivery": delivery or str(uuid4()),
        "Content-Type": "application/json",
        "X-Hub-Signature-256": f"sha256={signature}",
        "User-Agent": "GitHub-Hookshot/abc1234",
    }
    return headers, raw
