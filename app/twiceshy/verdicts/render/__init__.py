"""A report in the form somebody asked for. Each form is a pure function of the report, loaded when
it is asked for.
"""

from importlib import import_module

from twiceshy.verdicts.verdict import Report

FORMATS = {
    "text": "text",
    "json": "json",
    "sarif": "sarif",
    "markdown": "markdown",
    "github": "annotations",
}


def render(report: Report, form: str, *, color: bool = False, width: int = 100) -> str:
    """The report as text, json, sarif, markdown or github; colour and width are for text. Raises
    KeyError for others.
    """
    module = import_module(f"twiceshy.verdicts.render.{FORMATS[form]}")
    rendered: str = (
        module.render(report, width=width, color=color) if form == "text" else module.render(report)
    )
    return rendered
