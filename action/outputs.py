"""Writes the action's outputs out of the JSON report; without one, says why nothing was judged and
exits with 2.

Started with ``-I``, outside of the checkout. Never judges.
"""

import json
import re
import sys
from pathlib import Path
from typing import Any

MOST_CHARACTERS = 1_000
CONTROL = re.compile(r"[\x00-\x1f\x7f]+")


def main() -> int:
    """``outputs.py REPORT ERRORS OUTPUT``."""
    report, errors, output = map(Path, sys.argv[1:])
    values = read_outputs(report)
    if values is None:
        print(f"::error title=twiceshy could not judge this change::{message(errors)}")
    values_or_none = values or {"conclusion": "neutral", "findings": "0", "report": ""}
    with output.open("a", encoding="utf-8") as stream:
        stream.writelines(f"{name}={value}\n" for name, value in values_or_none.items())
    return 2 if values is None else 0


def read_outputs(path: Path) -> dict[str, str] | None:
    """The outputs, None without a whole report."""
    try:
        report: Any = json.loads(path.read_text(encoding="utf-8"))
        shown = [finding for finding in report["findings"] if finding["action"] != "observe"]
        conclusion = str(report["conclusion"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return {"conclusion": conclusion, "findings": str(len(shown)), "report": str(path)}


def message(errors: Path) -> str:
    """What was said, as one line of a workflow command."""
    try:
        said = errors.read_text(encoding="utf-8", errors="replace")
    except OSError:
        said = ""
    line = CONTROL.sub(" ", said[:MOST_CHARACTERS]).strip()
    line = line or "it ended before it could say why (out of memory?): nothing was looked at"
    return line.replace("%", "%25")


if __name__ == "__main__":
    sys.exit(main())
