"""From the places of a change to the lessons whose failure has the same structure, and how alike
they are. Decides nothing.

Asks the index two questions a change, and one more when anything rare was found.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from twiceshy.guards.recall.regions import Region
from twiceshy.guards.recall.signature import key
from twiceshy.guards.recall.structure import Structure, structure_of
from twiceshy.guards.recall.structure_score import (
    StructureLikeness,
    StructurePair,
    anchors,
    can_find,
    dumps,
    likeness,
    loads,
    structure_pairs,
)
from twiceshy.lessons.index import Entry, Index
from twiceshy.lessons.languages import family_of
from twiceshy.lessons.lesson import Lesson

STRUCTURE_GRAMS, STRUCTURES = "recall.structure_grams", "recall.structures"
"""The shelves: lessons by the grams their structure is found by, and each lesson's structure."""

MOST_LESSONS_A_GRAM = 40
"""A gram that more lessons have is no help in telling them apart."""

FEWEST_SHARED = 2
"""A lesson is compared from so many of its anchors on."""

MOST_COMPARED = 4
"""Lessons a place is compared with: those that share most."""

FEWEST_ADDED = 3
"""Lines: less than that brings no structure of its own."""

PlacesOf = Callable[[str], int]
"""How many places of the host resemble a lesson already; 0 when nobody counted."""


def nowhere(_: str) -> int:
    """Nobody counted."""
    return 0


@dataclass(frozen=True, slots=True)
class StructureCandidate:
    """One lesson's pair held against one place, both without the names they chose."""

    lesson: str
    pair: StructurePair
    region: Region
    structure: Structure
    like: StructureLikeness
    places: int = 0  # of the host that resemble the lesson


@dataclass(frozen=True, slots=True)
class _Place:
    """A region and its structure; ``keys`` are what the change brought that can find a lesson."""

    region: Region
    after: Structure
    before: Structure
    keys: Sequence[str]


def structure_entries(lesson: Lesson) -> Iterator[Entry]:
    """What the index keeps of a lesson that has enough structure."""
    pairs = structure_pairs(lesson)
    if not pairs:
        return
    yield Entry(STRUCTURES, lesson.id, lesson.id, dumps(pairs))
    for gram in dict.fromkeys(chain.from_iterable(map(anchors, pairs))):
        yield Entry(STRUCTURE_GRAMS, _key(pairs[0], gram), lesson.id)


def _key(pair: StructurePair, gram: int) -> str:
    return key(f"{pair.family}:", gram)


def alike(regions: Sequence[Region], index: Index) -> Iterator[StructureCandidate]:
    """Every comparison that is worth making; in the order of the places."""
    places = [_place(region) for region in regions if _brings_enough(region)]
    wanted = list(dict.fromkeys(chain.from_iterable(place.keys for place in places)))
    counts = index.key_count(STRUCTURE_GRAMS, wanted, MOST_LESSONS_A_GRAM + 1)
    followed = [gram for gram, count in counts.items() if count <= MOST_LESSONS_A_GRAM]
    if not followed:
        return
    lessons: dict[str, list[str]] = {}
    for entry in index.find(STRUCTURE_GRAMS, followed):
        lessons.setdefault(entry.key, []).append(entry.lesson)
    compared: list[tuple[_Place, list[str]]] = []
    for place in places:
        compared.append((place, _sharing_most(place, lessons)))
    known = set(chain.from_iterable(ids for _, ids in compared))
    pairs = {entry.lesson: loads(entry.payload) for entry in index.find(STRUCTURES, sorted(known))}
    for place, ids in compared:
        for lesson in ids:
            yield from _compared(place, lesson, pairs[lesson])


def _brings_enough(region: Region) -> bool:
    return len(region.added.intersection(region.touched)) >= FEWEST_ADDED


def _place(region: Region) -> _Place:
    after = structure_of(region.after.tokens, region.language)
    before = structure_of(region.before.tokens, region.language)
    mark = f"{family_of(region.language)}:"
    keys: list[str] = []
    for gram in after.grams:
        if can_find(gram) and gram not in before.grams:
            keys.append(key(mark, gram))
    return _Place(region, after, before, keys)


def _sharing_most(place: _Place, lessons: dict[str, list[str]]) -> list[str]:
    shared: Counter[str] = Counter()
    for gram in place.keys:
        shared.update(lessons.get(gram, ()))
    enough = [lesson for lesson, count in shared.items() if count >= FEWEST_SHARED]
    return sorted(enough, key=lambda lesson: (-shared[lesson], lesson))[:MOST_COMPARED]


def _compared(
    place: _Place, lesson: str, pairs: Sequence[StructurePair]
) -> Iterator[StructureCandidate]:
    """The pair that is most alike, of those of the place's language."""
    best: StructureCandidate | None = None
    for pair in pairs:
        if pair.family == family_of(place.region.language):
            like = likeness(pair, place.after, place.before)
            if best is None or like.score > best.like.score:
                best = StructureCandidate(lesson, pair, place.region, place.after, like)
    if best:
        yield best
