"""What a log says of a fault: its kind, its message, where it came from. Never a secret, never text
of a lesson or a change.

A message is kept to its first line and that to a few words: libraries quote what they could not
read further down.
"""

import re
import sys
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from traceback import extract_tb
from typing import Any

LONGEST_MESSAGE = 300
MOST_FRAMES, MOST_CAUSES = 25, 4
HIDDEN = "***"

_SECRETS = (
    re.compile(r"-----BEGIN [A-Z ]+-----.*?(?:-----END [A-Z ]+-----|$)", re.DOTALL),
    re.compile(r"\b(?:gh[a-z]_|github_pat_)\w{10,}"),
    re.compile(r"\beyJ[\w-]+\.[\w-]+\.[\w-]+"),  # a signed token
    re.compile(r"(?<=://)[^/\s@]+(?=@)"),  # who:password in an address
    re.compile(r"(?i)(?<=bearer )\S+|(?<=token )\S{10,}"),
)
_QUOTED = (
    re.compile(r"input_value=.*?(?=, input_type=|\]|$)"),  # pydantic
    re.compile(r"\[parameters: .*", re.DOTALL),  # SQLAlchemy
    re.compile(r"(?<=DETAIL: ).*", re.DOTALL),  # PostgreSQL shows the row
)


@dataclass(frozen=True)
class Fault:
    """An error, as it may be shown to an operator."""

    kind: str
    message: str
    trace: tuple[str, ...]
    """"path:line function", the innermost last; a cause stands before what it caused."""

    def __str__(self) -> str:
        return f"{self.kind}: {self.message}"


def fault_of(error: BaseException) -> Fault:
    """What may be said of an error."""
    return Fault(type(error).__name__, message_of(error), tuple(_trace(error))[-MOST_FRAMES:])


def message_of(error: BaseException) -> str:
    """The first line of what it says, without what it quotes."""
    text = str(error)
    for quoted in _QUOTED:
        text = quoted.sub(HIDDEN, text)
    return scrubbed(text.strip().split("\n", maxsplit=1)[0])[:LONGEST_MESSAGE]


def scrubbed(text: str) -> str:
    """A text without anything that looks like a secret."""
    for secret in _SECRETS:
        text = secret.sub(HIDDEN, text)
    return text


def show_faults(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> Mapping[str, Any]:
    """For structlog: an exception becomes its kind, message and trace; every text loses what looks
    like a secret.
    """
    error = _error(event.pop("exc_info", None))
    if error is not None:
        fault = fault_of(error)
        event.update({"error": fault.kind, "message": fault.message, "trace": list(fault.trace)})
    for name, value in event.items():
        if isinstance(value, str):
            event[name] = scrubbed(value)
    return event


def _error(given: object) -> BaseException | None:
    """What ``exc_info`` stands for: an error, what ``sys.exc_info`` gave, or true for the one being
    handled.
    """
    if isinstance(given, BaseException):
        return given
    if isinstance(given, tuple):
        return given[1] if isinstance(given[1], BaseException) else None
    return sys.exc_info()[1] if given else None


def _trace(error: BaseException) -> list[str]:
    rows: list[str] = []
    causes: list[BaseException] = [error]
    while len(causes) < MOST_CAUSES and (before := causes[-1].__cause__ or causes[-1].__context__):
        causes.append(before)
    for cause in reversed(causes):
        if cause is not error:
            rows.append(f"caused by {type(cause).__name__}: {message_of(cause)}")
        for frame in extract_tb(cause.__traceback__, -MOST_FRAMES):
            rows.append(f"{frame.filename}:{frame.lineno} {frame.name}")
    return rows
