import os
import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from samples import LESSON, RULE
from twiceshy.guards.registered import compilers
from twiceshy.lessons import serial
from twiceshy.lessons.compiler import IndexSpec, OpenedIndex, open_index
from twiceshy.lessons.disk import DiskIndex, IndexDamaged
from twiceshy.lessons.index import Compiled, Entry, MemoryIndex, Unit, units_of
from twiceshy.lessons.lesson import Lesson, Rule
from twiceshy.lessons.lesson_reader import read_lesson
from twiceshy.lessons.registry import read_registry
from twiceshy.lessons.sources import Folder


class Counting:
    """A compiler that remembers what it was asked for."""

    name = "counting"
    version = "1"

    def __init__(self) -> None:
        self.asked: list[str] = []

    def compile(self, units: Sequence[Unit]) -> Compiled:
        self.asked += [unit.lesson.id for unit in units]
        return Compiled(
            tuple(
                Entry("ids", unit.lesson.title, unit.lesson.id, unit.lesson.mitigation)
                for unit in units
            )
        )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for number in range(4):
        write(tmp_path, number)
    return tmp_path


def write(folder: Path, number: int, text: str = LESSON) -> None:
    for name in ("lessons", "rules"):
        (folder / name).mkdir(exist_ok=True)
    (folder / f"lessons/INC-{number}.md").write_text(text.replace("INC-245", f"INC-{number}"))
    (folder / f"rules/inc-{number}.yaml").write_text(
        RULE.replace("INC-245", f"INC-{number}").replace("inc-245", f"inc-{number}")
    )


def opened(folder: Path, counting: Counting | None = None) -> OpenedIndex:
    return open_index(IndexSpec((Folder(folder),), (counting or Counting(),)), folder / "cache")


def test_the_second_start_reads_and_compiles_nothing(folder: Path) -> None:
    first, second = Counting(), Counting()
    opened(folder, first).index.close()
    index = opened(folder, second).index
    assert (first.asked, second.asked) == (["INC-0", "INC-1", "INC-2", "INC-3"], [])
    assert index.lesson_ids() == ("INC-0", "INC-1", "INC-2", "INC-3")
    index.close()


def test_only_what_changed_is_compiled_again(folder: Path) -> None:
    opened(folder).index.close()
    write(folder, 2, LESSON.replace("Give every", "Always give every"))
    (folder / "lessons/INC-3.md").unlink()
    (folder / "rules/inc-3.yaml").unlink()
    counting = Counting()
    index = opened(folder, counting).index
    assert counting.asked == ["INC-2"]
    assert index.lesson_ids() == ("INC-0", "INC-1", "INC-2")
    assert [
        entry.payload[:6] for entry in index.find("ids", ["A slow partner took checkout down"])
    ] == [
        "Give e",
        "Give e",
        "Always",
    ]
    index.close()


def test_a_changed_rule_compiles_its_lesson_again(folder: Path) -> None:
    opened(folder).index.close()
    rule = folder / "rules/inc-1.yaml"
    rule.write_text(rule.read_text().replace("Give this", "Please give this"))
    counting = Counting()
    index = opened(folder, counting).index
    assert counting.asked == ["INC-1"]
    assert "Please give this" in index.rules("INC-1")[0].document
    index.close()


def test_disk_and_memory_answer_alike(folder: Path) -> None:
    disk = open_index(IndexSpec((Folder(folder),), compilers()), folder / "cache").index
    registry = read_registry([folder])
    memory = MemoryIndex(units_of(registry), compilers(), registry.problems)
    words = ["timeout", "post", "requests", "nowhere"]
    assert disk.lesson_ids() == memory.lesson_ids()
    assert [disk.lesson(name) for name in disk.lesson_ids()] == [
        memory.lesson(name) for name in memory.lesson_ids()
    ]
    assert [disk.rules(name) for name in disk.lesson_ids()] == [
        memory.rules(name) for name in memory.lesson_ids()
    ]
    assert (disk.lesson_count, disk.rule_count, disk.problems) == (4, 4, memory.problems)
    for shelf in ("rules", "scars", "companions", "recall.words"):
        assert sorted(disk.all(shelf), key=repr) == sorted(memory.all(shelf), key=repr)
        assert sorted(disk.find(shelf, words), key=repr) == sorted(
            memory.find(shelf, words), key=repr
        )
        assert disk.key_count(shelf, words, 3) == memory.key_count(shelf, words, 3)
    assert disk.lesson("INC-9") is memory.lesson("INC-9") is None
    disk.close()


