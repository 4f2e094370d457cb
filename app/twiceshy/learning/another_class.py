"""The same failure as a method among others of another class. Pure.

Methods move as they are; a function becomes one; statements by themselves get a method around them.
In Go the receiver changes. What is brought in, or is set before the first definition, stays
outside.
"""

import re
from collections.abc import Iterable, Sequence
from functools import partial

from twiceshy.changes.functions import Function, functions
from twiceshy.changes.places import Place, parses_as_well, places
from twiceshy.learning.not_made import NotMade
from twiceshy.lessons.language import ClassFrame
from twiceshy.lessons.languages import IMPORTING_WORDS, any_of, language_named

_IMPORTS = re.compile(rf"\s*(?:{any_of(IMPORTING_WORDS)})\b")
_RECEIVER = re.compile(r"^func (?:\((?:(\w+) +)?\*?\w+(?:\[[^\]]*\])?\) )?(?=\w)")
_BARE_FUNCTION = re.compile(r"^(?:export +)?(?:default +)?((?:async +)?)function *(\*?) *(?=\w)")
_BARE_VALUE = re.compile(r"^(?:export +)?(?:(?:const|let|var) +|(?:\w+\.)+)(?=\w+ *=[^=])")
_FUNCTION_HEAD = re.compile(r"((?:async +)?def +\w+\( *)(?!self\b|cls\b)")


def in_another_class(code: str, language: str) -> str | NotMade:
    """The code in another class of its language."""
    frame = language_named(language).class_frame
    if frame is None:
        return NotMade.NO_CLASSES
    leaves = places(code, language)
    if not leaves:
        return NotMade.NO_GRAMMAR
    found = functions(code, language)
    lines = code.splitlines()
    named = "" if frame.receiver else _class_of(found, code)
    if named:
        other_code = _as_another_class(code, leaves, found, frame, named)
    elif frame.receiver:
        other_code = _with_receiver(lines, found, frame)
    else:
        in_text = _texts_over_lines(leaves)
        other_code = _inside(lines, found, frame._replace(method=None), in_text)
        alone = _inside(lines, found, frame, in_text)
        # a method by itself is no code in some languages: then nobody finds a definition in it
        if not found and parses_as_well(alone, other_code, language):
            other_code = alone
    return other_code if parses_as_well(other_code, code, language) else NotMade.NO_CODE


def _class_of(found: Sequence[Function], code: str) -> str:
    """The class that the code is, or names itself a method of; empty when it shows none."""
    if not found:
        return ""
    outer, _, method = found[0].qualified.partition(".")
    is_named = found[0].is_class or (method and f"{outer}::" in code)
    return outer if is_named else ""


def _as_another_class(
    code: str, leaves: Iterable[Place], found: Sequence[Function], frame: ClassFrame, named: str
) -> str:
    """The class under another name, after one more."""
    changed: list[str] = []
    end = 0
    for leaf in leaves:
        if leaf.text == named:
            changed += [code[end : leaf.start], _CLASS_NAME]
            end = leaf.end
    lines = "".join([*changed, code[end:]]).splitlines()
    first = found[0].start_line - 1
    other_class = frame.opening.replace(_CLASS_NAME, "Cellar").rstrip()
    company = [*other_class.splitlines(), *_closing(frame.closing), ""]
    return _text([*lines[:first], *company, *lines[first:]])


_CLASS_NAME = "Warehouse"
"""As the frames of the languages have it."""


def _with_receiver(lines: Sequence[str], found: Sequence[Function], frame: ClassFrame) -> str:
    first = _first_line(lines, found)
    outside, inside = lines[:first], lines[first:]
    if not found:
        before, after = frame.method or ("", "")
        inside = [before, *(f"{frame.margin}{line}" for line in inside), *_closing(after)]
    moved = [_RECEIVER.sub(partial(_received, frame.receiver), line, count=1) for line in inside]
    return _text([*outside, *frame.opening.splitlines(), "", *moved])


def _received(receiver: str, head: re.Match[str]) -> str:
    """A receiver that had a name keeps it, one that had none gets one."""
    return f"func ({head[1] or 'w'} *{receiver}) "


def _inside(
    lines: Sequence[str],
    found: Sequence[Function],
    frame: ClassFrame,
    in_text: frozenset[int],
) -> str:
    first = _first_line(lines, found)
    starts = [number for number in range(first, len(lines)) if number + 1 not in in_text]
    shown = [lines[number] for number in starts if lines[number].strip()]
    margin = min((len(line) - len(line.lstrip()) for line in shown), default=0)
    before, after = ("", "") if found or frame.method is None else frame.method
    depth = frame.margin * (2 if before else 1)
    inside: list[str] = []
    for number in range(first, len(lines)):
        line = lines[number]
        if number in starts and line.strip():
            line = f"{depth}{_as_method(line[margin:], frame) if found else line[margin:]}"
        inside.append(line)
    if before:
        ending = [f"{frame.margin}{line}" for line in _closing(after)]
        inside = [f"{frame.margin}{before}", *inside, *ending]
    opening = frame.opening.splitlines()
    return _text([*lines[:first], *opening, "", *inside, *_closing(frame.closing)])


def _first_line(lines: Sequence[str], found: Sequence[Function]) -> int:
    """The first line (0-based) that moves: of the first definition, else after what is brought
    in.
    """
    if found:
        return found[0].start_line - 1
    for number, line in enumerate(lines):
        if line.strip() and not _IMPORTS.match(line):
            return number
    return len(lines)


def _as_method(line: str, frame: ClassFrame) -> str:
    """The head of a function as a method's; any other line as it is."""
    if frame.bare_methods:
        return _BARE_VALUE.sub("", _BARE_FUNCTION.sub(r"\1\2", line))
    if frame.first_parameter and (head := _FUNCTION_HEAD.match(line)):
        comma = "" if line[head.end() :].startswith(")") else ", "
        return f"{head[1]}{frame.first_parameter}{comma}{line[head.end() :]}"
    return line


def _texts_over_lines(leaves: Iterable[Place]) -> frozenset[int]:
    """Lines (1-based) that begin inside of a text: they stay where they are."""
    inside: set[int] = set()
    for leaf in leaves:
        inside.update(range(leaf.line + 1, leaf.line + leaf.text.count("\n") + 1))
    return frozenset(inside)


def _closing(line: str) -> list[str]:
    return [line] if line else []


def _text(lines: Iterable[str]) -> str:
    return "\n".join(lines).rstrip() + "\n"
