"""The JSON report, schema 1: a contract with everybody outside. Published as
``schemas/report-1.json``; what is in it, ``Report.to_dict`` says.
"""

import json

from twiceshy.verdicts.verdict import Report


def render(report: Report) -> str:
    """The report as indented JSON with a last line end."""
    text = json.dumps(report.to_dict(), indent=2, ensure_ascii=False)
    return text.encode("utf-8", "replace").decode("utf-8") + "\n"
