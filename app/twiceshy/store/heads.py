"""Pull requests: which head is the newest, and what was judged of it."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import case, select, update
from sqlalchemy.orm import Session

from twiceshy.store.sessions import upsert
from twiceshy.store.tables import PullRow, PusherRow, RunRow


@dataclass(frozen=True, slots=True)
class Head:
    """A head to be judged; a higher generation is a newer one."""

    installation: int
    repository: int
    name: str
    number: int
    head: str
    base: str
    generation: int = 0


OUTRUN = -1
"""The generation of a head that came after a newer one: deliveries do not arrive in order."""


def note_head(session: Session, head: Head, heard_at: float, *, again: bool = False) -> int:
    """Remember a head, heard of at a time, as the newest unless a newer one is known. Gives its
    generation.

    That stays for a head that is known already; ``again``: a new generation all the same.
    """
    values = {
        "repository": head.repository,
        "number": head.number,
        "name": head.name,
        "installation": head.installation,
        "head": head.head,
        "base": head.base,
        "generation": 1,
        "open": True,
        "at": heard_at,
    }
    newer = PullRow.at <= heard_at
    same = (PullRow.head == head.head) & (PullRow.base == head.base)
    change: dict[str, object] = {
        name: case((newer, values[name]), else_=getattr(PullRow, name))
        for name in ("name", "installation", "head", "base", "open", "at")
    }
    stays = ~newer if again else (same | ~newer)
    change["generation"] = case((stays, PullRow.generation), else_=PullRow.generation + 1)
    row = session.execute(
        upsert(session, PullRow, values, change).returning(PullRow.generation, PullRow.head)
    ).one()
    return int(row.generation) if row.head == head.head else OUTRUN


def is_newest(session: Session, head: Head) -> bool:
    """Whether no newer head is known, and the pull request is open."""
    pull = session.get(PullRow, (head.repository, head.number))
    return pull is None or (pull.generation <= head.generation and pull.open)


def close(session: Session, repository: int, number: int) -> None:
    """The pull request is over: nothing more is published on it."""
    session.execute(
        update(PullRow)
        .where(PullRow.repository == repository, PullRow.number == number)
        .values(open=False)
    )


def head_of(session: Session, repository: int, number: int) -> Head | None:
    """The newest head of a pull request we know."""
    pull = session.get(PullRow, (repository, number))
    return _head(pull) if pull else None


def with_head(session: Session, repository: int, sha: str) -> list[Head]:
    """The open pull requests at this head: check events of forks name none."""
    rows = session.scalars(
        select(PullRow).where(PullRow.repository == repository, PullRow.head == sha, PullRow.open)
    )
    return [_head(pull) for pull in rows]


def open_among(session: Session, places: Collection[tuple[int, int]]) -> list[Head]:
    """The newest heads of those of these pull requests (repository and number) that are open."""
    rows = (session.get(PullRow, place) for place in sorted(places))
    return [_head(pull) for pull in rows if pull is not None and pull.open]


def note_pusher(session: Session, repository: int, number: int, who: str) -> None:
    """Remember who pushed to a pull request."""
    session.execute(
        upsert(session, PusherRow, {"repository": repository, "number": number, "who": who}, {})
    )


def pushers(session: Session, repository: int, number: int) -> set[str]:
    """Who is known to have pushed to a pull request."""
    pull = (PusherRow.repository == repository, PusherRow.number == number)
    return set(session.scalars(select(PusherRow.who).where(*pull)))


def _head(pull: PullRow) -> Head:
    return Head(
        pull.installation,
        pull.repository,
        pull.name,
        pull.number,
        pull.head,
        pull.base,
        pull.generation,
    )


def note_run(session: Session, run: RunRow) -> None:
    """Remember a run, once."""
    if session.scalar(select(RunRow.id).where(RunRow.key == run.key)) is None:
        session.add(run)


def was_judged(session: Session, repository: int, head: str) -> bool:
    """Whether a head has been judged before."""
    judged = select(RunRow.id).where(RunRow.repository == repository, RunRow.head == head).limit(1)
    return session.scalar(judged) is not None


def last_digest(session: Session, repository: int, digest: str) -> RunRow | None:
    """The last run that judged the very same."""
    runs = select(RunRow).where(RunRow.repository == repository, RunRow.digest == digest)
    return session.scalar(runs.order_by(RunRow.id.desc()).limit(1))
