"""What the double answers to each REST request.

It knows what the description lacks: which lines are in the diff, who may do what, that a completed
check needs a conclusion.
"""

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from github_double import openapi

if TYPE_CHECKING:
    from github_double.double import GitHubDouble, Pull, Repository

MOST_A_PAGE = 100
REDELIVERED_SECONDS = 3 * 86_400.0
"""https://docs.github.com/en/webhooks/testing-and-troubleshooting-webhooks/redelivering-webhooks"""

FILES_A_COMMIT_PAGE = 300
"""https://docs.github.com/en/rest/commits/commits#get-a-commit"""

LEVELS = ("none", "read", "write", "admin")
MOST_FILES = 3_000
LARGEST_PATCH = 400_000
CONCLUSIONS = {
    "action_required",
    "cancelled",
    "failure",
    "neutral",
    "success",
    "skipped",
    "timed_out",
}
STATUS = {
    "A": "added",
    "M": "modified",
    "D": "removed",
    "R": "renamed",
    "C": "copied",
    "T": "changed",
}


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
        repository = self.double.repositories.get(f"{owner}/{name}")
        if repository is None or str(repository.installation) != self.by:
            raise Refusal(404, "Not Found")
        return repository

    def part(self, index: int) -> str:
        return self.path.split("/")[index]

    @property
    def pull(self) -> "Pull":
        pull = self.double.pulls.get((self.repository.name, int(self.part(5))))
        if pull is None:
            raise Refusal(404, "Not Found")
        return pull

    def may(self, permission: str, level: str) -> None:
        granted = self.double.permissions[self.repository.installation].get(permission, "none")
        if LEVELS.index(granted) < LEVELS.index(level):
            raise Refusal(403, "Resource not accessible by integration")

    def page(self, items: list[Any]) -> tuple[list[Any], dict[str, str]]:
        size, number = (
            min(int(self.query.get("per_page", 30)), MOST_A_PAGE),
            int(self.query.get("page", 1)),
        )
        part = items[(number - 1) * size : number * size]
        more = {**self.query, "page": number + 1, "per_page": size}
        link = (
            {"Link": f'<{self.double.url}{self.path}?{urlencode(more)}>; rel="next"'}
            if number * size < len(items)
            else {}
        )
        return part, link

    def done(self, status: int, values: Any, headers: dict[str, str] | None = None) -> Answer:
        return Answer(
            status, openapi.filled(self.verb, self.template, status, values), headers or {}
        )


def answer(
    double: "GitHubDouble",
    verb: str,
    template: str,
    path: str,
    query: dict[str, str],
    body: Any,
    by: str,
) -> Answer:
    """The answer. Raises Refusal."""
    if path == "/app" or path.startswith(("/app/hook/", "/app/installations")):
        if by != "app":
            raise Refusal(401, "A JSON web token could not be decoded")
    elif by == "app":
        raise Refusal(403, "Resource not accessible by integration")
    return _ANSWERS[verb, template](_Ask(double, verb, template, path, query, body, by))


def _app(ask: _Ask) -> Answer:
    from github_double.double import ALL, EVENTS

    return ask.done(
        200,
        {"id": ask.double.app_id, "slug": ask.double.slug, "permissions": ALL, "events": EVENTS},
    )


def _installations(ask: _Ask) -> Answer:
    rows = [
        {"id": number, "account": {"login": "acme", "id": 7}, "suspended_at": None}
        for number in ask.double.permissions
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
    wanted = set((ask.body or {}).get("repository_ids", ()))
    theirs = {row.id for row in ask.double.repositories.values() if row.installation == number}
    if not wanted <= theirs:
        raise Refusal(
            422, "There is at least one repository that does not exist or is not accessible"
        )
    token = f"ghs_{ask.double.app_id}_{next(ask.double.ids)}" + "x" * 120
    until = time.time() + ask.double.token_seconds
    ask.double.tokens[token] = (number, until)
    if wanted:
        ask.double.narrow_tokens[token] = wanted
    expires = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(until))
    return ask.done(
        201, {"token": token, "expires_at": expires, "permissions": ask.double.permissions[number]}
    )


