"""The safeguards guard: the lines that exist because of an incident, and a change that takes them out.

A safeguard is what ``good`` has and ``bad`` lacks, found without anyone marking it, remembered by content, neighbours
and path, never by line number. It errs to silence: moved, rewritten or wholly deleted code is not a removal.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import PurePosixPath

from twiceshy.changes.model import Change, FileChange, Hunk, Line, Status
from twiceshy.guards.finding import Finding, GuardName, Look
from twiceshy.lessons.index import Compiled, Entry, Index, Unit
from twiceshy.lessons.languages import of_path
from twiceshy.lessons.model import Evidence, Lesson, Mode, Side

SHELF = "safeguards"
TELLING = 2
"""Names a line must hold to be remembered without a path: `return`, `else:` or `}` stand in every file."""

WITHOUT_PATH = 0.9
"""Score of a safeguard known by its content alone; with its path it is 1."""

_TOKEN = re.compile(r"\w+|[^\w\s]")
_COMMENT = re.compile(r"(?:^|\s)(?:#|//|--\s|/\*|\*\s|<!--).*$")
_NAME = re.compile(r"[A-Za-z_]\w*")
_COMMON = frozenset(
    [
        "if",
        "else",
        "elif",
        "for",
        "while",
        "return",
        "try",
        "except",
        "catch",
        "finally",
        "with",
        "as",
        "in",
        "is",
        "not",
        "and",
        "or",
        "import",
        "from",
        "def",
        "fn",
        "func",
        "function",
        "class",
        "public",
        "private",
        "static",
        "final",
        "const",
        "let",
        "var",
        "new",
        "nil",
        "null",
        "none",
        "true",
        "false",
        "self",
        "this",
        "end",
        "do",
        "then",
        "fi",
        "done",
        "pass",
        "break",
        "continue",
        "err",
        "error",
        "int",
        "string",
        "bool",
        "void",
        "str",
    ]
)
_NOTHING = frozenset({"none", "null", "nil", "0", "false", "undefined"})


@dataclass(frozen=True, slots=True)
class Safeguard:
    """One line a fix brought, as the index remembers it."""

    line: str  # normalised
    fresh: tuple[str, ...]  # the names in it that the bad side lacks
    around: tuple[str, ...]  # normalised neighbours that both sides have
    path: str | None
    language: str


class SafeguardsCompiler:
    """Finds the safeguards in each pair of evidence."""

    name = "safeguards"
    version = "1"

    def compile(self, units: Sequence[Unit]) -> Compiled:
        alive = [unit.lesson for unit in units if unit.lesson.mode not in (Mode.DRAFT, Mode.RETIRED)]
        return Compiled(
            tuple(
                Entry(SHELF, each.line, lesson.id, json.dumps([each.fresh, each.around, each.path, each.language]))
                for lesson in alive
                for each in dict.fromkeys(safeguards(lesson))
            )
        )


class SafeguardsGuard:
    """See the module."""

    name = GuardName.SAFEGUARDS

    def look(self, change: Change, index: Index) -> Look:
        added = Counter(normal(line.text) for file in change.files for line in file.added)
        findings: list[Finding] = []
        silent: dict[str, str] = {}
        for file in change.files:
            if not file.removed:
                continue
            for hunk, line, entry in _removed_safeguards(file, index):
                reason = _why_silent(entry, file, hunk, line, added, change)
                if reason:
                    silent[entry.lesson] = reason
                else:
                    findings.append(_finding(entry, file, hunk, line, index))
        return Look(tuple(_one_a_place(findings)), silent=silent)


def safeguards(lesson: Lesson) -> Iterator[Safeguard]:
    """Every line of the lesson's good code that its bad code lacks and that tells something."""
    for bad, good in _pairs(lesson.evidence):
        before, after = ([normal(line) for line in block.code.split("\n")] for block in (bad, good))
        known = set(_names(before))
        path = bad.path or good.path or (lesson.scars[0].path if lesson.scars else None)
        for kind, _, _, start, end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
            for number in range(start, end) if kind in ("insert", "replace") else ():
                line = after[number]
                telling = [name for name in _names([line]) if name not in _COMMON]
                if telling and (path or len(set(telling)) >= TELLING):
                    fresh = tuple(name for name in dict.fromkeys(telling) if name not in known)
                    yield Safeguard(line, fresh, _neighbours(before, after, number), path, good.language)


def normal(line: str) -> str:
    """A line without indentation, spacing, comment and trailing punctuation."""
    return " ".join(_TOKEN.findall(_COMMENT.sub("", line).strip().rstrip(",;")))


