"""Sends a publication: one check, one review, edits of our own comments. Whoever calls makes sure
that each is sent once.

Every write has its ``find_…``: what to look for when nobody knows whether it arrived.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from twiceshy.github.api import Api
from twiceshy.github.errors import Gone
from twiceshy.github.people import permission_of
from twiceshy.publishing.comment import marked, marker, without_marker
from twiceshy.publishing.values import Annotation, Comment, PostedComment, Publication
from twiceshy.verdicts.render.escape import code_span, one_line_path

CHECK = "twiceshy"
ANNOTATIONS_A_REQUEST = 50
"""https://docs.github.com/en/rest/checks/runs#update-a-check-run"""

LONGEST_BODY = 60_000
MOST_COMMENTS_A_REVIEW = 30
"""More at once is answered "submitted too quickly"; found by others who post reviews."""

MOST_LISTED = 10_000
"""Comments or reviews of one pull request that are looked through."""

DISMISS, RERUN = "not-relevant", "re-run"
BUTTONS = (
    {"label": "Not relevant", "description": "Dismiss what is said here", "identifier": DISMISS},
    {"label": "Re-run", "description": "Judge this change again", "identifier": RERUN},
)
"""https://docs.github.com/en/rest/checks/runs#create-a-check-run"""


def open_check(
    api: Api, repository: str, head: str, key: str, *, before: int = 0, more: bool = False
) -> int:
    """Say at once that a head is being looked at, or how many are ``before`` it, or ``more``. Gives
    the check's id.
    """
    count = f"{before:,}{' or more' if more else ''}"
    title, summary = "looking", "Holding this change against the lessons."
    if before:
        title = f"queued, {count} before it"
        summary = f"Waiting its turn. {count} were before it when it came; this number is not kept up to date."
    body = {
        "name": CHECK,
        "head_sha": head,
        "status": "queued" if before else "in_progress",
        "external_id": key,
        "output": {"title": title, "summary": summary},
    }
    return int(api.send("POST", f"/repos/{repository}/check-runs", body)["id"])


def begin_check(api: Api, repository: str, check: int) -> None:
    """Say of a queued check that its judging has begun."""
    output = {"title": "looking", "summary": "Holding this change against the lessons."}
    api.send(
        "PATCH",
        f"/repos/{repository}/check-runs/{check}",
        {"status": "in_progress", "output": output},
    )


def withdraw_check(api: Api, repository: str, check: int) -> None:
    """Conclude the check of a head that was superseded before anybody looked at it."""
    output = {"title": "superseded", "summary": "A newer head came before this one was looked at."}
    body = {"status": "completed", "conclusion": "neutral", "output": output}
    api.send("PATCH", f"/repos/{repository}/check-runs/{check}", body)


def find_check(api: Api, repository: str, head: str, key: str, app: int) -> int | None:
    """The check this App opened under a key; not only the latest of its name, and never another
    App's.
    """
    path = f"/repos/{repository}/commits/{head}/check-runs"
    for run in api.linked(
        path, MOST_LISTED, "check_runs", check_name=CHECK, filter="all", app_id=app
    ):
        by = (run.get("app") or {}).get("id")
        if run.get("external_id") == key and by == app:
            return int(run["id"])
    return None


def close_check(api: Api, repository: str, check: int, publication: Publication) -> None:
    """Conclude a check, with the first of its annotations."""
    body: dict[str, Any] = {
        "status": "completed",
        "conclusion": publication.conclusion,
        "output": _output(publication, publication.annotations[:ANNOTATIONS_A_REQUEST]),
    }
    if any(finding.shown for finding in publication.findings):
        body["actions"] = list(BUTTONS)
    else:
        body["actions"] = [BUTTONS[1]]
    if publication.details:
        body["details_url"] = publication.details
    api.send("PATCH", f"/repos/{repository}/check-runs/{check}", body)


def closed_check(api: Api, repository: str, check: int) -> int | None:
    """The check, when it is concluded."""
    return (
        check
        if api.get(f"/repos/{repository}/check-runs/{check}")["status"] == "completed"
        else None
    )


def add_annotations(
    api: Api, repository: str, check: int, publication: Publication, batch: int
) -> None:
    """Send the batch of annotations of this number (1 for the second); GitHub adds them to what is
    there.
    """
    at = batch * ANNOTATIONS_A_REQUEST
    output = _output(publication, publication.annotations[at : at + ANNOTATIONS_A_REQUEST])
    api.send("PATCH", f"/repos/{repository}/check-runs/{check}", {"output": output})


