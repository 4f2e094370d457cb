"""The scars guard: the change touches a place where an incident's root cause lived. One quiet line; it never blocks."""

from collections.abc import Sequence

from twiceshy.changes.functions import enclosing, functions
from twiceshy.changes.model import Change, FileChange
from twiceshy.guards.finding import Finding, GuardName, Look
from twiceshy.lessons.index import Compiled, Entry, Index, Unit
from twiceshy.lessons.languages import of_path
from twiceshy.lessons.model import Mode

SHELF = "scars"


class ScarsCompiler:
    """Shelves each scar under its path; the payload is its symbol."""

    name = "scars"
    version = "1"

    def compile(self, units: Sequence[Unit]) -> Compiled:
        alive = [unit.lesson for unit in units if unit.lesson.mode not in (Mode.DRAFT, Mode.RETIRED)]
        return Compiled(
            tuple(Entry(SHELF, scar.path, lesson.id, scar.symbol or "") for lesson in alive for scar in lesson.scars)
        )


class ScarsGuard:
    """See the module."""

    name = GuardName.SCARS

    def look(self, change: Change, index: Index) -> Look:
        by_path = {path: file for file in change.files for path in (file.base_path, file.path)}
        findings: dict[tuple[str, str], Finding] = {}
        silent: dict[str, str] = {}
        for entry in index.find(SHELF, by_path):
            file = by_path[entry.key]
            line = _touched(file, entry.payload, change)
            if line is None:
                silent[entry.lesson] = f"{entry.key} changed, but not {entry.payload}"
            else:
                findings.setdefault((entry.lesson, file.path), _finding(entry, file, line))
        return Look(tuple(findings.values()), silent=silent)


def _touched(file: FileChange, symbol: str, change: Change) -> int | None:
    """A line at head where the change touches the scar, None when it does not."""
    touched = _lines(file)
    if not symbol:
        return touched[0] if touched else 1
    text, base = change.read_head(file.path), change.read_base(file.base_path)
    if text is None and base is None:
        return _named(file, symbol)
    language = of_path(file.path)
    around = functions(text or "", language)
    head = next((line for line in touched if _is(enclosing(around, line), symbol)), None)
    if head is not None or base is None:
        return head
    before = functions(base, of_path(file.base_path))
    removed = (line.old for line in file.removed if line.old is not None)
    return next((touched[0] if touched else 1 for line in removed if _is(enclosing(before, line), symbol)), None)


def _lines(file: FileChange) -> list[int]:
    """Every line at head that was added, or that stands where one was removed."""
    found: list[int] = []
    for hunk in file.hunks:
        last = max(1, hunk.new_start)
        for line in hunk.lines:
            last = line.new or last
            if line.old is None or line.new is None:
                found.append(last)
    return found


def _named(file: FileChange, symbol: str) -> int | None:
    """Without any text of the file, the symbol's name in a hunk has to do."""
    name = symbol.rsplit(".", 1)[-1]
    hit = next((line for hunk in file.hunks for line in hunk.lines if name in line.text), None)
    return None if hit is None else hit.new or max(1, file.hunks[0].new_start)


def _is(function: object, symbol: str) -> bool:
    name, qualified = getattr(function, "name", None), getattr(function, "qualified", "")
    return symbol in (name, qualified) or qualified.endswith(f".{symbol}") or f".{symbol}." in f".{qualified}."


def _finding(entry: Entry, file: FileChange, line: int) -> Finding:
    place = f"{file.path}:{entry.payload}" if entry.payload else file.path
    return Finding(
        GuardName.SCARS, entry.lesson, file.path, line, line, 0.5,
        headline=f"{place} is where {entry.lesson} began",
        why="The root cause of that incident lived here.",
        key=f"scar:{entry.payload}",
    )  # fmt: skip
