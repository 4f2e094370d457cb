"""What a person is told of a resemblance: which lines, which terms decided, what of the fix is
missing. Pure.
"""

import re
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import replace
from textwrap import dedent

from twiceshy.changes.parser.leaves import LeafKind
from twiceshy.guards.finding import GAP, Finding, GuardKind
from twiceshy.guards.recall.candidates import Candidate
from twiceshy.guards.recall.grams import View, grams_of, size_of
from twiceshy.guards.recall.regions import Region
from twiceshy.guards.recall.score import Level
from twiceshy.guards.recall.tokens import Token, joined, tokenize
from twiceshy.lessons.lesson import Evidence, Lesson, Side

RECALL = GuardKind("recall", precision=30, exact=False, reads_code=True, knows_failure=True)

MOST_TERMS, MOST_MISSING, MOST_THEN = 4, 3, 8
MOST_DECIDING = 24
"""Grams that are asked where they stand."""

NEAR = 2
"""Deciding lines so close belong together."""

LONGEST_KEY, LONGEST_TERM = 2_000, 120

_TIGHT_BEFORE = re.compile(r" (?=[,.)\]:;(\[])")
_TIGHT_AFTER = re.compile(r"(?<=[.(\[@!]) ")


def to_finding(found: Candidate, lesson: Lesson | None) -> Finding:
    """The finding for a lesson and a place that resembles it; ``beside`` adds what a person
    compares.
    """
    terms = _deciding(found)
    start, end, removal = _lines(found.region, terms)
    brief = f"{_likeness(found, removal)} {found.lesson}"
    return Finding(
        RECALL,
        found.lesson,
        found.region.path,
        start,
        end,
        round(found.like.score, 4),
        headline=f"{brief}: {lesson.title}" if lesson else brief,
        brief=brief,
        why=_why(found, terms, removal),
        key=_key(found.region, start, end, removal),
    )


def _likeness(found: Candidate, removal: bool) -> str:
    if removal:
        return "this change takes out what fixed"
    if found.like.level is Level.BLOCK:
        return "this block resembles"
    return "this makes the mistake of"


def with_comparison(finding: Finding, found: Candidate, lesson: Lesson | None) -> Finding:
    """The finding with the lesson's lines that decided and the fix's lines that are not here."""
    terms = frozenset(_deciding(found))
    shown = (
        [
            _then(block, found.like.view, terms)
            for block in lesson.evidence
            if block.side is Side.BAD
        ]
        if lesson
        else []
    )
    return replace(finding, then=max(shown, key=len, default=()), lacks=tuple(_missing(found)))


def _then(block: Evidence, view: View, terms: Set[int]) -> tuple[str, ...]:
    """The lines of failing code that hold the deciding terms; a mark where lines between them are
    left out.
    """
    code = dedent(block.code)
    grams = grams_of(tokenize(code, block.language))
    places = [(at, size_of(gram)) for gram, at in grams.views[view].items() if gram in terms]
    held = {token.line for at, size in places for token in grams.tokens[at : at + size]}
    return _with_gaps(code.split("\n"), sorted(held))


def _with_gaps(lines: Sequence[str], numbers: Sequence[int]) -> tuple[str, ...]:
    """The lines of these numbers (1-based, ascending), and ``GAP`` wherever others stood between or
    after them.
    """
    shown: list[str] = []
    before = 0
    for number in numbers[:MOST_THEN]:
        line = lines[number - 1]
        if before and number > before + 1:
            shown.append(f"{line[: len(line) - len(line.lstrip())]}{GAP}")
        shown.append(line)
        before = number
    return (*shown, GAP) if len(numbers) > MOST_THEN else tuple(shown)


def _deciding(found: Candidate) -> list[int]:
    """The grams only the failure has that the place holds, new ones first, then by weight."""
    weights = found.sides.bad[found.like.view]
    after, before = (
        found.region.after.views[found.like.view],
        found.region.before.views[found.like.view],
    )
    held = [gram for gram in weights if gram in after]
    return sorted(held, key=lambda gram: (gram in before, -weights[gram]))[:MOST_DECIDING]


