"""The safeguards guard: the lines that exist because of an incident, and a change that takes them
out.

A safeguard is what ``good`` has and ``bad`` lacks, found without anyone marking it, remembered by
content, enclosing function and path, never by line number. What became of a removed one is judged
in ``removals``.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from itertools import product
from pathlib import PurePosixPath

from twiceshy.changes.change import Change, FileChange
from twiceshy.changes.functions import enclosing, functions
from twiceshy.changes.not_looked_at import NotLookedAt, Unseen
from twiceshy.guards.finding import Finding, GuardKind, GuardResult
from twiceshy.guards.removal_score import Fix, Removal, removal_features, removal_score
from twiceshy.guards.removals import Known, Safeguard, Verdict, judge
from twiceshy.guards.sides import AddedCode, BothSides, Removed, removed_statements
from twiceshy.guards.text_statements import (
    Statement,
    Tokens,
    given,
    is_import,
    is_off,
    likeness,
    names,
    statements,
)
from twiceshy.lessons.index import Compiled, Entry, Index, Unit
from twiceshy.lessons.lesson import Evidence, Lesson, Mode, Problem, Side

SAFEGUARDS = GuardKind("safeguards", precision=40, exact=False, reads_code=True)

SHELF = "safeguards"
FIXES = "safeguards-fixes"
"""By lesson, what each of its pairs of evidence changed."""

MAX_EVIDENCE = 400
"""Lines of a block of evidence; comparing two blocks takes time quadratic in them."""

MAX_REMOVALS = 500
"""Removed lines judged in one change; more of them is not a change a person reads."""

FAINT = 0.2
"""A score under which nothing is claimed; recall's own."""

REWRITTEN = 0.5
"""Likeness from which a line of ``good`` counts as a line of ``bad`` with something put in."""

TELLING = 2
"""Names in a line that is remembered without a path: ``return`` and ``else:`` stand in every file.
"""

CONTEXT = 12
"""Lines of evidence around a safeguard that are remembered as what it guards."""


class SafeguardsCompiler:
    """Finds the safeguards in each pair of evidence and shelves them by content, and by file name
    and argument.
    """

    name = SAFEGUARDS.name
    version = "3"

    def compile(self, units: Sequence[Unit]) -> Compiled:
        """Entries for every lesson that is alive; evidence too long to compare is a problem."""
        entries: list[Entry] = []
        problems: list[Problem] = []
        for unit in units:
            if unit.lesson.mode in (Mode.DRAFT, Mode.RETIRED):
                continue
            problems += _too_long(unit.lesson)
            for safeguard in safeguards(unit.lesson):
                payload = safeguard.to_json()
                for key in _keys_of(safeguard):
                    entries.append(Entry(SHELF, key, unit.lesson.id, payload))
            for fix in _fixes(unit.lesson):
                entries.append(Entry(FIXES, unit.lesson.id, unit.lesson.id, fix.to_json()))
        return Compiled(tuple(dict.fromkeys(entries)), tuple(problems))


def _too_long(lesson: Lesson) -> Iterator[Problem]:
    for block in lesson.evidence:
        if block.code.count("\n") > MAX_EVIDENCE:
            message = (
                f"evidence over {MAX_EVIDENCE} lines gives no safeguards: "
                "cut it to the code that failed"
            )
            yield Problem(lesson.source, block.line, message)


@dataclass(frozen=True, slots=True)
class Hit:
    """A removed safeguard, with what was found about it."""

    lesson: str
    removed: Removed
    safeguard: Safeguard
    verdict: Verdict
    features: Mapping[str, float] = field(default_factory=dict)  # of what speaks

    @property
    def score(self) -> float:
        """Probability, 0..1, that the fix is taken back."""
        return removal_score(self.features)


