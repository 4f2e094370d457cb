"""The companions guard: ``when`` changed and ``require`` did not, in the same change.

Never looks at code beyond the added lines that a lesson's own pattern names.
"""

import json
import re
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass
from functools import lru_cache
from itertools import chain
from pathlib import PurePosixPath

from twiceshy.changes.change import Change, FileChange
from twiceshy.changes.not_looked_at import NotLookedAt, Unseen
from twiceshy.guards.finding import Finding, GuardKind, GuardResult
from twiceshy.guards.locations import now_at
from twiceshy.guards.tied_patterns import TiedPatterns, Ties
from twiceshy.lessons.index import Compiled, Entry, Index, Unit
from twiceshy.lessons.lesson import Companion, Lesson, Mode, Problem

COMPANIONS = GuardKind("companions", precision=20)

SHELF = "companions"

MAX_LINE = 2_000
"""Characters; a longer line is not held against a pattern: nobody wrote it by hand, and it bounds
the time.
"""

MAX_SECONDS = 2.0
"""For all patterns of one look; what is left then is not looked at, and said so."""

_WILD = re.compile(r"[*?\[\]!\\{]")
_REPEAT = re.compile(r"[*+]|\{\d*,\}")


class CompanionsCompiler:
    """Shelves each companion under one word of its ``when``, so that a check asks for those its
    paths can mean.
    """

    name = COMPANIONS.name
    version = "3"

    def compile(self, units: Sequence[Unit]) -> Compiled:
        """Entries for every lesson that is alive; a pattern that cannot be used is a problem and
        gives none.
        """
        entries: list[Entry] = []
        problems: list[Problem] = []
        for unit in units:
            if unit.lesson.mode in (Mode.DRAFT, Mode.RETIRED):
                continue
            for companion in unit.lesson.companions:
                problem = _problem(unit.lesson, companion)
                if problem:
                    problems.append(problem)
                else:
                    payload = json.dumps(astuple(companion))
                    entries.append(Entry(SHELF, anchor(companion.when), unit.lesson.id, payload))
        return Compiled(tuple(dict.fromkeys(entries)), tuple(problems))


def _problem(lesson: Lesson, companion: Companion) -> Problem | None:
    """Why a companion cannot be used; None when it can."""
    if wrong := pattern_problem(companion.pattern):
        return _refused(lesson, companion, f"its pattern {wrong}")
    if untied := TiedPatterns(companion.when, companion.require).wrong():
        return _refused(lesson, companion, f"it {untied}")
    return None


class CompanionsGuard:
    """Says of a change what it forgot."""

    kind = COMPANIONS

    def check(self, change: Change, index: Index) -> GuardResult:
        """Hold the change's paths, and added lines where a lesson has a pattern, against the
        companions.
        """
        changed = _paths_of(change.files)
        # a partner may be a file that nobody looks into: a lock file, generated code
        partner_paths = sorted(changed | _paths_of(change.out_of_sight))
        clock = _Clock(time.thread_time() + MAX_SECONDS)
        findings: dict[Finding, None] = {}
        silent: dict[str, str] = {}
        for entry in index.find(SHELF, sorted(anchors(changed))):
            companion = Companion(*json.loads(entry.payload))
            partners = _Partners(companion, partner_paths, clock)
            asked = partners.of(change.files)
            for missing in asked.missing:
                findings[_finding(entry.lesson, partners, missing)] = None
            if asked.silent:
                silent[entry.lesson] = asked.silent
        for finding in findings:
            silent.pop(finding.lesson, None)
        return GuardResult(tuple(findings), silent=silent, not_looked_at=clock.unseen())


def _paths_of(files: Iterable[FileChange]) -> set[str]:
    """The paths of files at head and at base."""
    return set(chain.from_iterable((file.path, file.base_path) for file in files))


@dataclass(frozen=True, slots=True)
class _Missing:
    """A changed file whose partner did not change, with the line that shows it."""

    file: FileChange
    line: int
    ties: Ties


@dataclass(frozen=True, slots=True)
class _AskedPartners:
    """What a companion has to say of a change; why nothing, when one of its files changed."""

    missing: tuple[_Missing, ...] = ()
    silent: str = ""


class _Partners:
    """A companion over all paths of a change."""

    def __init__(self, companion: Companion, paths: Sequence[str], clock: "_Clock") -> None:
        self.companion = companion
        self.tied = TiedPatterns(companion.when, companion.require)
        self._clock = clock
        self._partners: dict[Ties, str] = {}
        self._all: list[str] = []
        for path in paths:
            ties = self.tied.require_ties(path)
            if ties is not None:
                self._partners.setdefault(ties, path)
                self._all.append(path)

    def of(self, files: Iterable[FileChange]) -> _AskedPartners:
        """Each partner that is missing, once, with the first file that asks for it."""
        missing: dict[Ties, _Missing] = {}
        silent = ""
        for file in files:
            asked = self._ties_of(file)
            partner = self._partner_of(asked) if asked else None
            line = None if partner or not asked else self._shown_in(file)
            if asked and line is not None:
                ties = next(iter(asked.values()))
                missing.setdefault(ties, _Missing(file, line, ties))
            elif asked:
                silent = silent or _why_silent(self.companion, partner)
        return _AskedPartners(tuple(missing.values()), silent)

    def _ties_of(self, file: FileChange) -> dict[str, Ties]:
        """By path, at head first: of a file that was renamed, one partner of either name is
        enough.
        """
        ties_of: dict[str, Ties] = {}
        for path in dict.fromkeys((file.path, file.base_path)):
            ties = self.tied.when_ties(path)
            if ties is not None:
                ties_of[path] = ties
        return ties_of

    def _partner_of(self, asked: Mapping[str, Ties]) -> str | None:
        for ties in asked.values():
            if ties in self._partners:
                return self._partners[ties]
        if len(self.tied.shared) <= 1:
            return None
        for path in asked:  # several wildcards may be read in more than one way
            for partner in self._all:
                if self._clock.is_up(path):
                    return partner
                if self.tied.belong(path, partner):
                    return partner
        return None

    def _shown_in(self, file: FileChange) -> int | None:
        """The line that asks for the partner; None when the companion's pattern is nowhere in
        it.
        """
        pattern = self.companion.pattern
        return _first_changed(file) if pattern is None else _shown(pattern, file, self._clock)


