"""A post-mortem that was written elsewhere, as the parts of a lesson: headings mapped, no text
lost. Pure.

Markdown in the shapes of the Google SRE book, PagerDuty, Atlassian and GitLab, of public
post-mortems with front matter, or a page saved as text. What is not known by its heading stands at
the end as it was written. What is not said is not made up: a day, a severity, a mitigation.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from twiceshy.learning.learn.incident_dates import DaySource, days_in
from twiceshy.learning.learn.plain_text import plain
from twiceshy.learning.learn.postmortem_actions import (
    OWNER,
    actions_of,
    is_unsaid,
    items,
    tables,
)
from twiceshy.learning.learn.postmortem_sections import (
    ACTIONS,
    ITEM,
    REST,
    STORY,
    Document,
    Section,
    headings,
    is_known,
    normal,
    read_document,
)
from twiceshy.lessons.lesson import ActionItem, Condition, Severity
from twiceshy.lessons.questions import QUESTIONS

MOST_CHARACTERS = 300_000
MOST_LISTED = 12
MOST_FIELD_LINES = 200
LONGEST_CONDITION, LONGEST_TITLE = 300, 200

PARTS = (STORY, *(title for title, _ in QUESTIONS), REST)

_FIELD = re.compile(
    r"^ {0,3}(?:[-*|]\s*)?(?:\*\*|__)?([A-Za-z][\w /-]{2,40}?)"
    r"(?:\*\*|__)?\s*[:|](?:\*\*|__)?\s*(\S.*)$"
)
_BARE_SEVERITY = re.compile(
    r"^ {0,3}((?:incident )?severity)\s+((?:sev(?:erity)?|s|p)[:~ -]{0,3}\d)\s*$", re.IGNORECASE
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
_OTHER_WORDS = {"major": Severity.HIGH, "moderate": Severity.MEDIUM, "minor": Severity.LOW}
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[\"'`*(A-Z0-9])")
_AT_A_TIME = re.compile(r"^\W{0,6}\d{1,2}:\d\d")
_RULE_LINE = re.compile(r" {0,3}(?:-{3,}|\*{3,}|_{3,}|={3,})\s*")


class NotReadable(ValueError):
    """The text is no post-mortem; the message says what to give instead."""


@dataclass(frozen=True, slots=True)
class PostMortem:
    """What was found, under the parts of a lesson; a part's text keeps the headings it stood
    under. ``day_source``: where the day was read; None without a day.
    """

    title: str
    day: date | None
    day_source: DaySource | None
    severity: Severity | None
    owner: str | None
    mitigation: str
    parts: Mapping[str, str]
    conditions: tuple[Condition, ...]
    actions: tuple[ActionItem, ...]


def read_postmortem(text: str, name: str = "") -> PostMortem:
    """The parts of a post-mortem. ``name``: its file's, which may hold the day. Raises
    NotReadable.
    """
    _must_be_text(text)
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    document = read_document(text)
    title = plain(document.title) or _first_words(document.sections)
    fields = _fields(document)
    day, source = _incident_day(document, fields, title, name)
    return PostMortem(
        title=title[:LONGEST_TITLE],
        day=day,
        day_source=source,
        severity=_severity(fields.get("severity", "")),
        owner=next(iter(OWNER.findall(fields.get("owner", ""))), None),
        mitigation=_mitigation(document.sections),
        parts=_parts(title, document),
        conditions=tuple(_conditions(document.sections))[:MOST_LISTED],
        actions=tuple(actions_of(document.sections))[:MOST_LISTED],
    )


def _must_be_text(text: str) -> None:
    if "\0" in text:
        raise NotReadable("it is not text: export it as Markdown first")
    if len(text) > MOST_CHARACTERS:
        raise NotReadable(
            f"over {MOST_CHARACTERS:,} characters: "
            "give the post-mortem alone, without its attachments"
        )
    if not text.strip():
        raise NotReadable("it is empty")


def _parts(title: str, document: Document) -> dict[str, str]:
    parts: dict[str, list[str]] = {name: [] for name in PARTS}
    has_story = any(section.kind == STORY for section in document.sections)
    for section in document.sections:
        # dates and authors before the first heading are not the story
        is_head = has_story and not section.heading
        texts = parts[REST if is_head else section.part]
        texts += _texts(section, opens_story=section.part == STORY and not texts)
    if document.title and title[:LONGEST_TITLE] != document.title:
        parts[REST].insert(0, document.title)
    return {name: "\n\n".join(texts) for name, texts in parts.items() if texts}


def _texts(section: Section, opens_story: bool) -> Iterator[str]:
    """What stands in a lesson for a section."""
    shown = section.heading and section.heading != section.part
    if shown and not (opens_story and section.kind):
        yield f"### {section.heading}"
    if section.text.strip():
        yield section.text.strip("\n")
    if opens_story and section.heading and section.kind:
        yield f"<!-- It stood under: {section.heading.replace('--', '—')} -->"


def _first_words(sections: Sequence[Section]) -> str:
    """The first line that says something."""
    for section in sections:
        for line in section.text.split("\n"):
            words = plain(line).strip(" =-*_|#`")
            if words and not is_known(words):
                return words
    return "What failed"


def _fields(document: Document) -> dict[str, str]:
    """``Date: 2026-05-14``, ``**Severity**: S1``, ``| Owner | @maria |``: the first of each kind,
    the text's before the front matter's. Days are under "incident_date", "date" and "published".
    """
    fields: dict[str, str] = {}
    for line in document.body.split("\n")[:MOST_FIELD_LINES]:
        match = _FIELD.match(line) or _BARE_SEVERITY.match(line)
        kind = _field_kind(match[1]) if match else ""
        if match and kind:
            fields.setdefault(kind, match[2].strip(" |*_"))
    return fields | {key: value for key, value in _front_fields(document) if key not in fields}


def _front_fields(document: Document) -> Iterator[tuple[str, str]]:
    for key, value in document.front.items():
        kind = _field_kind(key)
        # what is written above a page is the day of the page
        yield ("published" if kind == "date" else kind), str(value)


def _field_kind(name: str) -> str:
    plain_name = normal(name)
    for kind in ("incident_date", "date", "published", "severity", "owner"):
        if plain_name in headings()[kind]:
            return kind
    return ""


def _incident_day(
    document: Document, fields: Mapping[str, str], title: str, name: str
) -> tuple[date | None, DaySource | None]:
    """The day, from the surest place that names one; an action's never."""
    for source, days in _days_named(document, fields, title, name):
        if days:
            return days[0], source
    return None, None