class SafeguardsGuard:
    """Says of removed lines that they were added after an incident."""

    kind = SAFEGUARDS

    def check(self, change: Change, index: Index) -> GuardResult:
        """Hold every removed line against the safeguards the index remembers."""
        examined = examine(change, index)
        told = [hit for hit in examined.speaking if hit.score >= FAINT]
        faint = [hit for hit in examined.speaking if hit.score < FAINT]
        silent = {hit.lesson: hit.verdict.silence or "" for hit in reversed(examined.silent)}
        silent |= {hit.lesson: _too_faint(hit) for hit in reversed(faint)}
        for hit in told:
            silent.pop(hit.lesson, None)
        return GuardResult(
            tuple(_findings(told, index)), silent=silent, not_looked_at=examined.unseen
        )


@dataclass(frozen=True, slots=True)
class Examined:
    """The removed safeguards of a change: those that are told, those that are not, and what nobody
    looked at.
    """

    speaking: tuple[Hit, ...]
    silent: tuple[Hit, ...]
    unseen: tuple[NotLookedAt, ...]


def examine(change: Change, index: Index) -> Examined:
    """Every removed statement that a lesson remembers, with what became of it."""
    added = AddedCode(change)
    hits: list[Hit] = []
    unseen: list[NotLookedAt] = []
    for file in change.files:
        candidates = _candidates(file, index)
        if len(candidates) > MAX_REMOVALS:
            unseen.append(_too_many(file, len(candidates)))
        sides = BothSides(file, change)
        judged = _surest(list(_judged(candidates[:MAX_REMOVALS], sides, added)))
        hits += _with_features(judged, sides, index)
    speaking = tuple(hit for hit in hits if hit.verdict.silence is None)
    silent = tuple(hit for hit in hits if hit.verdict.silence is not None)
    return Examined(speaking, silent, tuple(unseen))


def _with_features(hits: Sequence[Hit], sides: BothSides, index: Index) -> Iterator[Hit]:
    """What speaks of one lesson in a file is scored together."""
    speaking: dict[str, list[Hit]] = {}
    for hit in hits:
        if hit.verdict.silence is None:
            speaking.setdefault(hit.lesson, []).append(hit)
    features: dict[str, Mapping[str, float]] = {}
    for lesson, own in speaking.items():
        features[lesson] = removal_features(_removal(lesson, own, index), sides)
    for hit in hits:
        told = hit.verdict.silence is None
        yield replace(hit, features=features[hit.lesson]) if told else hit


def _removal(lesson: str, hits: Sequence[Hit], index: Index) -> Removal:
    remembered = frozenset(hit.safeguard.good for hit in hits)
    good: frozenset[Tokens] = remembered
    bad: frozenset[Tokens] = frozenset()
    for entry in index.find(FIXES, [lesson]):
        fix = Fix.from_json(entry.payload)
        if fix.good & remembered:
            good, bad = good | fix.good, bad | fix.bad
    return Removal(
        Fix(good, bad),
        tuple(dict.fromkeys(hit.removed for hit in hits)),
        remembered,
        at_path=any(hit.verdict.known is Known.AT_PATH for hit in hits),
    )


def _too_faint(hit: Hit) -> str:
    where = f"{hit.removed.file.base_path}:{hit.removed.lines[0].old}"
    return f"the safeguard at {where} was more likely rewritten than taken back ({hit.score:.2f})"


def _too_many(file: FileChange, count: int) -> NotLookedAt:
    detail = (
        f"only {MAX_REMOVALS} of {count} removed lines that may be safeguards were judged: "
        "split the change"
    )
    return NotLookedAt(Unseen.TOO_MANY_PLACES, file.path, detail)


def safeguards(lesson: Lesson) -> Iterator[Safeguard]:
    """Every statement of the lesson's good code that its bad code lacks and that says something of
    its own.
    """
    for bad, good in _pairs(lesson.evidence):
        path = bad.path or good.path
        paths = (path,) if path else _scar_paths(lesson)
        for safeguard in _between(bad, good):
            if paths or len(names(safeguard.good)) >= TELLING:
                yield replace(safeguard, paths=paths)


def _fixes(lesson: Lesson) -> Iterator[Fix]:
    """What each pair changed, imports and signs apart: they say nothing of a fix."""
    for bad, good in _pairs(lesson.evidence):
        before = _all_tokens(statements(bad.code.split("\n"), bad.language))
        after = _all_tokens(statements(good.code.split("\n"), good.language))
        yield Fix(_telling(after - before), _telling(before - after))


