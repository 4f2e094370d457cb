"""What a repository's history says of a commit and of lines: who brought them, when, with which
words. Reads only.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from twiceshy.changes.change_error import ChangeError
from twiceshy.changes.git import default_base, resolve
from twiceshy.changes.git_process import fetch_git, run_git

_FORMAT = "%H%x00%P%x00%cs%x00%s%x00%b"
_REQUEST = re.compile(
    r"https?://[^/\s]+/([^\s?#]+?)(?:/pull/(\d+)|/-/merge_requests/(\d+))(?:[/?#]\S*)?"
)
_MERGED = r"(\(#{number}\)$|^Merge pull request #{number} |^See merge request \S+!{number}$)"
"""As GitHub and GitLab write it when they merge or squash."""

_ORIGIN = re.compile(r"(?:(?:https?|ssh|git)://[^/]+/|[\w.-]+@[\w.-]+:)(.+?)(?:\.git)?/?")
_BLAMED = re.compile(rb"^\^?([0-9a-f]{40,64}) \d+ \d+", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit as its author told of it."""

    id: str
    parents: tuple[str, ...]
    day: date
    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class Dated:
    """A commit and the day it was made."""

    id: str
    day: date


def line_of_commits(root: Path, *options: str) -> list[Dated]:
    """Commits as ``git log`` lists them with these options. Raises ChangeError."""
    listed = run_git(root, "log", "--format=%H %cs", *options, "--").stdout.decode()
    return [
        Dated(name, date.fromisoformat(day)) for name, day in map(str.split, listed.splitlines())
    ]


def commit(root: Path, ref: str) -> Commit:
    """The commit a name stands for. Raises ChangeError when there is none."""
    known = resolve(root, ref)
    if known is None:
        raise ChangeError(
            f"no commit {ref}: give a commit, a range A..B or a diff file; a pull request's commits are "
            "fetched with `git fetch origin pull/NUMBER/head`"
        )
    text = run_git(root, "log", "-1", f"--format={_FORMAT}", known, "--").stdout.decode(
        "utf-8", "replace"
    )
    name, parents, day, subject, body = text.split("\0", 4)
    return Commit(name, tuple(parents.split()), date.fromisoformat(day), subject, body.strip())


def origin_of(root: Path) -> str | None:
    """``owner/name`` of the host's repository this is a clone of; None without one, or for a clone
    of a local folder.
    """
    done = run_git(root, "remote", "get-url", "origin", check=False)
    found = (
        _ORIGIN.fullmatch(done.stdout.decode("utf-8", "replace").strip())
        if done.returncode == 0
        else None
    )
    return found[1] if found else None


def pull_request(root: Path, url: str) -> str | None:
    """The commit or range ``A..B`` of a pull or merge request's address; None for what is no such
    address.

    Its merge is looked for in the history first; one that is not merged here is fetched from
    ``origin``, into a ref of our own. Raises ChangeError, with what to do, when neither finds it.
    """
    found = _REQUEST.fullmatch(url)
    if found is None:
        return None
    number = found[2] or found[3]
    ours, theirs = origin_of(root), found[1].rsplit("/", 1)[-1]
    if ours and ours.rsplit("/", 1)[-1].lower() != theirs.lower():
        raise ChangeError(
            f"{url} belongs to {found[1]}, this is a clone of {ours}: run it in a clone of {found[1]}"
        )
    merged = run_git(
        root,
        "log",
        "-1",
        "--format=%H",
        "-E",
        f"--grep={_MERGED.format(number=number)}",
        "HEAD",
        "--",
    ).stdout
    if merged.strip():
        return merged.decode().strip()
    there, kept = (
        f"refs/{'pull' if found[2] else 'merge-requests'}/{number}/head",
        f"refs/twiceshy/request/{number}",
    )
    done = fetch_git(root, "origin", f"+{there}:{kept}")
    if done.returncode:
        raise ChangeError(
            f"no merge of {url} in this history, and origin does not give {there}: is this a clone of "
            f"{found[1]}? Otherwise name the commit that fixed it"
        )
    return f"{default_base(root)}...{kept}"


def introduced(root: Path, at: str, path: str, lines: Sequence[int]) -> str | None:
    """The commit that brought most of these lines of a file as it was ``at`` a commit; None when
    nobody can tell.
    """
    ranges = [option for line in sorted(set(lines)) for option in ("-L", f"{line},{line}")]
    if not ranges:
        return None
    done = run_git(
        root, "blame", "--no-textconv", "--porcelain", *ranges, at, "--", path, check=False
    )
    counted = Counter(match.decode() for match in _BLAMED.findall(done.stdout))
    return counted.most_common(1)[0][0] if done.returncode == 0 and counted else None