def _deliveries(ask: _Ask) -> Answer:
    """Paged by ``cursor``, which the Link header gives; ``page`` means nothing. What is under way
    is not listed.

    https://docs.github.com/en/rest/apps/webhooks#list-deliveries-for-an-app-webhook
    """
    size = min(int(ask.query.get("per_page", 30)), MOST_A_PAGE)
    rows = sorted(
        ask.double.deliveries, key=lambda row: (row["delivered_at"], row["id"]), reverse=True
    )
    listed = [row for row in rows if not row.get("under_way")]
    start = 0
    if cursor := ask.query.get("cursor"):
        places = [position for position, row in enumerate(listed) if _cursor(row) == cursor]
        if not places:
            raise Refusal(422, "Invalid cursor")
        [start] = places
    shown = [
        {key: value for key, value in row.items() if key != "under_way"}
        for row in listed[start : start + size]
    ]
    headers = {}
    if start + size < len(listed):
        more = urlencode({"per_page": size, "cursor": _cursor(listed[start + size])})
        headers["Link"] = f'<{ask.double.url}{ask.path}?{more}>; rel="next"'
    return ask.done(200, shown, headers)


def _cursor(delivery: dict[str, Any]) -> str:
    return "v1_" + sha256(f"{delivery['id']}".encode()).hexdigest()[:16]


def _redeliver(ask: _Ask) -> Answer:
    """One more attempt, with an id of its own and the same GUID; 202 says that it will be made, not
    what comes of it.
    """
    number = int(ask.part(4))
    row = next((row for row in ask.double.deliveries if row["id"] == number), None)
    if row is None:
        raise Refusal(404, "Not Found")
    if (
        ask.double.clock() - datetime.fromisoformat(row["delivered_at"]).timestamp()
        > REDELIVERED_SECONDS
    ):
        raise Refusal(422, "The delivery is too old")
    ask.double.redelivered.append(number)
    code = ask.double.arrives(row)
    attempt = {
        **row,
        "id": next(ask.double.ids),
        "redelivery": True,
        "delivered_at": ask.double.now(),
    }
    ask.double.deliveries.append(
        attempt | {"status_code": code, "status": "OK" if code == 202 else "failed"}
    )
    return Answer(202, {})


def _manifest(ask: _Ask) -> Answer:
    manifest = ask.double.manifests.pop(ask.part(2), None)
    if manifest is None:
        raise Refusal(404, "Not Found")
    return ask.done(201, manifest)


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
    first = ask.query.get("page", "1") == "1"
    return ask.done(
        200, {"files": list(changed(ask.repository, base, head))[:300] if first else []}
    )


def changed(repository: "Repository", base: str, head: str) -> Iterator[dict[str, Any]]:
    """The files between the merge base and a head, as the files endpoint tells of them."""
    start = repository.git("merge-base", base, head).strip()
    listed = repository.git("diff", "--name-status", "-M", "-z", start, head).split("\0")
    offset = 0
    while offset < len(listed) - 1:
        kind, path = listed[offset], listed[offset + 1]
        previous = None
        if kind[0] in "RC":
            previous, path, offset = path, listed[offset + 2], offset + 1
        offset += 2
        yield _file(repository, start, head, STATUS[kind[0]], path, previous)


def _file(
    repository: "Repository", start: str, head: str, status: str, path: str, previous: str | None
) -> dict[str, Any]:
    whole = repository.git("diff", "-M", start, head, "--", *([previous] if previous else []), path)
    first_hunk = whole.find("\n@@ ")
    patch = whole[first_hunk + 1 :].rstrip("\n") if first_hunk >= 0 else None
    lines = patch.split("\n") if patch else []
    added = sum(line.startswith("+") for line in lines)
    removed = sum(line.startswith("-") for line in lines)
    row = {
        "sha": repository.git("rev-parse", f"{head}:{path}").strip() or None,
        "filename": path,
        "status": status,
        "additions": added,
        "deletions": removed,
        "changes": added + removed,
    }
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
    check = {
        "id": number,
        "repository": ask.repository.name,
        "head_sha": body["head_sha"],
        "name": body["name"],
        "external_id": body.get("external_id"),
        "status": "queued",
        "conclusion": None,
        "annotations": [],
        "output": {},
        "actions": [],
        "app": {"id": ask.double.app_id, "slug": ask.double.slug},
    }
    ask.double.checks[number] = check
    return _changed_check(ask, check, 201)


