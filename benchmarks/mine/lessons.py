"""Lessons: what a fix changed, before and after, function by function.

Honest ones: the message names a fault, the fix is small, and more than comments, layout or tests
changed.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, NamedTuple

from benchmarks.mine.drawing import drawn_evenly
from benchmarks.mine.histories import (
    CommitChange,
    History,
    LoggedCommit,
    changes,
    ordinary_commits,
    source_paths,
)

from twiceshy.changes.change import FileChange, Hunk, Line, LineKind, Status
from twiceshy.changes.functions import Function, enclosing, functions
from twiceshy.guards.recall.tokens import tokenize
from twiceshy.lessons.languages import language_named, language_of_path

MOST_FILES = 3
MOST_FUNCTIONS = 3
MOST_CHANGED = 40
FEWEST_LINES = 4
"""A shorter piece has nothing around its mistake to know it by."""

WHOLE_FUNCTION = 120
"""Lines; of a longer function a window around the fix is the evidence."""

AROUND = 12
AROUND_HUNK = 6

Row = dict[str, Any]

_FIX = re.compile(
    r"\b(?:bug ?fix(?:es)?|hot ?fix|fix(?:e[sd]|ing)?|bugs?|crash\w*|leak\w*|races?|data race|"
    r"regress\w*|dead-?lock\w*|hangs?|panic\w*|segfault\w*|overflow\w*|corrupt\w*|vulnerab\w*|"
    r"cve-\d+-\d+|use.after.free|infinite loop|null ?pointer|npe|off.by.one|"
    r"incorrect\w*|wrong\w*|broken|break(?:s|age)|prevent\w*|avoid\w*|missing|properly|"
    r"correctly|stale|fails?|failures?|exceptions?|guard against|invalid\w*|unbounded|starv\w*)\b",
    re.IGNORECASE,
)
_NO_FAULT = re.compile(
    r"\b(?:typos?|spelling|grammar|docs?|documentation|readme|comments?|docstrings?|changelog|"
    r"lint\w*|style|formatting|whitespace|indent\w*|imports?|warnings?|flak[ey]\w*|tests?|testing|"
    r"specs?|ci|travis|appveyor|workflows?|builds?|coverage|bump\w*|release\w*|revert\w*|merge|"
    r"types?|typing|mypy|deprecat\w*|compil\w*|version|typescript|jsdoc|javadoc\w*|todos?|logo|icons?|"
    r"rubocop|eslint|clippy|vet|checkstyle|naming|rename\w*|refactor\w*|"
    r"clean ?ups?|copyright|license|links?|urls?|examples?|benchmarks?)\b",
    re.IGNORECASE,
)
_TESTS = re.compile(
    r"(?:^|/)(?:\w*tests?|t|e2e|specs?|__tests__|testdata|testing|test-?utils|fixtures|examples?|"
    r"benchmarks?|docs?|website|\.github|\.circleci|ci|changelog_unreleased)/"
    r"|(?:^|/)(?:conftest|setup|tox|pytest|mypy|Chart|requirements|galaxy|test_[^/]*|"
    r"[^/]*[._-](?:tests?|spec|bench)|\w+Tests?|\.[^/]+)\.\w+$"
)
_NO_ID = re.compile(r"[^A-Za-z0-9._-]+")
_VERSION = re.compile(r"\b[0-9a-f]{12,64}\b|\bv?\d+(?:\.\d[\w+-]*)+")
_DATA = frozenset(["json", "xml", "html", "css", "toml", "graphql", "protobuf"])
_HUNKS_OF = frozenset(["yaml", "dockerfile", "bash", "sql", "hcl", "properties", "make"])
"""What is configured or scripted outside of functions: its evidence is the changed piece."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A piece of code before and after its fix."""

    func: str
    scope: str  # function, window or hunk
    bad: str
    good: str


