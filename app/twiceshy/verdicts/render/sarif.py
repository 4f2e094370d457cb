"""SARIF 2.1.0, as GitHub's code scanning reads it: one rule per lesson, one result per finding that
is said.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/ and GitHub's documentation, "SARIF support for code
scanning".
"""

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from twiceshy.lessons.lesson import Lesson, Problem, Severity
from twiceshy.lessons.version import VERSION
from twiceshy.verdicts.render.escape import markdown, one_line, plain_link, printable
from twiceshy.verdicts.verdict import Action, Conclusion, JudgedFinding, Report

MOST_RESULTS = 5_000
"""GitHub keeps this many of a run and drops the rest."""

MOST_TAGS = 10
BLOCK, BLOCK_ID = "the failing code", 1
"""Linked from a result's message: the alert stands on one line, the code it is about has several.
"""

_LEVELS = ("note", "warning", "error")
_PROBLEM = {"note": "recommendation", "warning": "warning", "error": "error"}
"""By level, so that the two never disagree."""

_SCORE = {
    Severity.LOW: "2.0",
    Severity.MEDIUM: "5.5",
    Severity.HIGH: "8.0",
    Severity.CRITICAL: "9.5",
}
"""The middle of what GitHub calls by the same word: over 9.0 critical, 7.0 high, 4.0 medium, 0.1
low.
"""

INFORMATION = "https://github.com/twiceshy/twiceshy"


def render(report: Report) -> str:
    """The report as a SARIF log with one run."""
    shown = report.shown[:MOST_RESULTS]
    by_lesson: dict[str, list[JudgedFinding]] = {}
    for judged in shown:
        by_lesson.setdefault(judged.lesson.id, []).append(judged)
    driver = {
        "name": "twiceshy",
        "version": VERSION,
        "semanticVersion": VERSION,
        "informationUri": INFORMATION,
        "rules": [_rule(findings) for findings in by_lesson.values()],
    }
    invocation = {
        "executionSuccessful": _looked_at_all(report),
        "toolExecutionNotifications": [_notification(problem) for problem in report.problems],
    }
    order = {name: number for number, name in enumerate(by_lesson)}
    run = {
        "tool": {"driver": driver},
        "columnKind": "utf16CodeUnits",
        "results": [_result(judged, order[judged.lesson.id], report) for judged in shown],
        "invocations": [invocation],
    }
    log = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [run],
    }
    return json.dumps(log, indent=2, ensure_ascii=False).encode("utf-8", "replace").decode() + "\n"


def _looked_at_all(report: Report) -> bool:
    """Not for a report whose silence means nothing somewhere; nor for one that is neutral without a
    finding.
    """
    return not report.not_looked_at and (
        bool(report.shown) or report.conclusion is not Conclusion.NEUTRAL
    )


def _rule(findings: Sequence[JudgedFinding]) -> dict[str, Any]:
    """The lesson that all of this is said of; the loudest level is the rule's own."""
    lesson = findings[0].lesson
    level = max(map(_level, findings), key=_LEVELS.index)
    summary = one_line(lesson.summary or lesson.title)
    rule: dict[str, Any] = {
        "id": lesson.id,
        "name": lesson.id,
        "shortDescription": {"text": one_line(lesson.title)},
        "fullDescription": {"text": summary},
        "help": _help(summary, lesson.mitigation or "see the post-mortem"),
        "defaultConfiguration": {"level": level},
        "properties": {
            "tags": _tags(lesson),
            "problem.severity": _PROBLEM[level],
            "security-severity": _SCORE[lesson.severity],
        },
    }
    addresses = [judged.url for judged in findings if judged.url and plain_link(judged.url)]
    if addresses:
        rule["helpUri"] = addresses[0]
    return rule


def _help(summary: str, worked: str) -> dict[str, str]:
    return {
        "text": f"{summary}\n\nWhat worked: {one_line(worked)}",
        "markdown": f"{markdown(summary)}\n\n**What worked:** {markdown(worked)}",
    }


def _tags(lesson: Lesson) -> list[str]:
    """Each once, as the format asks."""
    return list(dict.fromkeys(["incident", *(one_line(tag) for tag in lesson.tags)]))[:MOST_TAGS]


def _result(judged: JudgedFinding, rule_index: int, report: Report) -> dict[str, Any]:
    finding = judged.finding
    line = _added_line(judged, report)
    text = f"{_unlinked(finding.headline)}: [{BLOCK}]({BLOCK_ID}). {_unlinked(finding.why)}"
    if judged.lesson.mitigation:
        text += f"\nWhat worked: {_unlinked(judged.lesson.mitigation)}"
    result: dict[str, Any] = {
        "ruleId": judged.lesson.id,
        "ruleIndex": rule_index,
        "level": _level(judged),
        "message": {"text": printable(text)},
        # GitHub hides an alert that is not wholly inside the diff, so the place itself is one added
        # line
        "locations": [{"physicalLocation": _place(finding.path, line, line)}],
        "relatedLocations": [
            {
                "id": BLOCK_ID,
                "message": {"text": BLOCK},
                "physicalLocation": _place(finding.path, finding.start_line, finding.end_line),
            }
        ],
        # code scanning tells results apart by the second alone
        "partialFingerprints": {
            "twiceshy/v1": judged.fingerprint,
            "primaryLocationLineHash": f"{judged.fingerprint}:1",
        },
        "properties": {"guard": finding.guard.name, "score": round(finding.score, 4)},
    }
    if finding.suggestion is not None:
        result["fixes"] = [_fix(judged)]
    return result


def _level(judged: JudgedFinding) -> str:
    """What blocks is an error; of the rest, what was of low severity is a note."""
    if judged.action is Action.BLOCK:
        return "error"
    return "note" if judged.lesson.severity is Severity.LOW else "warning"


def _unlinked(text: str) -> str:
    """Text in which no brackets make a link: SARIF 2.1.0, 3.11.6."""
    return text.replace("](", "\\](")


def _added_line(judged: JudgedFinding, report: Report) -> int:
    finding = judged.finding
    excerpt = report.excerpts.get(judged.fingerprint)
    added = excerpt.added if excerpt else frozenset()
    span = range(finding.start_line, finding.end_line + 1)
    return next((line for line in span if line in added), finding.start_line)


def _place(path: str, start: int, end: int) -> dict[str, Any]:
    uri = quote(_bytes(path), safe="/")
    first = max(1, start)
    return {
        "artifactLocation": {"uri": uri, "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": first, "endLine": max(first, end)},
    }


def _bytes(path: str) -> bytes:
    """The bytes git has for a path; a surrogate that stands for no byte becomes a question mark."""
    try:
        return path.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return path.encode("utf-8", "replace")


def _fix(judged: JudgedFinding) -> dict[str, Any]:
    finding = judged.finding
    place = _place(finding.path, finding.start_line, finding.end_line)
    # a region without columns ends before its last line's end (SARIF 2.1.0, 3.30.8), so the text
    # brings none either
    replacement = {
        "deletedRegion": place["region"],
        "insertedContent": {"text": finding.suggestion},
    }
    return {
        "description": {"text": one_line(judged.lesson.mitigation) or "the fix of the rule"},
        "artifactChanges": [
            {"artifactLocation": place["artifactLocation"], "replacements": [replacement]}
        ],
    }


def _notification(problem: Problem) -> dict[str, Any]:
    notification: dict[str, Any] = {
        "level": "warning",
        "message": {"text": one_line(str(problem), 1000)},
    }
    if problem.path and problem.line:
        notification["locations"] = [
            {"physicalLocation": _place(problem.path, problem.line, problem.line)}
        ]
    return notification
