"""How many places of the host resemble a lesson already: what is normal here is no news.

Asked only for the few lessons that have something to say of a change. Reads the host's files that
hold most of a lesson's names, at most so many; never the places the change itself touches.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import log
from typing import NamedTuple
from zlib import crc32

from twiceshy.changes.change import Change, as_added
from twiceshy.changes.host import HostFile, HostTree
from twiceshy.guards.host_words import HostWords
from twiceshy.guards.recall.grams import NO_GRAMS, TELLS, View
from twiceshy.guards.recall.regions import Region, regions
from twiceshy.guards.recall.score import Sides, resemblance, views_of
from twiceshy.guards.recall.signature import Signature, SignaturePair, dumps
from twiceshy.guards.recall.word_weight import word_weight
from twiceshy.lessons.languages import family_of

MOST_READ = 30
"""Files that are read for a lesson; where more hold its names, the rest is not looked at."""

LEAST_HELD = 0.5
"""Of the weight of a lesson's names; a file that holds less cannot hold a place like it."""

RESEMBLES = 0.3
"""From this score on a place of the host counts: what recall would note were it written today."""


class HostPlace(NamedTuple):
    """Lines of a file of the host, 1-based."""

    path: str
    first_line: int
    last_line: int


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands in the host that resembles a lesson."""

    places: tuple[HostPlace, ...] = ()
    files: int = 0  # that were read
    left: int = 0  # files that hold its names and were not read


class HostPlaces:
    """Counts the places of one host."""

    def __init__(self, tree: HostTree, words: HostWords) -> None:
        self._tree, self._words = tree, words

    def of(self, signature: Signature, sides: Sequence[Sides]) -> Standing:
        """Every place that resembles a lesson, by the sides of all its pairs."""
        mark = f"recall {crc32(dumps(signature).encode()):x}"
        places: list[HostPlace] = []
        files = self._holding(signature)
        for file in files[:MOST_READ]:
            for first, last in self._in_file(file, mark, sides):
                places.append(HostPlace(file.path, first, last))
        read = min(len(files), MOST_READ)
        return Standing(tuple(places), read, len(files) - read)

    def _holding(self, signature: Signature) -> list[HostFile]:
        """The files that hold most of the names of any pair, most first."""
        holding: dict[HostFile, None] = {}
        for pair in signature.pairs:
            weights = self._weights(_names(signature, pair))
            for file in self._words.holding(weights, family_of(pair.language), LEAST_HELD):
                holding[file] = None
        return list(holding)

    def _weights(self, names: Sequence[str]) -> Mapping[str, float]:
        """Rare names weigh more (inverse document frequency over the host)."""
        counts = self._words.counts(names)
        return {name: log(1 + self._words.files / counts.get(name, 1)) for name in names}

    def _in_file(self, file: HostFile, mark: str, sides: Sequence[Sides]) -> list[tuple[int, int]]:
        """First and last lines of the places; remembered for a content and a lesson."""
        kept = self._words.note(file.blob, mark)
        if kept is not None:
            return [(first, last) for first, last in json.loads(kept)]
        found = [(region.first_line, region.last_line) for region in self._like(file, sides)]
        self._words.set_note(file.blob, mark, json.dumps(found))
        return found

    def _like(self, file: HostFile, sides: Sequence[Sides]) -> Iterator[Region]:
        text = self._tree.text(file.blob)
        if text is None:
            return
        written = Change((as_added(file.path, text),), {file.path: text}.get)
        for region in regions(written):
            views = views_of(region.after, NO_GRAMS, NO_GRAMS)
            if any(resemblance(pair, views).score >= RESEMBLES for pair in sides):
                yield region


def elsewhere(places: Sequence[HostPlace], change: Change) -> Iterator[HostPlace]:
    """The places that a change does not touch: what it touches is what is judged."""
    touched: dict[str, set[int]] = {}
    for file in change.files:
        lines = touched.setdefault(file.base_path, set())
        for hunk in file.hunks:
            lines.update(line.old for line in hunk.lines if line.old is not None)
    for place in places:
        lines = touched.get(place.path, set())
        if lines.isdisjoint(range(place.first_line, place.last_line + 1)):
            yield place


def _names(signature: Signature, pair: SignaturePair) -> list[str]:
    """The names by which the failing code can be found whatever its local names are."""
    names: dict[str, None] = {}
    for part in (pair.bad[View.SHAPE], pair.both[View.SHAPE]):
        for run in part.runs:
            for word in signature.runs[run]:
                names[signature.words[word]] = None
    return [name for name in names if word_weight(name) >= TELLS]
