"""From the places of a change to the lessons worth comparing with each, and the comparisons.
Decides nothing.

Asks the index a fixed number of questions a change, whatever its size.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from twiceshy.changes.change import Change
from twiceshy.guards.host_words import MOST_FILES
from twiceshy.guards.recall.grams import NO_GRAMS, Grams, View, grams_of, telling, worths
from twiceshy.guards.recall.host import NOTHING_STANDS, Host, Standing
from twiceshy.guards.recall.regions import Region, Tell, regions
from twiceshy.guards.recall.score import (
    Resemblance,
    Sides,
    resemblance,
    sides_of,
    views_of,
    with_places,
)
from twiceshy.guards.recall.signature import Signature, key, loads
from twiceshy.guards.recall.tokens import tokenize
from twiceshy.lessons.index import Index
from twiceshy.lessons.languages import family_of, language_of_path
from twiceshy.lessons.progress import Progress, no_progress

GRAMS, WORDS, SIGNATURES = "recall.grams", "recall.words", "recall.signatures"
"""The shelves: lessons by what they can be found by, by their words (only to count), and each
lesson's signature.
"""

FAMILIES = "recall.families"
"""And lessons by the families of languages they have code of."""

MOST_LESSONS_A_GRAM = 60
"""A gram that more lessons have finds nobody: it is boilerplate, and following it would cost."""

MOST_COMMON_FOLLOWED = 20
"""Yet of a change that has only such grams so many are followed: many lessons may tell of the same
code.
"""

MOST_COUNTED = 400
"""Words are counted up to this; more common ones are alike."""

MOST_CANDIDATES, FEWEST_CANDIDATES, MOST_COMPARED = 16, 4, 4_000
"""Lessons compared with a place: those that share most with it, fewer where a change has very many
places.
"""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One lesson's pair held against one region."""

    lesson: str
    sides: Sides
    region: Region
    like: Resemblance
    standing: Standing = NOTHING_STANDS  # elsewhere in the host


def places_of(
    change: Change, index: Index, progress: Progress = no_progress, tell: Tell | None = None
) -> list[Region]:
    """The places of a change that lessons can be held against. ``tell`` hears what is none."""
    return regions(_speaking(change, index), progress, tell)


def candidates(
    change: Change,
    places: Sequence[Region],
    index: Index,
    progress: Progress = no_progress,
    host: Host | None = None,
) -> Iterator[Candidate]:
    """Every comparison that is worth making, each made; in the order of the places."""
    to_compare = _lessons_to_compare(places, index)
    sides = weighed_sides(set(chain.from_iterable(to_compare)), index, host)
    taken_out = _taken_out(change) if sides else {}
    for done, (region, lessons) in enumerate(zip(places, to_compare, strict=True), start=1):
        progress("recall: comparing places with lessons", done, len(places))
        family = family_of(region.language)
        views = views_of(region.after, region.before, taken_out.get(family, NO_GRAMS))
        for lesson in lessons:
            for pair_sides in sides[lesson]:
                if family_of(pair_sides.pair.language) == family:
                    like = resemblance(pair_sides, views)
                    yield Candidate(lesson, pair_sides, region, like)


def held_against(host: Host, change: Change, index: Index, candidate: Candidate) -> Candidate:
    """The candidate as sure as it is here, where so many other places resemble its lesson, and
    people said so much of them.
    """
    standing = standing_of(candidate.lesson, host, change, index)
    like = with_places(candidate.like, standing.weight)
    return replace(candidate, like=like, standing=standing)


def standing_of(lesson: str, host: Host, change: Change, index: Index) -> Standing:
    """What resembles a lesson in the host, outside of what a change touches, and what people said
    of it.
    """
    signature = signatures_of([lesson], index)[lesson]
    sides = weighed_sides([lesson], index, host)[lesson]
    return host.standing(signature, sides).elsewhere(change).as_said(host.baseline, lesson)


