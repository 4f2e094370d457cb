"""Events as plain values, as the engine keeps them, and back. Pure."""

from dataclasses import asdict, fields
from typing import Any

from twiceshy.github import events
from twiceshy.github.events import Event, RepositoryRef

_KINDS: dict[str, Any] = {
    kind.__name__: kind
    for kind in (
        events.HeadChanged,
        events.Closed,
        events.MergeGroupQueued,
        events.RerunRequested,
        events.CommentCreated,
        events.CommentDeleted,
        events.ThreadResolved,
        events.Pushed,
        events.Installed,
        events.RepositoriesAdded,
        events.Suspended,
        events.Uninstalled,
        events.RepositoriesRemoved,
    )
}


def event_json(event: Event) -> dict[str, Any]:
    """An event as plain values."""
    return {"kind": type(event).__name__, **asdict(event)}


def event_from(values: dict[str, Any]) -> Event:
    """The event again; what an earlier build kept of it and nobody needs any more is passed over."""
    kind = _KINDS[values["kind"]]
    known = {field.name for field in fields(kind)}
    given: dict[str, Any] = {}
    for name, value in values.items():
        if name in known:
            given[name] = tuple(value) if isinstance(value, list) else value
    if "place" in given:
        given["place"] = RepositoryRef(**given["place"])
    event: Event = kind(**given)
    return event
