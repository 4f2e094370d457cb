"""What incidents have in common: code, services, tags, conditions, words; the nearest of one, and
groups over all. Pure.

Each lesson is a bag of features of these five kinds, weighted by TF-IDF and compared by cosine (G.
Salton and C. Buckley, "Term-weighting approaches in automatic text retrieval", 1988); what two
share is what the sum was made of.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from enum import StrEnum
from math import log, sqrt

from twiceshy.learning.lint.prose import word_list
from twiceshy.lessons.lesson import Lesson
from twiceshy.lessons.search import words

ALIKE = 0.15
"""Cosine from which on two lessons are said to be related."""

TOGETHER = 0.25
"""Mean cosine between two groups from which on they are one."""

MOST_SHARED = 6
MOST_LESSONS_A_FEATURE = 300
SHORTEST_WORD, SHORTEST_NAME = 4, 3


class Facet(StrEnum):
    """A kind of thing two lessons may share."""

    CODE = "code"
    SERVICES = "services"
    TAGS = "tags"
    CONDITIONS = "conditions"
    WORDS = "words"


_WEIGHT = {
    Facet.CODE: 1.0,
    Facet.SERVICES: 2.0,
    Facet.TAGS: 2.0,
    Facet.CONDITIONS: 1.5,
    Facet.WORDS: 0.7,
}
"""What a person chose to name says more than a word that happens to stand there."""

Feature = tuple[Facet, str]
Vector = Mapping[Feature, float]


@dataclass(frozen=True, slots=True)
class Relative:
    """A lesson like another, how much (0..1), and what they share, the weightiest first."""

    lesson: str
    score: float
    shared: Mapping[Facet, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Group:
    """Lessons that belong together, and what most of them share."""

    lessons: tuple[str, ...]
    shared: Mapping[Facet, tuple[str, ...]]


def vectors(lessons: Iterable[Lesson], code: Mapping[str, Sequence[str]]) -> dict[str, Vector]:
    """Every lesson as a vector of length 1; ``code``: the telling names of its evidence, by lesson."""
    bags = {lesson.id: Counter(_features(lesson, code.get(lesson.id, ()))) for lesson in lessons}
    held = Counter(feature for bag in bags.values() for feature in bag)
    rarity = {
        feature: log(len(bags) / count)
        for feature, count in held.items()
        if 1 < count <= max(2, len(bags) / 2)
    }
    return {name: _unit(bag, rarity) for name, bag in bags.items()}


def relatives(name: str, known: Mapping[str, Vector], most: int = 5) -> tuple[Relative, ...]:
    """The lessons most like one, surest first; those that share next to nothing are not given."""
    found = [
        (score, other)
        for other, score in _scores(name, known, _holders(known)).items()
        if score >= ALIKE
    ]
    best = sorted(found, key=lambda each: (-each[0], each[1]))[:most]
    return tuple(
        Relative(other, score, _shared([known[name], known[other]])) for score, other in best
    )


def groups(known: Mapping[str, Vector]) -> tuple[Group, ...]:
    """Lessons that are like each other on average, the largest groups first: the most alike are put
    together first.

    R. Sokal and C. Michener, "A statistical method for evaluating systematic relationships", 1958:
    average linkage. By the nearest alone, one lesson after the other would end up in a single
    group.
    """
    holders = _holders(known)
    scores = {name: _scores(name, known, holders) for name in known}
    pairs = sorted(
        (-score, name, other)
        for name, held in scores.items()
        for other, score in held.items()
        if name < other and score >= TOGETHER
    )
    of = {name: frozenset([name]) for name in known}
    for _, name, other in pairs:
        one, two = of[name], of[other]
        if one is not two and _mean(one, two, scores) >= TOGETHER:
            of |= dict.fromkeys(one | two, one | two)
    together = sorted(
        (tuple(sorted(each)) for each in set(of.values()) if len(each) > 1),
        key=lambda each: (-len(each), each),
    )
    return tuple(Group(names, _shared([known[name] for name in names])) for names in together)


def _mean(one: Set[str], two: Set[str], scores: Mapping[str, Mapping[str, float]]) -> float:
    return sum(scores[a].get(b, 0.0) for a in one for b in two) / (len(one) * len(two))


def _features(lesson: Lesson, code: Iterable[str]) -> Iterator[Feature]:
    yield from ((Facet.CODE, word) for word in code if len(word) >= SHORTEST_NAME)
    yield from ((Facet.SERVICES, service) for service in lesson.services)
    yield from ((Facet.TAGS, tag) for tag in lesson.tags)
    for condition in lesson.conditions:
        yield from ((Facet.CONDITIONS, word) for word in _telling(condition.text))
    prose = f"{lesson.title} {lesson.mitigation} {lesson.body.split('```', maxsplit=1)[0]}"
    yield from ((Facet.WORDS, word) for word in _telling(prose))


def _telling(text: str) -> Iterator[str]:
    common = word_list("common")
    return (word for word in words(text) if len(word) >= SHORTEST_WORD and word not in common)


def _unit(bag: Mapping[Feature, int], rarity: Mapping[Feature, float]) -> Vector:
    weights = {
        each: _WEIGHT[each[0]] * (1 + log(count)) * rarity[each]
        for each, count in bag.items()
        if each in rarity
    }
    length = sqrt(sum(weight * weight for weight in weights.values())) or 1.0
    return {feature: weight / length for feature, weight in weights.items()}


def _holders(known: Mapping[str, Vector]) -> Mapping[Feature, list[str]]:
    held: dict[Feature, list[str]] = defaultdict(list)
    for name, vector in known.items():
        for feature in vector:
            held[feature].append(name)
    return {
        feature: names for feature, names in held.items() if len(names) <= MOST_LESSONS_A_FEATURE
    }


def _scores(
    name: str, known: Mapping[str, Vector], holders: Mapping[Feature, Sequence[str]]
) -> dict[str, float]:
    scores: dict[str, float] = defaultdict(float)
    for feature, weight in known[name].items():
        for other in holders.get(feature, ()):
            scores[other] += weight * known[other][feature]
    scores.pop(name, None)
    return scores


def _shared(held: Sequence[Vector]) -> dict[Facet, tuple[str, ...]]:
    """What at least half of the vectors (of two, both) have, weightiest first."""
    counted = Counter(feature for vector in held for feature in vector)
    least = max(2, len(held) / 2)
    weight = {
        each: sum(vector.get(each, 0.0) for vector in held)
        for each, count in counted.items()
        if count >= least
    }
    ranked = sorted(weight, key=lambda each: (-weight[each], each))
    facets = {
        facet: tuple(word for kind, word in ranked if kind is facet)[:MOST_SHARED]
        for facet in Facet
    }
    return {facet: found for facet, found in facets.items() if found}
