"""Where else the edit of a fix was made, before it and after it, and where its failing side stands
to this day.

Reads history and texts, runs nothing. An edit is a sibling when the same words took the place of
the same words in code much like it; the same lines at the same path, or in a copy of the file, are
the fix itself once more (a backport).
"""

import re
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from itertools import islice
from pathlib import Path
from textwrap import dedent

from twiceshy.changes.change_error import ChangeError
from twiceshy.changes.functions import enclosing, functions
from twiceshy.changes.git import file_text
from twiceshy.changes.git_edits import LineEdit, edits_of_commits
from twiceshy.changes.git_history import Commit, commit
from twiceshy.guards.recall.tokens import Token, tokenize
from twiceshy.guards.recall.word_weight import word_weight
from twiceshy.learning.learn.edit_index import MOST_EDITS, EditIndex, PastEdit, is_code
from twiceshy.learning.learn.edit_shape import is_rare, parts, shapes
from twiceshy.learning.learn.evidence import EvidencePair, is_test
from twiceshy.learning.learn.windows import AROUNDS, LONGEST
from twiceshy.lessons.languages import family_of, language_of_path
from twiceshy.lessons.progress import Progress, no_progress

MOST_COMMITS = 20
"""An edit that was made in more of them is how this code is worked on: a renaming, a migration."""

MOST_SIBLINGS = 10
MOST_UNFIXED = 20
LEAST_ALIKE = 0.5
"""How much of the tokens of the changed lines two siblings share, local names and literals apart.
By reading: see docs/decisions.md.
"""

LEAST_ALIKE_WHERE_DIFFERENT = 0.7
"""The same for two that differ in more than local names and literals."""

COPY = 0.8
"""A file that holds so much of the fix's file is a copy of it."""

FEWEST_TOKENS = 6
"""A shorter failing side stands in many a place."""

FEWEST_NAMES = 2
"""Rare ones, of a failing side: one alone (``startswith``) stands in many a statement."""

FEWEST_TOLD_UNFIXED = 2.5
_WORDING = re.compile(
    r"(?:log(?:ger|ging)?|(?:log)?(?:debug|info|warn(?:ing)?|error|fatal|trace)(?:f|ln)?"
    r"|s?print(?:f|ln)?|console|message|msg|description|help|usage|label|title)",
    re.IGNORECASE,
)
"""Names of what people read: a fix of these alone is no failure to look for."""

_SOFT = frozenset(["ID", "STR", "NUM"])


class Kin(StrEnum):
    """What an edit of the past is to a fix."""

    SIBLING = "sibling"
    BACKPORT = "backport"
    STRANGER = "stranger"


@dataclass(frozen=True, slots=True)
class Sibling:
    """The same edit, made at another place; with the code before and after it."""

    commit: Commit
    pair: EvidencePair
    line: int  # after the commit


@dataclass(frozen=True, slots=True)
class Family:
    """What history knows of a fix's edits."""

    siblings: tuple[Sibling, ...]
    backports: tuple[Commit, ...]
    unread: int  # commits that were not read for lack of time


@dataclass(frozen=True, slots=True)
class Unfixed:
    """A place of today that has the failing side and lacks the fix."""

    path: str
    line: int
    why: str  # the failing side, as it stands there


@dataclass(frozen=True, slots=True)
class _Edited:
    """An edit as tokens: what its lines were, and became."""

    old: tuple[Token, ...]
    new: tuple[Token, ...]

    @property
    def shape(self) -> tuple[str, ...]:
        """Local names and literals taken out."""
        return (*(token.abstract for token in self.old), "→", *(tok.abstract for tok in self.new))

    @property
    def text(self) -> tuple[str, ...]:
        """As it was written, white space apart."""
        return (*(token.text for token in self.old), "→", *(token.text for token in self.new))

    @property
    def names(self) -> tuple[frozenset[str], frozenset[str]]:
        """The rare names that are only in one of the sides."""
        gone, came = self.difference
        return frozenset(filter(is_rare, gone)), frozenset(filter(is_rare, came))

    @property
    def difference(self) -> tuple[Counter[str], Counter[str]]:
        """What is only in one of the sides."""
        old, new = _words(self.old), _words(self.new)
        return old - new, new - old


def _words(tokens: Iterable[Token]) -> Counter[str]:
    words = (token.abstract for token in tokens)
    return Counter(word for word in words if word not in _SOFT and any(map(str.isalnum, word)))


