"""From the difference of a fix to a rule: proposed, tried with the real Semgrep, chosen, explained."""

from pathlib import Path

import pytest

from git_repository import Repo
from twiceshy.cli.main import run
from twiceshy.learning.learn.evidence import EvidencePair
from twiceshy.learning.learn.rule_candidates import rule_candidates
from twiceshy.learning.learn.rule_selection import choose, choose_all

CALL = "def charge(order):\n    reply = requests.post(order.url, json=order)\n    return reply\n"
TIMED = CALL.replace("json=order)", "json=order, timeout=3)")


def pair(bad: str, good: str, language: str = "python") -> EvidencePair:
    return EvidencePair("a", language, "f", bad, good, ())


def chosen(bad: str, good: str, language: str = "python") -> tuple[tuple[str, str], ...]:
    winner = choose([pair(bad, good, language)], {}).winner
    assert winner is not None
    return winner.candidate.patterns


def test_an_argument_that_was_missing_becomes_any_call_without_it() -> None:
    patterns = (
        ("pattern", "requests.post(...)"),
        ("pattern-not", "requests.post(..., timeout=$GIVEN, ...)"),
    )
    assert chosen(CALL, TIMED)[:2] == patterns


def test_a_guard_that_was_missing_becomes_the_code_without_it() -> None:
    bad = "def load(path):\n    data = fetch_remote(path)\n    return parse_header(data)\n"
    good = bad.replace("    return", "    if not data:\n        raise Missing(path)\n    return")
    patterns = chosen(bad, good)
    assert patterns[0][0] == "pattern"
    assert patterns[1][0].startswith("pattern-not")


def test_a_comparison_that_was_wrong_becomes_itself_under_any_names() -> None:
    bad = "def allowed(account, amount):\n    return account.balance > amount.total_due\n"
    assert chosen(bad, bad.replace(">", ">=")) == (("pattern", "$V1.balance > $V2.total_due"),)


def test_other_languages_have_braces() -> None:
    bad = "function save(user) {\n  const row = db.insertRow(user);\n  return row;\n}\n"
    good = bad.replace("insertRow(user)", "insertRow(escapeAll(user))")
    assert chosen(bad, good, "javascript")[0] == ("pattern", "db.insertRow(...)")


def test_a_rule_that_fires_in_today_s_code_is_not_kept_and_its_places_are_told() -> None:
    host = {"pay/other.py": "import requests\n\n\ndef ping():\n    return requests.post(HOME)\n"}
    choice = choose([pair(CALL, TIMED)], host)
    assert choice.winner is not None
    assert choice.winner.candidate.patterns[0] != ("pattern", "requests.post(...)")
    general = next(
        tried
        for tried in choice.runners_up
        if tried.candidate.patterns[0] == ("pattern", "requests.post(...)")
    )
    assert general.hits == ("pay/other.py",)


@pytest.mark.parametrize(
    ("bad", "good", "language"),
    [
        ("x = 1\n", "x = 2\n", "python"),  # nothing of its own to say
        ("a: 1\n", "a: 2\n", "yaml"),  # its code is no pattern
        ("def f(:\n", "def f((:\n", "python"),
    ],
)
def test_where_nothing_is_worth_it_nothing_is_proposed(bad: str, good: str, language: str) -> None:
    assert choose([pair(bad, good, language)], {}).winner is None


def test_comments_and_line_breaks_do_not_get_into_patterns() -> None:
    bad = "def f(order):\n    send_mail(  # slow\n        order.owner,\n    )\n"
    texts = [
        text
        for candidate in rule_candidates(bad, bad.replace("owner", "payer"), "python")
        for _, text in candidate.patterns
    ]
    assert "send_mail($V1.owner)" in texts
    assert not any("#" in text or "( " in text for text in texts)


def test_pieces_that_have_no_rule_in_common_have_one_each() -> None:
    other = "def refund(bill):\n    audit.write_line(bill.total)\n"
    both = [pair(CALL, TIMED), pair(other, other.replace("bill.total", "bill.sum"))]
    assert [bool(choice.winner) for choice in choose_all(both, {})] == [True, True]


def test_learn_writes_a_rule_that_verify_proves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    repo = Repo(tmp_path / "shop")
    repo.commit({"pay.py": f"import requests\n\n\n{CALL}"}, "begin")
    repo.commit({"pay.py": f"import requests\n\n\n{TIMED}"}, "fix: give the call a timeout")
    monkeypatch.chdir(repo.root)
    monkeypatch.delenv("EDITOR", raising=False)
    assert run(["learn", "HEAD"]) == 0
    out = capsys.readouterr().out
    assert "rule: rules/inc-1.yaml (any such call without what the fix gave it; caught in" in out
    assert (repo.root / "rules/inc-1.yaml").read_text() == (
        "# Proposed from the fix (any such call without what the fix gave it). "
        "It guards once the lesson's mode is no longer draft.\n"
        "rules:\n- id: inc-1-1\n  languages:\n  - python\n  severity: ERROR\n"
        "  message: 'give the call a timeout. What to do instead: ...'\n  metadata:\n    lesson: INC-1\n"
        "  patterns:\n  - pattern: requests.post(...)\n"
        "  - pattern-not: requests.post(..., timeout=$GIVEN, ...)\n"
        "  - pattern-not: requests.post($V1.url, json=$V1, timeout=3)\n"
    )
    lesson = repo.root / "lessons/INC-1.md"
    lesson.write_text(lesson.read_text().replace("mode: draft", "mode: observe"))
    assert run(["verify"]) == 0
    assert "✔" in capsys.readouterr().out