def anchor(when: str) -> str:
    """The key a companion is shelved under: the longest word of ``when``, else its extension, else
    ``*``.
    """
    segments = [segment for segment in when.split("/") if segment]
    words = [segment for segment in segments if not _WILD.search(segment)]
    if words:
        return f"in:{max(words, key=len)}"
    extension = PurePosixPath(segments[-1]).suffix if segments else ""
    return f"ext:{extension}" if extension and not _WILD.search(extension) else "*"


def anchors(paths: Iterable[str]) -> set[str]:
    """Every key under which a companion that means one of the paths may be shelved."""
    keys = {"*"}
    for path in paths:
        # folders too: to git a pattern that means a folder means all that is in it
        for segment in path.split("/"):
            keys |= {f"in:{segment}", f"ext:{PurePosixPath(segment).suffix}"}
    return keys


@dataclass
class _Clock:
    """How long patterns may still compute; what else the machine does meanwhile is not their
    fault.
    """

    until: float
    late: str | None = None  # the file at which time ran out

    def is_up(self, path: str) -> bool:
        if self.late is None and time.thread_time() > self.until:
            self.late = path
        return self.late is not None

    def unseen(self) -> tuple[NotLookedAt, ...]:
        if self.late is None:
            return ()
        detail = (
            f"companions' patterns took over {MAX_SECONDS:g} s, the rest was not looked at: "
            f"simplify them (at {self.late})"
        )
        return (NotLookedAt(Unseen.GUARD_LATE, COMPANIONS.name, detail),)


def _shown(pattern: str, file: FileChange, clock: _Clock) -> int | None:
    search = _compiled(pattern).search
    for line in file.added:
        if clock.is_up(file.path):
            return None
        if len(line.text) <= MAX_LINE and search(line.text):
            return line.new or 1
    return None


def _first_changed(file: FileChange) -> int:
    if file.added:
        return file.added[0].new or 1
    for hunk in file.hunks:
        for line, now in zip(hunk.lines, now_at(hunk), strict=True):
            if line.new is None:
                return now
    return 1


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def pattern_problem(pattern: str | None) -> str | None:
    """What keeps a pattern from being used; None when nothing does."""
    if pattern is None:
        return None
    try:
        _compiled(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        return f"is not a regular expression ({error}): mend it"
    if _repeats_a_repeat(pattern):
        return (
            "repeats a group that itself repeats, as (a+)+ does, "
            "which can take forever on a long line: unnest it"
        )
    return None


def _repeats_a_repeat(pattern: str) -> bool:
    """Whether a group with ``*``, ``+`` or ``{n,}`` in it is itself repeated so: what makes
    matching endless.
    """
    groups = [False]
    for place, sign in _unescaped(pattern):
        if sign == "(":
            groups.append(False)
        elif sign == ")" and len(groups) > 1:
            inner = groups.pop()
            if inner and _REPEAT.match(pattern, place + 1):
                return True
            groups[-1] |= inner
        elif _REPEAT.match(pattern, place):
            groups[-1] = True
    return False


def _unescaped(pattern: str) -> Iterator[tuple[int, str]]:
    """The pattern's characters that mean something: neither escaped nor in a ``[set]``."""
    for match in re.finditer(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|(.)", pattern, re.DOTALL):
        if match[1]:
            yield match.start(), match[1]


def _refused(lesson: Lesson, companion: Companion, wrong: str) -> Problem:
    return Problem(lesson.source, 0, f"the companion of {companion.when} is left out: {wrong}")


def _why_silent(companion: Companion, partner: str | None) -> str:
    if partner:
        return f"{companion.require} changed too: {partner}"
    return f"{companion.when} changed, but no added line matches {companion.pattern}"


def _finding(lesson: str, partners: _Partners, missing: _Missing) -> Finding:
    companion, path = partners.companion, missing.file.path
    wanted = partners.tied.partner(missing.ties)
    needed = f"{companion.require} must change with {companion.when}."
    because = companion.because.rstrip(".")
    texts = "".join(f"\0{text}" for _, text in missing.ties)
    return Finding(
        COMPANIONS,
        lesson,
        path,
        missing.line,
        missing.line,
        1.0,
        headline=f"{path} changed and {wanted} did not: see {lesson}",
        why=f"{because}. {needed}" if because else needed,
        key=f"{companion.when}\0{companion.require}\0{companion.pattern or ''}{texts}",
    )