def known_family(
    root: Path,
    pairs: Sequence[EvidencePair],
    fix: Commit | None,
    cache: Path | None,
    progress: Progress = no_progress,
) -> Family | None:
    """What history knows of a fix; None when it cannot be read. ``cache``: the user's folder."""
    try:
        with closing(EditIndex(root, cache and cache / "edits")) as index:
            return family(root, pairs, fix, index, index.update(progress))
    except (ChangeError, sqlite3.Error):
        return None


def family(
    root: Path,
    pairs: Sequence[EvidencePair],
    fix: Commit | None,
    index: EditIndex,
    unread: int = 0,
) -> Family:
    """Siblings, the nearest in time first, and backports. Raises ChangeError."""
    siblings: dict[tuple[str, str, str], Sibling] = {}
    backports: dict[str, Commit] = {}
    for past, kin in _kin(root, _edits_of_fix(root, pairs, fix), fix, index):
        known = commit(root, past.commit)
        if kin is Kin.BACKPORT:
            backports[known.id] = known
        elif sibling := _sibling(root, known, past):
            # a sibling's own backports are the sibling once more
            made = (sibling.pair.path, sibling.pair.symbol, known.subject)
            siblings.setdefault(made, sibling)
    apart = [one for one in siblings.values() if one.commit.id not in backports]
    day = fix.day if fix else None
    apart.sort(key=lambda one: abs((one.commit.day - (day or one.commit.day)).days))
    return Family(tuple(apart[:MOST_SIBLINGS]), tuple(backports.values()), unread)


def _edits_of_fix(
    root: Path, pairs: Sequence[EvidencePair], fix: Commit | None
) -> dict[LineEdit, str]:
    """All edits of code that the fix made, not only those that are shown, and the whole file each
    was made in (empty where that is not known).
    """
    edits: dict[LineEdit, str] = {}
    for pair in pairs:
        edits |= {part: pair.before for whole in edits_of(pair) for part in parts(whole)}
    made = edits_of_commits(root, [fix.id]) if fix else ()
    for _, whole in islice(made, MOST_EDITS):
        if fix and is_code(whole.path):
            before = file_text(root, f"{fix.id}^", whole.path) or ""
            edits |= dict.fromkeys(parts(whole), before)
    return edits


def _kin(
    root: Path, edits: Mapping[LineEdit, str], fix: Commit | None, index: EditIndex
) -> Iterator[tuple[PastEdit, Kin]]:
    compared: set[tuple[PastEdit, tuple[str, ...], tuple[str, ...]]] = set()
    for edit, before in edits.items():
        for shape in shapes(edit):
            past = [one for one in index.find(shape) if not fix or one.commit != fix.id]
            if len({one.commit for one in past}) > MOST_COMMITS:
                continue
            for candidate in past:
                asked = (candidate, edit.removed, edit.added)
                if asked not in compared:
                    compared.add(asked)
                    kin = _compare(root, edit, before, candidate)
                    if kin is not Kin.STRANGER:
                        yield candidate, kin


def edits_of(pair: EvidencePair) -> list[LineEdit]:
    """The places where the two sides of the evidence differ."""
    old, new = pair.bad.splitlines(), pair.good.splitlines()
    edits: list[LineEdit] = []
    for kind, low, high, start, end in SequenceMatcher(None, old, new, False).get_opcodes():
        if kind != "equal":
            above, below = "".join(old[max(0, low - 1) : low]), "".join(old[high : high + 1])
            removed, added = tuple(old[low:high]), tuple(new[start:end])
            edits.append(LineEdit(pair.path, low + 1, start + 1, removed, added, above, below))
    return edits


def _edited_lines(edit: LineEdit, language: str) -> _Edited:
    old, new = "\n".join(edit.removed), "\n".join(edit.added)
    return _Edited(tokenize(dedent(old), language), tokenize(dedent(new), language))


def _compare(root: Path, edit: LineEdit, whole: str, past: PastEdit) -> Kin:
    """``whole``: the file the edit was made in."""
    language, own = language_of_path(past.path), language_of_path(edit.path)
    if language is None or own is None or family_of(language) != family_of(own):
        return Kin.STRANGER
    before, after = _texts(root, past)
    old = _lines(before, past.line, past.removed)
    new = _lines(after, past.new_line, past.added)
    made = _Edited(tokenize(dedent(old), language), tokenize(dedent(new), language))
    wanted = _edited_lines(edit, own)
    if made.text == wanted.text and _same_file(edit.path, whole, past.path, before):
        return Kin.BACKPORT
    return Kin.SIBLING if _does_the_same(made, wanted) else Kin.STRANGER


