"""The one way from a frozen value to JSON and back. Never reads what a person wrote.

Two forms: by position, small and fast, for the compiled index, which is made anew when a shape
changes; and by name, for what outlives a build or goes to another process. JSON and not pickle:
what is read must not be able to run anything.
"""

import json
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import fields
from datetime import date
from enum import Enum
from functools import cache
from types import UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints, overload

Value = TypeVar("Value")

KIND = "kind"
"""Under this name stands which value of several it is."""

_AS_THEY_ARE = frozenset({str, int, float, bool, object, Any})
_MAPPINGS = frozenset({Mapping, dict})
_LISTS = frozenset({list, Sequence})


def dumps(value: object) -> str:
    """JSON of a frozen value, or of a tuple of them, by position and compact."""
    return json.dumps(_by_position(value), ensure_ascii=False, separators=(",", ":"))


def loads(text: str, shape: type[Value]) -> Value:
    """The value back; ``shape`` is the dataclass it was made from. Raises ValueError when the text
    is not one.
    """
    return from_values(json.loads(text), shape)


def as_json(value: object) -> bytes:
    """JSON of a value, by name."""
    return json.dumps(as_values(value)).encode()


def from_json(text: bytes | str, shape: type[Value]) -> Value:
    """The reverse of ``as_json``. Raises ValueError."""
    return from_values(json.loads(text), shape)


def as_values(value: object) -> Any:
    """A value as what JSON knows, its fields by their names."""
    if hasattr(value, "__dataclass_fields__"):
        return {name: as_values(getattr(value, name)) for name in value.__dataclass_fields__}
    if isinstance(value, Mapping):
        return {key: as_values(item) for key, item in value.items()}
    if isinstance(value, tuple | list | Set):
        return [as_values(item) for item in value]
    if isinstance(value, Enum):
        return value.value
    return value.isoformat() if isinstance(value, date) else value


def as_values_of_kind(value: object) -> dict[str, Any]:
    """The same, with the name of its class: for one of several, a union when it is read."""
    return {KIND: type(value).__name__, **as_values(value)}


@overload
def from_values(values: Any, shape: type[Value]) -> Value: ...
@overload
def from_values(values: Any, shape: UnionType) -> Any: ...
def from_values(values: Any, shape: Any) -> Any:
    """The value back, whichever form it was written in. Raises ValueError.

    A name that the shape does not know is passed over, one that is missing takes its default: an
    earlier build may have written it.
    """
    try:
        return _build(values, shape)
    except (TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"not a {getattr(shape, '__name__', shape)}: {error}") from error


def result_type(function: Callable[..., object]) -> Any:
    """What a function says that it gives; Any when it says nothing."""
    return get_type_hints(function).get("return", Any)


def _by_position(value: object) -> object:
    if hasattr(value, "__dataclass_fields__"):
        return [_by_position(getattr(value, name)) for name in value.__dataclass_fields__]
    if isinstance(value, tuple):
        return [_by_position(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value


@cache
def _hints(shape: type) -> dict[str, Any]:
    hints = get_type_hints(shape)
    return {field.name: hints[field.name] for field in fields(shape)}


def _build(plain: Any, shape: Any) -> Any:
    if plain is None or shape in _AS_THEY_ARE:
        return plain
    if shape is date:
        return date.fromisoformat(plain)
    if hasattr(shape, "__dataclass_fields__"):
        return _dataclass(plain, shape)
    origin = get_origin(shape)
    if origin is UnionType:
        return _build(plain, _member(plain, shape))
    return shape(plain) if origin is None else _container(plain, origin, get_args(shape))


def _dataclass(plain: Any, shape: Any) -> Any:
    hints = _hints(shape)
    if isinstance(plain, Mapping):
        given = {name: _build(plain[name], hint) for name, hint in hints.items() if name in plain}
        return shape(**given)
    return shape(*(_build(part, hint) for part, hint in zip(plain, hints.values(), strict=True)))


def _member(plain: Any, shape: Any) -> Any:
    """Which type of a union is meant: the only one beside None, or the one that ``kind`` names."""
    members = [member for member in get_args(shape) if member is not type(None)]
    if len(members) == 1:
        return members[0]
    return {member.__name__: member for member in members}[plain[KIND]]


def _container(plain: Any, origin: Any, arguments: tuple[Any, ...]) -> Any:
    if origin in _MAPPINGS:
        return {key: _build(item, arguments[1]) for key, item in plain.items()}
    if origin in _LISTS:
        return [_build(item, arguments[0]) for item in plain]
    if arguments[-1] is not ...:  # tuple[X, Y]
        parts = zip(plain, arguments, strict=True)
        return origin(_build(item, argument) for item, argument in parts)
    if arguments[0] is str:
        return origin(plain)
    return origin(_build(item, arguments[0]) for item in plain)
