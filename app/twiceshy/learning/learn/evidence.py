"""The code that failed and the code that fixed it, out of a fix: the smallest pieces that tell the
story. Pure.

What does not tell it (tests, formatting, generated files, files that only came or went) is left out
and named.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from textwrap import dedent

from twiceshy.changes.change import Change, FileChange, Hunk, Status
from twiceshy.changes.functions import Function, enclosing, functions
from twiceshy.changes.skip import parse_attributes, skip_reason
from twiceshy.guards.recall.tokens import tokenize
from twiceshy.lessons.languages import language_of_path
from twiceshy.lessons.lesson import Evidence, Side

WHOLE_FUNCTION = 60
"""Lines; of a longer function only the surroundings of the fix are shown."""

AROUND = 8
MOST_PAIRS = 3
"""More evidence than this is read by nobody; the smallest pieces say most."""

_TESTS = re.compile(
    r"(?:^|/)(?:tests?|t|e2e|specs?|__tests__|testdata|fixtures)/"
    r"|(?:^|/)(?:conftest|test_[^/]*|[^/]*[._-](?:test|spec)|[^/]*[a-z\d]Tests?)\.\w+$"
)
_IMPORT = re.compile(r"\s*(?:import|from|use|using|require|#include|package)\b")
_PROSE = (".md", ".rst", ".txt", ".adoc")


@dataclass(frozen=True, slots=True)
class EvidencePair:
    """A piece of code before and after the fix."""

    path: str  # before the fix
    language: str
    symbol: str  # of the function around it, empty outside of functions
    bad: str
    good: str
    # lines before the fix that it took away, or beside which it put others
    changed: tuple[int, ...]
    # the whole file of both commits, empty where only the two pieces are known
    before: str = ""
    after: str = ""
    removed: tuple[int, ...] = ()  # lines of ``before`` that the fix took away
    added: tuple[int, ...] = ()  # lines of ``after`` that it put there


@dataclass(frozen=True, slots=True)
class LeftOutEvidence:
    """What is no part of the story, and why."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Story:
    """The evidence of a fix."""

    pairs: tuple[EvidencePair, ...]
    left_out: tuple[LeftOutEvidence, ...]


def story_of(change: Change) -> Story:
    """The evidence, the smallest pieces first, and what was left out."""
    pairs: list[EvidencePair] = []
    left: list[LeftOutEvidence] = []
    attributes = parse_attributes(change.read_base(".gitattributes") or "")
    for file in change.files:
        head = None if file.status is Status.DELETED else change.read_head(file.path)
        reason = _no_story(file) or skip_reason(file.path, head, attributes, ())
        own = [] if reason else [pair for pair in _pairs(file, change) if not _same_code(pair)]
        if not own:
            left.append(LeftOutEvidence(file.path, reason or "only formatting or comments changed"))
        pairs += own
    # imports say least
    pairs.sort(key=lambda pair: (not pair.symbol, len(pair.bad) + len(pair.good), pair.path))
    telling: list[EvidencePair] = []
    imports: list[EvidencePair] = []
    for pair in pairs:
        (imports if _only_imports(pair) else telling).append(pair)
    if telling:
        left += _left_out(imports, "only imports changed")
        pairs = telling
    left += _left_out(pairs[MOST_PAIRS:], f"beyond {MOST_PAIRS} pieces of evidence")
    return Story(tuple(pairs[:MOST_PAIRS]), tuple(left))


def evidence_pairs(evidence: Sequence[Evidence]) -> tuple[EvidencePair, ...]:
    """The pairs of a lesson's own evidence that have both sides."""
    good: dict[int, str] = {}
    for block in evidence:
        if block.side is Side.GOOD:
            good.setdefault(block.pair, block.code)
    pairs: list[EvidencePair] = []
    for block in evidence:
        if block.side is Side.BAD and block.pair in good:
            fixed = good[block.pair]
            pairs.append(EvidencePair(block.path or "", block.language, "", block.code, fixed, ()))
    return tuple(pairs)


def is_test(path: str) -> bool:
    """Whether a file is there to try others, by its name."""
    return bool(_TESTS.search(path))


def _left_out(pairs: Sequence[EvidencePair], reason: str) -> list[LeftOutEvidence]:
    return [LeftOutEvidence(pair.path, reason) for pair in pairs]


