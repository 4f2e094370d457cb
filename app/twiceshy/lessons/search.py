"""Finds lessons by words or by code: BM25 over everything a lesson says. Pure; knows nothing of
changes.

Okapi BM25 with the usual constants; S. Robertson and H. Zaragoza, "The Probabilistic Relevance
Framework: BM25 and Beyond", 2009, section 3.4.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import log

from twiceshy.lessons.lesson import Lesson
from twiceshy.lessons.questions import paragraphs

K1 = 1.2
B = 0.75
TITLE_WEIGHT = 3
"""A word in the title or the tags counts as often as this in the text."""

SHORTEST_PLURAL = 4

_WORD = re.compile(r"[A-Za-z]+|\d+|[^\W\d_]+")
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class Hit:
    """A lesson that was found, how well it fits (any positive number), and the words it was found
    by.
    """

    lesson: Lesson
    score: float
    words: tuple[str, ...]


def search(query: str, lessons: Sequence[Lesson], most: int = 10) -> tuple[Hit, ...]:
    """The lessons that fit the query best, best first; lessons that share no word with it are not
    given.
    """
    wanted = set(words(query))
    documents = [Counter(words(_text(lesson))) for lesson in lessons]
    if not documents or not wanted:
        return ()
    rarity = {word: _rarity(word, documents) for word in wanted}
    mean = sum(document.total() for document in documents) / len(documents) or 1.0
    hits: list[Hit] = []
    for lesson, document in zip(lessons, documents, strict=True):
        shared = sorted(wanted & document.keys(), key=lambda word: -rarity[word])
        if shared:
            hits.append(Hit(lesson, _score(document, rarity, mean), tuple(shared)))
    return tuple(sorted(hits, key=lambda hit: (-hit.score, hit.lesson.id))[:most])


def words(text: str) -> Iterable[str]:
    """The words of prose or code in lower case, each without a plural s; names are split at humps
    and underscores.
    """
    for word in _WORD.findall(_HUMP.sub(" ", text)):
        lower = word.lower()
        plural = lower.endswith("s") and not lower.endswith("ss")
        yield lower[:-1] if plural and len(lower) >= SHORTEST_PLURAL else lower


def _text(lesson: Lesson) -> str:
    loud = " ".join((lesson.id, lesson.title, *lesson.tags, *lesson.services))
    causes = " ".join(condition.text for condition in lesson.conditions)
    told = " ".join(paragraphs(lesson.body))
    return f"{(loud + ' ') * TITLE_WEIGHT} {lesson.mitigation} {causes} {told}"


def _rarity(word: str, documents: Sequence[Counter[str]]) -> float:
    holding, total = sum(word in document for document in documents), len(documents)
    return log(1 + (total - holding + 0.5) / (holding + 0.5))


def _score(document: Counter[str], rarity: dict[str, float], mean: float) -> float:
    length = K1 * (1 - B + B * document.total() / mean)
    return sum(
        rare * document[word] * (K1 + 1) / (document[word] + length)
        for word, rare in rarity.items()
    )
