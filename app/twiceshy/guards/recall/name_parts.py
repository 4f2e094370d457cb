"""The words that names are made of: ``read_timeout`` and ``TimeoutSeconds`` have one in common.
Pure.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

from twiceshy.guards.recall.grams import TELLS
from twiceshy.guards.recall.tokens import Token
from twiceshy.guards.recall.word_weight import word_weight

_PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


def parts_of(tokens: Iterable[Token]) -> frozenset[str]:
    """The words in all names and literals that tell something, in lower case."""
    parts: set[str] = set()
    for text in {token.text for token in tokens}:
        parts.update(_parts(text))
    return frozenset(parts)


@lru_cache(maxsize=131_072)
def _parts(text: str) -> tuple[str, ...]:
    if word_weight(text) < TELLS:
        return ()
    return tuple(part.lower() for part in _PARTS.findall(text))
