"""The JSON report, schema 1, as text; what stands in it the verdict's values say themselves."""

import json

from twiceshy.verdicts.verdict import Report


def render(report: Report) -> str:
    """The report as indented JSON with a last line end."""
    text = json.dumps(report.to_dict(), indent=2, ensure_ascii=False)
    return text.encode("utf-8", "replace").decode("utf-8") + "\n"
