"""Which commits may have caused what a fix mends: those that brought the lines it took away or
stands beside, and those that took away the lines it puts back.

Reads history; judges nothing. Bounded in files, lines, commits looked through and causes given.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

from twiceshy.changes.change import Change, FileChange, Hunk, LineKind
from twiceshy.changes.git import file_text
from twiceshy.changes.git_blame import FOLLOW_MOVES, BlamedLine, blamed, removals
from twiceshy.changes.git_history import Commit, commit
from twiceshy.guards.recall.tokens import tokenize
from twiceshy.learning.learn.evidence import story_of, without_blanks
from twiceshy.lessons.languages import language_named, language_of_path

MOST_CAUSES, MOST_BESIDE = 6, 3
"""More candidates than this are no answer any more: those with the most to say are looked at, and
of those that speak only of lines beside it fewer yet.
"""

MOST_FILES = 20
MOST_LINES = 400
"""Of a file, that are asked who brought them."""

MOST_COMMITS = 400
"""Of a file's history, looked through for who took lines away."""

MOST_LAYOUT = 8
"""Commits that changed nothing but layout, and are passed over for those before them."""

BESIDE = 3
"""Lines of code on each side of what a fix changed: what it guards stands next to it."""

SHORTEST = 8
"""Characters without blanks; a shorter line stands everywhere, so putting it back says nothing."""

_CERTAIN = 100
"""A line that was taken away and is put back says more than a line that was touched last."""


@dataclass(frozen=True, slots=True)
class Mended:
    """What a fix did to one file, as lines of code: no blank line, comment or import."""

    path: str  # before the fix
    removed: tuple[int, ...]  # lines before the fix that it took away
    beside: tuple[int, ...]  # lines before the fix that stand next to what it changed
    restored: frozenset[str]  # what it put there and the file did not hold, see ``_squeezed``


@dataclass(frozen=True, slots=True)
class Cause:
    """A commit that may have caused what a fix mends, and what speaks for it."""

    commit: Commit
    brought: int  # lines that the fix took away
    beside: int  # lines next to what it changed
    deleted: int  # lines that it took away and the fix puts back
    # by path in that commit, where the lines stand in it, or stood
    lines: Mapping[str, frozenset[int]]

    @property
    def weight(self) -> int:
        """Which of too many candidates are looked at."""
        return _CERTAIN * self.deleted + 2 * self.brought + self.beside


@dataclass(frozen=True, slots=True)
class Causes:
    """The candidates that are looked at, newest first, and how many there are in all."""

    looked_at: tuple[Cause, ...]
    total: int


@dataclass
class _Tally:
    brought: int = 0
    beside: int = 0
    deleted: int = 0
    lines: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))


def causes_of(root: Path, change: Change) -> Causes:
    """Who may have caused what a change mends. Raises ChangeError."""
    tallies: dict[str, _Tally] = defaultdict(_Tally)
    for mended in _telling(change):
        _ask_who_brought(root, change.base, mended, tallies)
        _ask_who_deleted(root, change.base, mended, tallies)
    found: list[Cause] = []
    for name, tally in tallies.items():
        lines = {path: frozenset(numbers) for path, numbers in tally.lines.items()}
        whole = commit(root, name)
        found.append(Cause(whole, tally.brought, tally.beside, tally.deleted, lines))
    chosen = sorted(_likeliest(found), key=lambda cause: cause.commit.second, reverse=True)
    return Causes(tuple(chosen), len(found))


def _likeliest(found: list[Cause]) -> list[Cause]:
    ordered = sorted(found, key=lambda cause: (-cause.weight, -cause.commit.second))
    strong = [cause for cause in ordered if cause.deleted or cause.brought]
    beside = [cause for cause in ordered if not (cause.deleted or cause.brought)]
    return [*strong, *beside[:MOST_BESIDE]][:MOST_CAUSES]


def _telling(change: Change) -> Iterator[Mended]:
    """What a fix did to each of its files that tells of a failure: no test, no formatting."""
    told = 0
    for file in change.files:
        if told < MOST_FILES and story_of(replace(change, files=(file,))).pairs:
            told += 1
            yield mended_in(file, change)