class _Touched:
    """What a change touches of one piece of code: from where to where, before and after, 1-based
    and inclusive; and how many lines.
    """

    def __init__(self) -> None:
        self.old: tuple[int, int] | None = None
        self.new: tuple[int, int] | None = None
        self.changed = 0

    def add(self, place: "_Place", line: Line) -> None:
        """One more changed line. Of a side without it, the place where it would stand is touched:
        so windows begin and end at the same unchanged lines on both sides.
        """
        last_old = place.old - (line.old is None)
        last_new = place.new - (line.new is None)
        self.old = (self.old[0] if self.old else place.old, last_old)
        self.new = (self.new[0] if self.new else place.new, last_new)
        self.changed += 1


class _Place(NamedTuple):
    """The next line before and after."""

    old: int
    new: int


def lesson_rows(past: History, seed: int, most: int) -> Iterator[Row]:
    """At most so many lessons, of all years in turn."""
    return islice(_lessons(past, seed), most)


def without_twins(rows: Iterable[Row]) -> Iterator[Row]:
    """Each pair of evidence once, wherever else it was committed."""
    seen: set[int] = set()
    for row in rows:
        twin = hash(("".join(row["bad"].split()), "".join(row["good"].split())))
        if twin not in seen:
            seen.add(twin)
            yield row


def is_fix(subject: str) -> bool:
    """Whether a commit's first line names a fault of the code, not of its tests or its looks."""
    return bool(_FIX.search(subject)) and not _NO_FAULT.search(subject)


def _lessons(past: History, seed: int) -> Iterator[Row]:
    for drawn in changes(past, _fixes(past, seed)):
        for number, (file, pair) in enumerate(_pairs_of(drawn)[:MOST_FUNCTIONS], 1):
            yield _row(past, drawn.commit, number, file, pair)


def _fixes(past: History, seed: int) -> list[LoggedCommit]:
    fixes = [commit for commit in ordinary_commits(past) if is_fix(commit.subject)]
    small = [commit for commit in fixes if 1 <= len(_told_paths(commit)) <= MOST_FILES]
    return drawn_evenly(small, f"{seed} {past.project}")


def _told_paths(commit: LoggedCommit) -> list[str]:
    """The source files that may tell of a fault."""
    return [path for path in source_paths(commit) if _may_tell(path)]


def _may_tell(path: str) -> bool:
    return not _TESTS.search(path) and language_of_path(path) not in _DATA


def _pairs_of(drawn: CommitChange) -> list[tuple[FileChange, Pair]]:
    """The smallest pieces first; none of a fix that is too large anywhere."""
    pairs = []
    for file in drawn.change.files:
        if _may_tell(file.path) and file.status in (Status.MODIFIED, Status.RENAMED):
            base = drawn.change.read_base(file.base_path) or ""
            head = drawn.change.read_head(file.path) or ""
            own = _pairs(file, _lines(base), _lines(head))
            pairs += [(file, pair) for pair in own if _tells(pair, file.path)]
    return sorted(pairs, key=lambda told: len(told[1].bad) + len(told[1].good))


def _pairs(file: FileChange, base: Sequence[str], head: Sequence[str]) -> Iterator[Pair]:
    language = language_of_path(file.path)
    grammar = language_named(language).grammar
    if grammar and grammar.functions:
        before, after = (functions("\n".join(lines), language) for lines in (base, head))
        yield from _function_pairs(file, base, head, _by_name(before), _by_name(after))
    elif language in _HUNKS_OF:
        for hunk in file.hunks:
            touched = _touched_by(hunk)
            if touched.changed <= MOST_CHANGED:
                yield _window("", "hunk", base, head, touched)


Named = tuple[str, int]
"""A function's qualified name, and which of those of that name it is, from 0."""

ByName = dict[Named, Function]


def _by_name(in_file: Iterable[Function]) -> ByName:
    counted: Counter[str] = Counter()
    by_name = {}
    for function in in_file:
        by_name[function.qualified, counted[function.qualified]] = function
        counted[function.qualified] += 1
    return by_name


