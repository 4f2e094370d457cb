"""What is sent is noted before and after; old notes go."""

import time

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from twiceshy.store import retention, writes
from twiceshy.store.tables import RunRow, WriteRow


def test_a_write_is_begun_once_and_its_result_is_kept(session: Session) -> None:
    assert writes.begin(session, "review of 7")
    assert writes.result(session, "review of 7") is None, "begun, and nobody knows"
    assert not writes.begin(session, "review of 7")
    writes.finish(session, "review of 7", '{"id": 1}')
    session.expire_all()
    assert writes.result(session, "review of 7") == '{"id": 1}'
    assert not writes.begin(session, "review of 7")
    session.expire_all()
    assert writes.result(session, "review of 7") == '{"id": 1}', "beginning again takes nothing"


def test_what_was_refused_may_be_begun_again(session: Session) -> None:
    writes.begin(session, "review of 7")
    writes.forget(session, "review of 7")
    assert writes.result(session, "review of 7") is None
    assert writes.begin(session, "review of 7")


def test_writes_and_runs_are_forgotten_after_their_days_and_not_before(session: Session) -> None:
    now = time.time()
    for days in (retention.WRITE_DAYS - 1, retention.WRITE_DAYS + 1):
        writes.begin(session, f"{days}")
        then = now - days * retention.DAY
        session.execute(update(WriteRow).where(WriteRow.key == f"{days}").values(at=then))
    retention.forget_old(session)
    assert list(session.scalars(select(WriteRow.key))) == [f"{retention.WRITE_DAYS - 1}"]
    assert list(session.scalars(select(RunRow.key))) == []
