"""Silences what a lesson says of some code, and gives it its voice back. Who may is asked of GitHub
each time.

Never lets an author lift alone what takes two: their word is kept as a request, which holds
nowhere.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum

from sqlalchemy.orm import Session

from twiceshy.github.authors import authors_of
from twiceshy.github.people import Permission, account, permission_of
from twiceshy.service.context import Context
from twiceshy.store import dismissals, feedback, findings, heads
from twiceshy.store.dismissals import Silenced, Where, Word
from twiceshy.store.feedback import Feedback
from twiceshy.store.heads import Head
from twiceshy.store.tables import DismissalRow, DismissalState, FindingRow


class Refusal(StrEnum):
    """Why nothing was done."""

    NO_RIGHT = "no right"  # neither write access nor the lesson's owner
    NOT_EVERYWHERE = "not everywhere"  # not an admin of the lesson's registry
    NO_REGISTRY = "no registry"  # the lesson comes from no repository, so nobody is its admin


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to be silent, where, until when."""

    who: str
    reason: str
    how: str  # as in ``Opinion.how``
    everywhere: bool = False
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """What came of a wish: by lesson, the findings that are silent now, and those that wait for a
    second person.
    """

    silent: tuple[FindingRow, ...] = ()
    waiting: tuple[FindingRow, ...] = ()
    refused: Refusal | None = None


@dataclass(frozen=True, slots=True)
class Revoked:
    """What was revoked, and the heads to be judged again."""

    rows: tuple[DismissalRow, ...] = ()
    heads: tuple[Head, ...] = ()
    refused: Refusal | None = None
    registry: str = ""  # whose admin could, when refused


@dataclass
class Rights:
    """What people may do with a pull request's findings; each question is asked of GitHub once."""

    context: Context
    head: Head
    _permissions: dict[tuple[str, str], Permission] = field(default_factory=dict)
    _authors: list[frozenset[str] | None] = field(default_factory=list)

    def permission(self, who: str, repository: str = "") -> Permission:
        """A person's permission in the pull request's repository, or in another."""
        question = (repository or self.head.name, account(who))
        if question not in self._permissions:
            api = self.context.api(self.head.installation)
            self._permissions[question] = permission_of(api, question[0], who)
        return self._permissions[question]

    def is_admin(self, who: str, registry: str) -> bool:
        """Whether a person is an admin of a lesson's registry."""
        return self.permission(who, registry) is Permission.ADMIN

    def is_author(self, who: str) -> bool:
        """Whether a person wrote part of the change; everybody is where GitHub does not tell all
        who did.
        """
        if not self._authors:
            self._authors.append(authors(self.context, self.head))
        people = self._authors[0]
        return people is None or account(who) in people

    def owns(self, who: str, row: FindingRow) -> bool:
        """Whether a person is a lesson's owner by name, and may at least read here. Teams are not
        asked for.
        """
        named = account(row.owner.removeprefix("@")) == account(who)
        return named and row.owner.startswith("@") and self.permission(who) is not Permission.NONE

    def may_dismiss(self, who: str, row: FindingRow) -> bool:
        """Whether a person's word on a finding counts in its repository."""
        return self.permission(who).writes or self.owns(who, row)


def authors(context: Context, head: Head) -> frozenset[str] | None:
    """Who wrote a pull request: opened it, pushed to it, or stands in its commits; None when GitHub
    does not tell all.
    """
    people = authors_of(context.api(head.installation), head.name, head.number)
    pushers = context.transaction(heads.pushers, head.repository, head.number)
    return None if people is None else people | {account(who) for who in pushers}


def dismiss(context: Context, head: Head, rows: Sequence[FindingRow], wish: Wish) -> Done:
    """Silence these findings, as far as the one who wishes it may. Raises a GitHubError."""
    rights = Rights(context, head)
    allowed, refused = _allowed(rights, rows, wish)
    alone = rights.is_author(wish.who) if allowed else False
    waiting = tuple(row for row in allowed if alone and row.two_persons)
    silent = tuple(row for row in allowed if row not in waiting)
    word = Word(wish.who, wish.reason, wish.until, alone)
    for row in silent:
        _give(context, head, row, wish, word)
    for row in waiting:
        _give(context, head, row, wish, replace(word, state=DismissalState.REQUESTED))
    if silent:
        prints = [row.fingerprint for row in silent if row.action != "observe"]
        _count_against(context, head, prints, wish)
    return Done(silent, waiting, refused)


