"""What people write after ``/twiceshy``, read out of a comment. Pure: knows no lesson, asks nobody.

A command is a line of its own that GitHub shows as the writer's own words: not a quotation, not
code, not hidden.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum

LONGEST_REASON = 500
MOST_COMMANDS = 10
"""In one comment; the rest is left alone."""

MOST_YEARS = 2
"""A dismissal that shall hold longer needs no end."""

_COMMAND = re.compile(r"^/twiceshy[ \t]+(\w+)[ \t]*(.*)$")
_AROUND = "`'\"“”‘’*<>()[]{},;:"
_DAY = r"\d{4}-\d{2}-\d{2}"
_ENDS = re.compile(rf"^(.*?)[ ,;(]*\buntil ({_DAY})[.)]?$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Command:
    """One command. ``until`` is as it was written; ``rest`` is the reason, or what nobody
    understood.
    """

    verb: str
    lesson: str = ""
    rest: str = ""
    everywhere: bool = False
    until: str = ""
    fingerprint: str = ""  # the one finding that is meant, where the command stands in its thread
    words: tuple[str, ...] = field(default=(), compare=False)  # all that was written after the verb


def commands_in(body: str) -> tuple[Command, ...]:
    """The commands of a comment, in order; none where there are none."""
    commands: list[Command] = []
    for line in _own_lines(body):
        written = _COMMAND.match(line.strip())
        if written is not None and len(commands) < MOST_COMMANDS:
            commands.append(_command(written[1].lower(), written[2].split()))
    return tuple(dict.fromkeys(commands))


def about(command: Command, lesson: str, fingerprint: str) -> Command:
    """The command as it is meant in the thread of a lesson's finding: the lesson may be named
    there, or left out.
    """
    if command.verb == "recheck":
        return command
    named = command.lesson.lower() == lesson.lower()
    read = command if named else _command(command.verb, [lesson, *command.words])
    return replace(read, fingerprint=fingerprint)


class NoEnd(StrEnum):
    """Why what stands after ``until`` cannot be an end."""

    NO_DAY = "no day"
    OVER = "over"
    TOO_FAR = "too far"


def end_of(command: Command, today: date) -> date | NoEnd | None:
    """The last day a dismissal shall hold; None when the command names none."""
    if not command.until:
        return None
    if not re.fullmatch(_DAY, command.until):
        return NoEnd.NO_DAY
    try:
        day = date.fromisoformat(command.until)
    except ValueError:
        return NoEnd.NO_DAY
    if day < today:
        return NoEnd.OVER
    too_far = (day.year - today.year, (day.month, day.day)) > (MOST_YEARS, (today.month, today.day))
    return NoEnd.TOO_FAR if too_far else day


def _own_lines(body: str) -> Iterator[str]:
    """The lines of a comment's own paragraphs: what is quoted, listed, code or HTML is nobody's
    command.
    """
    if "/twiceshy" not in body:
        return
    from markdown_it import MarkdownIt  # noqa: PLC0415 - only where a command may stand

    before = ""
    for token in MarkdownIt("commonmark").parse(body):
        if token.type == "inline" and token.level == 1 and before == "paragraph_open":
            yield from _spans_in_one_line(token.content).split("\n")
        before = token.type


def _spans_in_one_line(text: str) -> str:
    """The text with every code span in one line: it may run over several, and none of them is a
    command.
    """
    runs = list(re.finditer("`+", text))
    letters = list(text)
    opening = 0
    while opening < len(runs):
        length = len(runs[opening][0])
        same = (place for place in range(opening + 1, len(runs)) if len(runs[place][0]) == length)
        closing = next(same, None)
        if closing is not None:
            start, end = runs[opening].start(), runs[closing].end()
            letters[start:end] = text[start:end].replace("\n", " ")
        opening = opening + 1 if closing is None else closing + 1
    return "".join(letters)


def _command(verb: str, words: list[str]) -> Command:
    written = tuple(words)
    if verb == "recheck":
        return Command(verb)
    everywhere, until, lesson = False, "", ""
    while words:
        word = words[0].lower()
        if word == "everywhere":
            everywhere, words = True, words[1:]
        elif word == "until" and lesson:
            until, words = " ".join(words[1:2]) or "…", words[2:]
        elif not lesson:
            lesson, words = _name(words[0]), words[1:]
        else:
            break
    if words and words[0].lower() == "because":
        words = words[1:]
    reason, at_end = _reason(" ".join(words))
    return Command(verb, lesson, reason, everywhere, until or at_end, words=written)


def _name(word: str) -> str:
    """A lesson's id as people write it in a sentence: in back-ticks, with a comma or a colon after
    it.
    """
    return word.strip(_AROUND).rstrip(",;:.!").strip(_AROUND).replace("\\", "")


def _reason(text: str) -> tuple[str, str]:
    """The reason, and the day at its very end: "the bank is fast until 2027-01-31"."""
    ending = _ENDS.match(text)
    if ending is None:
        return text[:LONGEST_REASON], ""
    return ending[1].strip()[:LONGEST_REASON], ending[2]
