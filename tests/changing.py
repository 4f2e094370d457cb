"""Changes for tests: files before and after, told as the diff git would print and parsed like any
other.
"""

from collections.abc import Iterator, Mapping
from difflib import unified_diff

from making import lesson
from twiceshy.changes.change import Change
from twiceshy.changes.diff import parse_diff
from twiceshy.guards.finding import ChangeGuard, GuardResult
from twiceshy.lessons.index import Compiler, MemoryIndex, Unit
from twiceshy.lessons.lesson import Evidence, Lesson, Side

Files = Mapping[str, str]


def change(
    before: Files,
    after: Files,
    moved: Mapping[str, str] | None = None,
    *,
    readable: bool = True,
    context: int = 3,
) -> Change:
    """What leads from some files to others; ``moved`` maps paths before to paths after."""
    parsed = parse_diff("".join(_diff(before, after, moved or {}, context)))
    assert parsed.problems == ()
    if not readable:
        return Change(parsed.files)
    return Change(parsed.files, read_head=after.get, read_base=before.get)


def _diff(before: Files, after: Files, moved: Mapping[str, str], context: int) -> Iterator[str]:
    origin = {new: old for old, new in moved.items()}
    gone = [(path, path) for path in before if path not in after and path not in moved]
    for old, new in [*gone, *((origin.get(path, path), path) for path in after)]:
        if old == new and before.get(old) == after.get(new):
            continue
        yield f"diff --git a/{old} b/{new}\n"
        if old not in before:
            yield "new file mode 100644\n"
        elif new not in after:
            yield "deleted file mode 100644\n"
        elif old != new:
            same = 100 if before.get(old) == after.get(new) else 90
            yield f"similarity index {same}%\nrename from {old}\nrename to {new}\n"
        names = (
            f"a/{old}" if old in before else "/dev/null",
            f"b/{new}" if new in after else "/dev/null",
        )
        base, head = (
            text.splitlines(keepends=True) for text in (before.get(old, ""), after.get(new, ""))
        )
        yield from unified_diff(base, head, *names, n=context)


def pair(
    bad: str, good: str, path: str | None = None, language: str = "python"
) -> tuple[Evidence, Evidence]:
    """One pair of evidence."""
    return Evidence(Side.BAD, language, bad, 0, 1, path), Evidence(Side.GOOD, language, good, 0, 9)


def look(guard: ChangeGuard, compiler: Compiler, seen: Change, *lessons: Lesson) -> GuardResult:
    """What a guard says of a change with only these lessons in hand."""
    units = [Unit(each, ()) for each in lessons or (lesson(),)]
    return guard.check(seen, MemoryIndex(units, [compiler]))
