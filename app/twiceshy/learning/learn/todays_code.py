"""The code that stands in a repository today, in the languages of a fix: what a proposed rule is
tried on. Reads files, parses nothing; bounded by bytes and time.

What shares most words with the fix is read into memory first; how much was not is known.
"""

import re
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from pathlib import Path

from twiceshy.changes import git
from twiceshy.changes.diff_file import read_under
from twiceshy.changes.skip import parse_attributes, skip_reason
from twiceshy.learning.learn.evidence import EvidencePair
from twiceshy.learning.learn.windows import stands_in
from twiceshy.lessons.languages import language_of_path

MOST_CHARACTERS = 200_000_000
"""Of all files together; the largest public repositories have less in one language."""

MOST_SECONDS = 60.0
"""Of reading; a cold disk reads a hundred files a second."""

_WORD = re.compile(r"[^\W\d]\w{2,}")


@dataclass(frozen=True)
class TodaysCode(Mapping[str, str]):
    """Texts by path, and how many files more there are."""

    texts: Mapping[str, str] = field(default_factory=dict)
    unread: int = 0

    def __getitem__(self, path: str) -> str:
        return self.texts[path]

    def __iter__(self) -> Iterator[str]:
        return iter(self.texts)

    def __len__(self) -> int:
        return len(self.texts)


def todays_code(
    root: Path,
    pairs: Sequence[EvidencePair],
    most: int = MOST_CHARACTERS,
    seconds: float = MOST_SECONDS,
) -> TodaysCode:
    """The tracked files in the languages of some evidence; not the file that failed, as long as the
    failure still stands in it. Raises ChangeError.

    ``most``: characters that are kept; ``seconds``: how long is read.
    """
    read = read_under(root)
    attributes = parse_attributes(read(".gitattributes") or "")
    languages = {pair.language for pair in pairs}
    paths = [
        path
        for path in git.tracked_files(root)
        if language_of_path(path) in languages and not skip_reason(path, None, attributes, ())
    ]
    kept = _Kept(_words_of(pairs), most)
    until = time.monotonic() + seconds
    for path in _nearest_first(paths, pairs):
        text = read(path) if time.monotonic() < until else None
        if text is None:
            kept.unread += 1
        elif not any(_still_stands(pair, path, text) for pair in pairs):
            kept.add(path, text)
    return TodaysCode(kept.texts, kept.unread)


class _Kept:
    """The texts that share most words with a fix, as many as there is room for."""

    def __init__(self, words: Iterable[str], most: int) -> None:
        self.texts: dict[str, str] = {}
        self.unread = 0
        self._words = frozenset(words)
        self._room = most
        self._least: list[tuple[int, str]] = []  # shared words and path, the fewest first
        self._unranked: list[str] = []

    def add(self, path: str, text: str) -> None:
        """Keep a text, and give up others for it where there is no room."""
        self.texts[path] = text
        self._room -= len(text)
        self._unranked.append(path)
        while self._room < 0:
            self._rank()
            _, least = heappop(self._least)
            self._room += len(self.texts.pop(least))
            self.unread += 1

    def _rank(self) -> None:
        """Words are counted only where there is no room: that costs as much as all reading."""
        while self._unranked:
            path = self._unranked.pop()
            shared = len(self._words.intersection(_WORD.findall(self.texts[path])))
            heappush(self._least, (shared, path))


def _words_of(pairs: Iterable[EvidencePair]) -> Iterator[str]:
    """The names in what a fix shows: a rule made of it asks for some of them."""
    for pair in pairs:
        yield from _WORD.findall(pair.bad)
        yield from _WORD.findall(pair.good)


def _nearest_first(paths: Sequence[str], pairs: Iterable[EvidencePair]) -> list[str]:
    """The files in the folders of a fix, those above them, and so on."""
    folders = dict.fromkeys(paths, 0)
    for pair in pairs:
        own = pair.path.split("/")[:-1]
        for path in paths:
            folders[path] = max(folders[path], _shared(own, path.split("/")))
    return sorted(paths, key=lambda path: (-folders[path], path))


def _shared(own: Sequence[str], other: Sequence[str]) -> int:
    shared = 0
    while shared < min(len(own), len(other)) and own[shared] == other[shared]:
        shared += 1
    return shared


def _still_stands(pair: EvidencePair, path: str, text: str) -> bool:
    return pair.path == path and stands_in(pair.bad, text)