def _texts(root: Path, past: PastEdit) -> tuple[str, str]:
    before = file_text(root, f"{past.commit}^", past.path) or ""
    return before, file_text(root, past.commit, past.path) or ""


def _lines(text: str, first: int, count: int) -> str:
    return "\n".join(text.split("\n")[first - 1 : first - 1 + count])


def _same_file(path: str, text: str, other_path: str, other_text: str) -> bool:
    """The same path, or a copy: a bundle, a vendored one, one that was moved."""
    if path == other_path:
        return True
    own = {line.strip() for line in text.splitlines()}
    other = {line.strip() for line in other_text.splitlines()}
    return bool(text) and len(own & other) >= COPY * len(own)


def _does_the_same(one: _Edited, other: _Edited) -> bool:
    """Whether the same names came and went, and what else did is much the same, in lines alike."""
    if one.difference == other.difference:
        return any(one.difference) and _alike(one.shape, other.shape) >= LEAST_ALIKE
    if one.names != other.names or not all(one.difference):
        return False
    return _alike(one.shape, other.shape) >= LEAST_ALIKE_WHERE_DIFFERENT


def _alike(one: Sequence[str], other: Sequence[str]) -> float:
    return SequenceMatcher(None, one, other, False).ratio()


def _sibling(root: Path, made: Commit, past: PastEdit) -> Sibling | None:
    """With the code around it as evidence; None where a side cannot be read any more."""
    language = language_of_path(past.path)
    before, after = _texts(root, past)
    if not before or not after or language is None:
        return None
    symbol, bad = _around(before, language, past.line, past.removed)
    _, good = _around(after, language, past.new_line, past.added)
    removed = tuple(range(past.line, past.line + past.removed))
    added = tuple(range(past.new_line, past.new_line + past.added))
    changed = removed or (past.line,)
    pair = EvidencePair(
        past.path, language, symbol, bad, good, changed, before, after, removed, added
    )
    return Sibling(made, pair, past.new_line)


def _around(text: str, language: str, line: int, count: int) -> tuple[str, str]:
    """The function around lines and its text, or some lines around them."""
    function = enclosing(functions(text, language), line)
    first, last = line - AROUNDS[0], line + count + AROUNDS[0]
    if function and function.end_line - function.start_line < LONGEST:
        first, last = function.start_line, function.end_line
    lines = text.split("\n")[max(0, first - 1) : last]
    return function.qualified if function else "", dedent("\n".join(lines)).strip("\n") + "\n"


def unfixed(pairs: Sequence[EvidencePair], texts: Mapping[str, str]) -> tuple[Unfixed, ...]:
    """Today's places that have the failing side of an edit and lack what the fix made of it.

    ``texts``: path to text.
    """
    search = UnfixedSearch(pairs)
    for path, text in sorted(texts.items()):
        if not is_test(path):
            search.read(path, text)
    return tuple(search.places()[:MOST_UNFIXED])


class UnfixedSearch:
    """Looks for the failing sides of some fixes in one file after the other, and for what the fixes
    made of them: what stands unfixed in more places than fixed is how the code is written.
    """

    def __init__(self, pairs: Sequence[EvidencePair]) -> None:
        self._sides = [side for pair in pairs for side in _failing_sides(pair)]
        self._standing: dict[tuple[int, str, int], Unfixed] = {}
        self._fixed: Counter[int] = Counter()

    def read(self, path: str, text: str) -> None:
        """One more file; not past one of its words that is missing."""
        at_hand = [
            (number, side)
            for number, side in enumerate(self._sides)
            if side.may_stand_in(path, text)
        ]
        tokens = tokenize(text, language_of_path(path)) if at_hand else ()
        lines = text.split("\n")
        for number, side in at_hand:
            self._fixed[number] += side.times_fixed_in(tokens)
            for line in islice(side.lines_in(tokens), MOST_UNFIXED):
                why = lines[line - 1].strip()
                self._standing[number, path, line] = Unfixed(path, line, why)

    def places(self) -> list[Unfixed]:
        """Where one stands that stands fixed no less often."""
        count = Counter(number for number, _, _ in self._standing)
        places: dict[tuple[str, int], Unfixed] = {}
        for (number, path, line), place in self._standing.items():
            if count[number] <= max(1, self._fixed[number]):
                places[path, line] = place
        return list(places.values())