def _only_imports(pair: EvidencePair) -> bool:
    before, after = pair.bad.splitlines(), pair.good.splitlines()
    changed = [line for line in {*before} ^ {*after} if line.strip()]
    return not pair.symbol and all(_IMPORT.match(line) for line in changed)


def _no_story(file: FileChange) -> str | None:
    if file.binary or file.submodule:
        return "binary" if file.binary else "a submodule"
    if is_test(file.path):
        return "a test"
    if file.path.endswith(_PROSE):
        return "prose"
    if file.status in (Status.ADDED, Status.DELETED):
        return f"the file was only {file.status}"
    if language_of_path(file.path) is None:
        return "in a language evidence cannot be in"
    return None if file.hunks else "renamed as it was"


def _pairs(file: FileChange, change: Change) -> Iterator[EvidencePair]:
    base, head = change.read_base(file.base_path), change.read_head(file.path)
    language = language_of_path(file.path)
    if base is None or head is None or language is None:
        return
    before, after = functions(base, language), functions(head, language)
    shown: set[str] = set()
    for hunk in file.hunks:
        old, new = _touched(hunk)
        function = enclosing(before, old[0]) if old else None
        fixed = _same(after, function)
        symbol = function.qualified if function else ""
        if function and fixed and max(_length(function), _length(fixed)) <= WHOLE_FUNCTION:
            if symbol not in shown:
                shown.add(symbol)
                spans = _span(function), _span(fixed)
                yield _pair(file, language, symbol, base, head, *spans, old)
        elif old and new:
            spans = _around(old), _around(new)
            yield _pair(file, language, symbol, base, head, *spans, old)


def _around(lines: Sequence[int]) -> tuple[int, int]:
    return lines[0] - AROUND, lines[-1] + AROUND


def _touched(hunk: Hunk) -> tuple[list[int], list[int]]:
    """Lines before and after that the hunk changes; where it only adds, the line before stands for
    it.
    """
    old, new = [], []
    last_old, last_new = max(1, hunk.old_start), max(1, hunk.new_start)
    for line in hunk.lines:
        last_old, last_new = line.old or last_old, line.new or last_new
        if line.old is None or line.new is None:
            old.append(last_old)
            new.append(last_new)
    return old, new


def _same(in_file: tuple[Function, ...], wanted: Function | None) -> Function | None:
    for function in in_file:
        if wanted and function.qualified == wanted.qualified:
            return function
    return None


def _length(function: Function) -> int:
    return function.end_line - function.start_line + 1


def _span(function: Function) -> tuple[int, int]:
    return function.start_line, function.end_line


def _pair(
    file: FileChange,
    language: str,
    symbol: str,
    base: str,
    head: str,
    old: tuple[int, int],
    new: tuple[int, int],
    changed: list[int],
) -> EvidencePair:
    return EvidencePair(
        file.base_path,
        language,
        symbol,
        _cut(base, old),
        _cut(head, new),
        tuple(dict.fromkeys(changed)),
        base,
        head,
        *_changed_lines(file, old, new),
    )


def _changed_lines(
    file: FileChange, old: tuple[int, int], new: tuple[int, int]
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The lines within these spans that the change took away, and those that it put there."""
    removed: list[int] = []
    added: list[int] = []
    for hunk in file.hunks:
        for line in hunk.lines:
            if line.new is None and line.old and old[0] <= line.old <= old[1]:
                removed.append(line.old)
            elif line.old is None and line.new and new[0] <= line.new <= new[1]:
                added.append(line.new)
    return tuple(removed), tuple(added)


def _cut(text: str, span: tuple[int, int]) -> str:
    lines = [line.removesuffix("\r") for line in text.split("\n")]
    return dedent("\n".join(lines[max(0, span[0] - 1) : span[1]])).strip("\n") + "\n"


def _same_code(pair: EvidencePair) -> bool:
    """Whether the two differ in nothing but layout and comments."""
    return _tokens(pair.bad, pair.language) == _tokens(pair.good, pair.language)


def _tokens(code: str, language: str) -> list[str]:
    return [token.text for token in tokenize(code, language)]


def without_blanks(text: str) -> str:
    """Code without its white space: the same wherever it stands and however it is indented."""
    return "".join(text.split())
