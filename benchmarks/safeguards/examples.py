"""What the safeguards guard makes of a set: the features of each removal."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from data import Row, change_of, learned, lesson_of, rows
from scoring import is_neutral

from twiceshy.changes.change import Change
from twiceshy.changes.diff import parse_diff
from twiceshy.changes.parser.client import own_parser
from twiceshy.guards.safeguards import SafeguardsCompiler, examine
from twiceshy.lessons.index import MemoryIndex, Unit

EVERYDAY = "everyday"


@dataclass(frozen=True)
class Example:
    """One lesson's lines that one change takes out of one file."""

    change: str
    lesson: str
    path: str
    project: str
    kind: str
    features: Mapping[str, float]
    true: bool
    why: str  # the removed lines, to be read


@dataclass(frozen=True)
class Asked:
    """A change that was asked about, be it in vain."""

    change: str
    project: str
    kind: str
    true: bool


@dataclass(frozen=True)
class Answers:
    """All of some sets."""

    asked: Sequence[Asked]
    examples: Sequence[Example]
    everyday: int  # changes; those that cannot alarm need not be among ``asked``


def answers_of(folders: Sequence[Path], step: int = 1) -> Answers:
    """Every ``step``-th change of each folder's queries and everyday changes."""
    asked: list[Asked] = []
    examples: list[Example] = []
    everyday = 0
    with own_parser():
        for folder in folders:
            lessons = list(rows(folder, "lessons"))
            origins = learned(lessons)
            index = MemoryIndex(
                [Unit(lesson_of(row), ()) for row in lessons], [SafeguardsCompiler()]
            )
            counted = _counted(folder)
            everyday += counted or 0
            for name in ("queries", "everyday"):
                for number, row in enumerate(rows(folder, name)):
                    if number % step or row.get("subject", "").lower().startswith("revert"):
                        continue
                    asked.append(_asked(row))
                    everyday += row.get("kind", EVERYDAY) == EVERYDAY and not counted
                    examples += _examples(row, index, origins)
    return Answers(asked, examples, everyday)


def _counted(folder: Path) -> int:
    """How many everyday changes there were before those that cannot alarm were left out."""
    import json

    path = folder / "counts.json"
    return sum(json.loads(path.read_text()).values()) if path.is_file() else 0


def _asked(row: Row) -> Asked:
    kind = row.get("kind", EVERYDAY)
    label = row["subkind"] if row.get("subkind", "") and kind == "natural-recurrence" else kind
    return Asked(row["id"], row["project"], label, bool(row.get("expected_lesson_ids")))


def _examples(
    row: Row, index: MemoryIndex, origins: Mapping[str, tuple[str, str]]
) -> Iterator[Example]:
    asked = _asked(row)
    expected = row.get("expected_lesson_ids") or ()
    seen: set[tuple[str, str]] = set()
    for hit in examine(_change(row), index).speaking:
        path = hit.removed.file.path
        if (hit.lesson, path) in seen or is_neutral(row, hit.lesson, origins):
            continue
        seen.add((hit.lesson, path))
        text = "\n".join(line.text for line in hit.removed.lines)
        true = hit.lesson in expected
        yield Example(
            row["id"], hit.lesson, path, row["project"], asked.kind, hit.features, true, text
        )


def _change(row: Row) -> Change:
    if "before_files" not in row:
        return change_of(row)
    return Change(parse_diff(row["diff"]).files, row["files"].get, _texts_before(row).get)


def _texts_before(row: Row) -> dict[str, str]:
    """Whole texts; a set may hold them as edits of the text after."""
    texts: dict[str, str] = {}
    for path, stored in row["before_files"].items():
        if isinstance(stored, str):
            texts[path] = stored
            continue
        lines = row["files"][path].split("\n")
        for start, end, replacement in reversed(stored):
            lines[start:end] = replacement
        texts[path] = "\n".join(lines)
    return texts
