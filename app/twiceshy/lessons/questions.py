"""The questions that a draft asks, and what people wrote beside them. Pure; knows no front matter.

A question that nobody answered is nobody's words: it is never told as the story, and makes no two
lessons alike.
"""

import re
from collections.abc import Iterator

QUESTIONS = (
    ("Surprise", "What did we believe that turned out to be wrong?"),
    ("Conditions", "What made it possible?"),
    (
        "Response",
        "What would have let us detect sooner, contain faster, resolve with more confidence?",
    ),
    ("Systemic", "Is it possible elsewhere? What else looked like this?"),
    ("What went well", "What should stay as it is?"),
)
ASK_STORY = "What happened, told as a story: what did people see, and what did it cost them?"
ASK_STORY_SHORTLY = "What happened, told as a story …"

_ASKED = (ASK_STORY, ASK_STORY_SHORTLY, *(question for _, question in QUESTIONS))
_TITLES = frozenset(title.casefold() for title, _ in QUESTIONS)
_FENCED = re.compile(
    r"^ {0,3}(`{3,}|~{3,})[^\n]*(?:\n.*?)??(?:^ {0,3}\1[`~]*[ \t]*$|\Z)", re.DOTALL | re.MULTILINE
)
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_EMPTY = re.compile(r"\n[ \t]*\n")


def paragraphs(body: str) -> Iterator[str]:
    """What people wrote of a story, each paragraph or fenced block as it stands: without comments,
    and without the questions that a draft asked.
    """
    place = 0
    for block in _FENCED.finditer(body):
        yield from _answers(body[place : block.start()])
        yield block[0]
        place = block.end()
    yield from _answers(body[place:])


def prose(body: str) -> str:
    """The same without code, and without the headings that every draft has."""
    told: list[str] = []
    for paragraph in paragraphs(body):
        heading = paragraph.lstrip("#").strip().casefold()
        if not _FENCED.match(paragraph) and heading not in _TITLES:
            told.append(paragraph)
    return "\n\n".join(told)


def _answers(text: str) -> Iterator[str]:
    for paragraph in _EMPTY.split(_COMMENT.sub("", text)):
        answer = paragraph.strip()
        flat = " ".join(answer.split())
        asked = [question for question in _ASKED if question in flat]
        for question in asked:
            flat = flat.replace(question, "").strip()
        answer = flat if asked else answer
        if any(char.isalnum() for char in answer):
            yield answer
