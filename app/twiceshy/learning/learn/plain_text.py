"""A piece of Markdown as the words it shows: no marks, every identifier as it is spelled. Pure."""

import re

_CODE = re.compile(r"(`+)(.+?)\1")
_LINK = re.compile(r"!?\[([^\]\[]{1,300})\](?:\([^()\s]{1,500}\)|\[[^\]\[]{0,100}\])")
_EMPHASIS = re.compile(r"(?<![\w*])(\*{1,3}|_{1,3})(?=[^\s*_])([^*\n]*?[^\s*_])\1(?![\w*])")
_IDENTIFIER = re.compile(r"\w+")
_HEAD = re.compile(r"^\s*(?:[-*+•>]\s+|\d+[.)]\s+|#{1,6}\s+)+")
_HELD = "\0"
"""Stands for a piece of code while the marks around it are taken off; no text has it."""

_MOST_NESTED = 4


def plain(text: str) -> str:
    """One line without the marks of lists, headings, code, links and emphasis.

    ``max_conn_lifetime`` and ``__init__`` stay as they are.
    """
    line = " ".join(_HEAD.sub("", text.replace(_HELD, " ")).split())
    codes = iter([code[2].strip() for code in _CODE.finditer(line)])
    line = _LINK.sub(r"\1", _CODE.sub(_HELD, line))
    for _ in range(_MOST_NESTED):
        line = _EMPHASIS.sub(_inside, line)
    return re.sub(_HELD, lambda _: next(codes), line).strip()


def _inside(match: re.Match[str]) -> str:
    is_name = match[1] == "__" and _IDENTIFIER.fullmatch(match[2])
    return match[0] if is_name else match[2]