def _days_named(
    document: Document, fields: Mapping[str, str], title: str, name: str
) -> Iterator[tuple[DaySource, list[date]]]:
    yield DaySource.INCIDENT, days_in(fields.get("incident_date", ""))
    yield DaySource.TITLE, days_in(title)
    yield DaySource.FIELD, days_in(fields.get("date", ""))
    timeline = _days_of(section for section in document.sections if _is_timeline(section))
    story = _days_of(section for section in document.sections if _is_story(section))
    yield DaySource.STORY, [day for day in story if day in timeline] or story
    yield DaySource.TIMELINE, timeline
    yield (
        DaySource.TEXT,
        _days_of(
            section for section in document.sections if section.heading and section.kind != ACTIONS
        ),
    )
    yield DaySource.FILE, days_in(name)
    yield DaySource.PUBLISHED, days_in(fields.get("published", ""))


def _is_story(section: Section) -> bool:
    """Whether a section tells what happened, or opens the text; front matter does not."""
    return section.kind == STORY or not (section.heading or section.kind)


def _is_timeline(section: Section) -> bool:
    return "timeline" in normal(section.heading).split() or "chain of events" in section.heading


def _days_of(sections: Iterable[Section]) -> list[date]:
    """The days these sections name, but for lines that say when something else was or will be."""
    days: list[date] = []
    for section in sections:
        for line in (section.heading, *section.text.split("\n")):
            match = _FIELD.match(line)
            if not (match and _is_other_day(match[1])):
                days += days_in(line)
    return days


def _is_other_day(name: str) -> bool:
    words = normal(name).split()
    return any(word in headings()["other_day"] for word in words)


def _severity(text: str) -> Severity | None:
    lower = text.lower()
    for severity in reversed(Severity):
        if severity in lower:
            return severity
    for word, severity in _OTHER_WORDS.items():
        if word in lower:
            return severity
    level = _LEVEL.search(text)
    return _LEVELS[int(level[1])] if level else None


def _mitigation(sections: Sequence[Section]) -> str:
    """What worked, as far as somebody said under such a heading what was done: one sentence."""
    for section in sections:
        if _tells_mending(section.heading):
            for sentence in _sentences(section.text):
                if _says_what_was_done(sentence):
                    return sentence[:LONGEST_CONDITION]
    return ""


def _tells_mending(heading: str) -> bool:
    return normal(heading).startswith(headings()["mending"])


def _says_what_was_done(sentence: str) -> bool:
    words = f" {normal(sentence)} "
    if sentence.endswith("?") or any(f" {phrase} " in words for phrase in headings()["not_mended"]):
        return False
    return any(f" {word} " in words for word in headings()["mended"])


def _sentences(text: str) -> Iterator[str]:
    """The sentences of the paragraphs and items of a text, plain; code, tables and what stands
    beside a time left out.
    """
    for paragraph in _paragraphs(text):
        shown = plain(paragraph)
        if shown and not _AT_A_TIME.match(shown):
            yield from _SENTENCE.split(shown)


def _paragraphs(text: str) -> Iterator[str]:
    lines: list[str] = []
    fenced = re.sub(r"(?ms)^(`{3,}|~{3,}).*?^\1", "", text)
    without_comments = re.sub(r"(?s)<!--.*?-->", "", fenced)
    for line in [*without_comments.split("\n"), ""]:
        starts = not line.strip() or ITEM.match(line.lstrip()) or line.lstrip().startswith("|")
        if starts and lines:
            yield " ".join(lines)
            lines = []
        if line.strip() and not line.lstrip().startswith("|") and not _RULE_LINE.fullmatch(line):
            lines.append(line.strip())


def _conditions(sections: Sequence[Section]) -> Iterator[Condition]:
    """The items and rows under headings that stand for causes; without any, what the paragraphs
    there begin with.
    """
    for section in sections:
        if section.kind != "Conditions":
            continue
        texts = [*map(plain, items(section.text)), *_rows(section.text)]
        for text in texts or _opening(section.text):
            if not text.endswith("?") and not is_unsaid(text):
                yield Condition(_kind(text), text[:LONGEST_CONDITION])


def _rows(text: str) -> Iterator[str]:
    for _, *rows in tables(text):
        for cells in rows:
            yield ": ".join(filter(None, map(plain, cells)))


def _opening(text: str) -> Iterator[str]:
    yield from list(_sentences(text))[:1]


def _kind(text: str) -> str:
    """A guess a person corrects: technical, unless its words say otherwise."""
    lower = text.lower().replace("'", "")
    for kind in ("knowledge", "detection", "process"):
        if any(word in lower for word in headings()[kind]):
            return kind
    return "technical"
