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

_FORMAT = "%H%x00%P%x00%cs%x00%ct%x00%s%x00%b"
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
    second: int = 0  # when it was made, since 1970: what orders the commits of one day


@dataclass(frozen=True, slots=True)
class Dated:
    """A commit and the day it was made."""

    id: str
    day: date


def line_of_commits(root: Path, *options: str) -> list[Dated]:
    """Commits as ``git log`` lists them with these options. Raises ChangeError."""
    listed = run_git(root, "log", "--format=%H %cs", *options, "--").stdout.decode()
    commits: list[Dated] = []
    for line in listed.splitlines():
        name, day = line.split()
        commits.append(Dated(name, date.fromisoformat(day)))
    return commits


def changed_paths(root: Path, most: int) -> list[frozenset[str]]:
    """The paths that each of the last so many commits changed, merges apart, oldest first. Raises
    ChangeError.
    """
    options = ("--format=%x01", "--name-only", "--no-renames", "--no-merges", "-z", f"-{most}")
    listed = run_git(root, "log", *options, "--").stdout.decode("utf-8", "surrogateescape")
    commits: list[frozenset[str]] = []
    for block in listed.split("\x01")[1:]:
        names = (name.strip("\n") for name in block.split("\0"))
        commits.append(frozenset(name for name in names if name))
    return commits[::-1]


def commit(root: Path, ref: str) -> Commit:
    """The commit a name stands for. Raises ChangeError when there is none."""
    commit_id = resolve(root, ref)
    if commit_id is None:
        raise ChangeError(
            f"no commit {ref}: give a commit, a range A..B or a diff file; "
            "a pull request's commits are fetched with `git fetch origin pull/NUMBER/head`"
        )
    text = run_git(root, "log", "-1", f"--format={_FORMAT}", commit_id, "--").stdout
    name, parents, day, second, subject, body = text.decode("utf-8", "replace").split("\0", 5)
    made = date.fromisoformat(day)
    return Commit(name, tuple(parents.split()), made, subject, body.strip(), int(second))


def origin_of(root: Path) -> str | None:
    """``owner/name`` of the host's repository this is a clone of; None without one, or for a clone
    of a local folder.
    """
    done = run_git(root, "remote", "get-url", "origin", check=False)
    if done.returncode:
        return None
    address = _ORIGIN.fullmatch(done.stdout.decode("utf-8", "replace").strip())
    return address[1] if address else None


def pull_request(root: Path, url: str) -> str | None:
    """The commit or range ``A..B`` of a pull or merge request's address; None for what is no such
    address.

    Its merge is looked for in the history first; one that is not merged here is fetched from
    ``origin``, into a ref of our own. Raises ChangeError, with what to do, when neither finds it.
    """
    request = _REQUEST.fullmatch(url)
    if request is None:
        return None
    repository, number = request[1], request[2] or request[3]
    ours = origin_of(root)
    if ours and ours.rsplit("/", 1)[-1].lower() != repository.rsplit("/", 1)[-1].lower():
        raise ChangeError(
            f"{url} belongs to {repository}, this is a clone of {ours}: "
            f"run it in a clone of {repository}"
        )
    merge = _merge_of(root, number)
    if merge:
        return merge
    remote_ref = f"refs/{'pull' if request[2] else 'merge-requests'}/{number}/head"
    own_ref = f"refs/twiceshy/request/{number}"
    if fetch_git(root, "origin", f"+{remote_ref}:{own_ref}").returncode:
        raise ChangeError(
            f"no merge of {url} in this history, and origin does not give {remote_ref}: "
            f"is this a clone of {repository}? Otherwise name the commit that fixed it"
        )
    return f"{default_base(root)}...{own_ref}"


def _merge_of(root: Path, number: str) -> str:
    """The commit that merged a pull request, by its message; empty when there is none."""
    wanted = f"--grep={_MERGED.format(number=number)}"
    return (
        run_git(root, "log", "-1", "--format=%H", "-E", wanted, "HEAD", "--")
        .stdout.decode()
        .strip()
    )


def introduced(root: Path, commit: str, path: str, lines: Sequence[int]) -> str | None:
    """The commit that brought most of these lines of a file as it was at a ``commit``; None when
    nobody can tell.
    """
    ranges = [f"-L{line},{line}" for line in sorted(set(lines))]
    if not ranges:
        return None
    command = ("blame", "--no-textconv", "--porcelain", *ranges, commit, "--", path)
    done = run_git(root, *command, check=False)
    counted = Counter(match.decode() for match in _BLAMED.findall(done.stdout))
    return counted.most_common(1)[0][0] if done.returncode == 0 and counted else None
