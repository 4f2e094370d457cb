"""A post-mortem that was written elsewhere, as the parts of a lesson: headings mapped, no text
lost. Pure.

Markdown in the shapes of the Google SRE book, PagerDuty, Atlassian and GitLab, or plain. What is
not known by its heading stands at the end as it was written.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from importlib.resources import files

import yaml

from twiceshy.lessons.lesson import ActionItem, Condition, Severity
from twiceshy.lessons.questions import QUESTIONS

MOST_CHARACTERS = 300_000
MOST_LISTED = 12
LONGEST_CONDITION, LONGEST_TITLE = 300, 200

STORY, REST = "story", "rest"
PARTS = (STORY, *(title for title, _ in QUESTIONS), REST)
_MAPPED = (*(title for title, _ in QUESTIONS), STORY, "actions")
"""Tried in this order: "What went wrong" is no story."""

_HEADING = re.compile(r"^ {0,3}(#{1,6})\s+(.*?)\s*#*\s*$")
_BOLD = re.compile(
    r"^ {0,3}(?:[-*]\s+)?(?:\*\*|__)([^*_:\n]{2,60}?)"
    r"(?:(?::(?:\*\*|__))|(?:(?:\*\*|__)\s*:?))\s*(.*)$"
)
_FIELD = re.compile(
    r"^ {0,3}(?:[-*|]\s*)?(?:\*\*|__)?([A-Za-z][\w /-]{2,40}?)"
    r"(?:\*\*|__)?\s*[:|](?:\*\*|__)?\s*(\S.*)$"
)
_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})")
_UNDERLINE = re.compile(r"^ {0,3}(=+|-{3,})\s*$")
_ITEM = re.compile(r"^\s{0,3}(?:[-*+]|\d+[.)])\s+(?:\[[ xX]\]\s+)?(.*)$")
_OWNER = re.compile(r"(?<![\w.])(@[\w-]+(?:/[\w-]+)?)")
_ISO = re.compile(r"\b(\d{4})-(\d\d)-(\d\d)\b")
_MONTHS = ("%B %d, %Y", "%b %d, %Y", "%d %B %Y", "%d %b %Y", "%B %d %Y", "%m/%d/%Y")
_SPELLED = re.compile(
    r"\b(?:\d{1,2} [A-Z][a-z]{2,8} \d{4}|[A-Z][a-z]{2,8} \d{1,2},? \d{4}"
    r"|\d{1,2}/\d{1,2}/\d{4})\b"
)
_LEVEL = re.compile(r"\b(?:sev|s|p|severity|priority)[ :~-]*([0-5])\b", re.IGNORECASE)
_LEVELS = (
    Severity.CRITICAL,
    Severity.CRITICAL,
    Severity.HIGH,
    Severity.MEDIUM,
    Severity.LOW,
    Severity.LOW,
)
_SENTENCE = re.compile(r"(?<=[.!?])\s")
_RULE = re.compile(r"[\s|:-]*")


class NotReadable(ValueError):
    """The text is no post-mortem; the message says what to give instead."""


@dataclass(frozen=True, slots=True)
class PostMortem:
    """What was found, under the parts of a lesson; a part's text keeps the headings it stood
    under.
    """

    title: str
    day: date | None
    severity: Severity | None
    owner: str | None
    mitigation: str
    parts: Mapping[str, str]
    conditions: tuple[Condition, ...]
    actions: tuple[ActionItem, ...]


@dataclass(frozen=True, slots=True)
class _Section:
    heading: str
    text: str
    part: str
    kind: str  # which list of headings knew it; empty when none did


def read_postmortem(text: str) -> PostMortem:
    """The parts of a post-mortem. Raises NotReadable."""
    if "\0" in text:
        raise NotReadable("it is not text: export it as Markdown first")
    if len(text) > MOST_CHARACTERS:
        raise NotReadable(
            f"over {MOST_CHARACTERS:,} characters: "
            "give the post-mortem alone, without its attachments"
        )
    if not text.strip():
        raise NotReadable("it is empty")
    title, sections = _sections(text.removeprefix("\ufeff").replace("\r\n", "\n"))
    fields = dict(_fields(text))
    return PostMortem(
        title=title[:LONGEST_TITLE],
        day=_day(fields.get("date", "")) or _day(text),
        severity=_severity(fields.get("severity", "")),
        owner=next(iter(_OWNER.findall(fields.get("owner", ""))), None),
        mitigation=_mitigation(sections),
        parts=_parts(title, sections),
        conditions=tuple(_conditions(sections))[:MOST_LISTED],
        actions=tuple(_actions(sections))[:MOST_LISTED],
    )


def _parts(title: str, sections: Sequence[_Section]) -> dict[str, str]:
    parts: dict[str, list[str]] = {name: [] for name in PARTS}
    has_story = any(section.kind == STORY for section in sections)
    for section in sections:
        # dates and authors before the first heading are not the story
        is_head = has_story and not section.heading
        texts = parts[REST if is_head else section.part]
        texts += _texts(section, opens_story=section.part == STORY and not texts)
    if len(title) > LONGEST_TITLE:
        parts[REST].insert(0, title)
    return {name: "\n\n".join(texts) for name, texts in parts.items() if texts}


def _texts(section: _Section, opens_story: bool) -> Iterator[str]:
    """What stands in a lesson for a section."""
    shown = section.heading and section.heading != section.part
    if shown and not (opens_story and section.kind):
        yield f"### {section.heading}"
    if section.text.strip():
        yield section.text.strip("\n")
    if opens_story and section.heading and section.kind:
        yield f"<!-- It stood under: {section.heading.replace('--', '—')} -->"


def _sections(text: str) -> tuple[str, list[_Section]]:
    """The title, and every section in order; what stands before the first heading is one
    without.
    """
    title, sections, heading = "", list[_Section](), ""
    lines: list[str] = []
    inherited: tuple[str, str] = (STORY, "")

    def close() -> None:
        if heading or any(map(str.strip, lines)):
            part, kind = inherited
            sections.append(_Section(heading, "\n".join(lines), part, kind))

    mapped_level = 0
    for line, level, name in _lines(text):
        if name is None:
            lines.append(line)
            continue
        if level == 1 and not title and not sections:
            close()
            lines, title = [], name
            continue
        close()
        part, kind = _part_of(name)
        if kind:
            mapped_level = level
        elif level > mapped_level > 0:  # a heading under one that is known belongs to it
            part, kind = inherited
        else:
            part, kind, mapped_level = REST, "", 0
        heading, lines, inherited = name, [line] if line else [], (part, kind)
    close()
    return title or _first_words(text), sections


def _lines(text: str) -> Iterator[tuple[str, int, str | None]]:
    """Each line; of a heading its level and name, and what stands after the name on the same
    line.
    """
    fence = ""
    above = ""
    lines = text.split("\n")
    for line, below in zip(lines, [*lines[1:], ""], strict=True):
        mark = _FENCE.match(line)
        if mark and (not fence or mark[1].startswith(fence)):
            fence = "" if fence else mark[1]
        if fence or mark:
            yield line, 0, None
        elif match := _HEADING.match(line):
            yield "", len(match[1]), match[2]
        elif _is_underlined(line, below):
            yield "", 1 if "=" in below else 2, line.strip()
        elif _UNDERLINE.match(line) and above.strip():
            pass  # the line under such a heading
        elif (bold := _BOLD.match(line)) and _part_of(bold[1])[1]:
            yield bold[2], 6, bold[1].strip()
        else:
            yield line, 0, None
        above = line


def _is_underlined(line: str, below: str) -> bool:
    if not line.strip() or not _UNDERLINE.match(below):
        return False
    return not _ITEM.match(line) and not line.startswith("|")


def _part_of(heading: str) -> tuple[str, str]:
    """The lesson's part a heading stands for, and the list that knew it; REST and empty when none
    does.
    """
    plain = re.sub(r"[^a-z0-9 ]", "", heading.lower().replace("-", " ").replace("/", " ")).strip()
    plain = re.sub(r"^\d+ ", "", plain)
    for kind in _MAPPED:
        for word in _headings()[kind]:
            if plain == word or plain.startswith((f"{word} ", f"{word}s")):
                return (REST if kind == "actions" else kind), kind
    return REST, ""


@cache
def _headings() -> Mapping[str, tuple[str, ...]]:
    file = files("twiceshy.learning").joinpath("words/headings.yaml")
    headings = yaml.safe_load(file.read_text(encoding="utf-8"))
    return {kind: tuple(words) for kind, words in headings.items()}


def _fields(text: str) -> Iterator[tuple[str, str]]:
    """``Date: 2026-05-14``, ``**Severity**: S1``, ``| Owner | @maria |``: the first of each
    kind.
    """
    seen: set[str] = set()
    for line in text.split("\n")[:200]:
        match = _FIELD.match(line)
        kind = _field_kind(match[1].strip().lower()) if match else ""
        if match and kind and kind not in seen:
            seen.add(kind)
            yield kind, match[2].strip(" |*_")


def _field_kind(name: str) -> str:
    for kind in ("date", "severity", "owner"):
        if name in _headings()[kind]:
            return kind
    return ""


def _day(text: str) -> date | None:
    for year, month, day in _ISO.findall(text):
        try:
            return date(int(year), int(month), int(day))
        except ValueError:
            continue
    for spelled in _SPELLED.findall(text):
        for shape in _MONTHS:
            try:
                return datetime.strptime(spelled, shape).date()  # noqa: DTZ007 - a day has no zone
            except ValueError:
                continue
    return None


def _severity(text: str) -> Severity | None:
    for severity in reversed(Severity):
        if severity in text.lower():
            return severity
    level = _LEVEL.search(text)
    return _LEVELS[int(level[1])] if level else None


def _mitigation(sections: Sequence[_Section]) -> str:
    """What worked, as far as somebody said it under such a heading: one sentence."""
    wanted = ("resolution", "mitigation", "remediation", "recovery", "containment")
    for section in sections:
        if section.kind == "Response" and section.heading.lower().startswith(wanted):
            plain = " ".join(re.sub(r"[*_`>#]", "", section.text).split())
            return _SENTENCE.split(plain, maxsplit=1)[0][:LONGEST_CONDITION]
    return ""


def _items(text: str) -> Iterator[str]:
    """The items of a list, each on one line; code left out."""
    for line in re.sub(r"(?ms)^(`{3,}|~{3,}).*?^\1", "", text).split("\n"):
        match = _ITEM.match(line)
        if match and match[1].strip():
            yield " ".join(match[1].split())


def _conditions(sections: Sequence[_Section]) -> Iterator[Condition]:
    for section in sections:
        if section.kind == "Conditions":
            for item in _items(section.text):
                plain = re.sub(r"[*_`]", "", item)
                yield Condition(_kind(plain), plain[:LONGEST_CONDITION])


def _kind(text: str) -> str:
    """A guess a person corrects: technical, unless its words say otherwise."""
    lower = text.lower().replace("'", "")
    for kind in ("knowledge", "detection", "process"):
        if any(word in lower for word in _headings()[kind]):
            return kind
    return "technical"


def _actions(sections: Sequence[_Section]) -> Iterator[ActionItem]:
    for section in sections:
        if section.kind == "actions":
            yield from map(_action, _items(section.text))
            yield from _rows(section.text)


def _rows(text: str) -> Iterator[ActionItem]:
    """The rows of a table: what in the first column, an owner and a day wherever they stand."""
    rows: list[list[str]] = []
    for line in text.split("\n"):
        if line.lstrip().startswith("|"):
            rows.append(line.strip().strip("|").split("|"))
    for cells in rows[1:]:
        if cells[0].strip() and not _RULE.fullmatch(cells[0]):
            yield _action(cells[0].strip(), " ".join(cells[1:]))


def _action(what: str, more: str = "") -> ActionItem:
    whole = f"{what} {more}"
    owner = _OWNER.search(whole)
    plain = re.sub(r"[*_`]", "", what).strip()
    return ActionItem(plain[:LONGEST_CONDITION], owner=owner[1] if owner else None, due=_day(whole))


def _first_words(text: str) -> str:
    for line in text.split("\n"):
        if line.strip(" #=-*_|"):
            return re.sub(r"[*_`#]", "", line.strip()).strip() or "What failed"
    return "What failed"
