"""What in a lesson can be mended without thinking: slips of the pen, never what somebody meant.
Pure: text in, text out.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches

from twiceshy.lessons.frontmatter import FrontMatter
from twiceshy.lessons.languages import KNOWN, language_of_fence
from twiceshy.lessons.lesson import Mode, Severity, Side
from twiceshy.lessons.questions import QUESTIONS

NEAR = 0.8
"""How alike two words must be for one to be a slip for the other."""

_FRONT = re.compile(r"\A(\ufeff?---[ \t]*\r?\n)(.*?)(^---[ \t]*\r?$)", re.DOTALL | re.MULTILINE)
_KEY = re.compile(r"^([A-Za-z_-]+)(?=[ \t]*:)", re.MULTILINE)
_CHOICE = re.compile(r"^(severity|mode)([ \t]*:[ \t]*)([\w-]+)", re.MULTILINE)
_DAY = re.compile(r"^(date[ \t]*:[ \t]*)(\d{4})[/.](\d{1,2})[/.](\d{1,2})(?=\s*$)", re.MULTILINE)
_FENCE = re.compile(r"^( {0,3}(?:`{3,}|~{3,})[ \t]*)(\S+)([ \t]+)(\S+)(.*)$", re.MULTILINE)
_CHOICES = {"severity": list(map(str, Severity)), "mode": list(map(str, Mode))}


@dataclass
class _Work:
    """The text as far as it is mended, and what was done."""

    done: list[str] = field(default_factory=list)

    def slip(self, was: str, right: str) -> str:
        """Note a correction and give it."""
        self.done.append(f"`{was}` is `{right}` now")
        return right


def mended(text: str) -> tuple[str, tuple[str, ...]]:
    """The lesson with its slips mended, and a line about each; the very text when there are
    none.
    """
    work = _Work()
    front = _FRONT.match(text)
    if front is None:
        return text, ()
    head = _head(front[2], work)
    body = _fences(text[front.end() :], work)
    whole = front[1] + head + front[3] + body
    return whole + "".join(_asked(head, whole, work)), tuple(work.done)


def _head(front: str, work: _Work) -> str:
    fields = list(FrontMatter.model_fields)
    present = set(_KEY.findall(front))

    def key(match: re.Match[str]) -> str:
        near = get_close_matches(match[1].lower(), fields, 1, NEAR)
        slipped = match[1] not in fields and near and near[0] not in present
        return work.slip(match[1], near[0]) if slipped else match[1]

    def choice(match: re.Match[str]) -> str:
        near = get_close_matches(match[3].lower(), _CHOICES[match[1]], 1, NEAR)
        if not near or near[0] == match[3]:
            return match[0]
        return f"{match[1]}{match[2]}{work.slip(match[3], near[0])}"

    def day(match: re.Match[str]) -> str:
        right = f"{match[2]}-{int(match[3]):02}-{int(match[4]):02}"
        return match[1] + work.slip(match[0].removeprefix(match[1]), right)

    steps: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
        (_KEY, key),
        (_CHOICE, choice),
        (_DAY, day),
    )
    for pattern, act in steps:
        front = pattern.sub(act, front)
    return front


def _fences(body: str, work: _Work) -> str:
    """Evidence whose words are in the wrong order, or whose language is misspelled."""

    def fence(match: re.Match[str]) -> str:
        first, second = match[2], match[4]
        if first in list(Side) and language_of_fence(second):
            first, second = second, first
        near = get_close_matches(first.lower(), KNOWN, 1, NEAR)
        if second in list(Side) and not language_of_fence(first) and near:
            first = near[0]
        if (first, second) == (match[2], match[4]):
            return match[0]
        return match[1] + work.slip(f"{match[2]} {match[4]}", f"{first} {second}") + match[5]

    return _FENCE.sub(fence, body)


def _asked(front: str, text: str, work: _Work) -> Iterator[str]:
    """The questions a grave lesson must answer and has no heading for: at the end, to be
    answered.
    """
    if not re.search(r"^severity[ \t]*:[ \t]*(high|critical)\b", front, re.MULTILINE):
        return
    line_end = "" if text.endswith("\n") else "\n"
    for title, question in QUESTIONS:
        wanted = title in ("Response", "What went well")
        if wanted and not re.search(rf"^## {title}[ \t]*\r?$", text, re.MULTILINE | re.IGNORECASE):
            work.done.append(f"`## {title}` asks its question now")
            yield f"{line_end}\n## {title}\n\n{question}\n"
