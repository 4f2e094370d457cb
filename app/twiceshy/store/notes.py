"""Small things known by name, such as how far the list of missed deliveries was read."""

from sqlalchemy.orm import Session

from twiceshy.store.sessions import upsert
from twiceshy.store.tables import Note


def note(session: Session, name: str) -> str | None:
    """What is known under a name."""
    row = session.get(Note, name)
    return row.value if row else None


def set_note(session: Session, name: str, value: str) -> None:
    """Remember it."""
    session.execute(upsert(session, Note, {"name": name, "value": value}, {"value": value}))
