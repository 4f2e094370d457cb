"""The tables. Times are seconds since the epoch, in UTC. One model a table; no query lives here."""

from enum import StrEnum

from sqlalchemy import BigInteger, Boolean, Float, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

Id = BigInteger().with_variant(Integer, "sqlite")
"""SQLite counts rows by itself only under this type."""


class Base(DeclarativeBase):
    """All tables."""


class PullRow(Base):
    """A pull request, as of its newest head."""

    __tablename__ = "pull"
    repository: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    name: Mapped[str] = mapped_column(String(300))
    installation: Mapped[int] = mapped_column(BigInteger, index=True)
    head: Mapped[str] = mapped_column(String(64), index=True)
    base: Mapped[str] = mapped_column(String(64))
    generation: Mapped[int] = mapped_column(
        Integer, default=0
    )  # counts heads and re-runs: the highest is the newest
    open: Mapped[bool] = mapped_column(Boolean, default=True)
    at: Mapped[float] = mapped_column(Float, index=True)


class RunRow(Base):
    """One judging of one head."""

    __tablename__ = "run"
    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=True)
    key: Mapped[str] = mapped_column(String(200), unique=True)
    repository: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str] = mapped_column(String(300))
    number: Mapped[int | None] = mapped_column(Integer)
    head: Mapped[str] = mapped_column(String(64))
    conclusion: Mapped[str] = mapped_column(String(20))
    title: Mapped[str] = mapped_column(String(300), default="")
    judged: Mapped[bool] = mapped_column(Boolean, default=True)  # False: twiceshy could not look
    digest: Mapped[str] = mapped_column(String(32), default="", index=True)  # of what was judged
    seconds: Mapped[float] = mapped_column(Float)  # from the webhook to the published check
    calls: Mapped[int] = mapped_column(Integer)
    at: Mapped[float] = mapped_column(Float, index=True)
    __table_args__ = (Index("run_place", "repository", "number"),)


class FindingRow(Base):
    """A finding of a pull request, and what became of it."""

    __tablename__ = "finding"
    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=True)
    repository: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str] = mapped_column(String(300))
    number: Mapped[int] = mapped_column(Integer)
    fingerprint: Mapped[str] = mapped_column(String(20))
    claim: Mapped[str] = mapped_column(String(20), index=True)
    lesson: Mapped[str] = mapped_column(String(100), index=True)
    guard: Mapped[str] = mapped_column(String(20))
    path: Mapped[str] = mapped_column(Text)
    start_line: Mapped[int] = mapped_column(Integer)
    end_line: Mapped[int] = mapped_column(Integer)
    score: Mapped[float] = mapped_column(Float)
    action: Mapped[str] = mapped_column(String(20))
    shown: Mapped[bool] = mapped_column(Boolean)  # ever said out loud
    standing: Mapped[bool] = mapped_column(Boolean)  # at the newest judged head
    wrong: Mapped[bool] = mapped_column(Boolean, default=False)  # somebody called it not relevant
    outcome: Mapped[str | None] = mapped_column(String(20), index=True)
    came_true: Mapped[str | None] = mapped_column(
        String(64)
    )  # the later commit that mended or reverted it
    head: Mapped[str] = mapped_column(String(64))
    severity: Mapped[str] = mapped_column(
        String(20), default=""
    )  # of its lesson; empty: from before it was kept
    owner: Mapped[str] = mapped_column(String(200), default="")
    lesson_registry: Mapped[str] = mapped_column(
        String(300), default=""
    )  # owner/name, or a label that ends with a colon
    two_persons: Mapped[bool] = mapped_column(
        Boolean, default=True
    )  # an author alone may not dismiss it
    at: Mapped[float] = mapped_column(Float, index=True)
    __table_args__ = (UniqueConstraint("repository", "number", "fingerprint"),)


class PusherRow(Base):
    """Somebody who pushed to a pull request: counts among its authors, whatever its commits say."""

    __tablename__ = "pusher"
    repository: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    who: Mapped[str] = mapped_column(String(100), primary_key=True)


class DismissalState(StrEnum):
    """What a dismissal is today; whether it ended by its own date is another matter."""

    REQUESTED = "requested"  # an author's wish on their own change: holds nowhere until confirmed
    STANDING = "standing"
    REPLACED = "replaced"  # a later word on the same code counts
    REVOKED = "revoked"


