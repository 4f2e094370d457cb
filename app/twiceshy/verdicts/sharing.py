"""Who may read a registry's words: what its owner lets others show of it, and whether a pull
request is such a place.

Pure: facts about two repositories in, a decision out. Never asks anybody, and what it does not know
it takes for public.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

_OWNER = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,99})")
_NAME = re.compile(r"[A-Za-z0-9._*-]{1,100}")
MOST_STARS = 2
"""In one pattern: matching more takes time that grows with each."""


class Visibility(StrEnum):
    """Who may read a repository: everybody, the whole enterprise, or whom it was given to."""

    PUBLIC = "public"
    INTERNAL = "internal"
    PRIVATE = "private"


class Share(StrEnum):
    """How much of a lesson is shown elsewhere."""

    TEXT = "text"  # all of it
    ID = "id"  # that it speaks, where, how loud, and where it can be read


class NotUsed(StrEnum):
    """Why a registry that settings name does not guard a pull request."""

    UNREADABLE = "unreadable"  # it is not there, or the App is not installed there
    NOT_SHARED = "not shared"  # somebody may read the pull request and not the registry
    OTHER_REF = "another ref"  # it is shared as of its default branch, and another was asked for


@dataclass(frozen=True, slots=True)
class Consent:
    """One line of ``share`` in a registry's own settings: repositories of one owner, and what they
    may show.
    """

    to: str  # a repository's full name; ``*`` stands for any part of the name
    share: Share
    public: bool = False  # whether it still holds when that repository is public


@dataclass(frozen=True, slots=True)
class Reader:
    """The repository of a pull request: whoever may read it may read what is said there."""

    id: int = 0  # GitHub's; 0 when it is not known
    name: str = ""  # as of now: a repository that moved to another account goes by its new name
    visibility: Visibility = Visibility.PUBLIC
    only_members: bool = False  # it is known that nobody from outside the account may read it


UNKNOWN = Reader()
"""Nothing is known of it, so it is taken for public."""


@dataclass(frozen=True, slots=True)
class Shared:
    """A registry's repository, and what its owner says in the settings of its default branch."""

    id: int
    name: str
    visibility: Visibility
    consents: tuple[Consent, ...] = ()


def share_for(reader: Reader, registry: Shared) -> Share | None:
    """What of a registry may be shown to a pull request's readers; None: nothing, so it is not used
    there.
    """
    if readable_by_all(reader, registry):
        return Share.TEXT
    return consented(registry.consents, reader)


def readable_by_all(reader: Reader, registry: Shared) -> bool:
    """Whether everybody who may read the pull request may read the registry.

    Readers of one private repository need not be readers of another one of the same account. An
    internal registry can be read by the account's members, so an outside collaborator is one too
    many.
    """
    if registry.visibility is Visibility.PUBLIC or (reader.id and reader.id == registry.id):
        return True
    inside = reader.visibility is not Visibility.PUBLIC and reader.only_members
    return (
        registry.visibility is Visibility.INTERNAL
        and inside
        and _owner(reader.name) == _owner(registry.name)
    )


def consented(consents: Iterable[Consent], reader: Reader) -> Share | None:
    """What the consents allow a repository: its full name goes over patterns, and among these
    ``id`` over ``text``.
    """
    matching: list[Consent] = []
    for consent in consents:
        holds = consent.public or reader.visibility is not Visibility.PUBLIC
        if holds and _matches(consent.to, reader.name):
            matching.append(consent)
    exact = [consent for consent in matching if "*" not in consent.to]
    shares = {consent.share for consent in exact or matching}
    if not shares:
        return None
    return Share.ID if Share.ID in shares else Share.TEXT


def consent_from(to: object, share: object, public: object) -> Consent:
    """A consent as it is written. Raises ValueError with what to write instead."""
    if share not in list(Share):
        raise ValueError(f"write `as: {Share.TEXT}` or `as: {Share.ID}`")
    owner, _, name = to.partition("/") if isinstance(to, str) else ("", "", "")
    if not (_OWNER.fullmatch(owner) and _NAME.fullmatch(name)):
        raise ValueError("write `to` as OWNER/NAME; `*` may stand in the name, not in the owner")
    if name.count("*") > MOST_STARS:
        raise ValueError(f"at most {MOST_STARS} `*` in a name")
    if public not in (True, False):
        raise ValueError("write `public: true` or leave it out")
    if public and "*" in name:
        raise ValueError(f"a public repository is named in full: `to: {owner}/NAME`, without `*`")
    return Consent(f"{owner}/{name}", Share(str(share)), bool(public))


def _matches(pattern: str, name: str) -> bool:
    """As GitHub compares names: letters large or small are the same."""
    parts = [re.escape(part) for part in pattern.lower().split("*")]
    return re.fullmatch("[^/]*".join(parts), name.lower()) is not None


def _owner(name: str) -> str:
    return name.partition("/")[0].lower()
