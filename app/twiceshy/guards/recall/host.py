"""What the repository a change is made to says of a lesson: how common its words are here, and how
many places resemble it already. What is normal here is no news.

Reads the few files of the host that hold most of a lesson's names, and only for lessons that have
something to say; never a place that the change itself touches. Decides nothing.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from math import log
from pathlib import Path
from typing import NamedTuple
from zlib import crc32

from twiceshy.changes.change import Change, FileChange, Reader, as_added, read_nothing
from twiceshy.changes.host import HostFile, HostTree
from twiceshy.guards.baseline import BASELINE, Baseline, Word, read_baseline
from twiceshy.guards.host_words import MOST_FILES, HostWords, host_words
from twiceshy.guards.recall.grams import NO_GRAMS, TELLS, HostCounts, View
from twiceshy.guards.recall.regions import regions
from twiceshy.guards.recall.score import RegionViews, Sides, resemblance, views_of
from twiceshy.guards.recall.signature import Signature, SignaturePair, dumps
from twiceshy.guards.recall.word_weight import word_weight
from twiceshy.lessons.languages import family_of
from twiceshy.lessons.lesson import Problem
from twiceshy.lessons.progress import Progress, no_progress

MOST_READ = 30
"""Files that are read for a lesson; where more hold its names, the rest is not looked at."""

LEAST_HELD = 0.5
"""Of the weight of a lesson's names; a file that holds less is taken to hold no place like it."""

MOST_KEPT = 60
"""Files whose places are kept while a change is judged: the next lesson asks for the same ones."""

RESEMBLES = 0.3
"""From this score on a place of the host counts, were it written today."""

SAID_COUNTS = 4
"""Places that one counts as which a person said to be normal: a word outweighs a likeness. Chosen,
not fitted: one takes what is .95 sure below the default of .90.
"""


COUNTED_AS = 3
"""Changes when the same code would be counted otherwise: what is kept of another is not taken."""


class HostPlace(NamedTuple):
    """Lines of a file of the host, 1-based."""

    path: str
    first_line: int
    last_line: int


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands in the host that resembles a lesson."""

    places: tuple[HostPlace, ...] = ()
    unread: int = 0  # files that hold its names, too, and were not read
    counted: int = 0  # files of the host whose words are counted
    total: int = 0  # files of the host that were listed
    all_listed: bool = True  # whether those are all it has
    normal: int = 0  # places that a person said to be normal here
    unmended: int = 0  # that a person said to be the same mistake: not among ``places``

    @property
    def weight(self) -> int:
        """As how many places it counts."""
        return len(self.places) + SAID_COUNTS * self.normal

    @property
    def is_part(self) -> bool:
        """Whether not all of the host was counted."""
        return self.counted < self.total or not self.all_listed

    def elsewhere(self, change: Change) -> "Standing":
        """Without the places that a change touches: those are what is judged."""
        return replace(self, places=tuple(_elsewhere(self.places, change)))

    def as_said(self, baseline: Baseline, lesson: str) -> "Standing":
        """With a person's word on a lesson's places: what is the same mistake is not normal."""
        unmended = frozenset(baseline.said(Word.UNMENDED, lesson))
        places = tuple(place for place in self.places if place.path not in unmended)
        return replace(
            self,
            places=places,
            normal=len(baseline.said(Word.NORMAL, lesson)),
            unmended=len(self.places) - len(places),
        )


NOTHING_STANDS = Standing()


class Host:
    """A host, as far as it is counted; nothing is counted before the first question."""

    def __init__(
        self, tree: HostTree, opened: Callable[[], HostWords], read: Reader = read_nothing
    ) -> None:
        """``read`` reads what people said of its places, from where no change can put it."""
        self._tree, self._opened, self._said = tree, opened, read
        self._places_in = lru_cache(maxsize=MOST_KEPT)(self._read)
        self.problems: tuple[Problem, ...] = ()  # of what was read to answer

    @cached_property
    def _words(self) -> HostWords:
        return self._opened()

    @cached_property
    def baseline(self) -> Baseline:
        """What people said of places."""
        baseline = read_baseline(self._said(BASELINE))
        self.problems = baseline.problems
        return baseline

    def count(self) -> None:
        """Count it now, and not at the first question."""
        _ = self._words

    @property
    def files(self) -> int:
        """Files that are counted."""
        return self._words.files

    @property
    def total(self) -> int:
        """Files that were listed."""
        return self._words.total

    def counts(self, words: Iterable[str]) -> HostCounts:
        """In how many files each word stands."""
        return HostCounts(self.files, self._words.counts(words))

    def files_alike(self, signature: Signature) -> int:
        """Counted files in the languages of a lesson's code."""
        families = {family_of(pair.language) or "" for pair in signature.pairs}
        return sum(map(self._words.files_of, families))

    def standing(
        self, signature: Signature, sides: Sequence[Sides], most_read: int = MOST_READ
    ) -> Standing:
        """Every place that resembles a lesson, by the sides of all its pairs, in so many files."""
        mark = f"recall {COUNTED_AS} {crc32(dumps(signature).encode()):x}"
        places: list[HostPlace] = []
        files = self._holding(signature)
        for file in files[:most_read]:
            for first, last in self._in_file(file, mark, sides):
                places.append(HostPlace(file.path, first, last))
        return Standing(
            tuple(places),
            len(files[most_read:]),
            self.files,
            self.total,
            self._words.is_whole,
        )

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
        return {name: log(1 + self.files / counts.get(name, 1)) for name in names}

    def _in_file(self, file: HostFile, mark: str, sides: Sequence[Sides]) -> list[tuple[int, int]]:
        """First and last lines of the places; remembered for a content and a lesson."""
        kept = self._words.note(file.blob, mark)
        if kept is not None:
            return [(first, last) for first, last in json.loads(kept)]
        found = list(self._like(file, sides))
        self._words.set_note(file.blob, mark, json.dumps(found))
        return found

    def _like(self, file: HostFile, sides: Sequence[Sides]) -> Iterator[tuple[int, int]]:
        """The places that resemble a lesson, each line in one: a window about a function's
        neighbours is no place beside the function.
        """
        taken: set[int] = set()
        for first, last, views in self._places_in(file):
            lines = range(first, last + 1)
            alike = any(resemblance(pair, views).score >= RESEMBLES for pair in sides)
            if alike and taken.isdisjoint(lines):
                taken.update(lines)
                yield first, last

    def _read(self, file: HostFile) -> list[tuple[int, int, RegionViews]]:
        """The places of a file as if all of it had just been written."""
        text = self._tree.text(file.blob)
        if text is None:
            return []
        written = Change((as_added(file.path, text),), {file.path: text}.get)
        places: list[tuple[int, int, RegionViews]] = []
        for region in regions(written):
            views = views_of(region.after, NO_GRAMS, NO_GRAMS)
            places.append((region.first_line, region.last_line, views))
        return sorted(places, key=lambda place: place[1] - place[0])