class DismissalRow(Base):
    """A person's word that a lesson does not apply to some code. None is ever deleted: it is the
    record.
    """

    __tablename__ = "dismissal"
    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=True)
    state: Mapped[str] = mapped_column(String(20))
    account: Mapped[str] = mapped_column(String(100), index=True)
    repository: Mapped[int] = mapped_column(
        BigInteger, index=True
    )  # where it was given; 0: not known
    name: Mapped[str] = mapped_column(String(300))
    everywhere: Mapped[bool] = mapped_column(Boolean, default=False)  # in the whole account
    lesson_registry: Mapped[str] = mapped_column(String(300), default="")  # the lesson's
    claim: Mapped[str] = mapped_column(String(20), index=True)
    lesson: Mapped[str] = mapped_column(String(100), index=True)
    number: Mapped[int] = mapped_column(Integer, default=0)  # pull request; 0: not known
    path: Mapped[str] = mapped_column(Text, default="")
    start_line: Mapped[int] = mapped_column(Integer, default=0)
    who: Mapped[str] = mapped_column(String(100))
    asked_by: Mapped[str] = mapped_column(
        String(100), default=""
    )  # the author whose request it confirms
    alone: Mapped[bool] = mapped_column(
        Boolean, default=False
    )  # its giver wrote part of that change
    reason: Mapped[str] = mapped_column(Text)
    until: Mapped[str | None] = mapped_column(
        String(10)
    )  # the last day it holds, YYYY-MM-DD in UTC
    at: Mapped[float] = mapped_column(Float, index=True)
    ended_by: Mapped[str] = mapped_column(String(100), default="")
    ended_at: Mapped[float | None] = mapped_column(Float)
    ended_for: Mapped[str] = mapped_column(String(100), default="")  # the comment that ended it


class FeedbackRow(Base):
    """What one person said of one finding; the last word counts."""

    __tablename__ = "answer"
    repository: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(20), primary_key=True)
    who: Mapped[str] = mapped_column(String(100), primary_key=True)
    account: Mapped[str] = mapped_column(String(100))
    lesson: Mapped[str] = mapped_column(String(100), index=True)
    lesson_registry: Mapped[str] = mapped_column(
        String(300), default=""
    )  # the lesson's; empty: from before it was kept
    useful: Mapped[bool] = mapped_column(Boolean)
    how: Mapped[str] = mapped_column(String(20))  # dismissed, thumbs, resolved, button, outcome
    at: Mapped[float] = mapped_column(Float)


class WriteRow(Base):
    """Something sent to GitHub, or about to be: begun without a result means that nobody knows
    whether it arrived.
    """

    __tablename__ = "write"
    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    result: Mapped[str | None] = mapped_column(Text)
    at: Mapped[float] = mapped_column(Float, index=True)


class LeaseRow(Base):
    """What one process alone may do now, and until when."""

    __tablename__ = "lease"
    name: Mapped[str] = mapped_column(String(300), primary_key=True)
    holder: Mapped[str] = mapped_column(String(100), index=True)
    token: Mapped[str] = mapped_column(String(32))
    until: Mapped[float] = mapped_column(Float, index=True)


class MissedRow(Base):
    """A delivery that GitHub could not bring, and how often it was asked for again."""

    __tablename__ = "missed"
    guid: Mapped[str] = mapped_column(String(100), primary_key=True)
    delivery: Mapped[int] = mapped_column(BigInteger)  # the attempt that is to be made again
    event: Mapped[str] = mapped_column(String(100))
    status: Mapped[int] = mapped_column(Integer)
    failed_at: Mapped[float] = mapped_column(Float, index=True)
    tries: Mapped[int] = mapped_column(Integer)
    next_at: Mapped[float] = mapped_column(Float, index=True)
    given_up: Mapped[bool] = mapped_column(Boolean)


class SaidRow(Base):
    """A finding that was said in a comment on a pull request, and what became of the comment."""

    __tablename__ = "said"
    repository: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(20), primary_key=True)
    claim: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(20))  # sending, standing, settled, deleted
    comment: Mapped[int | None] = mapped_column(
        BigInteger, index=True
    )  # None: not seen on GitHub yet, or in a review's body
    review: Mapped[int | None] = mapped_column(BigInteger)
    alone: Mapped[bool] = mapped_column(
        Boolean
    )  # said in the body of a review, where no comment stands
    body: Mapped[str] = mapped_column(String(20))  # a digest of what was said
    head: Mapped[str] = mapped_column(String(64))
    deleted_by: Mapped[str | None] = mapped_column(String(100))
    at: Mapped[float] = mapped_column(Float)


class RegistryUseRow(Base):
    """A repository that guards with another one's lessons, as its settings said when it was last
    judged.
    """

    __tablename__ = "registry_use"
    source: Mapped[str] = mapped_column(String(300), primary_key=True)  # owner/name, in lower case
    repository: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    name: Mapped[str] = mapped_column(String(300))
    installation: Mapped[int] = mapped_column(BigInteger, index=True)
    at: Mapped[float] = mapped_column(Float)


class WorkerRow(Base):
    """A process that does the work, and when it was last alive."""

    __tablename__ = "worker"
    id: Mapped[str] = mapped_column(String(100), primary_key=True)
    at: Mapped[float] = mapped_column(Float, index=True)


class NoteRow(Base):
    """A small thing that is known by its name: a counter's last value, a moment."""

    __tablename__ = "note"
    name: Mapped[str] = mapped_column(String(400), primary_key=True)
    value: Mapped[str] = mapped_column(Text)
