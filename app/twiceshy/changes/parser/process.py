"""The parser's process: a question a line comes in, an answer a line goes out. It may die at any of them."""

import json
import sys
from collections.abc import Callable
from typing import Any

from twiceshy.changes.parser.definitions import definitions
from twiceshy.changes.parser.leaves import leaves
from twiceshy.changes.parser.statements import statements

MEMORY_BYTES = 4 << 30

QUESTIONS: dict[str, Callable[[str, str], list[Any]]] = {
    "definitions": definitions,
    "leaves": leaves,
    "statements": statements,
}


def main() -> None:
    """Answer until nobody asks any more."""
    _bound_memory()
    for line in sys.stdin.buffer:
        question, text, language = json.loads(line)
        answer = QUESTIONS[question](text, language)
        sys.stdout.buffer.write(json.dumps(answer, separators=(",", ":")).encode() + b"\n")
        sys.stdout.buffer.flush()


def _bound_memory() -> None:
    try:
        import resource  # noqa: PLC0415 - not on every system
    except ImportError:
        return
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, most))
