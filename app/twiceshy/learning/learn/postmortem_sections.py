"""The sections of a post-mortem, whatever marks its headings: ``#``, underlines, bold words,
labels, or a line of its own in a page saved as text. Pure; every word stays.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

import yaml

from twiceshy.lessons.positions import read_yaml
from twiceshy.lessons.questions import QUESTIONS

STORY, REST, ACTIONS, ELSEWHERE = "story", "rest", "actions", "elsewhere"
_MAPPED = (*(title for title, _ in QUESTIONS), STORY, ACTIONS, ELSEWHERE)
"""Of two lists that know as much of a heading the first is right."""

_HEADING = re.compile(r"^ {0,3}(#{1,6})\s+(.*?)\s*#*\s*$")
_BOLD = re.compile(
    r"^ {0,3}(?P<item>[-*]\s+)?(?P<mark>\*\*|__)(?P<name>[^*_:\n]{2,60}?)"
    r"(?:(?P<colon>:)\s?(?P=mark)|(?P=mark)\s{0,2}(?P<after>:?))[ \t]*(?P<rest>.*)$"
)
_PLAIN_LABEL = re.compile(r"^ {0,3}(?P<name>[A-Z][A-Za-z' /&-]{2,50}):[ \t]*(?P<rest>.*)$")
_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})")
_UNDERLINE = re.compile(r"^ {0,3}(=+|-{3,})\s*$")
_FRONT = re.compile(
    r"\A(?P<by>---|\+\+\+)[ \t]*\n(?P<text>.*?)^(?P=by)[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE
)
ITEM = re.compile(r"^\s{0,3}(?:[-*+•–]|\d+[.)])\s+(?:\[[ xX]\]\s+)?(.*)$")
LONGEST_HEADING, MOST_HEADING_WORDS = 60, 8
_BARE, _LABEL, _LABELLED = 5, 7, 8
"""Levels of headings without a mark: a line of its own, a label alone, a label before its text."""


@dataclass(frozen=True, slots=True)
class Section:
    """What stands under a heading; what stands before the first has none."""

    heading: str
    text: str
    part: str  # of the lesson
    kind: str  # which list of headings knew it, or one it stands under; empty when none did


@dataclass(frozen=True, slots=True)
class Document:
    """A post-mortem's title (empty when it names none), front matter, the text after it, and its
    sections in order.
    """

    title: str
    front: Mapping[str, object]
    body: str
    sections: Sequence[Section]


@dataclass(frozen=True, slots=True)
class _Line:
    """A line, and of what may be a heading its level, its name, and the text after the name."""

    raw: str
    level: int = 0
    name: str = ""
    rest: str = ""
    is_item: bool = False  # a label that is an item of a list


@dataclass
class _Reading:
    """The sections so far, and the one that is being read."""

    sections: list[Section] = field(default_factory=list)
    title: str = ""
    heading: str = ""
    lines: list[str] = field(default_factory=list)
    part: str = STORY
    kind: str = ""
    above: list[tuple[int, str, str]] = field(default_factory=list)  # known headings it is under

    def close(self) -> None:
        if self.heading or any(map(str.strip, self.lines)):
            text = "\n".join(self.lines)
            self.sections.append(Section(self.heading, text, self.part, self.kind))
        self.heading, self.lines = "", []

    def open(self, line: _Line) -> None:
        self.close()
        while self.above and self.above[-1][0] >= line.level:
            self.above.pop()
        self.part, self.kind = part_of(line.name)
        if self.kind:
            self.above.append((line.level, self.part, self.kind))
        elif self.above:  # a heading under one that is known belongs to it
            _, self.part, self.kind = self.above[-1]
        self.heading, self.lines = line.name, [line.rest] if line.rest else []

    def is_titled_by(self, line: _Line) -> bool:
        """Whether a heading is the text's title: of the first level, or with nothing before it."""
        if self.title or self.sections or is_known(line.name):
            return False
        opens_text = not any(map(str.strip, self.lines))
        return line.level == 1 or (opens_text and 1 < line.level < _BARE)

    def is_opened_by(self, line: _Line) -> bool:
        """Whether what looks like a heading is one: a label must be known, or end one that is."""
        if line.level < _LABEL:
            return line.level > 0
        deepest = self.above[-1][0] if self.above else 0
        if line.is_item and 0 < deepest < _LABEL:
            return False  # an item of that heading's list
        if line.level == _LABEL and part_of(line.name)[1]:
            return True
        return is_known(line.name, but=ELSEWHERE) or deepest >= line.level


def read_document(text: str) -> Document:
    """A post-mortem's parts. ``text``: with Unix line ends."""
    front, block, body = _front_matter(text)
    reading = _Reading()
    for line in _lines(body):
        if reading.is_titled_by(line):
            reading.close()
            reading.title = line.name
        elif reading.is_opened_by(line):
            reading.open(line)
        else:
            reading.lines.append(line.raw)
    reading.close()
    if block:
        reading.sections.append(Section("", block, REST, ELSEWHERE))
    title = reading.title or str(front.get("title") or "")
    return Document(title, front, body, reading.sections)