@pytest.mark.parametrize("damage", ["truncated", "overwritten", "emptied", "not a database"])
def test_a_damaged_file_is_made_anew(folder: Path, damage: str) -> None:
    opened(folder).index.close()
    (path,) = (folder / "cache").glob("*.sqlite")
    content = path.read_bytes()
    path.write_bytes(
        {
            "truncated": content[: len(content) // 3],
            "overwritten": content[:100] + b"\xff" * (len(content) - 100),
            "emptied": b"",
            "not a database": b"hello" * 1000,
        }[damage]
    )
    opened_again = opened(folder)
    assert (
        opened_again.index.lesson("INC-0")
        == read_lesson((folder / "lessons/INC-0.md").read_text(), "lessons/INC-0.md").lesson
    )
    opened_again.index.close()


def test_a_changed_row_is_noticed_when_it_is_read(folder: Path) -> None:
    opened(folder).index.close()
    (path,) = (folder / "cache").glob("*.sqlite")
    connection = sqlite3.connect(path)
    connection.execute("UPDATE unit SET body = X'00'")
    connection.execute("UPDATE entry SET payload = 'x'")
    connection.commit()
    connection.close()
    index = DiskIndex.open(path)
    with pytest.raises(IndexDamaged, match="the row of lesson INC-1"):
        index.lesson("INC-1")
    with pytest.raises(IndexDamaged, match="a row of shelf ids"):
        list(index.all("ids"))
    index.close()


def test_an_index_without_its_meta_rows_is_not_taken_for_one(folder: Path) -> None:
    opened(folder).index.close()
    (path,) = (folder / "cache").glob("*.sqlite")
    connection = sqlite3.connect(path)
    connection.execute("DELETE FROM meta")
    connection.commit()
    connection.close()
    with pytest.raises(IndexDamaged):
        DiskIndex.open(path)


def test_a_cache_that_cannot_be_written_costs_time_and_says_so(folder: Path) -> None:
    (folder / "cache").write_text("a file where the folder should be")
    result = opened(folder)
    assert result.index.lesson_count == 4
    assert "the index could not be kept" in str(result.problems[0])
    result.index.close()


def test_two_processes_at_once_both_get_a_whole_index(folder: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from twiceshy import Guard\n"
        "guard = Guard.load(sys.argv[1], cache=Path(sys.argv[1]) / 'cache'); "
        "print(guard.index.lesson_count)"
    )
    command = [sys.executable, "-c", script, str(folder)]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, env=os.environ) for _ in range(3)]
    assert [process.communicate()[0].strip() for process in running] == [b"4"] * 3
    assert not list((folder / "cache" / "index").glob(".making-*"))


def test_values_survive_the_way_to_the_disk_and_back(folder: Path) -> None:
    registry = read_registry([folder])
    for lesson in registry.lessons:
        assert serial.loads(serial.dumps(lesson), Lesson) == lesson
    for rule in registry.rules:
        assert serial.loads(serial.dumps(rule), Rule) == rule
    odd = replace(registry.lessons[0], title="Ünïcode \ud800 \u2028 \x00", owner=None)
    assert serial.loads(serial.dumps(odd), Lesson) == odd


@pytest.mark.parametrize("text", ["", "[]", "{}", "[1, 2]", "null", '"x"'])
def test_text_that_is_no_lesson_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        if serial.loads(text, Lesson) is None:
            raise ValueError
