"""The parser's process: a question a line comes in, an answer a line goes out. It may die at any of
them.
"""

import json
import sys
from collections.abc import Callable
from typing import Any

from twiceshy.changes.parser.definitions import definitions
from twiceshy.changes.parser.leaves import leaves
from twiceshy.changes.parser.nodes import nodes
from twiceshy.changes.parser.outline import outline
from twiceshy.changes.parser.places import faults, places
from twiceshy.changes.parser.statements import statements
from twiceshy.lessons.time_limits import bound_computing, bound_memory

MEMORY_BYTES = 4 << 30

QUESTIONS: dict[str, Callable[[str, str], list[Any]]] = {
    "definitions": definitions,
    "faults": faults,
    "leaves": leaves,
    "nodes": nodes,
    "outline": outline,
    "places": places,
    "statements": statements,
}


def main(seconds: float) -> None:
    """Answer until nobody asks any more; a question that takes longer to compute ends the
    process.
    """
    bound_memory(MEMORY_BYTES)
    for line in sys.stdin.buffer:
        bound_computing(seconds)
        question, text, language = json.loads(line)
        answer = QUESTIONS[question](text, language)
        bound_computing(0)
        sys.stdout.buffer.write(json.dumps(answer, separators=(",", ":")).encode() + b"\n")
        sys.stdout.buffer.flush()
