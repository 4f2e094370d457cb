"""One lesson says one thing about one edit, however many guards saw it and wherever each of them
points.
"""

from dataclasses import replace

import pytest

from changing import change
from git_repository import Repo
from making import finding, lesson
from samples import REGISTRY
from twiceshy import Guard
from twiceshy.changes.git import branch_change
from twiceshy.guards.finding import Finding, GuardKind
from twiceshy.guards.recall.recall_guard import RECALL
from twiceshy.guards.rules import RULES
from twiceshy.guards.safeguards import SAFEGUARDS
from twiceshy.verdicts.nearness import Edits
from twiceshy.verdicts.policy import Trust, decide
from twiceshy.verdicts.render import render
from twiceshy.verdicts.settings import Settings
from twiceshy.verdicts.verdict import Action, JudgedFinding

NEW = "def one():\n" + "    a()\n" * 20 + "\n\ndef two():\n" + "    b()\n" * 20
"""``one`` is lines 1 to 21, ``two`` is lines 24 to 44."""


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ((SAFEGUARDS, 8, 8), (RECALL, 7, 7), True),
        ((RULES, 4, 4), (RECALL, 12, 14), True),  # in one function
        ((RULES, 4, 4), (RECALL, 30, 32), False),  # in another
        ((RULES, 7, 7), (RULES, 8, 8), False),  # a guard tells its own places apart
        ((RULES, 7, 9), (RULES, 8, 8), True),
    ],
)
def test_edits_are_told_apart_by_hunk_and_function(
    first: tuple[GuardKind, int, int], second: tuple[GuardKind, int, int], same: bool
) -> None:
    edits = Edits(change({}, {"app/pay.py": NEW}))
    first_finding, other = (
        finding(guard, start_line=start, end_line=end) for guard, start, end in (first, second)
    )
    assert edits.is_one(first_finding, other) is same
    assert edits.is_one(other, first_finding) is same
    assert not edits.is_one(first_finding, replace(other, path="app/other.py"))


def test_two_hunks_of_one_function_are_two_edits() -> None:
    lines = NEW.splitlines(keepends=True)
    lines[3], lines[18] = "    c()\n", "    d()\n"
    edits = Edits(change({"app/pay.py": NEW}, {"app/pay.py": "".join(lines)}))
    assert not edits.is_one(
        finding(start_line=4, end_line=4), finding(RECALL, start_line=19, end_line=19)
    )


def test_without_functions_a_few_lines_between_are_one_edit() -> None:
    edits = Edits(change({}, {"app/pay.conf": "a = 1\n" * 40}))
    near, far = (
        finding(RECALL, path="app/pay.conf", start_line=at, end_line=at) for at in (10, 30)
    )
    first_finding = finding(SAFEGUARDS, path="app/pay.conf", start_line=7, end_line=7)
    assert (edits.is_one(first_finding, near), edits.is_one(first_finding, far)) == (True, False)


def test_a_safeguard_taken_out_below_what_resembles_is_one_word(repo: Repo) -> None:
    """The timeout stood on a line of its own: the safeguard points at the line in its place."""
    fixed = (
        "import requests\n\n\ndef charge(order):\n    options = read(order)\n"
        "    reply = requests.post(\n        PARTNER,\n        json=order.dict(),\n"
        "        timeout=(3.05, 10),\n    )\n"
        "    reply.raise_for_status()\n    return reply.json()\n"
    )
    repo.commit({**REGISTRY, "services/pay/client.py": fixed})
    repo.branch("topic").commit(
        {"services/pay/client.py": fixed.replace("        timeout=(3.05, 10),\n", "")}
    )
    report = Guard.load(repo.root).judge(branch_change(repo.root, "main"))
    assert {row.finding.guard for row in report.findings} >= {SAFEGUARDS, RECALL}
    assert [row.action for row in report.shown] == [Action.BLOCK]
    assert "looked alike" not in render(report, "text", width=200)


def said(*findings: Finding) -> tuple[JudgedFinding, ...]:
    lessons = {"INC-1": lesson(), "INC-2": lesson("INC-2")}
    edits = Edits(change({}, {"app/pay.py": NEW}))
    trusted = dict.fromkeys(lessons, Trust())
    return decide(findings, lessons.get, Settings(), trusted, near=edits.is_one)


def test_also_looked_alike_repeats_no_place_that_is_said() -> None:
    blocks = finding(RULES, start_line=8, end_line=8)
    shy = {"score": 0.5, "key": "s"}
    beside = finding(RECALL, start_line=7, end_line=7, **shy)
    another_lesson = finding(RECALL, lesson="INC-2", start_line=8, end_line=8, **shy)
    elsewhere = finding(RECALL, start_line=30, end_line=31, **shy)
    again = finding(RECALL, start_line=31, end_line=33, **{**shy, "score": 0.4})
    judged = said(blocks, beside, another_lesson, elsewhere, again)
    assert [(row.finding.start_line, row.finding.lesson) for row in judged if row.alike] == [
        (30, "INC-1")
    ]
