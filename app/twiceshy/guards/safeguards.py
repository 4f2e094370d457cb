"""The safeguards guard: the lines that exist because of an incident, and a change that takes them
out.

A safeguard is what ``good`` has and ``bad`` lacks, found without anyone marking it, remembered by
content, enclosing function and path, never by line number. What became of a removed one is judged
in ``removals``.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import PurePosixPath

from twiceshy.changes.change import Change, FileChange
from twiceshy.changes.functions import enclosing, functions
from twiceshy.changes.not_looked_at import NotLookedAt, Unseen
from twiceshy.guards.finding import Finding, GuardKind, GuardResult
from twiceshy.guards.removals import AT_PATH, Safeguard, Verdict, judge
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

SAFEGUARDS = GuardKind("safeguards", precision=40, reads_code=True)

SHELF = "safeguards"

MAX_EVIDENCE = 400
"""Lines of a block of evidence; comparing two blocks takes time quadratic in them."""

MAX_REMOVALS = 500
"""Removed lines judged in one change; more of them is not a change a person reads."""

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
    version = "2"

    def compile(self, units: Sequence[Unit]) -> Compiled:
        """Entries for every lesson that is alive; evidence too long to compare is a problem."""
        entries: list[Entry] = []
        problems: list[Problem] = []
        for lesson in (
            unit.lesson for unit in units if unit.lesson.mode not in (Mode.DRAFT, Mode.RETIRED)
        ):
            for block in lesson.evidence:
                if block.code.count("\n") > MAX_EVIDENCE:
                    message = f"evidence over {MAX_EVIDENCE} lines gives no safeguards: cut it to the code that failed"
                    problems.append(Problem(lesson.source, block.line, message))
            for safeguard in safeguards(lesson):
                payload = safeguard.to_json()
                entries += [Entry(SHELF, key, lesson.id, payload) for key in _keys_of(safeguard)]
        return Compiled(tuple(dict.fromkeys(entries)), tuple(problems))


@dataclass(frozen=True, slots=True)
class _Hit:
    """A removed safeguard, with what was found about it."""

    lesson: str
    removed: Removed
    safeguard: Safeguard
    verdict: Verdict


class SafeguardsGuard:
    """Says of removed lines that they were added after an incident."""

    kind = SAFEGUARDS

    def check(self, change: Change, index: Index) -> GuardResult:
        """Hold every removed line against the safeguards the index remembers."""
        added = AddedCode(change)
        hits: list[_Hit] = []
        unseen: list[NotLookedAt] = []
        for file in change.files:
            found = _candidates(file, index)
            if len(found) > MAX_REMOVALS:
                message = f"only {MAX_REMOVALS} of {len(found)} removed lines that may be safeguards were judged"
                unseen.append(
                    NotLookedAt(Unseen.TOO_MANY_PLACES, file.path, f"{message}: split the change")
                )
            hits += _judged(found[:MAX_REMOVALS], BothSides(file, change), added)
        hits = _surest(hits)
        speaking = [hit for hit in hits if hit.verdict.silence is None]
        silent = {hit.lesson: hit.verdict.silence or "" for hit in reversed(hits)}
        for hit in speaking:
            silent.pop(hit.lesson, None)
        return GuardResult(
            tuple(_findings(speaking, index)), silent=silent, not_looked_at=tuple(unseen)
        )


def safeguards(lesson: Lesson) -> Iterator[Safeguard]:
    """Every statement of the lesson's good code that its bad code lacks and that says something of
    its own.
    """
    for bad, good in _pairs(lesson.evidence):
        path = bad.path or good.path
        paths = (
            (path,)
            if path
            else tuple(dict.fromkeys(scar.path for scar in lesson.scars if "*" not in scar.path))
        )
        for safeguard in _between(bad, good):
            if paths or len(names(safeguard.good)) >= TELLING:
                yield replace(safeguard, paths=paths)


def _pairs(evidence: Sequence[Evidence]) -> Iterator[tuple[Evidence, Evidence]]:
    short = [block for block in evidence if block.code.count("\n") <= MAX_EVIDENCE]
    for good in (block for block in short if block.side is Side.GOOD):
        for bad in (block for block in short if block.side is Side.BAD and block.pair == good.pair):
            yield bad, good


def _between(bad: Evidence, good: Evidence) -> Iterator[Safeguard]:
    before = [each.tokens for each in statements(bad.code.split("\n"), bad.language)]
    after = statements(good.code.split("\n"), good.language)
    held = set(before)
    symbols = functions(good.code, good.language)
    origins = _origins([each.tokens for each in after if each.tokens not in held], before, after)
    for number, each in enumerate(after):
        if each.tokens in held or not names(each.tokens) or is_import(each.tokens):
            continue
        symbol = enclosing(symbols, each.first + 1)
        yield Safeguard(
            good=each.tokens,
            bad=origins.get(each.tokens, ()),
            symbol=symbol.name if symbol else "",
            context=_around(after, number, held),
            language=good.language,
        )


def _origins(
    fresh: Iterable[Tokens], before: Iterable[Tokens], after: Iterable[Statement]
) -> dict[Tokens, Tokens]:
    """For each statement of the good side that was made from one of the bad side, that one; each is
    used once.
    """
    lost = set(before) - {each.tokens for each in after}
    rated = sorted(
        ((likeness(new, old), new, old) for new in set(fresh) for old in lost), reverse=True
    )
    found: dict[Tokens, Tokens] = {}
    for alike, new, old in rated:
        if alike >= REWRITTEN and new not in found and old not in found.values():
            found[new] = old
    return found


def _around(after: Sequence[Statement], number: int, held: set[Tokens]) -> tuple[Tokens, ...]:
    """The nearest telling statements that both sides have."""
    shared = [at for at, each in enumerate(after) if each.tokens in held and names(each.tokens)]
    nearest = sorted(shared, key=lambda at: abs(at - number))[:CONTEXT]
    return tuple(after[at].tokens for at in sorted(nearest))


def _keys_of(safeguard: Safeguard) -> Iterator[str]:
    if not safeguard.paths:
        yield _line_key("", safeguard.good)
    for path in safeguard.paths:
        yield _line_key(path, safeguard.good)
        yield from (_argument_key(path, name) for name in safeguard.switches)


def _line_key(path: str, tokens: Tokens) -> str:
    return (
        f"{PurePosixPath(path).name}:"
        + sha256("\0".join(tokens).encode(errors="surrogatepass")).hexdigest()[:24]
    )


def _argument_key(path: str, name: str) -> str:
    return f"{PurePosixPath(path).name}:{name}"


def _candidates(file: FileChange, index: Index) -> list[tuple[Removed, str, Safeguard]]:
    """Every removed statement that a lesson may remember."""
    by_key: dict[str, list[Removed]] = {}
    paths = (file.path, file.base_path)
    for removed in removed_statements(file):
        arguments = [
            name for name, value in given(removed.tokens, depth=1).items() if not is_off(value)
        ]
        lines = {_line_key(path, removed.tokens) for path in ("", *paths)}
        for key in lines | {_argument_key(path, name) for path in paths for name in arguments}:
            by_key.setdefault(key, []).append(removed)
    found = [
        (removed, entry.lesson, entry.payload)
        for entry in index.find(SHELF, sorted(by_key))
        for removed in by_key[entry.key]
    ]
    read = {payload: Safeguard.from_json(payload) for _, _, payload in found}
    kept = [(removed, lesson, read[payload]) for removed, lesson, payload in dict.fromkeys(found)]
    # when there are too many, those of this very path are the ones to judge
    return sorted(
        kept, key=lambda each: (not each[2].is_at(paths), each[0].lines[0].old or 0, each[1])
    )


def _judged(
    found: Sequence[tuple[Removed, str, Safeguard]], sides: BothSides, added: AddedCode
) -> Iterator[_Hit]:
    own: dict[str, set[Tokens]] = {}
    for removed, lesson, _ in found:
        own.setdefault(lesson, set()).add(removed.tokens)
    for removed, lesson, safeguard in found:
        verdict = judge(removed, safeguard, sides, added, own[lesson])
        if verdict is not None:
            yield _Hit(lesson, removed, safeguard, verdict)


def _surest(hits: Sequence[_Hit]) -> list[_Hit]:
    """The hits; where a lesson knows the line at its very path, those that only guess that theirs
    moved keep silent.
    """
    sure = {hit.removed for hit in hits if hit.verdict.score == AT_PATH}
    known = Verdict("the line belongs to a lesson that names this very path")
    return [
        replace(hit, verdict=known)
        if hit.removed in sure and 0 < hit.verdict.score < AT_PATH
        else hit
        for hit in hits
    ]


def _findings(hits: Sequence[_Hit], index: Index) -> Iterator[Finding]:
    """One for each lesson and run of removed lines."""
    runs: dict[tuple[str, str, int, int], list[_Hit]] = {}
    for hit in hits:
        runs.setdefault(
            (hit.lesson, hit.removed.file.path, hit.removed.number, hit.removed.run), []
        ).append(hit)
    for (lesson, path, *_), run in runs.items():
        yield _finding(
            lesson, path, sorted(run, key=lambda hit: hit.removed.lines[0].old or 0), index
        )


def _finding(lesson: str, path: str, run: Sequence[_Hit], index: Index) -> Finding:
    first = run[0]
    known = index.lesson(lesson)
    start, end = first.verdict.now or (first.removed.now,) * 2
    quoted = dict.fromkeys(line.text.strip()[:200] for hit in run for line in hit.removed.lines)
    now = [f"+ {hit.verdict.instead[:200]}" for hit in run if hit.verdict.instead]
    about = f" ({known.title})" if known else ""
    said = "This line was" if len(quoted) == 1 else "These lines were"
    return Finding(
        SAFEGUARDS,
        lesson,
        path,
        start,
        end,
        max(hit.verdict.score for hit in run),
        headline=f"this removes a safeguard added after {lesson}",
        why="\n".join(
            [
                *(f"- {text}" for text in [*quoted][:5]),
                *now[:2],
                f"{said} added after {lesson}{about}.",
            ]
        ),
        key="\n".join(sorted({" ".join(hit.safeguard.good) for hit in run})),
    )