@dataclass(frozen=True, slots=True)
class _FailingSide:
    """What stood where the fix was made, as a run of tokens, and the run it became."""

    language: str
    run: tuple[str, ...]
    names: tuple[int, ...]  # which of its local names are the same, see ``_names``
    fixed: tuple[str, ...]
    words: frozenset[str]
    literals: frozenset[str]  # those the fix took away: another text did not fail

    def may_stand_in(self, path: str, text: str) -> bool:
        """Whether the file is of its language and has all its words, or those the fix kept."""
        same = family_of(language_of_path(path)) == family_of(self.language)
        kept = self.words.intersection(self.fixed)
        return same and all(word in text for word in kept or self.words)

    def times_fixed_in(self, tokens: Sequence[Token]) -> int:
        """How often what the fix made of it stands there."""
        shape = tuple(token.abstract for token in tokens)
        size = len(self.fixed)
        runs = (shape[start : start + size] for start in _line_starts(tokens))
        return sum(run == self.fixed for run in runs)

    def lines_in(self, tokens: Sequence[Token]) -> Iterator[int]:
        """Where it begins, in a file that is not fixed there."""
        size, end = len(self.run), 0
        for start in _line_starts(tokens):
            if start >= end and self._stands_at(tokens, start):
                end = start + size
                yield tokens[start].line

    def _stands_at(self, tokens: Sequence[Token], start: int) -> bool:
        here = tokens[start : start + len(self.run)]
        if tuple(token.abstract for token in here) != self.run:
            return False
        same = _names(here) == self.names and self.literals <= _literals(here)
        return same and not self._is_fixed(tokens, start)

    def _is_fixed(self, tokens: Sequence[Token], start: int) -> bool:
        """Whether what the fix put there stands here: in place of the failing lines, or beside
        them where it kept them.
        """
        near = max(len(self.fixed) - len(self.run), 0)
        around = tokens[max(0, start - near) : start + len(self.run) + near]
        came = Counter(self.fixed) - Counter(self.run)
        came = Counter({word: many for word, many in came.items() if word not in _SOFT})
        return came <= Counter(token.abstract for token in around)


def _failing_sides(pair: EvidencePair) -> Iterator[_FailingSide]:
    """Of each edit that changed a statement: what was only put there leaves nothing to look for,
    what was only taken away may be right elsewhere, and what moved is no failure.
    """
    whole = [token.abstract for token in tokenize(pair.good, pair.language)]
    for edit in filter(shapes, edits_of(pair)):
        made = _edited_lines(edit, pair.language)
        run = tuple(token.abstract for token in made.old)
        fixed = tuple(token.abstract for token in made.new)
        came = [word for word in made.difference[1] if not _WORDING.fullmatch(word)]
        words = frozenset(word for word in {*run} - _SOFT if word_weight(word) >= 1)
        if not came or len(words) < FEWEST_NAMES or not _tells(run):
            continue
        if not _is_changed(run, fixed):
            continue
        if not _holds(whole, run):  # else it moved
            literals = _literals(made.old) - _literals(made.new)
            yield _FailingSide(pair.language, run, _names(made.old), fixed, words, literals)


def _holds(shape: Sequence[str], run: Sequence[str]) -> bool:
    size = len(run)
    starts = range(len(shape) - size + 1)
    return any(tuple(shape[start : start + size]) == tuple(run) for start in starts)


def _names(tokens: Iterable[Token]) -> tuple[int, ...]:
    """The local names in their order, each as the number of its first appearance: arguments that
    were swapped are another code.
    """
    numbers: dict[str, int] = {}
    local = [token.text for token in tokens if token.abstract == "ID"]
    return tuple(numbers.setdefault(name, len(numbers)) for name in local)


def _literals(tokens: Iterable[Token]) -> frozenset[str]:
    return frozenset(token.text for token in tokens if token.abstract in ("STR", "NUM"))


def _tells(run: Sequence[str]) -> bool:
    told = sum(map(word_weight, {*run} - _SOFT))
    return told >= FEWEST_TOLD_UNFIXED and len(run) >= FEWEST_TOKENS


def _is_changed(run: Sequence[str], fixed: Sequence[str]) -> bool:
    """Whether it is the same statement still, and not another in its place."""
    return SequenceMatcher(None, run, fixed, False).ratio() >= LEAST_ALIKE


def _line_starts(tokens: Sequence[Token]) -> Iterator[int]:
    """The numbers of the first tokens of each line."""
    line = 0
    for number, token in enumerate(tokens):
        if token.line != line:
            line = token.line
            yield number