def annotation_batches(publication: Publication) -> int:
    """How many requests the annotations take; the first goes with the conclusion."""
    return -(-len(publication.annotations) // ANNOTATIONS_A_REQUEST)


def annotations_sent(api: Api, repository: str, check: int) -> int:
    """How many annotations a check has."""
    return int(api.get(f"/repos/{repository}/check-runs/{check}")["output"]["annotations_count"])


def post_review(
    api: Api, repository: str, number: int, head: str, comments: Sequence[Comment], of: int
) -> int:
    """Post one review with these comments ``of`` so many, at most MOST_COMMENTS_A_REVIEW. Gives its
    id.

    Raises Refused for the whole when one line is not in the diff.
    """
    body = {
        "commit_id": head,
        "event": "COMMENT",
        "body": _greeting(of),
        "comments": [_review_comment(each) for each in comments],
    }
    return int(api.send("POST", f"/repos/{repository}/pulls/{number}/reviews", body)["id"])


def post_alone(
    api: Api, repository: str, number: int, head: str, comments: Sequence[Comment]
) -> int:
    """Post a review without lines: everything in its body, when GitHub refused the lines."""
    texts = []
    for comment in comments:
        texts.append(
            f"{code_span(one_line_path(comment.path))} line {comment.line}\n\n{without_marker(comment.body)}"
        )
    mark = marker(
        comments[0].fingerprint
    )  # at the very end, however much is cut: there alone it counts
    text = "\n\n---\n\n".join(texts)[:LONGEST_BODY] + f"\n\n{mark}"
    body = {"commit_id": head, "event": "COMMENT", "body": text}
    return int(api.send("POST", f"/repos/{repository}/pulls/{number}/reviews", body)["id"])


def standing(
    api: Api, repository: str, number: int, slug: str
) -> tuple[tuple[PostedComment, ...], bool]:
    """Our comments on a pull request that carry a mark, and whether the list is complete."""
    comments: list[PostedComment] = []
    listed = 0
    for comment in api.pages(f"/repos/{repository}/pulls/{number}/comments", MOST_LISTED):
        listed += 1
        if _ours(api, comment, slug) and _mark(comment):
            comments.append(PostedComment(int(comment["id"]), str(comment["body"])))
    return tuple(comments), listed < MOST_LISTED


def find_alone(
    api: Api, repository: str, number: int, fingerprints: Iterable[str], slug: str
) -> int | None:
    """A review of ours that says one of these in its body."""
    wanted = set(fingerprints)
    for review in api.pages(f"/repos/{repository}/pulls/{number}/reviews", MOST_LISTED):
        if _ours(api, review, slug) and _mark(review) in wanted:
            return int(review["id"])
    return None


def edit_comment(api: Api, repository: str, comment: int, body: str) -> None:
    """Change what a comment of ours says; one that somebody deleted stays deleted."""
    try:
        api.send("PATCH", f"/repos/{repository}/pulls/comments/{comment}", {"body": body})
    except Gone:
        return


def answer(api: Api, repository: str, number: int, body: str) -> int:
    """Write a comment in the conversation. Gives its id."""
    return int(
        api.send("POST", f"/repos/{repository}/issues/{number}/comments", {"body": body})["id"]
    )


def find_answer(api: Api, repository: str, number: int, mark: str, slug: str) -> int | None:
    """A comment of ours in the conversation that carries this mark."""
    for comment in api.pages(f"/repos/{repository}/issues/{number}/comments", 1_000):
        body = str(comment.get("body") or "").rstrip()
        if body.endswith(mark) and _ours(api, comment, slug):
            return int(comment["id"])
    return None


def react(
    api: Api, repository: str, comment: int, content: str, *, in_review: bool = False
) -> None:
    """Put a reaction under a comment, in the conversation or beside the code; twice is once."""
    kind = "pulls" if in_review else "issues"
    api.send(
        "POST", f"/repos/{repository}/{kind}/comments/{comment}/reactions", {"content": content}
    )


def reply(api: Api, repository: str, number: int, thread: int, body: str) -> int:
    """Write a reply in a review thread, which its first comment names. Gives its id. Raises Gone
    when that was deleted.

    Not through ``/replies``, which GitHub's description does not open to Apps. Beside
    ``in_reply_to`` GitHub ignores all but the body, and asks for commit and path all the same.
    """
    first = api.get(f"/repos/{repository}/pulls/comments/{thread}")
    values: dict[str, Any] = {
        "body": body,
        "in_reply_to": thread,
        "commit_id": str(first["commit_id"]),
        "path": str(first["path"]),
    }
    return int(api.send("POST", f"/repos/{repository}/pulls/{number}/comments", values)["id"])


def find_reply(api: Api, repository: str, number: int, mark: str, slug: str) -> int | None:
    """A reply of ours that ends with this mark."""
    for comment in api.pages(
        f"/repos/{repository}/pulls/{number}/comments", 1_000, sort="created", direction="desc"
    ):
        if str(comment.get("body") or "").endswith(mark) and _ours(api, comment, slug):
            return int(comment["id"])
    return None


def fingerprint_of(api: Api, repository: str, comment: int, slug: str) -> str | None:
    """The finding that a review comment of ours says; None when it is not ours, or gone."""
    try:
        found = api.get(f"/repos/{repository}/pulls/comments/{comment}")
    except Gone:
        return None
    return _mark(found) if _ours(api, found, slug) else None


def may_write(api: Api, repository: str, who: str) -> bool:
    """Whether a person may write to the repository, asked of GitHub and not of a payload."""
    return permission_of(api, repository, who).writes


def _output(publication: Publication, annotations: Sequence[Annotation]) -> dict[str, Any]:
    return {
        "title": publication.title,
        "summary": publication.summary,
        "annotations": [
            {
                "path": each.path,
                "start_line": each.start_line,
                "end_line": each.end_line,
                "title": each.title,
                "annotation_level": each.level,
                "message": each.message,
            }
            for each in annotations
        ],
    }


def _review_comment(comment: Comment) -> dict[str, Any]:
    lines = {"line": comment.line, "side": "RIGHT"}
    if comment.start_line is not None:
        lines |= {"start_line": comment.start_line, "start_side": "RIGHT"}
    return {"path": comment.path, "body": comment.body, **lines}


def _greeting(count: int) -> str:
    rest = count - MOST_COMMENTS_A_REVIEW
    more = f" The other {rest} are in the check." if rest > 0 else ""
    return f"This change looks like something that failed before.{more}"


def _mark(comment: Mapping[str, Any]) -> str | None:
    found = marked(str(comment.get("body") or ""))
    return found[0] if found else None


def _ours(api: Api, comment: Mapping[str, Any], slug: str) -> bool:
    """A marker under anybody else's name is no marker of ours."""
    user = comment.get("user") or {}
    return api.wrote(slug, str(user.get("login")), str(user.get("type")), int(user.get("id") or 0))