def standings(
    host: Host, lessons: Iterable[str], index: Index, progress: Progress = no_progress
) -> dict[str, Standing]:
    """What stands in a whole host of each of these lessons that has a signature, with people's
    word on it; every file that may hold it read.
    """
    signatures = signatures_of(lessons, index)
    sides = weighed_sides(signatures, index, host)
    standing: dict[str, Standing] = {}
    for done, (lesson, signature) in enumerate(signatures.items()):
        progress("looking for lessons in the repository", done, len(signatures))
        places = host.standing(signature, sides[lesson], MOST_FILES)
        standing[lesson] = places.as_said(host.baseline, lesson)
    return standing


def _speaking(change: Change, index: Index) -> Change:
    """The change without files in languages no lesson has code of."""
    wanted: dict[str, str | None] = {}
    for file in change.files:
        wanted[file.path] = family_of(language_of_path(file.path))
    families = index.key_count(FAMILIES, sorted(set(filter(None, wanted.values()))), 1)
    speaking = filter(lambda file: wanted[file.path] in families, change.files)
    return replace(change, files=tuple(speaking))


def _taken_out(change: Change) -> Mapping[str | None, Grams]:
    """Grams of what the change removed anywhere, by family of languages."""
    removed: dict[str | None, list[str]] = defaultdict(list)
    for file in change.files:
        if file.removed:
            removed[language_of_path(file.path)] += [line.text for line in file.removed]
    taken_out: dict[str | None, Grams] = {}
    for language, lines in removed.items():
        taken_out[family_of(language)] = grams_of(tokenize("\n".join(lines), language))
    return taken_out


def weighed_sides(
    lessons: Iterable[str], index: Index, host: Host | None
) -> dict[str, tuple[Sides, ...]]:
    """The pairs of lessons, weighed by what their words tell in the registry and the host."""
    signatures = signatures_of(lessons, index)
    words: set[str] = set()
    for signature in signatures.values():
        words.update(signature.words)
    if not words:
        return {}
    counts = index.key_count(WORDS, sorted(words), MOST_COUNTED)
    here = host.counts(words) if host else None
    worth = worths(counts, words, index.lesson_count, here)
    return {lesson: sides_of(signature, worth) for lesson, signature in signatures.items()}


def signatures_of(lessons: Iterable[str], index: Index) -> dict[str, Signature]:
    """The signatures of lessons that have one."""
    signatures: dict[str, Signature] = {}
    for entry in index.find(SIGNATURES, sorted(lessons)):
        signatures[entry.lesson] = loads(entry.payload)
    return signatures


def _lessons_to_compare(places: Sequence[Region], index: Index) -> list[list[str]]:
    """For each region the lessons that share most of what can find them, rare things first."""
    wanted = [_keys(region) for region in places]
    keys = dict.fromkeys(chain.from_iterable(wanted))
    counts = index.key_count(GRAMS, keys, MOST_LESSONS_A_GRAM + 1)
    followed = [gram for gram, count in counts.items() if count <= MOST_LESSONS_A_GRAM]
    lessons: dict[str, list[str]] = defaultdict(list)
    for entry in index.find(GRAMS, followed or list(counts)[:MOST_COMMON_FOLLOWED]):
        lessons[entry.key].append(entry.lesson)
    most = max(FEWEST_CANDIDATES, min(MOST_CANDIDATES, MOST_COMPARED // max(1, len(places))))
    return [_ranked(keys, lessons, counts)[:most] for keys in wanted]


def _ranked(
    keys: Iterable[str], lessons: Mapping[str, Sequence[str]], counts: Mapping[str, int]
) -> list[str]:
    shared: dict[str, float] = {}
    for gram in keys:
        for lesson in lessons.get(gram, ()):
            shared[lesson] = shared.get(lesson, 0.0) + 1 / counts[gram]
    return sorted(shared, key=lambda lesson: (-shared[lesson], lesson))


def _keys(region: Region) -> list[str]:
    """What the change brought, and what it took away."""
    keys: list[str] = []
    for view in View:
        after, before = region.after.views[view], region.before.views[view]
        for gram in telling(region.after, view):
            if gram not in before:
                keys.append(key("b", gram))
        for gram in telling(region.before, view):
            if gram not in after:
                keys.append(key("g", gram))
    return keys
