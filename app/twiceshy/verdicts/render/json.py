"""The JSON report, schema 1: a contract with everybody outside. Published as
``schemas/report-1.json``.
"""

import json
from typing import Any

from twiceshy.lessons.lesson import Problem
from twiceshy.verdicts.render.escape_lines import escape_fields
from twiceshy.verdicts.verdict import JudgedFinding, Report, Stats

SCHEMA = 1


def render(report: Report) -> str:
    """The report as indented JSON with a last line end."""
    text = json.dumps(as_dict(report), indent=2, ensure_ascii=False)
    return text.encode("utf-8", "replace").decode("utf-8") + "\n"


def as_dict(report: Report) -> dict[str, Any]:
    """The report as plain values; with ``--explain`` also why each lesson kept silent and which
    files were left out.
    """
    made: dict[str, Any] = {
        "schema": SCHEMA,
        "conclusion": str(report.conclusion),
        "base": report.base,
        "head": report.head,
        "findings": [_finding(judged) for judged in report.findings],
        "problems": [_problem(problem) for problem in report.problems],
        "stats": _stats(report.stats),
    }
    if report.explain:
        made["explain"] = {
            "lessons": [{"lesson": each.subject, "reason": each.reason} for each in report.lessons],
            "skipped": [{"path": each.subject, "reason": each.reason} for each in report.skipped],
        }
    return made


def _finding(judged: JudgedFinding) -> dict[str, Any]:
    finding, lesson = judged.finding, judged.lesson
    return {
        "lesson": {
            "id": lesson.id,
            "title": lesson.title,
            "severity": str(lesson.severity),
            "url": judged.url,
        },
        "guard": str(finding.guard),
        "rule": finding.rule,
        "path": finding.path,
        "start_line": finding.start_line,
        "end_line": finding.end_line,
        "score": round(finding.score, 4),
        "action": str(judged.action),
        "headline": finding.headline,
        "why": finding.why,
        "mitigation": lesson.mitigation,
        "suggestion": finding.suggestion,
        "fingerprint": judged.fingerprint,
        **escape_fields(judged),
    }


def _problem(problem: Problem) -> dict[str, str]:
    message = f"line {problem.line}: {problem.message}" if problem.line else problem.message
    return {"path": problem.path, "message": message}


def _stats(stats: Stats) -> dict[str, Any]:
    seconds = stats.seconds
    times = {
        "load": seconds.load,
        "rules": seconds.rules,
        "recall": seconds.recall,
        "total": seconds.total,
    }
    return {
        "files": stats.files,
        "hunks": stats.hunks,
        "lessons": stats.lessons,
        "rules": stats.rules,
        "rules_run": stats.rules_run,
        "seconds": {name: round(value, 4) for name, value in times.items()},
    }