def _function_pairs(
    file: FileChange, base: Sequence[str], head: Sequence[str], before: ByName, after: ByName
) -> Iterator[Pair]:
    """A pair for each function that stands on both sides; overloads that came or went make it
    uncertain which is which, so those of that name are left out.
    """
    counts = [Counter(name for name, _ in side) for side in (before, after)]
    for named, touched in _touched_functions(file, before, after).items():
        name = named[0]
        old, new = before.get(named), after.get(named)
        if old is None or new is None or counts[0][name] != counts[1][name]:
            continue
        if old.is_class or touched.changed > MOST_CHANGED:
            continue
        if max(_length(old), _length(new)) <= WHOLE_FUNCTION:
            yield Pair(name, "function", _cut(base, *_span(old)), _cut(head, *_span(new)))
        else:
            yield _window(name, "window", base, head, touched)


def _touched_functions(file: FileChange, before: ByName, after: ByName) -> dict[Named, _Touched]:
    name_of = {id(function): name for side in (before, after) for name, function in side.items()}
    touched: dict[Named, _Touched] = defaultdict(_Touched)
    for hunk in file.hunks:
        for place, line in _changed_lines(hunk):
            side, number = (before, line.old) if line.old is not None else (after, line.new)
            function = enclosing(side.values(), number or 0)
            if function and line.text.strip():
                touched[name_of[id(function)]].add(place, line)
    return touched


def _touched_by(hunk: Hunk) -> _Touched:
    touched = _Touched()
    for place, line in _changed_lines(hunk):
        touched.add(place, line)
    return touched


def _changed_lines(hunk: Hunk) -> Iterator[tuple[_Place, Line]]:
    """Each changed line, and where the hunk stands when it comes."""
    old, new = hunk.old_start, hunk.new_start
    for line in hunk.lines:
        if line.kind is not LineKind.CONTEXT:
            yield _Place(old, new), line
        old += line.old is not None
        new += line.new is not None


def _window(
    func: str, scope: str, base: Sequence[str], head: Sequence[str], touched: _Touched
) -> Pair:
    around = AROUND if scope == "window" else AROUND_HUNK
    old, new = touched.old or (1, 1), touched.new or (1, 1)
    bad = _cut(base, old[0] - around, old[1] + around)
    good = _cut(head, new[0] - around, new[1] + around)
    return Pair(func, scope, bad, good)


def _tells(pair: Pair, path: str) -> bool:
    """Whether the sides differ in more than comments and layout, and say enough to be known by."""
    if min(pair.bad.count("\n"), pair.good.count("\n")) + 1 < FEWEST_LINES:
        return False
    if max(pair.bad.count("\n"), pair.good.count("\n")) > WHOLE_FUNCTION + 2 * AROUND:
        return False
    if _VERSION.sub("", pair.bad) == _VERSION.sub("", pair.good):
        return False  # another version or digest: no mistake that could be seen here
    return _tokens(pair.bad, path) != _tokens(pair.good, path)


def _tokens(code: str, path: str) -> list[str]:
    return [token.text for token in tokenize(code, language_of_path(path))]


def _length(function: Function) -> int:
    return function.end_line - function.start_line + 1


def _span(function: Function) -> tuple[int, int]:
    return function.start_line, function.end_line


def _lines(text: str) -> list[str]:
    return [line.removesuffix("\r") for line in text.split("\n")]


def _cut(lines: Sequence[str], first: int, last: int) -> str:
    return "\n".join(lines[max(0, first - 1) : last]).strip("\n")


def _row(past: History, commit: LoggedCommit, number: int, file: FileChange, pair: Pair) -> Row:
    return {
        "id": f"{_NO_ID.sub('-', past.project)[:45]}-{commit.id[:12]}-{number}",
        "source": f"git:{past.project}",
        "project": past.project,
        "language": language_of_path(file.path),
        "path": file.base_path,
        "title": commit.subject,
        "bad": pair.bad,
        "good": pair.good,
        "commit": commit.id,
        "parent": commit.parent,
        "date": commit.day.isoformat(),
        "func": pair.func,
        "scope": pair.scope,
        "origin": "natural",
    }
