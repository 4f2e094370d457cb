"""A lesson as recall remembers it: for each pair of evidence, what only the bad has, only the good has, and both have.

Says so when a pair cannot be told apart, or is too small to be recognised. Pure.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from twiceshy.guards.recall.grams import Grams, grams_of, told_by, words_of
from twiceshy.guards.recall.tokens import tokenize
from twiceshy.lessons.model import Evidence, Lesson, Problem, Side

ANCHORS = 32
"""Grams a lesson can be found by; the most telling ones."""

MOST_GRAMS = 500
"""Of each kind that are kept; longer evidence should be cut down to what failed."""

FEWEST_TOKENS = 8
FEWEST_TELLING = 2.0
"""Together, what only the bad side has must tell as much as two names."""


@dataclass(frozen=True, slots=True)
class Pair:
    """One pair of evidence; the grams of each kind, most telling first."""

    language: str
    bad: tuple[str, ...]
    good: tuple[str, ...]
    both: tuple[str, ...]
    contrasted: bool  # whether there was a good side at all
    lines: tuple[str, ...]  # the bad code's own lines, for the explanation
    missing: tuple[str, ...]  # lines of the fix that the bad code lacks


def signature(lesson: Lesson) -> tuple[tuple[Pair, ...], tuple[Problem, ...]]:
    """The pairs that can be recognised, and a problem for each that cannot."""
    pairs: list[Pair] = []
    problems: list[Problem] = []
    good = {block.pair: block for block in lesson.evidence if block.side is Side.GOOD}
    for block in lesson.evidence:
        if block.side is Side.BAD:
            made = _pair(block, good.get(block.pair))
            if isinstance(made, str):
                problems.append(Problem(lesson.source, block.line, f"recall does not guard with this evidence: {made}"))
            else:
                pairs.append(made)
    return tuple(pairs), tuple(problems)


def anchors(pairs: Iterable[Pair]) -> Iterator[str]:
    """The grams a lesson is found by."""
    for pair in pairs:
        yield from pair.bad[:ANCHORS]


def dumps(pairs: Sequence[Pair]) -> str:
    """Pairs as the index keeps them."""
    rows = [[p.language, p.bad, p.good, p.both, p.contrasted, p.lines, p.missing] for p in pairs]
    return json.dumps(rows, ensure_ascii=False, separators=(",", ":"))


def loads(text: str) -> tuple[Pair, ...]:
    """Pairs back from the index."""
    return tuple(
        Pair(language, tuple(bad), tuple(good), tuple(both), contrasted, tuple(lines), tuple(missing))
        for language, bad, good, both, contrasted, lines, missing in json.loads(text)
    )


def telling(grams: Iterable[str]) -> float:
    """How much grams tell together, each word once."""
    return sum(told_by(word) for word in words_of(grams))


def _pair(bad: Evidence, good: Evidence | None) -> Pair | str:
    tokens = tokenize(bad.code, bad.language)
    if len(tokens) < FEWEST_TOKENS:
        return f"{len(tokens)} tokens of code are too few to recognise; add the lines around what failed"
    failed, fixed = grams_of(tokens), grams_of(tokenize(good.code, good.language)) if good else Grams({})
    only_bad = _told_most(gram for gram in failed.lines if gram not in fixed)
    only_good = _told_most(gram for gram in fixed.lines if gram not in failed)
    if good and not only_bad and not only_good:
        return "bad and good are the same code; show what the fix changed"
    if not only_bad:
        return "the bad side has nothing of its own; show the lines above and below the fix as well"
    if telling(only_bad) < FEWEST_TELLING:
        return "what only the bad side has is too common to recognise; add the lines around what failed"
    both = _told_most(gram for gram in failed.lines if gram in fixed)
    lines = tuple(line.strip() for line in bad.code.split("\n") if line.strip())
    fix = [line.strip() for line in good.code.split("\n")] if good else []
    missing = tuple(line for line in dict.fromkeys(fix) if line and line not in lines)
    return Pair(bad.language, only_bad, only_good, both, good is not None, lines[:60], missing[:10])


def _told_most(grams: Iterable[str]) -> tuple[str, ...]:
    """The grams that tell most, first; ties in the order of the code."""
    ranked = sorted(grams, key=lambda gram: -sum(map(told_by, gram[2:].split(" "))))
    return tuple(ranked[:MOST_GRAMS])
