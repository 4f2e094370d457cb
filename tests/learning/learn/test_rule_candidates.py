"""From the difference of a fix to candidates for a rule: what they are made of, and what they are
not. Which of them is kept is tested in ``test_rule_selection``.
"""

import pytest

from twiceshy.learning.learn.evidence import EvidencePair
from twiceshy.learning.learn.rule_candidates import rule_candidates
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