def _lines(region: Region, terms: Iterable[int]) -> tuple[int, int, bool]:
    """First and last line at head that decided, and whether that is by what is no longer there."""
    held = _lines_of(region, terms)
    added = sorted(line for line in held if line in region.added)
    if added:
        run = max(_runs(added), key=lambda run: sum(held[line] for line in run))
        return run[0], run[-1], False
    touched = region.touched or (region.first_line,)
    middle = max(held, key=lambda line: held[line], default=touched[0])
    line = min(touched, key=lambda line: abs(line - middle))
    return line, line, not any(line in region.added for line in touched)


def _lines_of(region: Region, terms: Iterable[int]) -> Mapping[int, int]:
    """How many deciding terms stand on each line at head."""
    held: dict[int, int] = {}
    places = {**region.after.views[1], **region.after.views[0]}
    for gram in terms:
        at = places[gram]
        for line in {token.line for token in region.after.tokens[at : at + size_of(gram)]}:
            number = min(line + region.first_line - 1, region.last_line)
            held[number] = held.get(number, 0) + 1
    return held


def _runs(lines: Sequence[int]) -> list[list[int]]:
    runs: list[list[int]] = []
    for line in lines:
        if runs and line - runs[-1][-1] <= NEAR:
            runs[-1].append(line)
        else:
            runs.append([line])
    return runs


def _why(found: Candidate, terms: Sequence[int], removal: bool) -> str:
    shown = [f"`{text}` (line {line})" for line, text in _readable(found, terms)]
    missing = _missing(found)
    told = [f"What decided: {', '.join(shown)}"] if shown else []
    if missing:
        had = "What the change took out" if removal else "What the fix had and this lacks"
        told.append(f"{had}: " + "; ".join(f"`{line}`" for line in missing))
    like = found.like
    told.append(
        f"The mistake: {like.bad:.0%} of what only the failing code had is here, {like.good:.0%} of what only its fix had."
    )
    told.append(f"The block: {like.context:.0%} of the code around the mistake is here.")
    return "\n".join(told)


def _readable(found: Candidate, terms: Iterable[int]) -> list[tuple[int, str]]:
    """The deciding terms as a person reads code, those of a line together; the lines with most of
    them, in order.
    """
    region = found.region
    places = region.after.views[found.like.view]
    covered = {at for gram in terms for at in range(places[gram], places[gram] + size_of(gram))}
    lines: dict[int, list[Token]] = {}
    for at in sorted(covered):
        token = region.after.tokens[at]
        lines.setdefault(token.line, []).append(token)
    most = sorted(lines, key=lambda line: (-len(lines[line]), line))[:MOST_TERMS]
    return [
        (line + region.first_line - 1, _spelled(lines[line])[:LONGEST_TERM])
        for line in sorted(most)
    ]


def _spelled(tokens: Sequence[Token]) -> str:
    """Tokens with the blanks a person would leave, roughly."""
    text = " ".join(_written(token) for token in tokens)
    return _TIGHT_AFTER.sub("", _TIGHT_BEFORE.sub("", text)).replace("`", "'")


def _written(token: Token) -> str:
    prefix, quote, content = (
        token.text.partition('"') if token.kind is LeafKind.STRING else ("", "", token.text)
    )
    return f"{prefix}{quote}{content}{quote}"


def _missing(found: Candidate) -> list[str]:
    """The fix's lines that the place does not have."""
    here = joined(found.region.after.tokens)
    lines = [
        line.replace("`", "'") for line, tokens in found.sides.pair.missing if tokens not in here
    ]
    return lines[:MOST_MISSING]


def _key(region: Region, start: int, end: int, removal: bool) -> str:
    """The deciding lines with local names taken out: the same after a shift, a renaming, an
    indentation.
    """
    first, last = start - region.first_line + 1, end - region.first_line + 1
    shapes = [token.abstract for token in region.after.tokens if first <= token.line <= last]
    return (("removed " if removal else "") + " ".join(shapes))[:LONGEST_KEY]
