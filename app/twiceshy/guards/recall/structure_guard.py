"""The places of a change that have the structure of a past failure under other names, as findings.

Its threshold is its own (``STRUCTURE_AT``): what is under it is not even noted. Decides nothing.
"""

from collections.abc import Iterable, Sequence, Set
from dataclasses import replace

from twiceshy.guards.finding import Finding
from twiceshy.guards.recall.regions import Region
from twiceshy.guards.recall.structure_finding import structure_finding
from twiceshy.guards.recall.structure_score import STRUCTURE_AT, held_against_places
from twiceshy.guards.recall.structure_search import PlacesOf, StructureCandidate, alike, nowhere
from twiceshy.lessons.index import Index


def under_other_names(
    regions: Sequence[Region],
    index: Index,
    told: Sequence[Finding] = (),
    known: Set[tuple[int, str]] = frozenset(),
    places_of: PlacesOf = nowhere,
) -> list[Finding]:
    """The surest finding of each region; none where ``told`` knows it by its names.

    ``known``: regions (by ``id``) and the lessons whose failing code stands there under its own
    names: what recall makes of that, it says itself. ``places_of``: how many places of the host
    resemble a lesson, which raises what is asked of it.
    """
    findings: list[Finding] = []
    for candidate in _surest(alike(regions, index)):
        by_its_names = (id(candidate.region), candidate.lesson) in known
        if by_its_names or any(_is_about(finding, candidate) for finding in told):
            continue
        held = _held_against(candidate, places_of(candidate.lesson))
        if held.like.score >= STRUCTURE_AT:
            findings.append(structure_finding(held, index.lesson(held.lesson)))
    return findings


def _held_against(candidate: StructureCandidate, places: int) -> StructureCandidate:
    like = held_against_places(candidate.like, places)
    return replace(candidate, like=like, places=places)


def _surest(candidates: Iterable[StructureCandidate]) -> list[StructureCandidate]:
    """Of each region the candidate with the best score, if that is enough."""
    best: dict[int, StructureCandidate] = {}
    for candidate in candidates:
        score = candidate.like.score
        known = best.get(id(candidate.region))
        if score >= STRUCTURE_AT and (known is None or score > known.like.score):
            best[id(candidate.region)] = candidate
    return list(best.values())


def _is_about(finding: Finding, candidate: StructureCandidate) -> bool:
    """Whether a finding by its names says the same of the region, and as surely as is asked."""
    region = candidate.region
    if (finding.lesson, finding.path) != (candidate.lesson, region.path):
        return False
    inside = region.first_line <= finding.start_line <= region.last_line
    return inside and finding.score >= STRUCTURE_AT
