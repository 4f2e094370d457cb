"""What a fix shows: the same part of both sides, the right function, pieces that are code."""

from pathlib import Path

import pytest

from git_repository import Repo
from twiceshy.changes.git import commit_change
from twiceshy.changes.outline import parses
from twiceshy.learning.learn.evidence import EvidencePair, Story, story_of
from twiceshy.learning.learn.windows import stands_in

STEPS = "".join(f"    step_{number}(order)\n" for number in range(1, 81))
LONG = f"def run(order):\n{STEPS}"


def fixed(folder: Path, path: str, before: str, after: str) -> Story:
    repo = Repo(folder / "shop")
    repo.commit({path: before})
    repo.commit({path: after})
    return story_of(commit_change(repo.root, "HEAD"))


def only(story: Story) -> EvidencePair:
    (pair,) = story.pairs
    return pair


def test_of_a_long_function_its_head_and_what_stands_around_the_fix_is_shown(
    tmp_path: Path,
) -> None:
    line = "    step_42(order)\n"
    pair = only(fixed(tmp_path, "pay.py", LONG, LONG.replace(line, f"    check(order)\n{line}")))
    before = "".join(f"    step_{number}(order)\n" for number in range(34, 42))
    after = "".join(f"    step_{number}(order)\n" for number in range(42, 50))
    head = "def run(order):\n    # ...\n"
    assert pair.bad == f"{head}{before}{after}"
    assert pair.good == f"{head}{before}    check(order)\n{after}"
    assert (pair.removed, pair.added, pair.changed) == ((), (43,), (42,))


def test_a_fix_at_both_ends_of_a_long_function_is_one_piece(tmp_path: Path) -> None:
    after = LONG.replace("step_3(order)", "step_3(order.id)")
    after = after.replace("step_78(order)", "step_78(order.id)")
    pair = only(fixed(tmp_path, "pay.py", LONG, after))
    assert pair.bad.count("# ...") == 1
    assert (pair.removed, pair.added) == ((4, 79), (4, 79))
    assert "step_40" not in pair.bad + pair.good
    assert stands_in(pair.bad, LONG)
    assert not stands_in(pair.good, LONG)


def test_of_a_long_branch_that_was_not_touched_a_piece_remains(tmp_path: Path) -> None:
    """A block cannot be empty where only indentation ends it."""
    branch = STEPS.replace("    ", "        ")
    before = f"def run(order):\n    if order:\n        pay(order)\n    else:\n{branch}"
    pair = only(fixed(tmp_path, "pay.py", before, before.replace("pay(order)", "pay(order.id)")))
    assert parses(pair.bad, "python")
    assert "    else:\n        step_1(order)\n" in pair.good
    assert "step_40" not in pair.good


OVERLOADS = """class Till {
    void pay(int sum) {
        pay(sum, EUR);
    }

    void pay(long sum) {
        pay(sum, EUR);
        log(sum);
    }

    void pay(int sum, Currency currency) {
        ledger.add(sum, currency);
        ledger.close(sum);
    }
}
"""
PROPERTY = """class Till:
    @property
    def sum(self):
        return self._sum

    @sum.setter
    def sum(self, value):
        self._sum = value
        self.changed()
"""
NESTED = """def first(order):
    def inner(part):
        return part.price

    return inner(order.part)


def second(order):
    def inner(part):
        return part.weight

    return inner(order.load)
"""
GETTERS = """class Till {
  get sum() {
    return this.a
  }
}

class Box {
  get sum() {
    return this.b
  }
}
"""
GO = """package till

func (t *Till) Close() error {
\treturn t.file.Close()
}

func (b *Box) Close() error {
\treturn b.lid.Close()
}
"""
TWINS = {
    "an overload": ("Till.java", OVERLOADS, "ledger.add(sum, currency)", "ledger.add(sum, EUR)"),
    "a setter": ("till.py", PROPERTY, "self._sum = value", "self._sum = int(value)"),
    "a nested function": ("till.py", NESTED, "part.weight", "part.mass"),
    "a getter": ("till.js", GETTERS, "this.b", "this.c"),
    "a method": ("till.go", GO, "b.lid.Close()", "b.lid.Shut()"),
}


@pytest.mark.parametrize("twin", TWINS)
def test_of_functions_of_one_name_the_one_that_was_mended_is_shown(
    twin: str, tmp_path: Path
) -> None:
    path, code, wrong, right = TWINS[twin]
    pair = only(fixed(tmp_path, path, code, code.replace(wrong, right)))
    assert pair.good == pair.bad.replace(wrong, right)
    assert wrong in pair.bad


def test_an_overload_that_came_before_it_is_not_taken_for_the_function(tmp_path: Path) -> None:
    came = OVERLOADS.replace(
        "class Till {\n", "class Till {\n    void pay() {\n        pay(0);\n    }\n\n"
    )
    after = came.replace("ledger.close(sum);", "ledger.closeAll();")
    pair = only(fixed(tmp_path, "Till.java", OVERLOADS, after))
    assert pair.bad.startswith("void pay(int sum, Currency currency) {")
    assert pair.good == pair.bad.replace("ledger.close(sum);", "ledger.closeAll();")


