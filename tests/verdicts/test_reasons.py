"""Whoever asks why a finding is quiet decides by the value: a sentence may say what it likes."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from changing import change
from git_repository import Repo
from making import finding, lesson
from twiceshy.guards.finding import Escape, EscapeKind, Finding, GuardResult
from twiceshy.guards.recall.recall_guard import RECALL
from twiceshy.guards.recall.structure_finding import STRUCTURE
from twiceshy.guards.rules import RULES
from twiceshy.guards.scars import SCARS
from twiceshy.learning import backtest
from twiceshy.learning.autopsy import autopsy
from twiceshy.learning.backtest import RECOMMENDED, Recommendation
from twiceshy.learning.promote import BacktestStats, PromotionEvidence, objections
from twiceshy.learning.sweep import sweep
from twiceshy.lessons.index import MemoryIndex, Unit
from twiceshy.lessons.lesson import Mode, Severity
from twiceshy.lessons.serial import as_json, from_json
from twiceshy.publishing.publication import failed, publication
from twiceshy.publishing.values import Publication
from twiceshy.service.web.pages import _figures
from twiceshy.store.tables import Base, RunRow
from twiceshy.verdicts import escapes
from twiceshy.verdicts.explanations import explain_lessons
from twiceshy.verdicts.guard import Guard
from twiceshy.verdicts.policy import Dismissal, Memory, Trust, claim_of, conclude, decide
from twiceshy.verdicts.reasons import SENTENCES, Why
from twiceshy.verdicts.redaction import Withheld, redacted
from twiceshy.verdicts.settings import OnFailure, RecallSettings, Settings
from twiceshy.verdicts.verdict import JudgedFinding, Report

PATH = "app/pay.py"
TEXT = "".join(f"line_{number} = {number}\n" for number in range(200))
CHANGE = change({}, {PATH: TEXT})

LESSONS = {
    why.name: lesson(why.name)
    for why in Why
    if why not in {Why.OBSERVING, Why.SEVERITY, Why.ESCAPED, Why.UNTOLD, Why.NOT_IN_INDEX}
} | {
    "OBSERVING": lesson("OBSERVING", mode=Mode.OBSERVE),
    "SEVERITY": lesson("SEVERITY", severity=Severity.LOW),
    "ESCAPED": lesson("ESCAPED", mode=Mode.COMMENT),
    "RETIRED": lesson("RETIRED", mode=Mode.RETIRED),
    "DRAFT": lesson("DRAFT", mode=Mode.DRAFT),
    "OUT_OF_SCOPE": lesson("OUT_OF_SCOPE", applies_to=("*.go",)),
}


def _findings() -> dict[Why, list[Finding]]:
    """For each reason that bounds a finding, the findings that give cause to it."""
    given: dict[Why, list[dict[str, Any]]] = {
        Why.AT_BASE: [{"stands_at_base": True}],
        Why.OBSERVING: [{}],
        Why.SELF_CHECK: [{}],
        Why.BELOW_COMMENT_AT: [{"guard": RECALL, "score": 0.5}],
        Why.BELOW_BLOCK_AT: [{"guard": RECALL, "score": 0.95}],
        Why.SEVERITY: [{}],
        Why.SAID_ONCE: [{}, {"guard": RECALL, "score": 0.99}],
        Why.DISMISSED: [{}],
        Why.DEMOTED: [{}],
        Why.NO_EVIDENCE: [{"rule": "unproven"}],
        Why.NEVER_BLOCKS: [{"guard": SCARS}],
        Why.STRUCTURE_OFF: [{"guard": STRUCTURE, "score": 0.99}],
        Why.ESCAPED: [{"escape": Escape(EscapeKind.NOSEMGREP, 1, added=True)}],
    }
    findings: dict[Why, list[Finding]] = {}
    for number, (why, rows) in enumerate(given.items(), 1):
        place: dict[str, Any] = {"lesson": why.name, "path": PATH, "start_line": 10 * number}
        findings[why] = [
            finding(**{"guard": RULES, **place, "end_line": 10 * number, **row}) for row in rows
        ]
    return findings


def _judged() -> tuple[JudgedFinding, ...]:
    findings = _findings()
    (dismissed,) = findings[Why.DISMISSED]
    trust = dict.fromkeys(LESSONS, Trust())
    trust["SELF_CHECK"] = Trust("its rule fires on its own good code")
    trust["NO_EVIDENCE"] = Trust(unproven_rules=frozenset({"unproven"}))
    memory = Memory(
        dismissed={claim_of(dismissed): Dismissal("@ada", "the partner is ours")},
        demoted={"DEMOTED": (2, "all of what 10 people judged was not useful")},
    )
    rows = [row for rows in findings.values() for row in rows]
    settings = Settings(max_comments=30, recall=RecallSettings(structure=False))
    return decide(rows, LESSONS.get, settings, trust, memory)


def _report() -> tuple[Report, MemoryIndex]:
    judged = _judged()
    index = MemoryIndex([Unit(row, ()) for row in LESSONS.values()], [])
    silent = {"CAME_NEAR": "resembles it a little", "CONSIDERED": "resembles nothing"}
    results = [GuardResult(silent=silent, near=frozenset({"CAME_NEAR"}))]
    explanations = explain_lessons(index, judged, CHANGE, results)
    return Report(conclude(judged), judged, lessons=explanations), index


class _GuardOf:
    """A guard that has judged already."""

    settings = Settings()
    index = MemoryIndex([], [])

    def __init__(self, report: Report) -> None:
        self._report = report

    def judge_each(self, changes: object) -> list[Report]:
        return [self._report]


def _published(report: Report) -> Publication:
    return publication(report, CHANGE, "https://github.example/acme/shop")


def _autopsies(report: Report) -> list[tuple[str, str]]:
    """Of each finding alone: how it covered an incident, and what would have made it louder."""
    rows: list[tuple[str, str]] = []
    for judged in report.findings:
        result = autopsy(Report(report.conclusion, (judged,)), {PATH: frozenset(range(1, 200))})
        for row in result.findings:
            rows.append((str(result.covered), row.remedy.removeprefix(judged.reason)))
    return rows


def _promotions() -> list[int]:
    """The objections to a lesson's next step, for every past it may have."""
    pasts = [BacktestStats(*past) for past in ((0, 0, 0), (0, 0, 9), (9, 0, 9), (9, 8, 900))]
    return [
        len(objections(lesson(), Mode.COMMENT, PromotionEvidence([], None, past), Severity.HIGH))
        for past in pasts
    ]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    repo = Repo(tmp_path_factory.mktemp("swept"))
    repo.commit({PATH: TEXT})
    return repo.root


