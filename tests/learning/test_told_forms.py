"""The forms of a failure that nobody promises to catch: what changes in a text, and what stays."""

from difflib import unified_diff

import pytest

from twiceshy.learning.another_class import in_another_class
from twiceshy.learning.mutations import local_names
from twiceshy.learning.not_made import NotMade
from twiceshy.learning.own_names import under_other_names
from twiceshy.learning.two_hunks import TwoHunks, in_two_hunks


def renamed(code: str, language: str, fixed: str | None = None) -> str:
    return under_other_names(code, language, fixed, local_names(code, language))


def test_members_functions_and_constants_get_other_names_wherever_they_stand() -> None:
    code = (
        "import queue\n"
        "\n"
        "class Sender:\n"
        "    def flush(self, limit=MAX_GROUP):\n"
        "        with self._mutex:\n"
        "            groups = list(self.groupBuffer)\n"
        "            self.groupBuffer.clear()\n"
        "        for group in groups:\n"
        "            self._publish(group, limit=limit)\n"
        "            queue.publish_all(group)\n"
        "\n"
        "    def _publish(self, group, limit):\n"
        "        encode_group(group)\n"
    )
    assert renamed(code, "python") == (
        "import queue\n"
        "\n"
        "class Amber:\n"
        "    def flush(self, limit=BIRCH_ANVIL):\n"
        "        with self._cedar:\n"
        "            groups = list(self.deltaAnvil)\n"
        "            self.deltaAnvil.clear()\n"
        "        for group in groups:\n"
        "            self._ember(group, limit=limit)\n"
        "            queue.publish_all(group)\n"
        "\n"
        "    def _ember(self, group, limit):\n"
        "        fjord_anvil(group)\n"
    )


def test_a_text_or_number_that_the_fix_changes_is_what_it_is_about() -> None:
    code = (
        'def wait(self):\n    self.pool.ask("not there yet", "wait, please", 7, 45, 404, "GET")\n'
    )
    fixed = code.replace('"wait, please"', '"go on, please"').replace("45", "50")
    assert renamed(code, "python", fixed) == (
        'def wait(self):\n    self.amber.ask("nectar grove grove", "wait, please", 10, 45, 404, "GET")\n'
    )


@pytest.mark.parametrize(
    ("language", "code", "other"),
    [
        (
            "java",
            "@Override\npublic void drain(Path to) {\n    held.add(to);\n    settle(this.held);\n}\n",
            "@Override\npublic void drain(Path amber) {\n    birch.add(amber);\n    cedar(this.birch);\n}\n",
        ),
        (
            "go",
            "func (s *Store) drain() {\n\ts.held.Add(int64(1))\n\tother.held.Add(1)\n}\n",
            "func (s *Store) amber() {\n\ts.birch.Add(int64(1))\n\tother.held.Add(1)\n}\n",
        ),
        (
            "javascript",
            "const held = require('held');\nheld.drain(this.drain);\nrules.add({ a: 1, settle(x) {} });\n",
            "const held = require('held');\nheld.drain(this.amber);\nrules.add({ a: 1, settle(x) {} });\n",
        ),
        ("ruby", "def drain\n  @held.push(1)\nend\n", "def amber\n  @birch.push(1)\nend\n"),
    ],
)
def test_what_others_named_stays(language: str, code: str, other: str) -> None:
    """What is overridden, imported, asked for by another's function, or is nobody knows whose."""
    assert renamed(code, language) == other


@pytest.mark.parametrize(
    ("language", "code", "why"),
    [
        ("python", "reply = requests.post(url)\n", NotMade.NO_OWN_NAMES),
        ("yaml", "on_error: ignore\n", NotMade.NO_OWN_NAMES),
        ("perl", "sub drain { return 1; }\n", NotMade.NO_GRAMMAR),
    ],
)
def test_where_no_name_is_surely_the_projects_own_it_says_so(
    language: str, code: str, why: NotMade
) -> None:
    assert under_other_names(code, language, None, local_names(code, language)) is why


def test_a_function_becomes_a_method_and_texts_keep_their_lines() -> None:
    code = 'import requests\n\ndef charge():\n    return post("""\nall of it\n""")\n'
    assert in_another_class(code, "python") == (
        "import requests\n"
        "\n"
        "class Warehouse:\n"
        "    def shelf(self):\n"
        "        return 1\n"
        "\n"
        "    def charge(self):\n"
        '        return post("""\n'
        "all of it\n"
        '""")\n'
    )


