"""Small things known by name, and who guards with whose lessons."""

from sqlalchemy import update
from sqlalchemy.orm import Session

from twiceshy.store import notes, registry_uses
from twiceshy.store.tables import RegistryUseRow


def test_a_note_is_known_until_it_is_deleted_and_the_last_value_counts(session: Session) -> None:
    assert notes.note(session, "cursor") is None
    notes.set_note(session, "cursor", "5")
    notes.set_note(session, "cursor", "6")
    session.expire_all()
    assert notes.note(session, "cursor") == "6"
    notes.delete_note(session, "cursor")
    session.expire_all()
    assert notes.note(session, "cursor") is None


def test_notes_under_a_prefix_are_given_by_the_rest_of_their_names(session: Session) -> None:
    for name in ("registry:acme/shop", "registry:acme/pay", "registry_of:acme/shop", "other"):
        notes.set_note(session, name, name.upper())
    assert notes.notes_under(session, "registry:") == {
        "acme/shop": "REGISTRY:ACME/SHOP",
        "acme/pay": "REGISTRY:ACME/PAY",
    }
    assert notes.notes_under(session, "registry_") == {"of:acme/shop": "REGISTRY_OF:ACME/SHOP"}, (
        "no character of a prefix stands for others"
    )


def test_who_guards_with_a_registry_is_known_as_the_settings_name_it_now(
    session: Session,
) -> None:
    registry_uses.note_uses(session, 1, 10, "acme/shop", ["Acme/Lessons", "acme/old"])
    registry_uses.note_uses(session, 1, 11, "acme/pay", ["acme/lessons"])
    registry_uses.note_uses(session, 2, 12, "other/shop", ["acme/lessons"])
    session.execute(update(RegistryUseRow).where(RegistryUseRow.repository == 10).values(at=1.0))
    assert registry_uses.users_of(session, "ACME/lessons", 1) == ["acme/pay", "acme/shop"]
    registry_uses.note_uses(session, 1, 10, "acme/shop", ["acme/lessons"])
    assert registry_uses.users_of(session, "acme/old", 1) == []
    registry_uses.note_uses(session, 1, 10, "acme/shop", [])
    assert registry_uses.users_of(session, "acme/lessons", 1) == ["acme/pay"]
    assert registry_uses.users_of(session, "acme/lessons", 2) == ["other/shop"]
