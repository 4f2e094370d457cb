"""What the double answers to each REST request.

It knows what the description lacks: which lines are in the diff, who may do what, that a completed check needs a
conclusion.
"""

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from github_double import openapi

if TYPE_CHECKING:
    from github_double.double import GitHubDouble, Pull, Repository

LEVELS = ("none", "read", "write", "admin")
MOST_FILES = 3_000
LARGEST_PATCH = 400_000
CONCLUSIONS = {"action_required", "cancelled", "failure", "neutral", "success", "skipped", "timed_out"}
STATUS = {"A": "added", "M": "modified", "D": "removed", "R": "renamed", "C": "copied", "T": "changed"}


class Refusal(Exception):
    """An answer that is no success."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status, self.message = status, message


@dataclass(frozen=True)
class Answer:
    """A success."""

    status: int
    body: Any
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class _Ask:
    double: "GitHubDouble"
    verb: str
    template: str
    path: str
    query: dict[str, str]
    body: Any
    by: str

    @property
    def repository(self) -> "Repository":
        _, _, owner, name, *_ = self.path.split("/")
        found = self.double.repositories.get(f"{owner}/{name}")
        if found is None or str(found.installation) != self.by:
            raise Refusal(404, "Not Found")
        return found

    def part(self, at: int) -> str:
        return self.path.split("/")[at]

    @property
    def pull(self) -> "Pull":
        found = self.double.pulls.get((self.repository.name, int(self.part(5))))
        if found is None:
            raise Refusal(404, "Not Found")
        return found

    def may(self, permission: str, level: str) -> None:
        held = self.double.permissions[self.repository.installation].get(permission, "none")
        if LEVELS.index(held) < LEVELS.index(level):
            raise Refusal(403, "Resource not accessible by integration")

    def page(self, items: list[Any]) -> tuple[list[Any], dict[str, str]]:
        size, number = int(self.query.get("per_page", 30)), int(self.query.get("page", 1))
        part = items[(number - 1) * size : number * size]
        more = {**self.query, "page": number + 1, "per_page": size}
        link = (
            {"Link": f'<{self.double.url}{self.path}?{urlencode(more)}>; rel="next"'}
            if number * size < len(items)
            else {}
        )
        return part, link

    def done(self, status: int, values: Any, headers: dict[str, str] | None = None) -> Answer:
        return Answer(status, openapi.filled(self.verb, self.template, status, values), headers or {})


def answer(
    double: "GitHubDouble", verb: str, template: str, path: str, query: dict[str, str], body: Any, by: str
) -> Answer:
    """The answer. Raises Refusal."""
    return _ANSWERS[verb, template](_Ask(double, verb, template, path, query, body, by))


def _app(ask: _Ask) -> Answer:
    from github_double.double import ALL, EVENTS

    return ask.done(200, {"id": ask.double.app_id, "slug": ask.double.slug, "permissions": ALL, "events": EVENTS})


def _installations(ask: _Ask) -> Answer:
    rows = [
        {"id": number, "account": {"login": "acme", "id": 7}, "suspended_at": None} for number in ask.double.permissions
    ]
    return ask.done(200, rows)


def _token(ask: _Ask) -> Answer:
    if ask.by != "app":
        raise Refusal(401, "A JSON web token is needed")
    number = int(ask.part(3))
    if number not in ask.double.permissions:
        raise Refusal(404, "Not Found")
    if number in ask.double.suspended:
        raise Refusal(403, "This installation has been suspended")
    token = f"ghs_{ask.double.app_id}_{next(ask.double.ids)}" + "x" * 120
    until = time.time() + ask.double.token_seconds
    ask.double.tokens[token] = (number, until)
    expires = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(until))
    return ask.done(201, {"token": token, "expires_at": expires, "permissions": ask.double.permissions[number]})


def _deliveries(ask: _Ask) -> Answer:
    rows, link = ask.page(list(reversed(ask.double.deliveries)))
    return ask.done(200, rows, link)


def _redeliver(ask: _Ask) -> Answer:
    ask.double.redelivered.append(int(ask.part(4)))
    return Answer(202, {})


def _manifest(ask: _Ask) -> Answer:
    made = ask.double.manifests.pop(ask.part(2), None)
    if made is None:
        raise Refusal(404, "Not Found")
    return ask.done(201, made)


def _rate(ask: _Ask) -> Answer:
    limit = {"limit": 5000, "remaining": 5000, "reset": int(time.time()) + 3600, "used": 0}
    return ask.done(200, {"resources": {"core": limit, "search": limit}, "rate": limit})


def _files(ask: _Ask) -> Answer:
    ask.may("pull_requests", "read")
    pull = ask.pull
    rows, link = ask.page(list(changed(pull.repository, pull.base, pull.head))[:MOST_FILES])
    return ask.done(200, rows, link)


def _compare(ask: _Ask) -> Answer:
    ask.may("contents", "read")
    base, _, head = ask.path.rsplit("/", 1)[1].partition("...")
    return ask.done(200, {"files": list(changed(ask.repository, base, head))[:300]})


def changed(repository: "Repository", base: str, head: str) -> Iterator[dict[str, Any]]:
    """The files between the merge base and a head, as the files endpoint tells of them."""
    start = repository.git("merge-base", base, head).strip()
    listed = repository.git("diff", "--name-status", "-M", "-z", start, head).split("\0")
    at = 0
    while at < len(listed) - 1:
        kind, path = listed[at], listed[at + 1]
        previous = None
        if kind[0] in "RC":
            previous, path, at = path, listed[at + 2], at + 1
        at += 2
        yield _file(repository, start, head, STATUS[kind[0]], path, previous)


def _file(
    repository: "Repository", start: str, head: str, status: str, path: str, previous: str | None
) -> dict[str, Any]:
    whole = repository.git("diff", "-M", start, head, "--", *([previous] if previous else []), path)
    at = whole.find("\n@@ ")
    patch = whole[at + 1 :].rstrip("\n") if at >= 0 else None
    lines = patch.split("\n") if patch else []
    added = sum(line.startswith("+") for line in lines)
    removed = sum(line.startswith("-") for line in lines)
    row = {"sha": repository.git("rev-parse", f"{head}:{path}").strip() or None, "filename": path, "status": status,
           "additions": added, "deletions": removed, "changes": added + removed}  # fmt: skip
    if previous:
        row["previous_filename"] = previous
    if patch is not None and len(patch) <= LARGEST_PATCH:
        row["patch"] = patch
    return row


def _open_check(ask: _Ask) -> Answer:
    ask.may("checks", "write")
    body = ask.body
    if not ask.repository.sha(body["head_sha"]):
        raise Refusal(422, "No commit found for SHA")
    number = next(ask.double.ids)
    check = {"id": number, "repository": ask.repository.name, "head_sha": body["head_sha"], "name": body["name"],
             "external_id": body.get("external_id"), "status": "queued", "conclusion": None, "annotations": [],
             "output": {}, "actions": []}  # fmt: skip
    ask.double.checks[number] = check
    return _changed_check(ask, check, 201)


def _patch_check(ask: _Ask) -> Answer:
    ask.may("checks", "write")
    return _changed_check(ask, _check(ask), 200)


def _changed_check(ask: _Ask, check: dict[str, Any], status: int) -> Answer:
    body = ask.body
    if body.get("status") == "completed" and not body.get("conclusion"):
        raise Refusal(422, "conclusion is required when status is completed")
    if body.get("conclusion") not in (None, *CONCLUSIONS):
        raise Refusal(422, "conclusion is not one of those an App may give")
    output = body.get("output", {})
    check["annotations"] += output.get("annotations", [])
    check["output"] |= {key: value for key, value in output.items() if key != "annotations"}
    check["status"] = "completed" if body.get("conclusion") else body.get("status", check["status"])
    check["conclusion"] = body.get("conclusion", check["conclusion"])
    check["actions"] = body.get("actions", check["actions"])
    return ask.done(status, _shown_check(check))


def _check(ask: _Ask) -> dict[str, Any]:
    found = ask.double.checks.get(int(ask.part(5)))
    if found is None or found["repository"] != ask.repository.name:
        raise Refusal(404, "Not Found")
    return found


def _shown_check(check: dict[str, Any]) -> dict[str, Any]:
    output = {
        "title": None,
        "summary": None,
        "text": None,
        **check["output"],
        "annotations_count": len(check["annotations"]),
    }
    return {
        **{key: check[key] for key in ("id", "head_sha", "name", "external_id", "status", "conclusion")},
        "output": output,
    }


def _get_check(ask: _Ask) -> Answer:
    return ask.done(200, _shown_check(_check(ask)))


def _checks_of(ask: _Ask) -> Answer:
    rows = [_shown_check(check) for check in ask.double.checks.values()
            if check["head_sha"] == ask.part(5) and check["name"] == ask.query.get("check_name", check["name"])]  # fmt: skip
    return ask.done(200, {"total_count": len(rows), "check_runs": rows})


def _review(ask: _Ask) -> Answer:
    ask.may("pull_requests", "write")
    pull, body = ask.pull, ask.body
    if not body.get("body") or len(body["body"]) > 65_536:
        raise Refusal(422, "Body is missing or too long")
    for comment in body.get("comments", ()):
        _hold(pull, body["commit_id"], comment)
    number = next(ask.double.ids)
    made = {"id": number, "user": _bot(ask), "body": body["body"], "state": "COMMENTED", "commit_id": body["commit_id"],
            "submitted_at": "2026-01-01T00:00:00Z"}  # fmt: skip
    pull.reviews.append(made)
    for comment in body.get("comments", ()):
        pull.comments.append(
            {**comment, "id": next(ask.double.ids), "user": _bot(ask), "pull_request_review_id": number,
             "commit_id": body["commit_id"], "original_commit_id": body["commit_id"], "reactions": {"+1": 0, "-1": 0}}
        )  # fmt: skip
    return ask.done(200, made)


def _hold(pull: "Pull", commit: str, comment: dict[str, Any]) -> None:
    """A comment on a line that is not in the diff sinks the review; so does one over two hunks."""
    side, line, start = comment.get("side", "RIGHT"), comment.get("line"), comment.get("start_line")
    if side not in ("LEFT", "RIGHT") or line is None:
        raise Refusal(422, "Pull request review thread side is invalid")
    file = next(
        (each for each in changed(pull.repository, pull.base, commit) if each["filename"] == comment["path"]), None
    )
    hunks = list(_hunks(file.get("patch") or "", side)) if file else []
    if not any(line in hunk and (start is None or start in hunk) for hunk in hunks):
        raise Refusal(422, "Pull request review thread line must be part of the diff")
    if start is not None and start >= line:
        raise Refusal(422, "Pull request review thread start line must precede the end line.")
    if len(comment["body"]) > 65_536:
        raise Refusal(422, "Body is too long (maximum is 65536 characters)")


def _hunks(patch: str, side: str) -> Iterator[set[int]]:
    numbers: set[int] = set()
    at = 0
    for line in patch.split("\n"):
        if found := re.match(r"@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@", line):
            yield numbers
            numbers, at = set(), int(found[1 if side == "LEFT" else 2])
        elif line[:1] == " " or line[:1] == ("-" if side == "LEFT" else "+"):
            numbers.add(at)
            at += 1
    yield numbers


def _reviews(ask: _Ask) -> Answer:
    rows, link = ask.page(ask.pull.reviews)
    return ask.done(200, rows, link)


def _comments(ask: _Ask) -> Answer:
    rows = list(reversed(ask.pull.comments)) if ask.query.get("direction") == "desc" else ask.pull.comments
    page, link = ask.page(rows)
    return ask.done(200, page, link)


def _edit(ask: _Ask) -> Answer:
    ask.may("pull_requests", "write")
    for pull in ask.double.pulls.values():
        for comment in pull.comments:
            if comment["id"] == int(ask.part(6)) and pull.repository is ask.repository:
                comment["body"] = ask.body["body"]
                return ask.done(200, comment)
    raise Refusal(404, "Not Found")


def _say(ask: _Ask) -> Answer:
    ask.may("pull_requests", "write")
    made = {"id": next(ask.double.ids), "body": ask.body["body"], "user": _bot(ask)}
    ask.pull.conversation.append(made)
    return ask.done(201, made)


def _conversation(ask: _Ask) -> Answer:
    rows, link = ask.page(ask.pull.conversation)
    return ask.done(200, rows, link)


def _react(ask: _Ask) -> Answer:
    for pull in ask.double.pulls.values():
        for comment in pull.conversation:
            if comment["id"] == int(ask.part(6)):
                held = comment.setdefault("reacted", set())
                known = ask.body["content"] in held
                held.add(ask.body["content"])
                return ask.done(200 if known else 201, {"content": ask.body["content"]})
    raise Refusal(404, "Not Found")


def _permission(ask: _Ask) -> Answer:
    who = ask.part(5)
    if who not in ask.repository.collaborators:
        raise Refusal(404, f"{who} is not a user")
    return ask.done(
        200, {"permission": ask.repository.collaborators[who], "role_name": ask.repository.collaborators[who]}
    )


def _tree(ask: _Ask) -> Answer:
    ask.may("contents", "read")
    sha = ask.part(6)
    listed = ask.repository.git("ls-tree", "-r", "-t", "-l", "-z", sha).split("\0")
    rows = []
    for line in filter(None, listed):
        meta, _, path = line.partition("\t")
        mode, kind, oid, size = meta.split()
        rows.append(
            {"path": path, "mode": mode, "type": kind, "sha": oid, **({"size": int(size)} if size != "-" else {})}
        )
    return ask.done(200, {"sha": sha, "tree": rows, "truncated": False})


def _commit(ask: _Ask) -> Answer:
    ask.may("contents", "read")
    sha = ask.part(5)
    message = ask.repository.git("log", "-1", "--format=%B", sha)
    files = list(changed(ask.repository, f"{sha}~1", sha))
    return ask.done(200, {"sha": sha, "commit": {"message": message}, "files": files})


def _bot(ask: _Ask) -> dict[str, Any]:
    return {"login": f"{ask.double.slug}[bot]", "type": "Bot", "id": 99}


_REPO = "/repos/{owner}/{repo}"
_ANSWERS: dict[tuple[str, str], Callable[[_Ask], Answer]] = {
    ("GET", "/app"): _app,
    ("GET", "/app/installations"): _installations,
    ("POST", "/app/installations/{installation_id}/access_tokens"): _token,
    ("GET", "/app/hook/deliveries"): _deliveries,
    ("POST", "/app/hook/deliveries/{delivery_id}/attempts"): _redeliver,
    ("POST", "/app-manifests/{code}/conversions"): _manifest,
    ("GET", "/rate_limit"): _rate,
    ("GET", _REPO + "/pulls/{pull_number}/files"): _files,
    ("GET", _REPO + "/pulls/{pull_number}/comments"): _comments,
    ("GET", _REPO + "/pulls/{pull_number}/reviews"): _reviews,
    ("POST", _REPO + "/pulls/{pull_number}/reviews"): _review,
    ("PATCH", _REPO + "/pulls/comments/{comment_id}"): _edit,
    ("POST", _REPO + "/check-runs"): _open_check,
    ("PATCH", _REPO + "/check-runs/{check_run_id}"): _patch_check,
    ("GET", _REPO + "/check-runs/{check_run_id}"): _get_check,
    ("GET", _REPO + "/commits/{ref}/check-runs"): _checks_of,
    ("GET", _REPO + "/commits/{ref}"): _commit,
    ("GET", _REPO + "/compare/{basehead}"): _compare,
    ("GET", _REPO + "/git/trees/{tree_sha}"): _tree,
    ("GET", _REPO + "/issues/{issue_number}/comments"): _conversation,
    ("POST", _REPO + "/issues/{issue_number}/comments"): _say,
    ("POST", _REPO + "/issues/comments/{comment_id}/reactions"): _react,
    ("GET", _REPO + "/collaborators/{username}/permission"): _permission,
}