def test_statements_get_a_method_and_a_class_another_name() -> None:
    assert in_another_class("total = count(rows)\nstore(total)\n", "python") == (
        "class Warehouse:\n"
        "    def shelf(self):\n"
        "        return 1\n"
        "\n"
        "    def restock(self):\n"
        "        total = count(rows)\n"
        "        store(total)\n"
    )
    assert in_another_class(
        "class Till:\n    def open(self):\n        Till.ring()\n", "python"
    ) == (
        "class Cellar:\n"
        "    def shelf(self):\n"
        "        return 1\n"
        "\n"
        "class Warehouse:\n"
        "    def open(self):\n"
        "        Warehouse.ring()\n"
    )


@pytest.mark.parametrize(
    "head",
    ["func Drain(", "func (Store) Drain(", "func (w *Store) Drain(", "func (w Set[K]) Drain("],
)
def test_in_go_the_receiver_changes(head: str) -> None:
    code = f"{head}to int) int {{\n\treturn to\n}}\n"
    assert in_another_class(code, "go") == (
        "type Warehouse struct{}\n"
        "\n"
        "func (w *Warehouse) Shelf() int {\n"
        "\treturn 1\n"
        "}\n"
        "\n"
        "func (w *Warehouse) Drain(to int) int {\n"
        "\treturn to\n"
        "}\n"
    )


@pytest.mark.parametrize(
    "head",
    [
        "function drain(to) {",
        "export function drain(to) {",
        "drain(to) {",
        "Store.prototype.drain = function (to) {",
    ],
)
def test_in_javascript_a_function_loses_the_word_before_its_name(head: str) -> None:
    made = in_another_class(f"{head}\n  return to;\n}}\n", "javascript")
    kept = "drain = function (to) {" if "prototype" in head else "drain(to) {"
    assert f"    }}\n\n    {kept}\n      return to;\n    }}\n}}\n" in made


def test_a_language_without_classes_is_no_miss() -> None:
    assert in_another_class("SELECT 1;\n", "sql") is NotMade.NO_CLASSES
    assert in_another_class("int f(void) { return 1; }\n", "c") is NotMade.NO_CLASSES


BAD = "def charge(order):\n    line = connect()\n    reply = ask(line)\n    return reply\n"


def hunks(made: TwoHunks | NotMade) -> list[list[str]]:
    """The changed lines of each hunk."""
    assert isinstance(made, TwoHunks)
    parts: list[list[str]] = []
    for line in list(unified_diff(made.before.splitlines(), made.after.splitlines(), n=3))[2:]:
        if line.startswith("@@"):
            parts.append([])
        elif not line.startswith(" "):
            parts[-1].append(line)
    return parts


def test_two_places_that_the_fix_changed_come_back_in_two_hunks() -> None:
    fixed = BAD.replace("connect()", "connect(3)").replace("return reply", "return reply.body")
    assert hunks(in_two_hunks(BAD, "python", fixed)) == [
        ["-    line = connect(3)", "+    line = connect()"],
        ["-    return reply.body", "+    return reply"],
    ]


def test_where_the_fix_changed_one_place_another_line_changes_far_from_it() -> None:
    fixed = BAD.replace("connect()", "connect(3)")
    assert hunks(in_two_hunks(BAD, "python", fixed)) == [
        ["-    line = connect(3)", "+    line = connect()"],
        ["+    counted_0 = 0"],
    ]


@pytest.mark.parametrize(
    ("language", "code", "fixed", "why"),
    [
        ("python", BAD, None, NotMade.NO_FIX),
        ("python", BAD, BAD, NotMade.NO_FIX),
        ("python", "x = f(1,\n      2)\n", "x = f(1,\n      3)\n", NotMade.ONE_PIECE),
        ("sql", "SELECT 1;\n", "SELECT 2;\n", NotMade.NO_NEIGHBOURS),
    ],
)
def test_what_cannot_be_split_says_why(
    language: str, code: str, fixed: str | None, why: NotMade
) -> None:
    assert in_two_hunks(code, language, fixed) is why


@pytest.mark.parametrize("language", ["python", "java", "go", "javascript", "cpp", "ruby"])
@pytest.mark.parametrize(
    "code",
    ["", "\n", "}" * 50, "(" * 300, "def f(:\n  self.\n", "@" * 40, "\ud800 = self.\ud800x\n"],
)
def test_no_text_raises(language: str, code: str) -> None:
    renamed(code, language)
    in_another_class(code, language)
    in_two_hunks(code, language, f"x\n{code}")