@contextmanager
def opened_host(
    change: Change, folder: Path | None, progress: Progress = no_progress
) -> Iterator[Host | None]:
    """The host of a change, the files near to it counted first; None where nobody knows it."""
    if change.host is None or not change.files:
        yield None
        return
    near = [file.path for file in change.files]
    words = host_words(change.host, folder, near, progress=progress)
    with ExitStack() as stack:
        yield Host(change.host, lambda: stack.enter_context(words), change.read_base)


@contextmanager
def whole_host(
    tree: HostTree, folder: Path | None, read: Reader, progress: Progress = no_progress
) -> Iterator[Host]:
    """A host without a change, counted as far as ever one is; ``read`` reads its files."""
    words = host_words(tree, folder, most=MOST_FILES, progress=progress)
    with ExitStack() as stack:
        yield Host(tree, lambda: stack.enter_context(words), read)


def _elsewhere(places: Iterable[HostPlace], change: Change) -> Iterator[HostPlace]:
    touched: dict[str, set[int]] = {}
    for file in change.files:
        touched.setdefault(file.base_path, set()).update(_lines_at_base(file))
        if not change.base:
            # of a diff nobody knows the base: the host may be a checkout that holds it already
            touched.setdefault(file.path, set()).update(file.added_numbers)
    for place in places:
        lines = touched.get(place.path, set())
        if lines.isdisjoint(range(place.first_line, place.last_line + 1)):
            yield place


def _lines_at_base(file: FileChange) -> Iterator[int]:
    for hunk in file.hunks:
        for line in hunk.lines:
            if line.old is not None:
                yield line.old


def _names(signature: Signature, pair: SignaturePair) -> list[str]:
    """The names by which the failing code can be found whatever its local names are."""
    names: dict[str, None] = {}
    for part in (pair.bad[View.SHAPE], pair.both[View.SHAPE]):
        for run in part.runs:
            for word in signature.runs[run]:
                names[signature.words[word]] = None
    return [name for name in names if word_weight(name) >= TELLS]