def _pairs(evidence: Sequence[Evidence]) -> Iterator[tuple[Evidence, Evidence]]:
    good = {block.pair: block for block in evidence if block.side is Side.GOOD}
    for block in evidence:
        if block.side is Side.BAD and block.pair in good:
            yield block, good[block.pair]


def _neighbours(before: Sequence[str], after: Sequence[str], number: int) -> tuple[str, ...]:
    """The nearest lines above and below that both sides have: the code the safeguard guards."""
    held = set(before)
    above = next((after[at] for at in range(number - 1, -1, -1) if after[at] and after[at] in held), None)
    below = next((after[at] for at in range(number + 1, len(after)) if after[at] and after[at] in held), None)
    return tuple(each for each in (above, below) if each and len(each) > 1)


def _names(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        yield from _NAME.findall(line)


def _removed_safeguards(file: FileChange, index: Index) -> Iterator[tuple[Hunk, Line, Entry]]:
    """Every removed line that a lesson remembers, in its language and at its path."""
    removed: dict[str, list[tuple[Hunk, Line]]] = {}
    for hunk in file.hunks:
        for line in hunk.lines:
            if line.new is None and (key := normal(line.text)):
                removed.setdefault(key, []).append((hunk, line))
    for entry in index.find(SHELF, removed):
        _, _, path, language = json.loads(entry.payload)
        if of_path(file.path) == language and (path is None or _same_place(path, file)):
            for hunk, line in removed[entry.key]:
                yield hunk, line, entry


def _same_place(path: str, file: FileChange) -> bool:
    """The remembered path, or one that kept its name while its folder was renamed."""
    name = PurePosixPath(path).name
    return path in (file.path, file.base_path) or name in (
        PurePosixPath(file.path).name,
        PurePosixPath(file.base_path).name,
    )


def _why_silent(
    entry: Entry, file: FileChange, hunk: Hunk, line: Line, added: Counter[str], change: Change
) -> str | None:
    """Why a removed line is not a removed safeguard; None when it is one."""
    fresh, around, _, _ = json.loads(entry.payload)
    if file.status is Status.DELETED:
        return f"{file.path} is deleted as a whole: the guarded code itself is gone"
    if added[entry.key]:
        return f"the safeguard at {file.base_path}:{line.old} was moved, not removed"
    head = [each.text for each in hunk.lines if each.new is not None]
    standing = " ".join(normal(each) for each in head)
    if entry.key in standing:
        return f"the safeguard at {file.base_path}:{line.old} was only reformatted"
    text = change.read_head(file.path)
    kept = {normal(each) for each in (text.split("\n") if text is not None else head)}
    if around and not any(each in kept for each in around):
        return f"the code that the safeguard at {file.base_path}:{line.old} guarded is gone too"
    if fresh and set(fresh) <= set(_names(head)) and not _switched_off(fresh, head):
        return f"the safeguard at {file.base_path}:{line.old} was changed, not removed"
    return None


def _switched_off(fresh: Sequence[str], lines: Iterable[str]) -> bool:
    """Whether one of the safeguard's names is now given nothing: ``timeout=None``."""
    for line in lines:
        tokens = _TOKEN.findall(line)
        for name, sign, value in zip(tokens, tokens[1:], tokens[2:], strict=False):
            if name in fresh and sign in "=:" and value.lower() in _NOTHING:
                return True
    return False


def _finding(entry: Entry, file: FileChange, hunk: Hunk, line: Line, index: Index) -> Finding:
    lesson = index.lesson(entry.lesson)
    path = json.loads(entry.payload)[2]
    at = _stands_now(hunk, line)
    about = f" ({lesson.title})" if lesson else ""
    return Finding(
        GuardName.SAFEGUARDS, entry.lesson, file.path, at, at, 1.0 if path else WITHOUT_PATH,
        headline=f"this removes a safeguard added after {entry.lesson}",
        why=f"Removed: {line.text.strip()}\nThis line was added after {entry.lesson}{about}.",
        key=entry.key,
    )  # fmt: skip


def _stands_now(hunk: Hunk, removed: Line) -> int:
    """The line at head that now stands where the removed one stood."""
    following = hunk.lines[hunk.lines.index(removed) :]
    after = next((line.new for line in following if line.new is not None), None)
    return after or max((line.new for line in hunk.lines if line.new is not None), default=max(1, hunk.new_start))


def _one_a_place(findings: Iterable[Finding]) -> Iterator[Finding]:
    """One finding for a lesson and a run of lines; the others' removed lines would only repeat it."""
    seen: set[tuple[str, str, int]] = set()
    for finding in findings:
        place = (finding.lesson, finding.path, finding.start_line)
        if place not in seen:
            seen.add(place)
            yield finding