def undismiss(
    context: Context, head: Head, lesson: str, who: str, why: str, *, everywhere: bool
) -> Revoked:
    """Revoke a lesson's dismissals in the repository, or those for the whole account. ``why`` names
    the comment.
    """
    rights = Rights(context, head)
    owner = head.name.partition("/")[0]
    rows = context.transaction(
        dismissals.live, owner, head.repository, lesson, everywhere=everywhere
    )
    revocable = [row.id for row in rows if _may_revoke(rights, row, who)]
    if rows and not revocable:
        refused = Refusal.NOT_EVERYWHERE if everywhere else Refusal.NO_RIGHT
        return Revoked(refused=refused, registry=rows[0].lesson_registry)
    context.transaction(dismissals.revoke, revocable, who, why)
    ended = context.transaction(dismissals.revoked_for, why)
    return Revoked(tuple(ended), tuple(_speaking_again(context, ended)))


def is_author_here(people: Collection[str] | None, row: DismissalRow) -> bool:
    """Whether everybody who said a dismissal is among a change's authors; True where those are not
    known.
    """
    if people is None:
        return True
    voices = {account(who) for who in (row.who, row.asked_by) if who}
    return voices <= set(people)


def _allowed(
    rights: Rights, rows: Sequence[FindingRow], wish: Wish
) -> tuple[tuple[FindingRow, ...], Refusal | None]:
    """The findings a person may dismiss, and why not the others."""
    if not wish.everywhere:
        allowed = tuple(row for row in rows if rights.may_dismiss(wish.who, row))
        return allowed, None if allowed else Refusal.NO_RIGHT
    named = [row for row in rows if is_repository(row.lesson_registry)]
    allowed = tuple(row for row in named if rights.is_admin(wish.who, row.lesson_registry))
    if allowed:
        return allowed, None
    return (), Refusal.NOT_EVERYWHERE if named else Refusal.NO_REGISTRY


def is_repository(registry: str) -> bool:
    """Whether a registry's name is a repository's; folders' and built-in ones' end with a colon."""
    return "/" in registry and not registry.endswith(":")


def _may_revoke(rights: Rights, row: DismissalRow, who: str) -> bool:
    if row.everywhere:
        return rights.is_admin(who, row.lesson_registry)
    return rights.permission(who).writes


def _give(context: Context, head: Head, row: FindingRow, wish: Wish, word: Word) -> None:
    registry = row.lesson_registry if wish.everywhere else ""
    where = Where(head.repository, head.name, head.number, wish.everywhere, registry)
    silenced = Silenced(row.claim, row.lesson, row.path, row.start_line)
    context.transaction(dismissals.give, where, silenced, word)


def _count_against(context: Context, head: Head, prints: Collection[str], wish: Wish) -> None:
    for row in context.transaction(findings.of_pull, head.repository, head.number):
        if row.fingerprint in prints:
            opinion = opinion_on(row, wish.who, wish.how, useful=False)
            context.transaction(feedback.note_feedback, opinion)
    call_wrong(context, head.repository, head.number)


def opinion_on(row: FindingRow, who: str, how: str, *, useful: bool) -> Feedback:
    """A person's word on a finding."""
    owner = row.name.partition("/")[0]
    return Feedback(
        owner,
        row.repository,
        row.number,
        row.fingerprint,
        row.lesson,
        who,
        useful,
        how,
        row.lesson_registry,
    )


def call_wrong(context: Context, repository: int, number: int) -> None:
    """Have a pull request's findings say what people say of them now."""
    context.transaction(_set_wrong, repository, number)


def _set_wrong(session: Session, repository: int, number: int) -> None:
    fingerprints = feedback.wrong_ones(session, repository, number)
    findings.set_wrong(session, repository, number, fingerprints)


def _speaking_again(context: Context, ended: Sequence[DismissalRow]) -> list[Head]:
    """The open pull requests in which something speaks again; what was said by dismissing it counts
    no more.
    """
    places: set[tuple[int, int]] = set()
    for row in ended:
        places |= _take_back(context, row)
    return context.transaction(heads.open_among, places)


def _take_back(context: Context, row: DismissalRow) -> set[tuple[int, int]]:
    """Uncount what was said by a dismissal. Gives the pull requests (repository and number) it
    silenced.
    """
    repository = None if row.everywhere else row.repository
    silenced = context.transaction(findings.with_claim, row.claim, repository, row.account)
    by_pull: dict[tuple[int, int], list[str]] = {}
    for finding in silenced:
        fingerprints = by_pull.setdefault((finding.repository, finding.number), [])
        fingerprints.append(finding.fingerprint)
    for pull, fingerprints in by_pull.items():
        context.transaction(feedback.take_back_dismissals, *pull, fingerprints)
        call_wrong(context, *pull)
    return set(by_pull)
