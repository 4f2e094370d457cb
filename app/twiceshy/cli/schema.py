"""``twiceshy schema``: prints the JSON Schemas that editors and scripts hold lessons and reports
to.
"""

import json
import sys
from importlib.resources import files
from typing import Any

from twiceshy.cli.usage_error import UsageError


def print_schema(of: str) -> None:
    """Write the schema of a lesson's front matter or of the JSON report to standard output."""
    if of == "lesson":
        from twiceshy.lessons.lesson_schema import front_matter_schema

        text = json.dumps(front_matter_schema(), indent=2, ensure_ascii=False)
    elif of == "report":
        text = json.dumps(report_schema(), indent=2, ensure_ascii=False)
    else:
        raise UsageError(f"no schema of {of!r}: write lesson or report")
    sys.stdout.write(text + "\n")


def report_schema() -> dict[str, Any]:
    """The JSON Schema of the JSON report, schema 1, with the names of the guards there are."""
    from twiceshy.guards.registered import guards

    schema: dict[str, Any] = json.loads(
        (files("twiceshy.verdicts") / "schemas" / "report-1.json").read_text("utf-8")
    )
    finding = schema["properties"]["findings"]["items"]
    finding["properties"]["guard"] = {"enum": [guard.kind.name for guard in guards()]}
    return schema