def _patch_check(ask: _Ask) -> Answer:
    ask.may("checks", "write")
    check = _check(ask)
    if check["app"]["id"] != ask.double.app_id:
        raise Refusal(
            403,
            "Invalid app_id - check run can only be modified by the GitHub App that created it.",
        )
    return _changed_check(ask, check, 200)


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
    check = ask.double.checks.get(int(ask.part(5)))
    if check is None or check["repository"] != ask.repository.name:
        raise Refusal(404, "Not Found")
    return check


def _shown_check(check: dict[str, Any]) -> dict[str, Any]:
    output = {
        "title": None,
        "summary": None,
        "text": None,
        **check["output"],
        "annotations_count": len(check["annotations"]),
    }
    return {
        **{
            key: check[key]
            for key in ("id", "head_sha", "name", "external_id", "status", "conclusion", "app")
        },
        "output": output,
    }


def _get_check(ask: _Ask) -> Answer:
    return ask.done(200, _shown_check(_check(ask)))


def _checks_of(ask: _Ask) -> Answer:
    """Of every App, unless one is named; of each App and name the latest alone, unless
    ``filter=all``.

    https://docs.github.com/en/rest/checks/runs#list-check-runs-for-a-git-reference
    """
    ask.may("checks", "read")
    head = ask.repository.sha(ask.part(5))
    wanted = {"name": ask.query.get("check_name"), "status": ask.query.get("status")}
    app = ask.query.get("app_id")
    rows = [
        check
        for check in ask.double.checks.values()
        if check["head_sha"] == head
        and check["repository"] == ask.repository.name
        and all(value is None or str(check[key]) == value for key, value in wanted.items())
        and app in (None, str(check["app"]["id"]))
    ]
    if ask.query.get("filter", "latest") == "latest":
        rows = list({(check["app"]["id"], check["name"]): check for check in rows}.values())
    shown, link = ask.page([_shown_check(check) for check in reversed(rows)])
    return ask.done(200, {"total_count": len(rows), "check_runs": shown}, link)


def _review(ask: _Ask) -> Answer:
    ask.may("pull_requests", "write")
    pull, body = ask.pull, ask.body
    if not body.get("body") or len(body["body"]) > 65_536:
        raise Refusal(422, "Body is missing or too long")
    if not ask.repository.sha(body["commit_id"]):
        raise Refusal(422, "Unprocessable Entity: commit_id is not part of the pull request")
    for comment in body.get("comments", ()):
        _hold(pull, body["commit_id"], comment)
    number = next(ask.double.ids)
    review = {
        "id": number,
        "user": _bot(ask),
        "body": body["body"],
        "state": "COMMENTED",
        "commit_id": body["commit_id"],
        "submitted_at": "2026-01-01T00:00:00Z",
    }
    pull.reviews.append(review)
    for comment in body.get("comments", ()):
        pull.comments.append(
            {
                **comment,
                "id": next(ask.double.ids),
                "user": _bot(ask),
                "pull_request_review_id": number,
                "commit_id": body["commit_id"],
                "original_commit_id": body["commit_id"],
            }
        )
    return ask.done(200, review)


