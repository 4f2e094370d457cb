"""What was sent to GitHub, so that it is sent once: begun before, with its result after."""

import time

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from twiceshy.store.sessions import upsert
from twiceshy.store.tables import WriteRow


def begin(session: Session, key: str) -> bool:
    """Note that something is about to be sent. False when that was noted before."""
    values = {"key": key, "result": None, "at": time.time()}
    insert = upsert(session, WriteRow, values, {}).returning(WriteRow.key)
    # not its row count, which PostgreSQL's driver does not give
    return session.execute(insert).first() is not None


def result(session: Session, key: str) -> str | None:
    """What came of it; None when it was not sent, or nobody knows."""
    write = session.get(WriteRow, key)
    return write.result if write else None


def finish(session: Session, key: str, value: str) -> None:
    """Note what came of it."""
    session.execute(
        update(WriteRow).where(WriteRow.key == key).values(result=value, at=time.time())
    )


def forget(session: Session, key: str) -> None:
    """It was refused: it certainly is not there."""
    session.execute(delete(WriteRow).where(WriteRow.key == key))
