"""From the places of a change to the lessons worth comparing with each, and the comparisons.
Decides nothing.

Asks the index a fixed number of questions a change, whatever its size.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from twiceshy.changes.change import Change
from twiceshy.guards.recall.grams import NO_GRAMS, Grams, View, grams_of, telling, worths
from twiceshy.guards.recall.regions import Region, Tell, regions
from twiceshy.guards.recall.score import Resemblance, Sides, resemblance, sides_of, views_of
from twiceshy.guards.recall.signature import key, loads
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


def candidates(
    change: Change, index: Index, progress: Progress = no_progress, tell: Tell | None = None
) -> Iterator[Candidate]:
    """Every comparison that is worth making, each made; in the order of the places. ``tell`` hears
    what is not.
    """
    held = regions(_speaking(change, index), progress, tell)
    found = _found(held, index)
    sides = _weighed_sides({lesson for lessons in found for lesson in lessons}, index)
    taken_out = _taken_out(change) if sides else {}
    for done, (region, lessons) in enumerate(zip(held, found, strict=True), start=1):
        progress("recall: comparing places with lessons", done, len(held))
        place = views_of(
            region.after, region.before, taken_out.get(family_of(region.language), NO_GRAMS)
        )
        for lesson in lessons:
            for each in sides[lesson]:
                if family_of(each.pair.language) == family_of(region.language):
                    yield Candidate(
                        lesson, each, region, resemblance(each, place, index.lesson_count)
                    )


def _speaking(change: Change, index: Index) -> Change:
    """The change without files in languages no lesson has code of."""
    wanted = {file.path: family_of(language_of_path(file.path)) for file in change.files}
    held = index.key_count(FAMILIES, sorted({name for name in wanted.values() if name}), 1)
    return replace(change, files=tuple(file for file in change.files if wanted[file.path] in held))


def _taken_out(change: Change) -> Mapping[str | None, Grams]:
    """Grams of what the change removed anywhere, by family of languages."""
    removed: dict[str | None, list[str]] = defaultdict(list)
    for file in change.files:
        if lines := [line.text for line in file.removed]:
            removed[language_of_path(file.path)] += lines
    return {
        family_of(name): grams_of(tokenize("\n".join(lines), name))
        for name, lines in removed.items()
    }


def _weighed_sides(lessons: Iterable[str], index: Index) -> dict[str, tuple[Sides, ...]]:
    signatures = {
        entry.lesson: loads(entry.payload) for entry in index.find(SIGNATURES, sorted(lessons))
    }
    words = {word for made in signatures.values() for word in made.words}
    worth = worths(index.key_count(WORDS, sorted(words), MOST_COUNTED), words, index.lesson_count)
    return {lesson: sides_of(made, worth) for lesson, made in signatures.items()}


def _found(held: Sequence[Region], index: Index) -> list[list[str]]:
    """For each region the lessons that share most of what can find them, rare things first."""
    wanted = [_keys(region) for region in held]
    counts = index.key_count(
        GRAMS, dict.fromkeys(each for keys in wanted for each in keys), MOST_LESSONS_A_GRAM + 1
    )
    followed = [gram for gram, count in counts.items() if count <= MOST_LESSONS_A_GRAM]
    lessons: dict[str, list[str]] = defaultdict(list)
    for entry in index.find(GRAMS, followed or list(counts)[:MOST_COMMON_FOLLOWED]):
        lessons[entry.key].append(entry.lesson)
    most = max(FEWEST_CANDIDATES, min(MOST_CANDIDATES, MOST_COMPARED // max(1, len(held))))
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
        keys += [key("b", gram) for gram in telling(region.after, view) if gram not in before]
        keys += [key("g", gram) for gram in telling(region.before, view) if gram not in after]
    return keys
