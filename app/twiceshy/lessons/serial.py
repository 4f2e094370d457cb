"""Registry values to JSON and back, for the compiled index. Never reads what a person wrote.

JSON and not pickle: a cache file must not be able to run anything.
"""

import json
from dataclasses import fields
from datetime import date
from functools import cache
from types import UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

Value = TypeVar("Value")


def dumps(value: object) -> str:
    """JSON of a frozen value, or of a tuple of them, compact."""
    return json.dumps(_plain(value), ensure_ascii=False, separators=(",", ":"))


def loads(text: str, shape: type[Value]) -> Value:
    """The value back; ``shape`` is the dataclass it was made from. Raises ValueError when the text
    is not one.
    """
    try:
        return _build(json.loads(text), shape)  # type: ignore[no-any-return]  # what the shape says is what is built
    except (TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"not a {shape.__name__}: {error}") from error


def _plain(value: object) -> object:
    if hasattr(value, "__dataclass_fields__"):
        return [_plain(getattr(value, name)) for name in value.__dataclass_fields__]
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value


@cache
def _hints(shape: type) -> tuple[Any, ...]:
    hints = get_type_hints(shape)
    return tuple(hints[field.name] for field in fields(shape))


def _build(plain: Any, shape: Any) -> Any:
    if plain is None:
        return None
    if get_origin(shape) is UnionType:  # X | None
        return _build(plain, next(arg for arg in get_args(shape) if arg is not type(None)))
    if get_origin(shape) is tuple:  # tuple[X, ...]
        item = get_args(shape)[0]
        return tuple(plain) if item is str else tuple(_build(each, item) for each in plain)
    if shape in (str, int, float, bool):
        return plain
    if shape is date:
        return date.fromisoformat(plain)
    if hasattr(shape, "__dataclass_fields__"):
        return shape(*(_build(part, hint) for part, hint in zip(plain, _hints(shape), strict=True)))
    return shape(plain)  # an enumeration
