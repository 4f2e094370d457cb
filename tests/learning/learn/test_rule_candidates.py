"""From the difference of a fix to candidates for a rule: what they are made of, and what they are
not. Which of them is kept is tested in ``test_rule_selection``.
"""

import pytest

from twiceshy.learning.learn.evidence import EvidencePair
from twiceshy.learning.learn.rule_candidates import (
    Breadth,
    Edit,
    candidates_of,
    rule_candidates,
)
from twiceshy.learning.learn.rule_selection import choose

CALL = "def charge(order):\n    reply = requests.post(order.url, json=order)\n    return reply\n"
TIMED = CALL.replace("json=order)", "json=order, timeout=3)")


def patterns(bad: str, good: str, language: str = "python") -> list[tuple[tuple[str, str], ...]]:
    return [candidate.patterns for candidate in rule_candidates(bad, good, language)]


def test_an_argument_that_was_missing_becomes_any_call_without_it() -> None:
    assert any(
        candidate[:2]
        == (
            ("pattern", "requests.post(...)"),
            ("pattern-not", "requests.post(..., timeout=$GIVEN, ...)"),
        )
        for candidate in patterns(CALL, TIMED)
    )


def test_a_comparison_that_was_wrong_becomes_itself_under_any_names() -> None:
    bad = "def allowed(account, amount):\n    return account.balance > amount.total_due\n"
    assert (("pattern", "$V1.balance > $V2.total_due"),) in patterns(bad, bad.replace(">", ">="))


def test_other_languages_have_braces() -> None:
    bad = "function save(user) {\n  const row = db.insertRow(user);\n  return row;\n}\n"
    good = bad.replace("insertRow(user)", "insertRow(escapeAll(user))")
    anchors = [candidate[0] for candidate in patterns(bad, good, "javascript")]
    assert ("pattern", "db.insertRow(...)") in anchors


@pytest.mark.parametrize(
    ("bad", "good", "language"),
    [
        ("x = 1\n", "x = 2\n", "python"),  # nothing of its own to say
        ("a: 1\n", "a: 2\n", "yaml"),  # its code is no pattern
        ("def f(:\n", "def f((:\n", "python"),
    ],
)
def test_where_nothing_is_worth_it_nothing_is_proposed(bad: str, good: str, language: str) -> None:
    assert choose([EvidencePair("a", language, "f", bad, good, ())], {}).winner is None


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


def test_a_local_name_of_a_whole_file_s_function_is_any_name_and_an_import_keeps_its_own() -> None:
    before, after = f"import requests\n\n\n{CALL}", f"import requests\n\n\n{TIMED}"
    piece = EvidencePair(
        "shop/pay.py", "python", "charge", CALL, TIMED, (5,), before, after, (5,), (5,)
    )
    first = candidates_of(piece)[0]
    assert first.anchor == "requests.post(...)"
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


def test_a_lock_is_about_the_member_it_guards_not_about_the_object_around_it() -> None:
    bad = "package a\n\nfunc (c *Checker) Drop(id string) {\n\tdelete(c.blobRefs.M, id)\n}\n"
    good = bad.replace("\tdelete", "\tc.blobRefs.Lock()\n\tdefer c.blobRefs.Unlock()\n\tdelete")
    anchors = {
        candidate.anchor
        for candidate in rule_candidates(bad, good, "go")
        if candidate.edit is Edit.PRECEDES
    }
    assert anchors == {"$C.blobRefs.M"}
