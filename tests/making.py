"""Values for tests, each with only what the test cares about."""

from datetime import date
from typing import Any

from twiceshy.guards.finding import Finding, GuardKind
from twiceshy.guards.rules import RULES
from twiceshy.lessons.lesson import Lesson, Mode, Severity


def lesson(id: str = "INC-1", **given: Any) -> Lesson:  # noqa: A002 - the field's own name
    defaults = {
        "title": f"What {id} was about",
        "date": date(2026, 5, 14),
        "severity": Severity.HIGH,
        "mode": Mode.BLOCK,
        "source": f"lessons/{id}.md",
    }
    return Lesson(id=id, **{**defaults, **given})


def finding(guard: GuardKind = RULES, **given: Any) -> Finding:
    defaults: dict[str, Any] = {
        "lesson": "INC-1",
        "path": "app/pay.py",
        "start_line": 10,
        "end_line": 12,
        "score": 1.0,
        "headline": "this block resembles INC-1",
        "why": "because",
        "key": "k",
    }
    return Finding(guard, **{**defaults, **given})
