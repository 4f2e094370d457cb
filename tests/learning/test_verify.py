"""Lessons tried on their own evidence: what a check stops, and what it wrongly stops."""

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from service.shop import LESSON, RULE
from twiceshy.cli.main import run
from twiceshy.learning.mutations import Form, mutations

ROOT = Path(__file__).parents[2]
CODE = "def charge(order):\n    reply = post(PARTNER, order, wait=3)\n    return reply\n"


def test_the_forms_of_a_failure() -> None:
    made = {each.form: each for each in mutations(CODE, "python", "pay/client.py")}
    assert list(made) == list(Form)
    assert made[Form.MOVED].path == "pay/elsewhere_client.py"
    assert made[Form.RENAMED].code == (
        "def charge(order_again):\n    reply_again = post(PARTNER, order_again, wait=3)\n    return reply_again\n"
    )
    assert made[Form.LAID_OUT].code == (
        "def charge(order):\n    reply = post(PARTNER, order, wait=3)\n\n    return reply\n\n"
    )
    assert made[Form.AMONG_OTHERS].code.endswith(CODE)


def test_names_that_are_the_meaning_are_not_renamed() -> None:
    assert [each.form for each in mutations("SELECT a FROM b;\n", "sql", "q.sql")] == [
        Form.AS_IT_WAS,
        Form.MOVED,
        Form.LAID_OUT,
    ]
    assert Form.LAID_OUT not in [each.form for each in mutations('x = """\na\n"""\n', "python", "a.py")]


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("lessons", "rules"):
        (tmp_path / name).mkdir()
    (tmp_path / "lessons/INC-245.md").write_text(LESSON)
    (tmp_path / "rules/inc-245.yaml").write_text(RULE)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def verified(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    code = run(["verify", "--registry", ".", *words])
    return code, capsys.readouterr().out


def test_a_good_rule_is_proven(registry: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert verified(capsys) == (
        0,
        "lesson  was moved renamed laid out among fixed fix caught   \n"
        "INC-245 ●○  ●○    ●○      ●○       ●○    ·     ·     100% ✔ \n"
        "● a rule spoke, ○ recall spoke, · nobody; the last two must be silent; ✔ proven\n",
    )


def test_a_rule_that_fires_on_its_own_fix_is_not(registry: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (registry / "rules/inc-245.yaml").write_text(RULE.split("      - pattern-not")[0])
    code, text = verified(capsys, "INC-245", "--format", "json")
    [lesson] = json.loads(text)["lessons"]
    wrong = [trial["case"] for trial in lesson["trials"] if not trial["good"]]
    assert (code, lesson["proven"], wrong) == (1, False, ["the fixed code", "the fix itself"])


def test_the_other_formats(registry: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert verified(capsys, "--format", "markdown")[1] == (
        "| lesson | caught | silent on the fix | |\n|---|---|---|---|\n| INC-245 | 100% | yes | proven |\n"
    )
    suite = ElementTree.fromstring(verified(capsys, "--format", "junit")[1])
    assert (suite.get("tests"), suite.get("failures")) == ("7", "0")


def test_an_unknown_lesson_is_named(registry: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["verify", "--registry", ".", "INC-9"]) == 2
    assert "no lesson INC-9 here" in capsys.readouterr().err


def test_the_whole_famous_pack_is_proven(capsys: pytest.CaptureFixture[str]) -> None:
    code = run(["verify", "--registry", str(ROOT), "--format", "json"])
    lessons = json.loads(capsys.readouterr().out)["lessons"]
    assert (code, len(lessons)) == (0, 8)
    assert all(lesson["score"] >= 0.8 for lesson in lessons)
