"""Forgets what nobody needs any more. Outcomes and answers stay: they are what is measured."""

import time

from sqlalchemy import delete
from sqlalchemy.orm import Session

from twiceshy.store import leases
from twiceshy.store.tables import RunRow, WriteRow

RUN_DAYS, WRITE_DAYS = 90, 30
DAY = 86_400.0


def forget_old(session: Session) -> None:
    """Runs and sent things past their days."""
    now = time.time()
    session.execute(delete(RunRow).where(RunRow.at < now - RUN_DAYS * DAY))
    session.execute(delete(WriteRow).where(WriteRow.at < now - WRITE_DAYS * DAY))
    leases.forget_old(session)