def decisions(root: Path) -> dict[str, object]:
    """What everybody who asks for a reason decides, without a word of the reasons themselves."""
    report, index = _report()
    published = _published(report)
    guard = cast(Guard, _GuardOf(report))
    withheld = (Withheld("lessons/", "", 0),)
    said_again = backtest._once(report.findings, Settings())
    return {
        "verdict": [
            (row.lesson.id, row.action, row.why, row.alike, row.inline) for row in report.findings
        ],
        "backtest": [row.lesson.id for row in said_again],
        "sweep": [
            hit.judged.fingerprint for hit in sweep(guard, root, (), frozenset(), frozenset()).all
        ],
        "autopsy": _autopsies(report),
        "nearest": [row.subject for row in autopsy(report, {}).nearest],
        "promote": _promotions(),
        "conclusion": published.conclusion,
        "published": [(row.lesson, row.action, row.why) for row in published.findings],
        "comments": [row.fingerprint for row in published.comments],
        "dismissed": [
            line.split(" at ")[0]
            for line in published.summary.splitlines()
            if line.startswith("- ") and " at `" in line
        ],
        "redacted": [row.why for row in redacted(report, CHANGE, index, withheld).findings],
    }


def test_every_reason_is_met_here() -> None:
    report, index = _report()
    withheld = redacted(report, CHANGE, index, (Withheld("lessons/", "", 0),))
    whys = {row.why for row in (*report.findings, *withheld.findings)}
    whys |= {row.why for row in report.lessons}
    assert whys - {None} == set(Why) - {Why.NO_CHECK, Why.NOT_IN_INDEX}


def test_nearest_and_remedies_follow_from_the_reasons(root: Path) -> None:
    decided = decisions(root)
    assert decided["nearest"] == ["BELOW_COMMENT_AT", "CAME_NEAR", "OUT_OF_SCOPE"]
    assert ("covered but too quiet", ": mend it, twiceshy verify says where") in cast(
        list[tuple[str, str]], decided["autopsy"]
    )
    assert decided["promote"] == [1, 0, 1, 1]
    assert decided["dismissed"] == ["- DISMISSED"]


OTHERS_WORDS = [
    "said once already, by rules",
    "dismissed by somebody: no",
    "resembles at 0.50, out of scope: applies to nothing",
    "the lesson failed its self-check, and its lesson is in observe mode",
    "comment",
]
"""What other sentences say today: whoever reads them takes one reason for another."""


def _reword(monkeypatch: pytest.MonkeyPatch, words: str) -> None:
    for why in SENTENCES:
        monkeypatch.setitem(SENTENCES, why, words)
    for recommendation in Recommendation:
        monkeypatch.setitem(RECOMMENDED, recommendation, words)
    say: Callable[..., str] = lambda judged, author="": words  # noqa: E731 - as short as that
    monkeypatch.setattr(escapes, "told", say)


@pytest.mark.parametrize("words", OTHERS_WORDS)
def test_all_sentences_may_say_the_same(
    root: Path, monkeypatch: pytest.MonkeyPatch, words: str
) -> None:
    before = decisions(root)
    _reword(monkeypatch, words)
    assert {row.reason for row in _judged()} == {"", words}
    assert decisions(root) == before


@pytest.mark.parametrize("why", SENTENCES)
def test_any_sentence_may_be_reworded(
    root: Path, monkeypatch: pytest.MonkeyPatch, why: Why
) -> None:
    before = decisions(root)
    monkeypatch.setitem(SENTENCES, why, "other words")
    assert decisions(root) == before


def test_what_was_not_judged_is_counted_whatever_its_title_says() -> None:
    unjudged = failed("the machine was busy", OnFailure.NEUTRAL, blocks=False)
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        for title, judged in (("other words", unjudged.judged), ("not analysed", True)):
            row = RunRow(key=title, repository=1, name="acme/shop", head="a", title=title)
            row.judged, row.conclusion, row.seconds, row.calls, row.at = judged, "", 1.0, 0, 2e10
            session.add(row)
        session.flush()
        assert _figures(session)["broken"] == 1


def test_a_publication_carries_the_value_over_the_process_s_border() -> None:
    published = _published(_report()[0])
    again = from_json(as_json(published), Publication)
    assert again == published
    assert {row.why for row in again.findings} >= {"dismissed", "said once", "severity"}
