"""Small things known by name, such as how far the list of missed deliveries was read."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from twiceshy.store.sessions import upsert
from twiceshy.store.tables import Note

REGISTRY = "registry:"
"""Before the name of a repository: where its registry was last kept."""


def note(session: Session, name: str) -> str | None:
    """What is known under a name."""
    row = session.get(Note, name)
    return row.value if row else None


def notes_under(session: Session, prefix: str) -> dict[str, str]:
    """All that is known under names with this prefix, by the rest of the name."""
    rows = session.scalars(select(Note).where(Note.name.startswith(prefix, autoescape=True)))
    return {row.name.removeprefix(prefix): row.value for row in rows}


def set_note(session: Session, name: str, value: str) -> None:
    """Remember it."""
    session.execute(upsert(session, Note, {"name": name, "value": value}, {"value": value}))
