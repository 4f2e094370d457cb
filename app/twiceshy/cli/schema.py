"""``twiceshy schema``: prints the JSON Schemas that editors and scripts hold lessons and reports to."""

import json
import sys
from importlib.resources import files

from twiceshy.cli.main import Stop


def print_schema(of: str) -> None:
    """Write the schema of a lesson's front matter or of the JSON report to standard output."""
    if of == "lesson":
        from twiceshy.lessons.schema import front_matter_schema  # noqa: PLC0415 - pydantic, for this one alone

        text = json.dumps(front_matter_schema(), indent=2, ensure_ascii=False)
    elif of == "report":
        text = (files("twiceshy.verdicts") / "schemas" / "report-1.json").read_text(encoding="utf-8").rstrip("\n")
    else:
        raise Stop(f"no schema of {of!r}: write lesson or report")
    sys.stdout.write(text + "\n")