def _telling(side: Iterable[Tokens]) -> frozenset[Tokens]:
    return frozenset(tokens for tokens in side if names(tokens) and not is_import(tokens))


def _scar_paths(lesson: Lesson) -> tuple[str, ...]:
    paths = dict.fromkeys(scar.path for scar in lesson.scars)
    return tuple(path for path in paths if "*" not in path)


def _pairs(evidence: Sequence[Evidence]) -> Iterator[tuple[Evidence, Evidence]]:
    short = [block for block in evidence if block.code.count("\n") <= MAX_EVIDENCE]
    for good in short:
        if good.side is not Side.GOOD:
            continue
        for bad in short:
            if bad.side is Side.BAD and bad.pair == good.pair:
                yield bad, good


def _between(bad: Evidence, good: Evidence) -> Iterator[Safeguard]:
    before = _all_tokens(statements(bad.code.split("\n"), bad.language))
    after = statements(good.code.split("\n"), good.language)
    symbols = functions(good.code, good.language)
    origins = _origins(before, _all_tokens(after))
    for number, statement in enumerate(after):
        tokens = statement.tokens
        if tokens in before or not names(tokens) or is_import(tokens):
            continue
        symbol = enclosing(symbols, statement.first + 1)
        yield Safeguard(
            good=tokens,
            bad=origins.get(tokens, ()),
            symbol=symbol.name if symbol else "",
            context=_around(after, number, before),
            language=good.language,
        )


def _all_tokens(sides: Iterable[Statement]) -> set[Tokens]:
    return {statement.tokens for statement in sides}


def _origins(before: set[Tokens], after: set[Tokens]) -> dict[Tokens, Tokens]:
    """For each statement of the good side that was made from one of the bad side, that one; each is
    used once.
    """
    rated: list[tuple[float, Tokens, Tokens]] = []
    for new, old in product(after - before, before - after):
        alike = likeness(new, old)
        if alike >= REWRITTEN:
            rated.append((alike, new, old))
    origins: dict[Tokens, Tokens] = {}
    for _, new, old in sorted(rated, reverse=True):
        if new not in origins and old not in origins.values():
            origins[new] = old
    return origins


def _around(after: Sequence[Statement], number: int, shared: set[Tokens]) -> tuple[Tokens, ...]:
    """The nearest telling statements that both sides have."""
    places: list[int] = []
    for place, statement in enumerate(after):
        if statement.tokens in shared and names(statement.tokens):
            places.append(place)
    nearest = sorted(places, key=lambda place: abs(place - number))[:CONTEXT]
    return tuple(after[place].tokens for place in sorted(nearest))


def _keys_of(safeguard: Safeguard) -> Iterator[str]:
    if not safeguard.paths:
        yield _line_key("", safeguard.good)
    for path in safeguard.paths:
        yield _line_key(path, safeguard.good)
        for name in safeguard.switches:
            yield _argument_key(path, name)


def _line_key(path: str, tokens: Tokens) -> str:
    digest = sha256("\0".join(tokens).encode(errors="surrogatepass")).hexdigest()[:24]
    return f"{PurePosixPath(path).name}:{digest}"


def _argument_key(path: str, name: str) -> str:
    return f"{PurePosixPath(path).name}:{name}"


def has_candidates(file: FileChange, index: Index) -> bool:
    """Whether a file's change removes a statement that any lesson may remember."""
    return bool(_candidates(file, index))


