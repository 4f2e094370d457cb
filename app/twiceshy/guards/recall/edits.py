"""A pair of evidence taken apart into the edits of its fix: each with the code around it. Pure."""

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

from twiceshy.guards.recall.tokens import Token

APART = 12
"""Tokens that both sides have between two edits that are told apart."""

AROUND = 40
"""Tokens on either side that an edit is shown with."""

MOST_EDITS = 4
"""Of a pair; a fix of more is a rewriting, and its single edits say little."""

MOST_TOKENS = 1_500
"""Of a side: longer ones are not taken apart, for comparing them would take too long."""


class Edit(NamedTuple):
    """The tokens of one edit with those around it, failing and fixed."""

    failed: tuple[Token, ...]
    fixed: tuple[Token, ...]


def edits_of(failed: Sequence[Token], fixed: Sequence[Token]) -> tuple[Edit, ...]:
    """The edits that lead from one side to the other; none where it is one, or very many."""
    if max(len(failed), len(fixed)) > MOST_TOKENS:
        return ()
    spans = list(_spans(failed, fixed))
    if not 1 < len(spans) <= MOST_EDITS:
        return ()
    return tuple(Edit(_cut(failed, span[:2]), _cut(fixed, span[2:])) for span in spans)


def _spans(failed: Sequence[Token], fixed: Sequence[Token]) -> Iterator[tuple[int, int, int, int]]:
    """Where the sides differ, as first and end on either; what stands close together is one."""
    words = [token.text for token in failed], [token.text for token in fixed]
    open_span: tuple[int, int, int, int] | None = None
    for kind, *span in SequenceMatcher(None, *words, autojunk=False).get_opcodes():
        first, end, fixed_first, fixed_end = span
        if kind == "equal":
            continue
        if open_span and first - open_span[1] < APART:
            first, fixed_first = open_span[0], open_span[2]
        elif open_span:
            yield open_span
        open_span = first, end, fixed_first, fixed_end
    if open_span:
        yield open_span


def _cut(tokens: Sequence[Token], span: tuple[int, int]) -> tuple[Token, ...]:
    first, end = span
    return tuple(tokens[max(0, first - AROUND) : end + AROUND])
