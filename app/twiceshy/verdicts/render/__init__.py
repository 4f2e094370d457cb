"""A report in the form somebody asked for. Each form is a pure function of the report, in a module
that bears its name and is loaded when it is asked for.
"""

from importlib import import_module

from twiceshy.verdicts.formats import Format
from twiceshy.verdicts.verdict import Report

FORMATS = tuple(Format)


def render(report: Report, form: str, *, color: bool = False, width: int = 100) -> str:
    """The report in one of ``FORMATS``; colour and width are for text. Raises ValueError for
    others.
    """
    module = import_module(f"twiceshy.verdicts.render.{Format(form)}")
    options = {"width": width, "color": color} if form == Format.TEXT else {}
    rendered: str = module.render(report, **options)
    return rendered