def test_a_renamed_function_is_known_by_its_lines(tmp_path: Path) -> None:
    before = "def charge(order):\n    bank = open_bank()\n    bank.take(order)\n    return bank\n"
    after = before.replace("charge", "charge_once").replace("take(order)", "take(order.id)")
    pair = only(fixed(tmp_path, "pay.py", before, after))
    assert (pair.symbol, pair.good) == ("charge", after)


def test_a_function_that_was_split_is_shown_with_both_parts(tmp_path: Path) -> None:
    before = (
        "def charge(order):\n    one(order)\n    two(order)\n    three(order)\n    four(order)\n"
    )
    after = before.replace("    three", "\n\ndef later(order):\n    three")
    pair = only(fixed(tmp_path, "pay.py", before, after))
    assert (pair.bad, pair.good) == (before, after)


def test_where_a_method_alone_is_no_code_its_class_is_shown_around_it(tmp_path: Path) -> None:
    pair = only(fixed(tmp_path, "till.js", GETTERS, GETTERS.replace("this.b", "this.c")))
    assert pair.bad == "class Box {\n  get sum() {\n    return this.b\n  }\n}\n"
    assert pair.symbol == "Box.sum"


def test_beside_code_imports_and_new_definitions_are_left_out(tmp_path: Path) -> None:
    before = (
        "import os\nimport sys\n\n\ndef f(a):\n    return os.read(a)\n\n\nclass C:\n    x = 1\n"
    )
    after = before.replace("import sys", "import time").replace("read(a)", "read(a, 9)")
    after += "\n    def g(self):\n        return 2\n"
    story = fixed(tmp_path, "a.py", before, after)
    assert only(story).symbol == "f"
    assert [left.reason for left in story.left_out] == [
        "only imports changed",
        "only new definitions came",
    ]


def test_outside_of_functions_only_statements_beside_the_fix_are_shown(tmp_path: Path) -> None:
    before = f"import os\n\nA = 1\nB = {{\n    1: 2,\n    3: 4,\n}}\n\n\n{LONG}"
    pair = only(fixed(tmp_path, "a.py", before, before.replace("3: 4", "3: 5")))
    assert pair.bad == "A = 1\nB = {\n    1: 2,\n    3: 4,\n}\n"


def test_what_is_left_out_is_marked_by_a_comment_of_the_language(tmp_path: Path) -> None:
    steps = STEPS.replace("    ", "\t").replace(")\n", ")\n")
    before = f"package a\n\nfunc run(order Order) {{\n{steps}}}\n"
    pair = only(fixed(tmp_path, "a.go", before, before.replace("step_50(order)", "step_50(nil)")))
    assert pair.bad.startswith("func run(order Order) {\n\t// ...\n\tstep_42(order)\n")
    assert pair.bad.endswith("\tstep_58(order)\n\t// ...\n}\n")


def test_configuration_is_shown_under_the_keys_it_stands_under(tmp_path: Path) -> None:
    many = "".join(f"  key{number}: {number}\n" for number in range(40))
    before = f"first:\n{many}second:\n{many}"
    after = f"first:\n{many}second:\n{many.replace('key20: 20', 'key20: 21')}"
    pair = only(fixed(tmp_path, "a.yaml", before, after))
    assert pair.bad.startswith("second:\n  # ...\n  key12: 12\n")


def test_a_list_that_must_not_end_in_a_comma_does_not(tmp_path: Path) -> None:
    many = ",\n".join(f'    "key{number}": {number}' for number in range(90))
    before = f'{{\n  "first": {{\n{many}\n  }},\n  "second": {{\n{many}\n  }}\n}}\n'
    pair = only(fixed(tmp_path, "a.json", before, before.replace('"key20": 20', '"key20": 2', 1)))
    assert parses(pair.bad, "json")
    end = '    "key28": 28,\n    "key89": 89\n  },\n  "second": {\n  }\n}\n'
    assert pair.bad.endswith(end)


def test_a_language_without_a_grammar_is_shown_by_its_lines(tmp_path: Path) -> None:
    before = "".join(f"key{number}={number}\n" for number in range(40))
    pair = only(fixed(tmp_path, "a.properties", before, before.replace("key20=20\n", "")))
    assert pair.bad == "".join(f"key{number}={number}\n" for number in range(12, 29))
    assert pair.good == pair.bad.replace("key20=20\n", "")


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_line_ends_are_not_part_of_it(ending: str, tmp_path: Path) -> None:
    before = LONG.replace("\n", ending)
    after = before.replace("step_42(order)", "step_42(order.id)")
    pair = only(fixed(tmp_path, "a.py", before, after))
    assert "\r" not in pair.bad + pair.good
    assert pair.good == pair.bad.replace("step_42(order)", "step_42(order.id)")
