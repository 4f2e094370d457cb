"""What a person may do in a repository, asked of GitHub and never taken from a payload. Decides
nothing.

https://docs.github.com/en/rest/collaborators/collaborators#get-repository-permissions-for-a-user
"""

from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import quote

from twiceshy.github.api import Api
from twiceshy.github.errors import Forbidden, Gone, Refused


class Permission(StrEnum):
    """GitHub's base roles: ``maintain`` and custom roles come as the one they build on, ``triage``
    as read.
    """

    NONE = "none"
    READ = "read"
    WRITE = "write"
    ADMIN = "admin"

    @property
    def writes(self) -> bool:
        """Whether this lets a person push."""
        return self in (Permission.WRITE, Permission.ADMIN)


def permission_of(api: Api, repository: str, who: str) -> Permission:
    """A person's permission; none where GitHub does not say: a stranger, or a repository the App
    cannot see.
    """
    try:
        found = api.get(f"/repos/{repository}/collaborators/{quote(who, safe='')}/permission")
    except (Gone, Forbidden, Refused):
        return Permission.NONE
    said = "write" if found.get("permission") == "maintain" else found.get("permission")
    return Permission(said) if said in list(Permission) else Permission.NONE


def account(login: str) -> str:
    """A login as it is compared: GitHub knows no upper case, and writes an App's with or without
    its suffix.
    """
    return login.removesuffix("[bot]").casefold()


def is_app(login: str, slug: str) -> bool:
    """Whether a login is the one an App of this name acts under."""
    return login == f"{slug}[bot]"


@dataclass
class Writers:
    """Who may write to a repository: each person is asked for once, and at most so many are."""

    api: Api
    repository: str
    most: int
    _known: dict[str, Permission] = field(default_factory=dict)

    def knows(self, who: str) -> bool:
        """Whether a person was asked for, or still can be."""
        return account(who) in self._known or len(self._known) < self.most

    def may_write(self, who: str) -> bool:
        """Whether a person may write; nobody beyond the limit."""
        return self.knows(who) and self._permission(who).writes

    def _permission(self, who: str) -> Permission:
        name = account(who)
        if name not in self._known:
            self._known[name] = permission_of(self.api, self.repository, who)
        return self._known[name]