def _hold(pull: "Pull", commit: str, comment: dict[str, Any]) -> None:
    """A comment on a line that is not in the diff sinks the review; so does one over two hunks."""
    side, line, start = comment.get("side", "RIGHT"), comment.get("line"), comment.get("start_line")
    if side not in ("LEFT", "RIGHT") or line is None:
        raise Refusal(422, "Pull request review thread side is invalid")
    file = next(
        (
            file
            for file in changed(pull.repository, pull.base, commit)
            if file["filename"] == comment["path"]
        ),
        None,
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
    number = 0
    for line in patch.split("\n"):
        if hunk := re.match(r"@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@", line):
            yield numbers
            numbers, number = set(), int(hunk[1 if side == "LEFT" else 2])
        elif line[:1] == " " or line[:1] == ("-" if side == "LEFT" else "+"):
            numbers.add(number)
            number += 1
    yield numbers


def _reviews(ask: _Ask) -> Answer:
    rows, link = ask.page(ask.pull.reviews)
    return ask.done(200, rows, link)


def _comments(ask: _Ask) -> Answer:
    newest_first = (
        ask.query.get("direction") == "desc" and "sort" in ask.query
    )  # ignored without sort
    rows = list(reversed(ask.pull.comments)) if newest_first else ask.pull.comments
    page, link = ask.page([{**row, "reactions": _roll_up(row)} for row in rows])
    return ask.done(200, page, link)


def _roll_up(comment: dict[str, Any]) -> dict[str, int]:
    contents = [row["content"] for row in comment.get("reacted_by", ())]
    return {"total_count": len(contents), "+1": contents.count("+1"), "-1": contents.count("-1")}


def _review_comment(ask: _Ask) -> tuple["Pull", dict[str, Any]]:
    for pull in ask.double.pulls.values():
        for comment in pull.comments:
            if comment["id"] == int(ask.part(6)) and pull.repository is ask.repository:
                return pull, comment
    raise Refusal(404, "Not Found")


def _get_comment(ask: _Ask) -> Answer:
    ask.may("pull_requests", "read")
    return ask.done(200, _review_comment(ask)[1])


def _edit(ask: _Ask) -> Answer:
    """An App edits its own comments, and nobody else's without more rights than we ask for."""
    ask.may("pull_requests", "write")
    _, comment = _review_comment(ask)
    if comment["user"]["login"] != _bot(ask)["login"]:
        raise Refusal(403, "Resource not accessible by integration")
    comment |= {"body": ask.body["body"], "editor": _bot(ask)}
    return ask.done(200, comment)


def _reply(ask: _Ask) -> Answer:
    """A reply in a thread; to its first comment only. All other fields are ignored beside
    ``in_reply_to``.

    https://docs.github.com/en/rest/pulls/comments#create-a-review-comment-for-a-pull-request
    """
    ask.may("pull_requests", "write")
    first = next(
        (comment for comment in ask.pull.comments if comment["id"] == ask.body.get("in_reply_to")),
        None,
    )
    if first is None:
        raise Refusal(404, "Not Found")
    if first.get("in_reply_to_id"):
        raise Refusal(422, "Replies to replies are not supported")
    reply = {
        **{key: first.get(key) for key in ("path", "line", "commit_id", "original_commit_id")},
        "body": ask.body["body"],
        "id": next(ask.double.ids),
        "user": _bot(ask),
        "reactions": {"+1": 0, "-1": 0},
        "in_reply_to_id": first["id"],
        "pull_request_review_id": next(ask.double.ids),
    }
    ask.pull.comments.append(reply)
    return ask.done(201, reply)


def _react_there(ask: _Ask) -> Answer:
    ask.may("pull_requests", "write")
    return _reacted(ask, _review_comment(ask)[1])


def _reacted(ask: _Ask, comment: dict[str, Any]) -> Answer:
    earlier = comment.setdefault("reacted", set())
    status = 200 if ask.body["content"] in earlier else 201
    earlier.add(ask.body["content"])
    return ask.done(status, {"content": ask.body["content"]})


def _shown_pull(pull: "Pull") -> dict[str, Any]:
    """``base.sha`` is the base of when the pull request was opened or last changed its base, not
    the branch's head.
    """
    repository = {
        "id": pull.repository.id,
        "full_name": pull.repository.name,
        "name": pull.repository.name.split("/")[1],
    }
    return {
        "number": pull.number,
        "state": pull.state,
        "id": pull.number,
        "draft": pull.draft,
        "head": {
            "sha": pull.head,
            "ref": pull.branch,
            "label": f"acme:{pull.branch}",
            "repo": repository,
        },
        "base": {
            "sha": pull.base_then,
            "ref": pull.base,
            "label": f"acme:{pull.base}",
            "repo": repository,
        },
    }


def _pulls(ask: _Ask) -> Answer:
    """Open ones, the newest first, unless asked otherwise."""
    ask.may("pull_requests", "read")
    state, base = ask.query.get("state", "open"), ask.query.get("base")
    rows = [pull for pull in ask.double.pulls.values() if pull.repository is ask.repository]
    rows = [pull for pull in rows if state in ("all", pull.state) and base in (None, pull.base)]
    newest_first = ask.query.get("direction", "desc") == "desc"
    page, link = ask.page(sorted(rows, key=lambda pull: pull.number, reverse=newest_first))
    return ask.done(200, [_shown_pull(pull) for pull in page], link)


def _pulls_of_commit(ask: _Ask) -> Answer:
    """Not those of forks: their commits are another repository's (reports disagree, so nothing may
    rest on it).
    """
    ask.may("pull_requests", "read")
    rows = [
        pull
        for pull in ask.double.pulls.values()
        if pull.repository is ask.repository and pull.head == ask.part(5) and not pull.fork
    ]
    page, link = ask.page(rows)
    return ask.done(200, [_shown_pull(pull) for pull in page], link)


def _repositories(ask: _Ask) -> Answer:
    rows = [
        repository
        for repository in ask.double.repositories.values()
        if str(repository.installation) == ask.by
    ]
    page, link = ask.page(
        [
            {
                "id": repository.id,
                "full_name": repository.name,
                "name": repository.name.split("/")[1],
                "default_branch": repository.default_branch,
            }
            for repository in rows
        ]
    )
    return ask.done(200, {"total_count": len(rows), "repositories": page}, link)


def _say(ask: _Ask) -> Answer:
    ask.may("pull_requests", "write")
    comment = {"id": next(ask.double.ids), "body": ask.body["body"], "user": _bot(ask)}
    ask.pull.conversation.append(comment)
    return ask.done(201, comment)


def _conversation(ask: _Ask) -> Answer:
    rows, link = ask.page(ask.pull.conversation)
    return ask.done(200, rows, link)


def _react(ask: _Ask) -> Answer:
    ask.may("pull_requests", "write")
    for pull in ask.double.pulls.values():
        for comment in pull.conversation:
            if comment["id"] == int(ask.part(6)) and pull.repository is ask.repository:
                return _reacted(ask, comment)
    raise Refusal(404, "Not Found")


LEGACY = {"admin": "admin", "maintain": "write", "write": "write", "triage": "read", "read": "read"}
"""https://docs.github.com/en/rest/collaborators/collaborators#get-repository-permissions-for-a-user

"The `permission` attribute provides the legacy base roles of `admin`, `write`, `read`, and `none`,
where the `maintain` role is mapped to `write` and the `triage` role is mapped to `read`. The
`role_name` attribute provides the name of the assigned role, including custom roles."
"""


def _permission(ask: _Ask) -> Answer:
    """Members and outside collaborators alike; who is known and no collaborator may read what is
    public.
    """
    who, repository = ask.part(5), ask.repository
    logins = {login.lower(): login for login in (*repository.collaborators, *ask.double.users)}
    login = logins.get(who.lower())
    if login is None:
        raise Refusal(404, f"{who} is not a user")
    role = repository.collaborators.get(login)
    if role is None:
        role = permission = "read" if repository.public else "none"
    else:
        permission = LEGACY[repository.custom_roles.get(role, role)]
    user = {"login": login, "id": 5, "permissions": None, "role_name": role}
    return ask.done(200, {"permission": permission, "role_name": role, "user": user})


def _tree(ask: _Ask) -> Answer:
    ask.may("contents", "read")
    sha = ask.part(6)
    deep = ("-r", "-t") if "recursive" in ask.query else ()
    listed = ask.repository.git("ls-tree", *deep, "-l", "-z", sha).split("\0")
    rows = []
    for line in filter(None, listed):
        meta, _, path = line.partition("\t")
        mode, kind, oid, size = meta.split()
        rows.append(
            {
                "path": path,
                "mode": mode,
                "type": kind,
                "sha": oid,
                **({"size": int(size)} if size != "-" else {}),
            }
        )
    return ask.done(200, {"sha": sha, "tree": rows, "truncated": False})


def _commit(ask: _Ask) -> Answer:
    ask.may("contents", "read")
    sha = ask.part(5)
    message = ask.repository.git("log", "-1", "--format=%B", sha)
    if not ask.repository.sha(sha):
        raise Refusal(422, f"No commit found for SHA: {sha}")
    files = list(changed(ask.repository, f"{sha}~1", sha))[:MOST_FILES]
    number = int(ask.query.get("page", 1))
    part = files[(number - 1) * FILES_A_COMMIT_PAGE : number * FILES_A_COMMIT_PAGE]
    more = f'<{ask.double.url}{ask.path}?page={number + 1}>; rel="next"'
    link = {"Link": more} if number * FILES_A_COMMIT_PAGE < len(files) else {}
    return ask.done(200, {"sha": sha, "commit": {"message": message}, "files": part}, link)


def _bot(ask: _Ask) -> dict[str, Any]:
    return {"login": f"{ask.double.slug}[bot]", "type": "Bot", "id": ask.double.bot_id}


def _user(ask: _Ask) -> Answer:
    if ask.part(2) != f"{ask.double.slug}[bot]":
        raise Refusal(404, "Not Found")
    return ask.done(200, {**_bot(ask), "user_view_type": "public"})


_REPO = "/repos/{owner}/{repo}"
_ANSWERS: dict[tuple[str, str], Callable[[_Ask], Answer]] = {
    ("GET", "/app"): _app,
    ("GET", "/app/installations"): _installations,
    ("POST", "/app/installations/{installation_id}/access_tokens"): _token,
    ("GET", "/app/hook/deliveries"): _deliveries,
    ("POST", "/app/hook/deliveries/{delivery_id}/attempts"): _redeliver,
    ("POST", "/app-manifests/{code}/conversions"): _manifest,
    ("GET", "/rate_limit"): _rate,
    ("GET", "/installation/repositories"): _repositories,
    ("GET", _REPO + "/pulls"): _pulls,
    ("GET", "/users/{username}"): _user,
    ("GET", _REPO + "/pulls/{pull_number}/files"): _files,
    ("GET", _REPO + "/pulls/{pull_number}/comments"): _comments,
    ("GET", _REPO + "/pulls/{pull_number}/reviews"): _reviews,
    ("POST", _REPO + "/pulls/{pull_number}/reviews"): _review,
    ("POST", _REPO + "/pulls/{pull_number}/comments"): _reply,
    ("GET", _REPO + "/pulls/comments/{comment_id}"): _get_comment,
    ("PATCH", _REPO + "/pulls/comments/{comment_id}"): _edit,
    ("POST", _REPO + "/pulls/comments/{comment_id}/reactions"): _react_there,
    ("POST", _REPO + "/check-runs"): _open_check,
    ("PATCH", _REPO + "/check-runs/{check_run_id}"): _patch_check,
    ("GET", _REPO + "/check-runs/{check_run_id}"): _get_check,
    ("GET", _REPO + "/commits/{ref}/check-runs"): _checks_of,
    ("GET", _REPO + "/commits/{ref}"): _commit,
    ("GET", _REPO + "/commits/{commit_sha}/pulls"): _pulls_of_commit,
    ("GET", _REPO + "/compare/{basehead}"): _compare,
    ("GET", _REPO + "/git/trees/{tree_sha}"): _tree,
    ("GET", _REPO + "/issues/{issue_number}/comments"): _conversation,
    ("POST", _REPO + "/issues/{issue_number}/comments"): _say,
    ("POST", _REPO + "/issues/comments/{comment_id}/reactions"): _react,
    ("GET", _REPO + "/collaborators/{username}/permission"): _permission,
}
