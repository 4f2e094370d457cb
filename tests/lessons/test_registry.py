from pathlib import Path

import pytest

from samples import LESSON, REGISTRY, RULE
from twiceshy.lessons.lesson_reader import read_lesson
from twiceshy.lessons.lesson_schema import front_matter_schema
from twiceshy.lessons.registry import read_registry, read_source
from twiceshy.lessons.rule_files import read_rules
from twiceshy.lessons.sources import LINK, Folder, SourceKind, kind_of


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def problems(folder: Path) -> list[str]:
    return [str(problem) for problem in read_registry([folder]).problems]


def test_rules_are_joined_to_the_lesson_their_metadata_names(tmp_path: Path) -> None:
    registry = read_registry([write(tmp_path, REGISTRY)])
    (rule,) = registry.rules
    assert (rule.id, rule.lesson, rule.source, rule.line) == (
        "inc-245-timeout",
        "INC-245",
        "rules/inc-245.yaml",
        2,
    )
    assert (registry.lessons[0].id, registry.problems) == ("INC-245", ())


def test_of_two_with_one_id_the_first_stands_and_both_are_named(tmp_path: Path) -> None:
    write(tmp_path, {**REGISTRY, "lessons/other.md": LESSON, "rules/other.yaml": RULE})
    assert problems(tmp_path) == [
        (
            "lessons/other.md:2: id INC-245 is taken by lessons/INC-245.md: give one of them "
            "another id"
        ),
        (
            "rules/other.yaml:2: rule id inc-245-timeout is taken by rules/inc-245.yaml:2: "
            "give one of them another id"
        ),
    ]


def test_a_lesson_that_guards_nothing_is_named(tmp_path: Path) -> None:
    text = LESSON.split("```python bad")[0].replace(
        'scars: ["services/pay/client.py:charge"]\n', ""
    )
    start, end = text.index("companions:"), text.index("---\nA slow")
    write(tmp_path, {"lessons/a.md": text[:start] + text[end:]})
    (problem,) = problems(tmp_path)
    assert problem.startswith("lessons/a.md:1: lesson INC-245 guards nothing yet: add evidence")


def test_files_that_cannot_be_taken_are_named_and_the_rest_guards(tmp_path: Path) -> None:
    write(tmp_path, {**REGISTRY, "rules/empty.yaml": "", "rules/list.yaml": "- a\n"})
    (tmp_path / "lessons/latin.md").write_bytes("---\nid: Ä\n".encode("latin-1"))
    (tmp_path / "lessons/huge.md").write_text("x" * 1_000_001)
    registry = read_registry([tmp_path])
    assert [lesson.id for lesson in registry.lessons] == ["INC-245"]
    assert sorted(map(str, registry.problems)) == [
        "lessons/huge.md: over 1,000,000 bytes: split the file",
        "lessons/latin.md:2: not UTF-8: save the file as UTF-8",
        "rules/empty.yaml:1: no rules: write `rules:` with a list of Semgrep rules under it",
        "rules/list.yaml:1: no rules: write `rules:` with a list of Semgrep rules under it",
    ]
    unreadable = read_source("lessons/x.md", SourceKind.LESSON, None)
    assert str(unreadable.problems[0]) == "lessons/x.md: cannot be read: check its permissions"


def test_links_are_not_followed(tmp_path: Path) -> None:
    outside = write(tmp_path / "outside", {"lessons/a.md": LESSON})
    inside = tmp_path / "inside"
    (inside / "rules").mkdir(parents=True)
    (inside / "lessons").symlink_to(outside / "lessons")
    (inside / "rules" / "a.yaml").symlink_to(outside / "lessons" / "a.md")
    source = Folder(inside)
    assert source.read(source.files()) == {"lessons": LINK, "rules/a.yaml": LINK}, "but named"


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("lessons/a.md", SourceKind.LESSON),
        ("lessons/2026/a.md", SourceKind.LESSON),
        ("rules/a.yml", SourceKind.RULES),
        ("rules/a.json", SourceKind.RULES),
        ("lessons/README.md", None),
        ("rules/a.test.yaml", None),
        ("docs/a.md", None),
    ],
)
def test_a_files_kind_is_its_folder_and_its_ending(path: str, kind: SourceKind | None) -> None:
    assert kind_of(path) == kind


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("    metadata: {lesson: INC-245}\n", "", "names no lesson: add `metadata: {lesson: ID}`"),
        ("    languages: [python]\n", "", "names no languages: add `languages: [python]`"),
        (
            "  - id: inc-245-timeout\n    languages",
            "  - languages",
            "a rule without an id: add `id: a-name-of-its-own`",
        ),
        ("    severity: ERROR\n", "    mode: join\n", "is left out: its mode cannot run here"),
        ("    severity: ERROR\n", "    validators: []\n", "is left out: it would call other hosts"),
        (
            "    severity: ERROR\n",
            "    options: {x: .nan}\n",
            "holds a number that is none (.nan or .inf): write a number",
        ),
    ],
)
def test_a_broken_rule_is_named_and_its_neighbour_stands(old: str, new: str, problem: str) -> None:
    other = RULE.replace("inc-245", "other").removeprefix("rules:\n")
    read = read_rules(RULE.replace(old, new) + other, "rules/a.yaml")
    assert [rule.id for rule in read.rules] == ["other-timeout"]
    assert problem in str(read.problems[0])
    assert str(read.problems[0]).startswith("rules/a.yaml:2: ")


def test_json_rules_and_aliases_are_read() -> None:
    assert read_rules(
        '{"rules": [{"id": "a", "languages": ["go"], "metadata": {"lesson": "L"}}]}', "a.json"
    ).rules
    text = RULE + (
        "  - {id: b, languages: [go], severity: ERROR, message: &m hi, metadata: "
        "{lesson: L, note: *m}, pattern: x}\n"
    )
    assert '"note":"hi"' in read_rules(text, "a.yaml").rules[1].document


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("date: 2026-05-14", "date: 0", ":4: `date`: 0 is not a date; write it as 2026-05-14"),
        ("because:", "pattern: 'a{99999999999}', because:", "not a regular expression"),
    ],
)
def test_values_that_only_look_right_are_named(old: str, new: str, problem: str) -> None:
    assert problem in str(read_lesson(LESSON.replace(old, new, 1), "a.md").problems[0])


@pytest.mark.parametrize(
    "text",
    [
        "---\n" + "[" * 200_000,
        "---\n" + "- " * 100_000,
        LESSON.replace("A slow partner held", "[" * 100_000),
        LESSON.replace("scars:", f"tags: [{'x, ' * 50_000}]\nscars:"),
    ],
)
def test_hostile_lessons_take_no_time(text: str) -> None:
    read_lesson(text, "a.md")


def test_the_schema_names_every_key_and_describes_the_odd_ones() -> None:
    schema = front_matter_schema()
    assert schema["required"] == ["id", "title", "date", "severity", "mode"]
    assert {"no_check", "companions", "applies_to"} <= set(schema["properties"])
    assert {"type": "string"} in schema["properties"]["tags"]["anyOf"]
