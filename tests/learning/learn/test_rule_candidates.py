"""From the difference of a fix to a rule: proposed, tried with the real Semgrep, chosen, explained."""

from pathlib import Path

import pytest

from git_repository import Repo
from twiceshy.cli.main import run
from twiceshy.learning.learn.evidence import EvidencePair
from twiceshy.learning.learn.rule_candidates import (
    Breadth,
    Edit,
    RuleCandidate,
    candidates_of,
    rule_candidates,
)
from twiceshy.learning.learn.rule_selection import choose, choose_all

CALL = "def charge(order):\n    reply = requests.post(order.url, json=order)\n    return reply\n"
TIMED = CALL.replace("json=order)", "json=order, timeout=3)")


def pair(bad: str, good: str, language: str = "python") -> EvidencePair:
    return EvidencePair("a", language, "f", bad, good, ())


def winner(bad: str, good: str, language: str = "python") -> RuleCandidate:
    tried = choose([pair(bad, good, language)], {}).winner
    assert tried is not None
    return tried.candidate


def chosen(bad: str, good: str, language: str = "python") -> tuple[tuple[str, str], ...]:
    return winner(bad, good, language).patterns


def test_an_argument_that_was_missing_becomes_any_call_without_it() -> None:
    patterns = (
        ("pattern", "requests.post(...)"),
        ("pattern-not", "requests.post(..., timeout=$GIVEN, ...)"),
    )
    assert chosen(CALL, TIMED)[:2] == patterns


def test_a_guard_that_was_missing_becomes_the_code_without_it() -> None:
    bad = "def load(path):\n    data = fetch_remote(path)\n    return parse_header(data)\n"
    good = bad.replace("    return", "    if not data:\n        raise Missing(path)\n    return")
    candidate = winner(bad, good)
    assert candidate.edit is Edit.GUARD
    assert "fetch_remote(...)" in str(candidate.matching())


def test_a_comparison_that_was_wrong_becomes_itself_under_any_names() -> None:
    bad = "def allowed(account, amount):\n    return account.balance > amount.total_due\n"
    assert chosen(bad, bad.replace(">", ">=")) == (
        ("pattern", "$ACCOUNT.balance > $AMOUNT.total_due"),
    )


def test_other_languages_have_braces() -> None:
    bad = "function save(user) {\n  const row = db.insertRow(user);\n  return row;\n}\n"
    good = bad.replace("insertRow(user)", "insertRow(escapeAll(user))")
    assert chosen(bad, good, "javascript")[0] == ("pattern", "db.insertRow($USER, ...)")


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


def test_the_failing_line_again_is_marked_as_such_and_comes_last() -> None:
    candidates = rule_candidates(CALL, TIMED, "python")
    lines = [candidate.edit is Edit.LINE for candidate in candidates]
    assert lines == sorted(lines)
    assert [candidate.edit for candidate in candidates if candidate.breadth >= Breadth.PLACE] == [
        Edit.ARGUMENT
    ]


def test_a_local_name_of_a_whole_file_s_function_is_any_name_and_an_import_is_a_library() -> None:
    before, after = f"import requests\n\n\n{CALL}", f"import requests\n\n\n{TIMED}"
    piece = EvidencePair(
        "shop/pay.py", "python", "charge", CALL, TIMED, (5,), before, after, (5,), (5,)
    )
    first = candidates_of(piece)[0]
    assert first.library
    assert first.added == "requests.post(..., timeout=$GIVEN, ...)"
    elsewhere = EvidencePair("shop/pay.py", "python", "", CALL, TIMED, (), before, after, (1,), ())
    edits = {candidate.edit for candidate in candidates_of(elsewhere)}
    assert edits == {Edit.LINE}, "an edit of other lines is another piece's"


def test_what_flows_untested_is_a_rule_in_taint_mode() -> None:
    bad = "def load(path):\n    data = fetch_remote(path)\n    return data.parse_header()\n"
    good = bad.replace("    return", "    if not data:\n        return None\n    return")
    candidates = rule_candidates(bad, good, "python")
    flow = next(candidate for candidate in candidates if candidate.flow).matching()
    assert flow["mode"] == "taint"
    assert flow["pattern-sources"] == [{"pattern": "fetch_remote(...)"}]
    assert flow["pattern-sinks"] == [
        {"patterns": [{"pattern": "$DATA.parse_header(...)"}, {"focus-metavariable": "$DATA"}]}
    ]


def test_a_text_without_a_tree_has_no_shapes_and_raises_nothing() -> None:
    deep = "f(" * 2_000 + ")" * 2_000 + "\n"
    for bad in ("", deep, "x = 1\n" * 40_000, "\x00", "def"):
        assert isinstance(rule_candidates(bad, f"{bad}y = 2\n", "python"), tuple)


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
        "  - pattern-not: requests.post(..., **$KEYWORDS)\n"
    )
    lesson = repo.root / "lessons/INC-1.md"
    lesson.write_text(lesson.read_text().replace("mode: draft", "mode: observe"))
    assert run(["verify"]) == 0
    assert "✔" in capsys.readouterr().out


def test_a_lock_is_about_the_member_it_guards_not_about_the_object_around_it() -> None:
    bad = "package a\n\nfunc (c *Checker) Drop(id string) {\n\tdelete(c.blobRefs.M, id)\n}\n"
    good = bad.replace("\tdelete", "\tc.blobRefs.Lock()\n\tdefer c.blobRefs.Unlock()\n\tdelete")
    anchors = {
        candidate.anchor
        for candidate in rule_candidates(bad, good, "go")
        if candidate.edit is Edit.PRECEDES
    }
    assert anchors == {"$C.blobRefs.M"}