def _front_matter(text: str) -> tuple[dict[str, object], str, str]:
    """What stands between two ``---`` (YAML) or ``+++`` (TOML): read, as a block of code, and the
    text after it.
    """
    match = _FRONT.match(text)
    if match is None:
        return {}, "", text
    language = "yaml" if match["by"] == "---" else "toml"
    values = _values(match["text"], language)
    if not values:
        return {}, "", text
    longest = max((len(run) for run in re.findall("`+", match["text"])), default=0)
    fence = "`" * max(3, longest + 1)
    return values, f"{fence}{language}\n{match[0].rstrip()}\n{fence}", text[match.end() :]


def _values(text: str, language: str) -> dict[str, object]:
    try:
        value = tomllib.loads(text) if language == "toml" else read_yaml(text, "").value
    except (ValueError, RecursionError):
        return {}
    if not isinstance(value, dict):
        return {}
    return {str(key).lower().replace("_", " "): item for key, item in value.items()}


def _lines(text: str) -> Iterator[_Line]:
    """Each line, and what may be a heading as one; nothing inside a block of code is."""
    lines = text.split("\n")
    has_marks = any(map(_HEADING.match, lines)) or any(
        _is_underlined(*around) for around in _with_neighbours(lines)
    )
    fence = ""
    under = False  # the line under such a heading
    for above, line, below in _with_neighbours(lines):
        mark = _FENCE.match(line)
        if mark and (not fence or mark[1].startswith(fence)):
            fence = "" if fence else mark[1]
        if fence or mark:
            yield _Line(line)
        elif under:
            under = False
        elif match := _HEADING.match(line):
            yield _Line(line, len(match[1]), match[2])
        elif _is_underlined(above, line, below):
            under = True
            yield _Line(line, 1 if "=" in below else 2, line.strip())
        else:
            yield _label(line) or (_Line(line) if has_marks else _unmarked(above, line))


def _with_neighbours(lines: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    return zip(["", *lines[:-1]], lines, [*lines[1:], ""], strict=True)


def _is_underlined(above: str, line: str, below: str) -> bool:
    if above.strip() or not line.strip() or not _UNDERLINE.match(below):
        return False
    return not ITEM.match(line) and not line.startswith("|")


def _label(line: str) -> _Line | None:
    match = _BOLD.match(line)
    if match is None:
        return None
    rest = match["rest"]
    if rest and not (match["colon"] or match["after"]):
        return None  # words in bold that begin a sentence
    level = _LABELLED if rest else _LABEL
    return _Line(line, level, match["name"].strip(), rest, bool(match["item"]))


def _unmarked(above: str, line: str) -> _Line:
    """A line of a page that was saved as text, which marks no heading."""
    stripped = line.strip()
    name = stripped.rstrip(":").strip()
    is_short = 0 < len(name) <= LONGEST_HEADING and len(name.split()) <= MOST_HEADING_WORDS
    if is_short and name[:1].isupper() and not set(name) & set(".,;:"):
        starts = not above.strip() and bool(part_of(name)[1])
        if starts or is_known(name):
            return _Line(line, _BARE, name)
    match = _PLAIN_LABEL.match(line)
    if match and match["rest"]:
        return _Line(line, _LABELLED, match["name"], match["rest"])
    return _Line(line)


def part_of(heading: str) -> tuple[str, str]:
    """The lesson's part a heading stands for, and the list that knew it; REST and empty when none
    does.
    """
    plain = normal(heading)
    best, length = "", 0
    for kind in _MAPPED:
        for phrase in headings()[kind]:
            known = plain == phrase or plain.startswith((f"{phrase} ", f"{phrase}s"))
            if known and len(phrase) > length:
                best, length = kind, len(phrase)
    return (REST if best in ("", ACTIONS, ELSEWHERE) else best), best


def is_known(heading: str, but: str = "") -> bool:
    """Whether a heading is one that a list has, ``but`` one list, and nothing more."""
    plain = normal(heading)
    for kind in _MAPPED:
        if kind != but and (plain in headings()[kind] or plain[:-1] in headings()[kind]):
            return True
    return False


def normal(heading: str) -> str:
    """Lower case without numbers in front and punctuation."""
    words = re.sub(r"[-/]", " ", heading.lower())
    plain = " ".join(re.sub(r"[^a-z0-9 ]", "", words).split())
    return re.sub(r"^(?:\d+ )+", "", plain)


@cache
def headings() -> Mapping[str, tuple[str, ...]]:
    """The lists of words, by what they stand for."""
    file = files("twiceshy.learning").joinpath("words/headings.yaml")
    lists = yaml.safe_load(file.read_text(encoding="utf-8"))
    return {kind: tuple(map(str, words)) for kind, words in lists.items()}
