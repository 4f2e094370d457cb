"""Sends a thing once, whatever happens in between: a crash, a lost answer, a second try, a second
process.

Before it is sent that is noted; where a note has no result, GitHub is asked whether it arrived.
"""

import json
from collections.abc import Callable
from typing import TypeVar

from twiceshy.github.errors import Forbidden, Gone, Limited, Refused
from twiceshy.service.context import Context
from twiceshy.service.jobs.writer_lease import Pen, writing
from twiceshy.store import writes

T = TypeVar("T", int, str)


def send_once(context: Context, key: str, send: Callable[[], T], find: Callable[[], T | None]) -> T:
    """What ``send`` gave, now or the first time. ``find`` looks for it where nobody knows whether
    it arrived.

    Raises what ``send`` and ``find`` raise; after an error that leaves no doubt the thing counts as
    not sent.
    """
    with writing(context, f"once:{key}") as pen:
        return _once(context, key, send, find, pen)


def _once(
    context: Context, key: str, send: Callable[[], T], find: Callable[[], T | None], pen: Pen
) -> T:
    first = context.transaction(writes.begin, key)
    earlier = None if first else _earlier_result(context, key, find)
    if earlier is not None:
        return _stored_result(context, key, earlier)
    pen.check()
    try:
        return _stored_result(context, key, send())
    except (Refused, Limited, Forbidden, Gone):
        context.transaction(writes.forget, key)
        raise


def _earlier_result(context: Context, key: str, find: Callable[[], T | None]) -> T | None:
    """What it gave when it was sent before; None when it did not arrive."""
    stored = context.transaction(writes.result, key)
    if stored is None:
        return find()
    result: T = json.loads(stored)
    return result


def _stored_result(context: Context, key: str, value: T) -> T:
    context.transaction(writes.finish, key, json.dumps(value))
    return value
