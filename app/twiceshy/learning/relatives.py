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
from itertools import chain, product
from math import log, sqrt

from twiceshy.guards.recall.recall_guard import SIGNATURES
from twiceshy.guards.recall.signature import loads
from twiceshy.guards.recall.word_weight import word_weight
from twiceshy.learning.lint.prose import word_list
from twiceshy.lessons.index import Index
from twiceshy.lessons.lesson import Lesson
from twiceshy.lessons.questions import prose
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

TELLING = 0.5
"""Words of code under this are everybody's, see ``word_weight``."""

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


def telling_words(index: Index, lessons: Iterable[str]) -> dict[str, list[str]]:
    """By lesson, the words of its failing code that not everybody writes."""
    telling: dict[str, list[str]] = {}
    for entry in index.find(SIGNATURES, lessons):
        words_of_code = loads(entry.payload).words
        named = [word.strip("\"'") for word in words_of_code if word_weight(word) >= TELLING]
        telling[entry.lesson] = named
    return telling


def vectors(lessons: Iterable[Lesson], code: Mapping[str, Sequence[str]]) -> dict[str, Vector]:
    """Every lesson as a vector of length 1; ``code``: the telling names of its evidence, by
    lesson.
    """
    bags: dict[str, Counter[Feature]] = {}
    for lesson in lessons:
        bags[lesson.id] = Counter(_features(lesson, code.get(lesson.id, ())))
    most = max(2, len(bags) / 2)
    rarity: dict[Feature, float] = {}
    for feature, count in Counter(chain.from_iterable(bags.values())).items():
        if 1 < count <= most:
            rarity[feature] = log(len(bags) / count)
    return {name: _unit(bag, rarity) for name, bag in bags.items()}


def relatives(name: str, by_lesson: Mapping[str, Vector], most: int = 5) -> tuple[Relative, ...]:
    """The lessons most like one, surest first; those that share next to nothing are not given."""
    scores = _scores(name, by_lesson, _holders(by_lesson))
    alike = [other for other, score in scores.items() if score >= ALIKE]
    nearest: list[Relative] = []
    for other in sorted(alike, key=lambda other: (-scores[other], other))[:most]:
        shared = _shared([by_lesson[name], by_lesson[other]])
        nearest.append(Relative(other, scores[other], shared))
    return tuple(nearest)


def groups(by_lesson: Mapping[str, Vector]) -> tuple[Group, ...]:
    """Lessons that are like each other on average, the largest groups first: the most alike are put
    together first.

    R. Sokal and C. Michener, "A statistical method for evaluating systematic relationships", 1958:
    average linkage. By the nearest alone, one lesson after the other would end up in a single
    group.
    """
    holders = _holders(by_lesson)
    scores: dict[str, dict[str, float]] = {}
    group_of: dict[str, frozenset[str]] = {}
    for name in by_lesson:
        scores[name] = _scores(name, by_lesson, holders)
        group_of[name] = frozenset([name])
    for _, name, other in _pairs(scores):
        first, second = group_of[name], group_of[other]
        if first is not second and _mean(first, second, scores) >= TOGETHER:
            group_of |= dict.fromkeys(first | second, first | second)
    several: list[Group] = []
    for names in sorted(map(sorted, set(group_of.values()))):
        if len(names) > 1:
            shared = _shared([by_lesson[name] for name in names])
            several.append(Group(tuple(names), shared))
    return tuple(sorted(several, key=lambda group: -len(group.lessons)))


def _pairs(scores: Mapping[str, Mapping[str, float]]) -> list[tuple[float, str, str]]:
    """Lessons that are alike, with their score below zero: the most alike first."""
    pairs: list[tuple[float, str, str]] = []
    for name, others in scores.items():
        for other, score in others.items():
            if name < other and score >= TOGETHER:
                pairs.append((-score, name, other))
    return sorted(pairs)


def _mean(first: Set[str], second: Set[str], scores: Mapping[str, Mapping[str, float]]) -> float:
    every = [scores[name].get(other, 0.0) for name, other in product(first, second)]
    return sum(every) / len(every)


def _features(lesson: Lesson, code: Iterable[str]) -> Iterator[Feature]:
    for word in code:
        if len(word) >= SHORTEST_NAME:
            yield Facet.CODE, word
    yield from product([Facet.SERVICES], lesson.services)
    yield from product([Facet.TAGS], lesson.tags)
    for condition in lesson.conditions:
        yield from product([Facet.CONDITIONS], _telling(condition.text))
    told = f"{lesson.title} {lesson.mitigation} {prose(lesson.body)}"
    yield from product([Facet.WORDS], _telling(told))


def _telling(text: str) -> Iterator[str]:
    common = word_list("common")
    for word in words(text):
        if len(word) >= SHORTEST_WORD and word not in common:
            yield word


def _unit(bag: Mapping[Feature, int], rarity: Mapping[Feature, float]) -> Vector:
    weights: dict[Feature, float] = {}
    for feature, count in bag.items():
        if feature in rarity:
            weights[feature] = _WEIGHT[feature[0]] * (1 + log(count)) * rarity[feature]
    length = sqrt(sum(weight * weight for weight in weights.values())) or 1.0
    for feature in weights:
        weights[feature] /= length
    return weights


def _holders(by_lesson: Mapping[str, Vector]) -> Mapping[Feature, list[str]]:
    holders: dict[Feature, list[str]] = defaultdict(list)
    for name, vector in by_lesson.items():
        for feature in vector:
            holders[feature].append(name)
    for feature in list(holders):
        if len(holders[feature]) > MOST_LESSONS_A_FEATURE:
            del holders[feature]
    return dict(holders)


def _scores(
    name: str, by_lesson: Mapping[str, Vector], holders: Mapping[Feature, Sequence[str]]
) -> dict[str, float]:
    scores: dict[str, float] = defaultdict(float)
    for feature, weight in by_lesson[name].items():
        for other in holders.get(feature, ()):
            scores[other] += weight * by_lesson[other][feature]
    scores.pop(name, None)
    return scores


def _shared(lessons: Sequence[Vector]) -> dict[Facet, tuple[str, ...]]:
    """What at least half of the vectors (of two, both) have, weightiest first."""
    least = max(2, len(lessons) / 2)
    weights: dict[Feature, float] = {}
    for feature, count in Counter(chain.from_iterable(lessons)).items():
        if count >= least:
            weights[feature] = sum(vector.get(feature, 0.0) for vector in lessons)
    shared: dict[Facet, tuple[str, ...]] = dict.fromkeys(Facet, ())
    for facet, word in sorted(weights, key=lambda feature: (-weights[feature], feature)):
        if len(shared[facet]) < MOST_SHARED:
            shared[facet] += (word,)
    return {facet: words for facet, words in shared.items() if words}
