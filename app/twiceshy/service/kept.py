"""Events as plain values, as the engine keeps them, and back. Pure."""

from dataclasses import asdict
from typing import Any

from twiceshy.github import events
from twiceshy.github.events import Event, Place

_KINDS = {
    kind.__name__: kind
    for kind in (
        events.HeadChanged, events.Closed, events.Queued, events.Rerun, events.Said, events.CommentDeleted,
        events.Resolved, events.Pushed,
        events.Installed, events.Added,
    )
}  # fmt: skip


def kept(event: Event) -> dict[str, Any]:
    """An event as plain values."""
    return {"kind": type(event).__name__, **asdict(event)}


def event_from(values: dict[str, Any]) -> Event:
    """The event again."""
    fields = {name: value for name, value in values.items() if name != "kind"}
    if "place" in fields:
        fields["place"] = Place(**fields["place"])
    for name in {"paths", "repositories"} & set(fields):
        fields[name] = tuple(fields[name])
    made: Event = _KINDS[values["kind"]](**fields)
    return made
