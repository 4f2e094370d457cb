"""What was said in comments on a pull request, and what became of each: the only place that knows
of deleted ones.
"""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.orm import Session

from twiceshy.store.sessions import upsert
from twiceshy.store.tables import SaidRow


class State(StrEnum):
    """What became of a comment."""

    SENDING = "sending"  # begun: nobody knows whether it arrived
    STANDING = "standing"
    SETTLED = "settled"  # edited to say that it holds no more
    DELETED = "deleted"  # by a person: an answer, so it is never said again


@dataclass(frozen=True, slots=True)
class Saying:
    """A finding that is to be said; ``body`` is a digest of the words."""

    fingerprint: str
    claim: str
    body: str


def of_pull(session: Session, repository: int, number: int) -> dict[str, SaidRow]:
    """All that was ever said on a pull request, by fingerprint."""
    rows = session.scalars(
        select(SaidRow).where(SaidRow.repository == repository, SaidRow.number == number)
    )
    return {row.fingerprint: row for row in rows}


def begin(
    session: Session, repository: int, number: int, head: str, sayings: Iterable[Saying]
) -> None:
    """Note that these are about to be said."""
    for saying in sayings:
        _note(session, repository, number, saying, State.SENDING, {"head": head})


def note_standing(
    session: Session,
    repository: int,
    number: int,
    fingerprints: Iterable[str],
    review: int,
    *,
    alone: bool = False,
) -> None:
    """They were said in this review; ``alone``: in its body, where no comment stands."""
    _update(
        session, repository, number, fingerprints, state=State.STANDING, review=review, alone=alone
    )


def note_settled(session: Session, repository: int, number: int, fingerprint: str) -> None:
    """Its comment says by now that it holds no more."""
    _update(session, repository, number, [fingerprint], state=State.SETTLED)


def note_gone(session: Session, repository: int, number: int, fingerprints: Iterable[str]) -> None:
    """Their comments are not there any more: somebody deleted them."""
    _update(session, repository, number, fingerprints, state=State.DELETED)


def note_deleted(session: Session, repository: int, number: int, fingerprint: str, by: str) -> None:
    """Somebody deleted its comment, which may be older than this store."""
    _note(
        session, repository, number, Saying(fingerprint, "", ""), State.DELETED, {"comment": None}
    )
    _update(session, repository, number, [fingerprint], deleted_by=by)


def note_seen(
    session: Session, repository: int, number: int, saying: Saying, comment: int, *, settled: bool
) -> None:
    """A comment of ours stands on GitHub, known to us or, older than this store, not."""
    state = State.SETTLED if settled else State.STANDING
    _note(session, repository, number, saying, state, {"comment": comment, "alone": False})


def forget(session: Session, repository: int, number: int, fingerprints: Iterable[str]) -> None:
    """They were not said after all."""
    session.execute(delete(SaidRow).where(*_these(repository, number, fingerprints)))


def of_comment(session: Session, repository: int, comment: int) -> SaidRow | None:
    """What a comment says."""
    return session.scalar(
        select(SaidRow).where(SaidRow.repository == repository, SaidRow.comment == comment).limit(1)
    )


def _note(
    session: Session,
    repository: int,
    number: int,
    saying: Saying,
    state: State,
    more: Mapping[str, object],
) -> None:
    values: dict[str, object] = {
        "repository": repository,
        "number": number,
        "fingerprint": saying.fingerprint,
        "claim": saying.claim,
        "state": str(state),
        "comment": None,
        "review": None,
        "alone": False,
        "body": saying.body,
        "head": "",
        "deleted_by": None,
        "at": time.time(),
        **more,
    }
    fixed = {"repository", "number", "fingerprint"}
    if "comment" in more:  # what was said and when is known better already
        fixed |= {"claim", "body", "head", "review", "at", "deleted_by"}
    change = {name: value for name, value in values.items() if name not in fixed}
    session.execute(upsert(session, SaidRow, values, change))


def _update(
    session: Session, repository: int, number: int, fingerprints: Iterable[str], **values: object
) -> None:
    session.execute(
        update(SaidRow).where(*_these(repository, number, fingerprints)).values(**values)
    )


def _these(
    repository: int, number: int, fingerprints: Iterable[str]
) -> tuple[ColumnElement[bool], ...]:
    return (
        SaidRow.repository == repository,
        SaidRow.number == number,
        SaidRow.fingerprint.in_(list(fingerprints)),
    )
