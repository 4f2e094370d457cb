"""What a person is told of a resemblance: which lines, which terms decided, what of the fix is
missing. Pure.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import replace
from textwrap import dedent

from twiceshy.changes.parser.leaves import LeafKind
from twiceshy.guards.finding import GAP, Finding, GuardKind
from twiceshy.guards.recall.candidates import Candidate
from twiceshy.guards.recall.grams import Grams, View, grams_of, size_of, words_at
from twiceshy.guards.recall.host import Standing
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
MOST_PLACES = 3
"""Of the host that are named."""

_TIGHT_BEFORE = re.compile(r" (?=[,.)\]:;(\[])")
_TIGHT_AFTER = re.compile(r"(?<=[.(\[@!]) ")


def to_finding(candidate: Candidate, lesson: Lesson | None) -> Finding:
    """The finding for a lesson and a place that resembles it; ``with_comparison`` adds what a
    person compares.
    """
    terms = _deciding(candidate)
    start, end, removal = _lines(candidate.region, terms)
    brief = f"{_likeness(candidate, removal)} {candidate.lesson}"
    return Finding(
        RECALL,
        candidate.lesson,
        candidate.region.path,
        start,
        end,
        round(candidate.like.score, 4),
        headline=f"{brief}: {lesson.title}" if lesson else brief,
        brief=brief,
        why=_why(candidate, terms, removal),
        key=place_key(candidate.region, start, end, removal),
        held_back=normal_here(candidate.standing),
    )


def _likeness(candidate: Candidate, removal: bool) -> str:
    if removal:
        return "this change takes out what fixed"
    if candidate.like.level is Level.BLOCK:
        return "this block resembles"
    return "this makes the mistake of"


def with_comparison(finding: Finding, candidate: Candidate, lesson: Lesson | None) -> Finding:
    """The finding with the lesson's lines that decided and the fix's lines that are not here."""
    terms = frozenset(_deciding(candidate))
    shown: list[tuple[str, ...]] = []
    for block in lesson.evidence if lesson else ():
        if block.side is Side.BAD:
            shown.append(_then(block, candidate.like.view, terms))
    then: tuple[str, ...] = max(shown, key=len, default=())
    return replace(finding, then=then, lacks=tuple(_missing(candidate)))


def _then(block: Evidence, view: View, terms: Set[int]) -> tuple[str, ...]:
    """The lines of failing code that hold the deciding terms; a mark where lines between them are
    left out.
    """
    code = dedent(block.code)
    grams = grams_of(tokenize(code, block.language))
    numbers: set[int] = set()
    for gram, first in grams.views[view].items():
        if gram in terms:
            numbers |= _token_lines(grams, first, gram)
    return with_gaps(code.split("\n"), sorted(numbers))


def _token_lines(grams: Grams, first: int, gram: int) -> set[int]:
    """The lines of the tokens of a gram that begins at this place."""
    return {token.line for token in grams.tokens[first : first + size_of(gram)]}


def with_gaps(lines: Sequence[str], numbers: Sequence[int]) -> tuple[str, ...]:
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


def _deciding(candidate: Candidate) -> list[int]:
    """The grams only the failure has that the place holds, new ones first, then by weight; where it
    holds none, those of the calls that lack what the fix gives them.
    """
    view = candidate.like.view
    weights = candidate.sides.bad[view]
    after, before = candidate.region.after.views[view], candidate.region.before.views[view]
    shared = [gram for gram in weights if gram in after]
    if not shared:
        weights = candidate.sides.both[view]
        shared = _of_calls(candidate)
    return sorted(shared, key=lambda gram: (gram in before, -weights[gram]))[:MOST_DECIDING]


def _of_calls(candidate: Candidate) -> list[int]:
    """The grams both sides have with a call whose keywords the fix changed, as far as they are
    here.
    """
    view = candidate.like.view
    grams = candidate.region.after
    calls = {edit.call for edit in candidate.sides.pair.keyword_edits}
    shared = candidate.sides.both[view].keys() & grams.of(view).keys() if calls else ()
    return [gram for gram in shared if not calls.isdisjoint(words_at(grams, view, gram))]


def _lines(region: Region, terms: Iterable[int]) -> tuple[int, int, bool]:
    """First and last line at head that decided, and whether that is by what is no longer there."""
    counts = _lines_of(region, terms)
    added = sorted(region.added & counts.keys())
    if added:
        run = max(line_runs(added), key=lambda run: sum(map(counts.__getitem__, run)))
        return run[0], run[-1], False
    touched = region.touched or (region.first_line,)
    middle = max(counts, key=counts.__getitem__, default=touched[0])
    line = min(touched, key=lambda line: abs(line - middle))
    return line, line, region.added.isdisjoint(touched)


def _lines_of(region: Region, terms: Iterable[int]) -> Mapping[int, int]:
    """How many deciding terms stand on each line at head."""
    counts: dict[int, int] = {}
    places = {**region.after.views[View.SHAPE], **region.after.views[View.REAL]}
    for gram in terms:
        for line in _token_lines(region.after, places[gram], gram):
            number = min(line + region.first_line - 1, region.last_line)
            counts[number] = counts.get(number, 0) + 1
    return counts


def line_runs(lines: Sequence[int]) -> list[list[int]]:
    """Lines (ascending) that stand close together."""
    runs: list[list[int]] = []
    for line in lines:
        if runs and line - runs[-1][-1] <= NEAR:
            runs[-1].append(line)
        else:
            runs.append([line])
    return runs


def _why(candidate: Candidate, terms: Sequence[int], removal: bool) -> str:
    like = candidate.like
    reasons = [
        *_what_decided(candidate, terms),
        *_what_is_missing(candidate, removal),
        f"The mistake: {like.bad:.0%} of what only the failing code had is here, "
        f"{like.good:.0%} of what only its fix had.",
        f"The block: {like.context:.0%} of the code around the mistake is here.",
    ]
    if normal := normal_here(candidate.standing):
        reasons.append(f"What is normal here: {normal}.")
    return "\n".join(reasons)


def normal_here(standing: Standing) -> str:
    """That a lesson must be surer in a repository where other places resemble it, or a person said
    that they are normal; empty where nothing is.
    """
    reasons = []
    if standing.places:
        reasons.append(f"its shape stands in {told_places(standing)}")
    if standing.normal:
        are = "places are" if standing.normal > 1 else "place is"
        reasons.append(f"{standing.normal} {are} said to be normal here")
    surer = [f"{' and '.join(reasons)}, so it must be surer"] if reasons else []
    if standing.unmended:
        do = (
            "places that are not mended yet do"
            if standing.unmended > 1
            else ("place that is not mended yet does")
        )
        surer.append(f"{standing.unmended} {do} not count")
    return "; ".join(surer)


def told_places(standing: Standing) -> str:
    """How many other places resemble a lesson, the first of them, and in what part of the
    repository they were looked for.
    """
    count = len(standing.places)
    shown = [f"{place.path}:{place.first_line}" for place in standing.places[:MOST_PLACES]]
    more = ", ..." if count > MOST_PLACES else ""
    part = f"; {told_part(standing)}" if standing.is_part else ""
    places = f"{count} other places" if count > 1 else "another place"
    return f"{places} ({', '.join(shown)}{more}{part})"


def told_part(standing: Standing) -> str:
    """In how many of its files the repository was counted."""
    more = "" if standing.all_listed else "over "
    return f"counted in {standing.counted:,} of {more}{standing.total:,} files"


def _what_decided(candidate: Candidate, terms: Sequence[int]) -> Iterator[str]:
    shown = [f"`{text}` (line {line})" for line, text in _readable(candidate, terms)]
    if shown:
        yield f"What decided: {', '.join(shown)}"


def _what_is_missing(candidate: Candidate, removal: bool) -> Iterator[str]:
    missing = [f"`{line}`" for line in _missing(candidate)]
    if missing:
        had = "What the change took out" if removal else "What the fix had and this lacks"
        yield f"{had}: {'; '.join(missing)}"


def _readable(candidate: Candidate, terms: Iterable[int]) -> list[tuple[int, str]]:
    """The deciding terms as a person reads code, those of a line together; the lines with most of
    them, in order.
    """
    region = candidate.region
    places = region.after.views[candidate.like.view]
    covered: set[int] = set()
    for gram in terms:
        covered.update(range(places[gram], places[gram] + size_of(gram)))
    lines: dict[int, list[Token]] = {}
    for place in sorted(covered.intersection(range(len(region.after.tokens)))):
        token = region.after.tokens[place]
        lines.setdefault(token.line, []).append(token)
    most = sorted(lines, key=lambda line: (-len(lines[line]), line))[:MOST_TERMS]
    readable: list[tuple[int, str]] = []
    for line in sorted(most):
        readable.append((line + region.first_line - 1, _spelled(lines[line])[:LONGEST_TERM]))
    return readable


def _spelled(tokens: Sequence[Token]) -> str:
    """Tokens with the blanks a person would leave, roughly."""
    text = " ".join(map(_written, tokens))
    return _TIGHT_AFTER.sub("", _TIGHT_BEFORE.sub("", text)).replace("`", "'")


def _written(token: Token) -> str:
    if token.kind is not LeafKind.STRING:
        return token.text
    prefix, quote, content = token.text.partition('"')
    return f"{prefix}{quote}{content}{quote}"


def _missing(candidate: Candidate) -> list[str]:
    """The fix's lines that the place does not have."""
    code = joined(candidate.region.after.tokens)
    lines: list[str] = []
    for line, tokens in candidate.sides.pair.missing:
        if tokens not in code:
            lines.append(line.replace("`", "'"))
    return lines[:MOST_MISSING]


def place_key(region: Region, start: int, end: int, removal: bool) -> str:
    """The deciding lines with local names taken out: the same after a shift, a renaming, an
    indentation.
    """
    first, last = start - region.first_line + 1, end - region.first_line + 1
    shapes = [token.abstract for token in region.after.tokens if first <= token.line <= last]
    return (("removed " if removal else "") + " ".join(shapes))[:LONGEST_KEY]
