"""Lists what GitHub knows of an installation: repositories, open pull requests, a commit's files.
Reads only.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from twiceshy.github.api import Api

MOST_SOUGHT = 300
"""Open pull requests among which a fork's head is looked for."""

MOST_COMMIT_PAGES = 10
"""Of 300 files each: https://docs.github.com/en/rest/commits/commits#get-a-commit"""


@dataclass(frozen=True, slots=True)
class ListedPull:
    """An open pull request, as a list tells of it."""

    repository: int  # the base's
    number: int
    head: str
    base: str
    draft: bool


@dataclass(frozen=True, slots=True)
class CommitPart:
    """A commit's message, and some of the files it changes; a large commit comes in parts."""

    message: str
    patches: Mapping[str, str]  # by path, of the files that have one


def repositories_of_installation(api: Api, most: int) -> list[str]:
    """The names of the first repositories an installation may see. Raises a GitHubError."""
    listed = api.linked("/installation/repositories", most, "repositories")
    return [str(repository["full_name"]) for repository in listed][:most]


def open_pulls(api: Api, repository: str, most: int) -> Iterator[ListedPull]:
    """The newest open pull requests, drafts too. Raises a GitHubError, Gone where we may not
    look.
    """
    for pull in api.linked(f"/repos/{repository}/pulls", most, state="open"):
        yield _listed(pull)


def open_pulls_at(api: Api, repository: str, sha: str) -> list[ListedPull]:
    """The open pull requests whose head is a commit. GitHub may not list a fork's by its commit: it
    is looked for among all that are open.
    """
    for path in (f"/repos/{repository}/commits/{sha}/pulls", f"/repos/{repository}/pulls"):
        pulls = []
        for pull in api.linked(path, MOST_SOUGHT):
            if pull["head"]["sha"] == sha and pull["state"] == "open":
                pulls.append(_listed(pull))
        if pulls:
            return pulls
    return []


def commit_parts(api: Api, repository: str, sha: str) -> Iterator[CommitPart]:
    """A commit, part by part. Raises a GitHubError."""
    for answer in api.linked_pages(f"/repos/{repository}/commits/{sha}", MOST_COMMIT_PAGES):
        patches = {}
        for file in answer.get("files") or ():
            if file.get("patch"):
                patches[str(file["filename"])] = str(file["patch"])
        yield CommitPart(str(answer["commit"]["message"]), patches)


def _listed(pull: Mapping[str, Any]) -> ListedPull:
    return ListedPull(
        repository=int(pull["base"]["repo"]["id"]),
        number=int(pull["number"]),
        head=str(pull["head"]["sha"]),
        base=str(pull["base"]["sha"]),
        draft=bool(pull.get("draft")),
    )
