"""A registry that guards nothing is told apart from one that guards, with the reason as a value."""

from pathlib import Path

import pytest

from samples import LESSON, REGISTRY
from twiceshy.guards.registered import compilers
from twiceshy.lessons.index import MemoryIndex, units_of
from twiceshy.lessons.registry import read_registry
from twiceshy.lessons.sources import Folder
from twiceshy.verdicts.guard import Guard
from twiceshy.verdicts.readiness import Blindness, readiness_of

HONEST = """---
id: INC-9
title: The data centre burned
date: 2026-05-14
severity: high
mode: comment
no_check: "third_party: no code was to blame"
---
It burned.
"""

NO_FRONT_MATTER = "Just a text.\n"


def written(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


@pytest.mark.parametrize(
    ("files", "blindness"),
    [
        (REGISTRY, None),
        ({"lessons/INC-245.md": LESSON.replace("mode: block", "mode: observe")}, None),
        ({**REGISTRY, "lessons/broken.md": NO_FRONT_MATTER}, None),
        ({}, Blindness.NO_LESSON),
        ({"lessons/README.md": "how to", "lessons/INC-1.markdown": LESSON}, Blindness.NO_LESSON),
        ({"lessons/a.md": NO_FRONT_MATTER, "lessons/b.md": "---\n---\n"}, Blindness.UNREADABLE),
        ({"rules/inc-245.yaml": REGISTRY["rules/inc-245.yaml"]}, Blindness.UNREADABLE),
        (
            {**REGISTRY, "lessons/INC-245.md": LESSON.replace("mode: block", "mode: draft")},
            Blindness.ASLEEP,
        ),
        (
            {**REGISTRY, "lessons/INC-245.md": LESSON.replace("mode: block", "mode: retired")},
            Blindness.ASLEEP,
        ),
        ({"lessons/INC-9.md": HONEST}, Blindness.UNARMED),
    ],
)
def test_only_a_lesson_that_can_speak_makes_a_registry_guard(
    tmp_path: Path, files: dict[str, str], blindness: Blindness | None
) -> None:
    folder = written(tmp_path, files)
    readiness = Guard([Folder(folder)]).readiness()
    assert readiness.blindness is blindness
    assert readiness.guards is (blindness is None)
    assert bool(readiness.seen) is bool(readiness.advice) is (blindness is not None)
    registry = read_registry([folder])
    memory = MemoryIndex(units_of(registry), compilers(), registry.problems)
    assert readiness_of(memory, [Folder(folder)]) == readiness  # however the index is held


def test_no_place_to_read_from_is_a_reason_of_its_own() -> None:
    assert Guard([]).readiness().blindness is Blindness.NO_REGISTRY


def test_what_was_seen_names_counts_and_the_first_problem(tmp_path: Path) -> None:
    folder = written(tmp_path, {"lessons/a.md": NO_FRONT_MATTER, "lessons/b.md": NO_FRONT_MATTER})
    seen = Guard([Folder(folder)]).readiness().seen
    assert seen.startswith(
        "no lesson can be used of 2 files (the first: lessons/a.md:1: no front matter"
    )


def test_a_damaged_index_is_made_anew_before_it_is_called_blind(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    folder = written(tmp_path / "registry", REGISTRY)
    Guard([Folder(folder)], cache=cache)
    index = next((cache / "index").glob("*.sqlite"))
    guard = Guard([Folder(folder)], cache=cache)
    content = bytearray(index.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    index.write_bytes(content)
    assert guard.readiness().guards


def test_a_place_broken_as_a_whole_is_not_made_good_by_another(tmp_path: Path) -> None:
    broken = written(
        tmp_path / "ours", {"lessons/a.md": NO_FRONT_MATTER, "lessons/b.md": "---\n---\n"}
    )
    sound = written(tmp_path / "theirs", REGISTRY)
    readiness = Guard([Folder(sound, "theirs/"), Folder(broken)]).readiness()
    assert (readiness.blindness, readiness.files) == (Blindness.UNREADABLE, 2)
    assert str(readiness.problem).startswith("lessons/a.md:1: no front matter")


def test_a_copy_of_another_place_is_no_broken_one(tmp_path: Path) -> None:
    first, second = written(tmp_path / "a", REGISTRY), written(tmp_path / "b", REGISTRY)
    guard = Guard([Folder(first, "a/"), Folder(second, "b/")])
    assert guard.problems
    assert guard.readiness().guards
