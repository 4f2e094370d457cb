"""One way to write a row that may be there already, for both databases."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Dialect
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from twiceshy.store.tables import Base


def upsert(
    session: Session,
    table: type[Base],
    values: Mapping[str, Any],
    change: Mapping[str, Any],
    only_if: ColumnElement[bool] | None = None,
) -> Any:
    """An INSERT that becomes an UPDATE with ``change`` where the primary key is taken; nothing to
    change, nothing done.

    ``only_if``: a row that is there is changed only where this holds.
    """
    insert = _insert(session.get_bind().dialect, table).values(**values)
    keys: Sequence[str] = [column.name for column in table.__table__.primary_key]
    if not change:
        return insert.on_conflict_do_nothing(index_elements=keys)
    return insert.on_conflict_do_update(index_elements=keys, set_=dict(change), where=only_if)


def _insert(dialect: Dialect, table: type[Base]) -> Any:
    return (postgresql if dialect.name == "postgresql" else sqlite).insert(table)
