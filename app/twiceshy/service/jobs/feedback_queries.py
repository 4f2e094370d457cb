"""What the store remembers that concerns one pull request: dismissals that hold there, and how
lessons were judged.

Reads only; what of it counts is decided where the lessons are, in ``memory``.
"""

from collections.abc import Iterable

from structlog import get_logger

from twiceshy.github.errors import Forbidden, Gone, Refused
from twiceshy.service.context import Context
from twiceshy.service.jobs.dismiss import authors, is_author_here
from twiceshy.service.sandbox.launcher import ConfirmedHere, DismissedHere, JudgedHere
from twiceshy.store import answered, dismissals, feedback
from twiceshy.store.answered import Said
from twiceshy.store.heads import Head
from twiceshy.store.tables import DismissalRow

log = get_logger()


def dismissed_here(context: Context, head: Head) -> tuple[DismissedHere, ...]:
    """The dismissals that hold in a head's repository today, oldest first. Raises a GitHubError.

    Who wrote the change is asked only where somebody dismissed elsewhere what may stand in it.
    """
    owner, day = head.name.partition("/")[0], dismissals.today()
    rows = context.transaction(dismissals.holding, owner, head.repository, day)
    said = context.transaction(answered.said_before, [row.id for row in rows])
    elsewhere = any(not _given_on(head, row) for row in rows)
    people = _authors(context, head) if elsewhere and head.number else None
    return tuple(_dismissed(head, row, people, said.get(row.id)) for row in rows)


def confirmed_here(
    context: Context, head: Head, dismissed: Iterable[DismissedHere]
) -> tuple[ConfirmedHere, ...]:
    """What was right in a head's repository, of the lessons that are dismissed there."""
    lessons = {row.lesson for row in dismissed if row.guard}
    confirmed = []
    for row in context.transaction(answered.confirmed, head.repository, lessons):
        confirmed.append(ConfirmedHere(row.registry, row.lesson, row.guard, row.at))
    return tuple(confirmed)


def judged_here(context: Context, head: Head) -> tuple[JudgedHere, ...]:
    """What the account's people say of each lesson."""
    owner = head.name.partition("/")[0]
    judged = []
    for lesson, totals in context.transaction(feedback.feedback_by_lesson, owner).items():
        judged.append(
            JudgedHere(lesson.registry, lesson.lesson, totals.useful, totals.all, totals.mended)
        )
    return tuple(judged)


def _dismissed(
    head: Head, row: DismissalRow, people: frozenset[str] | None, said: Said | None
) -> DismissedHere:
    return DismissedHere(
        claim=row.claim,
        lesson=row.lesson,
        registry=row.lesson_registry if row.everywhere else "",
        alone=_alone(head, row, people),
        who=row.who,
        reason=_reason(row),
        at=row.at,
        guard=said.guard if said else "",
        score=said.score if said else 0.0,
    )


def _given_on(head: Head, row: DismissalRow) -> bool:
    """Whether a dismissal was given on this very pull request: then it was held against its authors
    at once.
    """
    return (row.repository, row.number) == (head.repository, head.number) and head.number != 0


def _alone(head: Head, row: DismissalRow, people: frozenset[str] | None) -> bool:
    """A merge queue's commit is no one person's: there the word counts as it did where it was
    given.
    """
    if head.number == 0 or _given_on(head, row):
        return row.alone
    return is_author_here(people, row)


def _authors(context: Context, head: Head) -> frozenset[str] | None:
    """None where GitHub refuses to tell: then nobody is known to be a second person."""
    try:
        return authors(context, head)
    except (Forbidden, Gone, Refused) as error:
        log.warning("authors are not known", reason=str(error))
        return None


def _reason(row: DismissalRow) -> str:
    return f"{row.reason} (until {row.until})" if row.until else row.reason
