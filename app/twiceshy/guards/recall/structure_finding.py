"""What a person is told of the same structure under other names: which lines, which names stand for
which, what of the fix is missing. Pure.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from textwrap import dedent

from twiceshy.guards.finding import Finding, GuardKind
from twiceshy.guards.recall.comparison import line_runs, place_key, with_gaps
from twiceshy.guards.recall.grams import size_of
from twiceshy.guards.recall.structure import NO_STRUCTURE, Structure, structure_of
from twiceshy.guards.recall.structure_search import StructureCandidate
from twiceshy.guards.recall.tokens import tokenize
from twiceshy.lessons.lesson import Evidence, Lesson, Side

STRUCTURE = GuardKind(
    "recall",
    precision=25,
    exact=False,
    may_block=False,
    reads_code=True,
    knows_failure=True,
    under_other_names=True,
)
"""Recall's other level: people know it by the same name, policy by what it may not do."""

MOST_NAMES, MOST_LACKING = 4, 3
LONGEST_NAME = 60


def structure_finding(candidate: StructureCandidate, lesson: Lesson | None) -> Finding:
    """The finding for a place that has the structure of a lesson's failure."""
    start, end = _lines(candidate)
    brief = f"the same structure under other names as {candidate.lesson}"
    finding = Finding(
        STRUCTURE,
        candidate.lesson,
        candidate.region.path,
        start,
        end,
        round(candidate.like.score, 4),
        headline=f"{brief}: {lesson.title}" if lesson else brief,
        brief=brief,
        why="\n".join(_shares(candidate)),
        key="structure " + place_key(candidate.region, start, end, removal=False),
    )
    return _with_comparison(finding, candidate, lesson) if lesson else finding


def _with_comparison(finding: Finding, candidate: StructureCandidate, lesson: Lesson) -> Finding:
    """The finding with the lesson's lines, the fix's that are not here, and whose name is whose."""
    block, then = _nearest(candidate, lesson)
    if block is None:
        return finding
    lacks = _lacking(block, lesson)
    reasons = [*_names(then, candidate.structure), *_lack(lacks), finding.why]
    lines = sorted(_lines_of(then, _deciding(candidate, then)))
    return replace(
        finding,
        why="\n".join(reasons),
        then=with_gaps(dedent(block.code).split("\n"), lines),
        lacks=tuple(lacks),
    )


def _nearest(candidate: StructureCandidate, lesson: Lesson) -> tuple[Evidence | None, Structure]:
    """The failing code that is meant, and its structure."""
    nearest: tuple[Evidence | None, Structure] = None, NO_STRUCTURE
    most = 0
    for block in lesson.evidence:
        if block.side is Side.BAD:
            tokens = tokenize(dedent(block.code), block.language)
            structure = structure_of(tokens, block.language)
            shared = len(structure.grams.keys() & candidate.structure.grams.keys())
            if shared > most:
                nearest, most = (block, structure), shared
    return nearest


def _deciding(candidate: StructureCandidate, structure: Structure) -> list[int]:
    """The grams that are in both: those of only the failing code, or, without any, the common."""
    shared = structure.grams.keys() & candidate.structure.grams.keys()
    only_bad = [gram for gram in candidate.pair.bad if gram in shared]
    return only_bad or [gram for gram in candidate.pair.both if gram in shared]


def _lines_of(structure: Structure, grams: Iterable[int]) -> Counter[int]:
    """How many of the grams stand on each line of a structure."""
    counts: Counter[int] = Counter()
    for gram in grams:
        first = structure.grams[gram]
        counts.update(set(structure.lines[first : first + size_of(gram)]))
    return counts


def _lines(candidate: StructureCandidate) -> tuple[int, int]:
    """First and last line at head: of the added ones, those where most of what decided stands."""
    region = candidate.region
    shift = region.first_line - 1
    counts: Counter[int] = Counter()
    for line, count in _lines_of(
        candidate.structure, _deciding(candidate, candidate.structure)
    ).items():
        counts[min(line + shift, region.last_line)] += count
    added = sorted(region.added & counts.keys()) or sorted(region.touched)
    run = max(line_runs(added), key=lambda lines: sum(counts[line] for line in lines))
    return run[0], run[-1]


def _names(then: Structure, now: Structure) -> Iterator[str]:
    """Which name of the lesson is which here, by the grams both have."""
    votes: Counter[tuple[str, str]] = Counter()
    for gram in then.grams.keys() & now.grams.keys():
        first, second = then.grams[gram], now.grams[gram]
        for step in range(size_of(gram)):
            votes.update(_pair_at(then.names, first + step, now.names, second + step))
    told = _partners(votes)
    if told:
        yield f"Other names: {', '.join(told)}"


def _pair_at(
    then: Sequence[str], first: int, now: Sequence[str], second: int
) -> Iterator[tuple[str, str]]:
    if first < len(then) and second < len(now) and then[first] and now[second]:
        yield then[first], now[second]


def _partners(votes: Mapping[tuple[str, str], int]) -> list[str]:
    """Each name of the lesson once, with the one that most often stands where it stood."""
    told: dict[str, str] = {}
    taken: set[str] = set()
    for then, now in sorted(votes, key=lambda names: (-votes[names], names)):
        if then in told or now in taken:
            continue
        taken.add(now)
        told[then] = now
    differing = [names for names in told.items() if names[0] != names[1]]
    return [f"`{_shown(now)}` for `{_shown(then)}`" for then, now in differing[:MOST_NAMES]]


def _shown(name: str) -> str:
    return name[:LONGEST_NAME].replace("`", "'")


def _lacking(block: Evidence, lesson: Lesson) -> list[str]:
    """Lines of the fix that the failing code does not have."""
    bad = set(map(str.strip, block.code.split("\n")))
    lines: list[str] = []
    for other in lesson.evidence:
        if other.side is Side.GOOD and other.pair == block.pair:
            lines += [line.strip() for line in other.code.split("\n")]
    lacking = [line.replace("`", "'") for line in lines if line and line not in bad]
    return lacking[:MOST_LACKING]


def _lack(lacks: Sequence[str]) -> Iterator[str]:
    if lacks:
        shown = "; ".join(f"`{line}`" for line in lacks)
        yield f"What the fix had, under its own names: {shown}"


def _shares(candidate: StructureCandidate) -> Iterator[str]:
    like = candidate.like
    yield (
        f"The mistake: {like.bad:.0%} of the structure that only the failing code had is here, "
        f"{like.good:.0%} of what only its fix had."
    )
    yield f"The block: {like.context:.0%} of the structure around the mistake is here."
    if candidate.places:
        places = "1 other place" if candidate.places == 1 else f"{candidate.places} other places"
        yield f"Its shape stands in {places} here, so it had to be surer."