def _candidates(file: FileChange, index: Index) -> list[tuple[Removed, str, Safeguard]]:
    """Every removed statement that a lesson may remember."""
    by_key: dict[str, list[Removed]] = {}
    paths = (file.path, file.base_path)
    for removed in removed_statements(file):
        for key in _keys_of_removed(removed, paths):
            by_key.setdefault(key, []).append(removed)
    safeguard_of: dict[str, Safeguard] = {}
    candidates: dict[tuple[Removed, str, str], None] = {}
    for entry in index.find(SHELF, sorted(by_key)):
        if entry.payload not in safeguard_of:
            safeguard_of[entry.payload] = Safeguard.from_json(entry.payload)
        for removed in by_key[entry.key]:
            candidates[removed, entry.lesson, entry.payload] = None

    def order(candidate: tuple[Removed, str, str]) -> tuple[bool, int, str]:
        """When there are too many, those of this very path are the ones to judge."""
        removed, lesson, payload = candidate
        return not safeguard_of[payload].is_at(paths), removed.lines[0].old or 0, lesson

    ordered: list[tuple[Removed, str, Safeguard]] = []
    for removed, lesson, payload in sorted(candidates, key=order):
        ordered.append((removed, lesson, safeguard_of[payload]))
    return ordered


def _keys_of_removed(removed: Removed, paths: Iterable[str]) -> set[str]:
    """Under which a safeguard may be remembered that this statement was."""
    keys = {_line_key("", removed.tokens)}
    arguments = given(removed.tokens, depth=1)
    for path in paths:
        keys.add(_line_key(path, removed.tokens))
        for name, value in arguments.items():
            if not is_off(value):
                keys.add(_argument_key(path, name))
    return keys


def _judged(
    candidates: Sequence[tuple[Removed, str, Safeguard]], sides: BothSides, added: AddedCode
) -> Iterator[Hit]:
    own: dict[str, set[Tokens]] = {}
    for removed, lesson, _ in candidates:
        own.setdefault(lesson, set()).add(removed.tokens)
    for removed, lesson, safeguard in candidates:
        verdict = judge(removed, safeguard, sides, added, own[lesson])
        if verdict is not None:
            yield Hit(lesson, removed, safeguard, verdict)


def _surest(hits: Sequence[Hit]) -> list[Hit]:
    """The hits; where a lesson knows the line at its very path, those that only guess that theirs
    moved keep silent.
    """
    sure = {hit.removed for hit in hits if hit.verdict.known is Known.AT_PATH}
    belongs = Verdict("the line belongs to a lesson that names this very path")
    surest: list[Hit] = []
    for hit in hits:
        only_guesses = hit.removed in sure and hit.verdict.known is Known.ELSEWHERE
        surest.append(replace(hit, verdict=belongs) if only_guesses else hit)
    return surest


def _findings(hits: Sequence[Hit], index: Index) -> Iterator[Finding]:
    """One for each lesson and run of removed lines."""
    runs: dict[tuple[str, str, int, int], list[Hit]] = {}
    for hit in hits:
        removed = hit.removed
        key = hit.lesson, removed.file.path, removed.number, removed.run
        runs.setdefault(key, []).append(hit)
    for (lesson, path, *_), run in runs.items():
        yield _finding(lesson, path, sorted(run, key=_base_line), index)


def _base_line(hit: Hit) -> int:
    return hit.removed.lines[0].old or 0


def _finding(lesson_id: str, path: str, run: Sequence[Hit], index: Index) -> Finding:
    first = run[0]
    start, end = first.verdict.now or (first.removed.now,) * 2
    return Finding(
        SAFEGUARDS,
        lesson_id,
        path,
        start,
        end,
        max(hit.score for hit in run),
        headline=f"this removes a safeguard added after {lesson_id}",
        why=_why(lesson_id, run, index.lesson(lesson_id)),
        key="\n".join(sorted({" ".join(hit.safeguard.good) for hit in run})),
    )


def _why(lesson_id: str, run: Sequence[Hit], lesson: Lesson | None) -> str:
    quoted: dict[str, None] = {}
    instead: list[str] = []
    for hit in run:
        for line in hit.removed.lines:
            quoted[f"- {line.text.strip()[:200]}"] = None
        if hit.verdict.instead:
            instead.append(f"+ {hit.verdict.instead[:200]}")
    about = f" ({lesson.title})" if lesson else ""
    subject = "This line was" if len(quoted) == 1 else "These lines were"
    return "\n".join([*[*quoted][:5], *instead[:2], f"{subject} added after {lesson_id}{about}."])
