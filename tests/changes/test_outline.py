"""What can be left out of a file: pieces on lines of their own, in the languages people write."""

import pytest

from twiceshy.changes.outline import ItemKind, outline, parses

CODE = {
    "python": (
        "import os\n# why\ndef f():\n    if a:\n        b()\n    return {\n        1: 2,\n    }\n",
        ["1-1 import", "2-2 comment", "3-8 definition", "4-5", "5-5", "6-8", "7-7"],
    ),
    "javascript": (
        "const a = {\n  b() {},\n  c: 1\n}\nswitch (x) {\n  case 1:\n    y()\n}\n",
        ["1-4", "2-2 definition", "3-3", "5-8", "6-7", "7-7"],
    ),
    "java": (
        "class A {\n  int x;\n  void f() {\n    a(); b();\n    c(\n      1);\n  }\n}\n",
        ["1-8 definition", "2-2", "3-7 definition", "5-6"],
    ),
    "go": (
        "package a\n\nfunc f() {\n\tif x {\n\t\ty()\n\t}\n}\n",
        ["1-1 import", "3-7 definition", "4-6", "4-6", "5-5", "5-5"],
    ),
    "yaml": ("a:\n  b: 1\nd:\n- 2\n", ["1-4", "1-2", "2-2", "3-4", "4-4"]),
}


@pytest.mark.parametrize("language", CODE)
def test_pieces_on_lines_of_their_own(language: str) -> None:
    text, expected = CODE[language]
    items = outline(text, language)
    assert [f"{item.first}-{item.last} {item.kind}".strip() for item in items] == expected


def test_without_a_grammar_every_line_is_a_piece() -> None:
    items = outline("a=1\nb=2\n", "properties")
    assert [(item.first, item.last, item.kind) for item in items] == [
        (1, 1, ItemKind.PLAIN),
        (2, 2, ItemKind.PLAIN),
    ]


def test_what_is_no_code_is_told_where_a_grammar_knows() -> None:
    assert parses("def f(): pass\n", "python")
    assert not parses("def f(:\n<<<<<<< ours\n", "python")
    assert parses("<<<<<<<", "properties")