def mended_in(file: FileChange, change: Change) -> Mended:
    """What a fix did to one file."""
    base, head = change.read_base(file.base_path) or "", change.read_head(file.path) or ""
    telling = code_lines(base, file.base_path), code_lines(head, file.path)
    stood = {_squeezed(line) for line in base.split("\n")}
    removed: list[int] = []
    beside: list[int] = []
    restored: set[str] = set()
    for hunk in file.hunks:
        gone = [line.old for line in hunk.lines if line.kind is LineKind.REMOVED and line.old]
        telling_gone = [line for line in gone if line in telling[0]]
        came = [line for line in hunk.lines if line.kind is LineKind.ADDED]
        telling_came = [line for line in came if line.new in telling[1]]
        removed += telling_gone
        if telling_came or telling_gone:
            beside += _neighbours(hunk, telling[0])
        restored |= {_squeezed(line.text) for line in telling_came}
    long_enough = {text for text in restored - stood if len(text) >= SHORTEST}
    return Mended(file.base_path, tuple(removed), tuple(beside), frozenset(long_enough))


def code_lines(text: str, path: str) -> frozenset[int]:
    """The lines of a file that hold code: 1-based; without imports."""
    language = language_of_path(path)
    importing = language_named(language).importing_words if language else frozenset()
    first: dict[int, str] = {}
    telling: set[int] = set()
    for token in tokenize(text, language):
        first.setdefault(token.line, token.text)
        if any(char.isalnum() for char in token.text):
            telling.add(token.line)
    return frozenset(line for line in telling if first[line] not in importing)


def _neighbours(hunk: Hunk, telling: Collection[int]) -> list[int]:
    """The lines of code nearest to what a hunk changes, as numbers before it."""
    places: set[int] = set()
    last = max(0, hunk.old_start - 1)
    for line in hunk.lines:
        last = line.old or last
        if line.kind is not LineKind.CONTEXT:
            places.add(last)
    near: set[int] = set()
    for place in places:
        before = [line for line in range(place, place - 2 * BESIDE, -1) if line in telling]
        after = [line for line in range(place + 1, place + 1 + 2 * BESIDE) if line in telling]
        near.update(before[:BESIDE], after[:BESIDE])
    return sorted(near)


def _ask_who_brought(root: Path, base: str, mended: Mended, tallies: Mapping[str, _Tally]) -> None:
    """Both who touched the lines last and who first wrote them: a copy of failing code is a cause,
    and so is what was copied.
    """
    removed = frozenset(mended.removed[:MOST_LINES])
    beside = frozenset(mended.beside[:MOST_LINES]) - removed
    for lines, is_removed in ((removed, True), (beside, False)):
        brought = _who_wrote(root, base, mended.path, lines, ())
        brought |= _who_wrote(root, base, mended.path, lines, FOLLOW_MOVES)
        for line in brought:
            tally = tallies[line.commit]
            tally.lines[line.path].add(line.line)
            tally.brought += is_removed
            tally.beside += not is_removed


def _who_wrote(
    root: Path, base: str, path: str, lines: Collection[int], options: Sequence[str]
) -> set[BlamedLine]:
    """Who brought the lines, and not who laid them out anew."""
    layout: set[str] = set()
    while True:
        brought = set(blamed(root, base, path, lines, options, layout))
        places = {(line.commit, line.path) for line in brought}
        more = {name for name, place in places if _is_layout(root, name, place)} - layout
        if not more or len(layout) >= MOST_LAYOUT:
            return brought
        layout |= more


@lru_cache(maxsize=256)
def _is_layout(root: Path, name: str, path: str) -> bool:
    """Whether a commit changed nothing but layout and comments of a file that was there before."""
    before, after = file_text(root, f"{name}^1", path), file_text(root, name, path)
    if before is None or after is None:
        return False
    language = language_of_path(path)
    return _tokens(before, language) == _tokens(after, language)


def _tokens(text: str, language: str | None) -> list[str]:
    return [token.text for token in tokenize(text, language)]


def _ask_who_deleted(root: Path, base: str, mended: Mended, tallies: Mapping[str, _Tally]) -> None:
    wanted = set(mended.restored)
    for removal in removals(root, base, mended.path, MOST_COMMITS) if wanted else ():
        for line in removal.lines:
            text = _squeezed(line.text)
            if text in wanted:
                wanted.remove(text)  # older commits did not take it away last
                tally = tallies[removal.commit]
                tally.deleted += 1
                tally.lines[removal.path].add(line.after)


def _squeezed(line: str) -> str:
    """A line as it is compared: what was taken away often comes back laid out or spelt anew."""
    return without_blanks(line).casefold()
