"""What people said of findings: dismissals, and how often each lesson was right."""

import time
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Integer, func, select, true
from sqlalchemy.orm import Session

from twiceshy.store.sessions import upsert
from twiceshy.store.tables import Answer, Dismissal


@dataclass(frozen=True, slots=True)
class Opinion:
    """One person's word on one finding."""

    account: str
    repository: int
    number: int
    fingerprint: str
    lesson: str
    who: str
    useful: bool
    how: str


@dataclass(frozen=True, slots=True)
class Judged:
    """How many findings of a lesson people have judged, and how many of those they found useful."""

    useful: int
    all: int


def dismiss(session: Session, account: str, claim: str, lesson: str, who: str, reason: str) -> None:
    """Remember a dismissal; the last word on the same code counts."""
    values = {"account": account, "claim": claim, "lesson": lesson, "who": who, "reason": reason, "at": time.time()}
    session.execute(upsert(session, Dismissal, values, {key: values[key] for key in ("who", "reason", "at")}))


def dismissed(session: Session, account: str) -> Mapping[str, tuple[str, str]]:
    """Who dismissed what and why, by claim, in one account's repositories."""
    rows = session.execute(select(Dismissal.claim, Dismissal.who, Dismissal.reason).where(Dismissal.account == account))
    return {claim: (who, reason) for claim, who, reason in rows}


def note_opinion(session: Session, opinion: Opinion) -> None:
    """Remember an opinion; a person's last word on a finding counts."""
    values = {
        "repository": opinion.repository, "number": opinion.number, "fingerprint": opinion.fingerprint,
        "who": opinion.who, "account": opinion.account, "lesson": opinion.lesson, "useful": opinion.useful,
        "how": opinion.how, "at": time.time(),
    }  # fmt: skip
    session.execute(upsert(session, Answer, values, {key: values[key] for key in ("useful", "how", "at")}))


def judged(session: Session, account: str | None) -> Mapping[str, Judged]:
    """By lesson: findings people have judged. A finding that anybody called wrong counts as wrong, once.

    Of one account's repositories; of all when none is named.
    """
    each = (
        select(Answer.lesson, func.min(Answer.useful.cast(Integer)).label("useful"))
        .where(Answer.account == account if account else true())
        .group_by(Answer.lesson, Answer.repository, Answer.number, Answer.fingerprint)
        .subquery()
    )
    rows = session.execute(select(each.c.lesson, func.sum(each.c.useful), func.count()).group_by(each.c.lesson))
    return {lesson: Judged(int(useful), int(count)) for lesson, useful, count in rows}
