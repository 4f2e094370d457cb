"""A lesson file as a lesson: front matter, story, and the fenced blocks that are its evidence, with
exact lines.

Pure: text in, a lesson or problems out. Never reads a file.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from twiceshy.lessons.languages import KNOWN, language_of_fence
from twiceshy.lessons.lesson import Evidence, Lesson, Problem, Side
from twiceshy.lessons.positions import read_yaml
from twiceshy.lessons.questions import paragraphs

MAX_CHARACTERS = 500_000
SUMMARY_LENGTH = 200
PARAGRAPH = 2_000
"""As much of the story's first paragraph as its first sentence is looked for in."""

_NO_FRONT_MATTER = (
    "no front matter: start the file with `---`, the keys id, title, date, severity, mode, "
    "and `---`"
)
_GOOD_FIRST = "a `good` block without a `bad` one before it: put the bad first"

_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})[ \t]*(.*)$")
_MARKUP = re.compile(r"!?\[([^\]]*)\]\([^)]*\)|[*_`]+")
_SENTENCE = re.compile(r"(?<=[.!?])\s")


@dataclass(frozen=True, slots=True)
class ReadLesson:
    """A lesson, or why there is none."""

    lesson: Lesson | None
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block of any kind."""

    info: str
    code: str
    line: int  # of the fence itself, 1-based


def read_lesson(text: str, source: str) -> ReadLesson:
    """Read one lesson file. Everything wrong with it is reported; a lesson with any problem is left
    out.
    """
    from twiceshy.lessons.frontmatter import as_lesson, validated  # noqa: PLC0415 - brings pydantic

    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    if len(text) > MAX_CHARACTERS:
        message = f"over {MAX_CHARACTERS:,} characters: keep the lesson short"
        return ReadLesson(None, (Problem(source, 0, message),))
    parts = _split(text)
    if parts is None:
        return ReadLesson(None, (Problem(source, 1, _NO_FRONT_MATTER),))
    front_text, body, body_line = parts
    document = read_yaml(front_text, source, first_line=2)
    front = validated(document, source) if not document.problems else document.problems
    evidence, wrong = _evidence(body, body_line, source)
    if isinstance(front, tuple) or wrong:
        return ReadLesson(None, (*(front if isinstance(front, tuple) else ()), *wrong))
    return ReadLesson(as_lesson(front, source, summary(body), body, evidence))


def blocks(body: str, first_line: int = 1) -> Iterator[Block]:
    """Every fenced block of a Markdown text (CommonMark 0.31, section 4.5), an unclosed one to the
    end.
    """
    opened: tuple[str, str, int] | None = None
    lines: list[str] = []
    for number, line in enumerate(body.split("\n"), first_line):
        fence = _FENCE.match(line)
        if opened is None:
            if fence and not (fence[1][0] == "`" and "`" in fence[2]):
                opened, lines = (fence[1], fence[2].strip(), number), []
        elif fence and fence[1].startswith(opened[0]) and not fence[2].strip():
            yield Block(opened[1], _ended(lines), opened[2])
            opened = None
        else:
            lines.append(line)
    if opened is not None:
        yield Block(opened[1], _ended(lines), opened[2])


def _ended(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def summary(body: str) -> str:
    """The story's first sentence as plain text; empty when the body starts with a heading or a
    block, whatever a draft asked before it.
    """
    first = next(paragraphs(body), "")[:PARAGRAPH]
    if first.startswith(("#", "```", "~~~")):
        return ""
    plain = " ".join(_MARKUP.sub(r"\1", first).split())
    sentence = _SENTENCE.split(plain, maxsplit=1)[0]
    if len(sentence) <= SUMMARY_LENGTH:
        return sentence
    return sentence[: SUMMARY_LENGTH - 1].rstrip() + "…"


def _split(text: str) -> tuple[str, str, int] | None:
    """Front matter, body, and the body's first line; None without front matter."""
    lines = text.split("\n")
    if lines[0].rstrip() != "---":
        return None
    end = next((number for number, line in enumerate(lines[1:], 1) if line.rstrip() == "---"), None)
    if end is None:
        return None
    return "\n".join(lines[1:end]) + "\n", "\n".join(lines[end + 1 :]), end + 2


def _evidence(
    body: str, first_line: int, source: str
) -> tuple[tuple[Evidence, ...], tuple[Problem, ...]]:
    evidence: list[Evidence] = []
    wrong: list[Problem] = []
    open_pair: int | None = None
    pairs = 0
    for block in blocks(body, first_line):
        words = block.info.split()
        side = next((Side(word) for word in words[:2] if word in list(Side)), None)
        if side is None:
            continue
        if words[0] in list(Side) or not (language := language_of_fence(words[0])):
            wrong.append(Problem(source, block.line, _no_language(words[0], side)))
        elif side is Side.GOOD and open_pair is None:
            wrong.append(Problem(source, block.line, _GOOD_FIRST))
        else:
            if side is Side.BAD:
                open_pair, pairs = pairs, pairs + 1
            pair, path = open_pair or 0, _path(words[2:])
            evidence.append(Evidence(side, language, block.code, pair, block.line + 1, path))
            open_pair = open_pair if side is Side.BAD else None
    return tuple(evidence), tuple(wrong)


def _path(words: Sequence[str]) -> str | None:
    for word in words:
        if word.startswith("path="):
            return word.removeprefix("path=") or None
    return None


def _no_language(word: str, side: Side) -> str:
    if word in list(Side):
        return f"evidence needs its language before `{side}`, like ```python {side}"
    near = get_close_matches(word.lower(), KNOWN, 1)
    hint = f"did you mean `{near[0]}`?" if near else f"known are {', '.join(sorted(KNOWN))}"
    return f"unknown language `{word[:40]}` of evidence; {hint}"
