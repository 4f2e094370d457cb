"""Small things known by name, such as how far the list of missed deliveries was read."""

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from twiceshy.store.sessions import upsert
from twiceshy.store.tables import NoteRow

REGISTRY = "registry:"
"""Before the name of a repository: where its registry was last kept."""

UNUSED = "registry not used:"
"""Before a repository's name and a registry's: why the registry does not guard there."""

ON_FAILURE = "on_failure:"
"""Before the name of a repository: what it asked for when it could last be read."""


def note(session: Session, name: str) -> str | None:
    """What is known under a name."""
    row = session.get(NoteRow, name)
    return row.value if row else None


def notes_under(session: Session, prefix: str) -> dict[str, str]:
    """All that is known under names with this prefix, by the rest of the name."""
    rows = session.scalars(select(NoteRow).where(NoteRow.name.startswith(prefix, autoescape=True)))
    return {row.name.removeprefix(prefix): row.value for row in rows}


def set_note(session: Session, name: str, value: str) -> None:
    """Remember it."""
    session.execute(upsert(session, NoteRow, {"name": name, "value": value}, {"value": value}))


def delete_note(session: Session, name: str) -> None:
    """Know it no more."""
    session.execute(delete(NoteRow).where(NoteRow.name == name))
