"""Whether a lesson is written so that it teaches: every question answered, no blame, no vague
promise, more than one cause, a story, all three R's. Only an unanswered question is a warning: how
somebody writes is advice.

Names of people are welcome, judgement of them is not. Pure, but for reading the word lists once.
English first.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.resources import files

import yaml

from twiceshy.learning.lint.advice import Advice, Weight
from twiceshy.lessons.lesson import ActionItem, Lesson, Mode, Severity
from twiceshy.lessons.lesson_writer import ASK_DATE, ELSEWHERE
from twiceshy.lessons.questions import QUESTIONS

MOST_DAYS = 14
"""After which an action is a project (DESIGN section 4)."""

FEWEST_CONDITIONS = 2
LOG_LINES = 4
"""So many lines in a row that begin with a time are a log."""

_VAGUE = (
    "ends nowhere: say what will be different and how one sees it, as in "
    '"alert when p99 of outgoing calls is over 2 s", done_when: "it fired in staging"'
)
_PROJECT = (
    "over two weeks it is a project. Take the first step as the action, and plan the rest as one"
)
_RESPONSE = (
    "what would have let us detect it sooner, contain it faster, recover with more confidence?"
)
_LOG = (
    "a log, not a story: say what people believed at "
    "each turn and why it made sense; keep the timestamps in the post-mortem"
)
_CONDITIONS = (
    "fewer than two `conditions`: what else had to be "
    'true? As in {kind: detection, text: "alerts watch errors, not latency"}'
)
_WENT_WELL = "nothing that went well: what helped, and should be kept? Add `## What went well`"
_NO_EVIDENCE = (
    "no evidence: show the code that failed and the code that fixed it "
    "(twiceshy learn takes them from the fix), or say with no_check why there is none"
)
_STORY = "What happened, told as a story"
_OTHER_DAY = f'the date is nobody\'s word: "{ASK_DATE}" Set it, and take the comment away'
_MARKS = re.compile(
    r"^(?:we\s+(?:should|will|need\s+to|must)|should|also|then|to)\s+|^\W+", re.IGNORECASE
)
_MEASURE = re.compile(
    r"\d|`|\bper\b|\bunder\b|\bevery\b|\bso that\b|\bfrom .+ to\b|https?://|[a-z]_[a-z]"
)
"""What a promise has that one can tell whether it was kept."""

_ENDINGS = r"(?:[sz]?e[sd]?|s|d|ing|ion|ation|ment|[sz]ing)?"
_TIME = re.compile(r"\s*[-*|]?\s*\[?(?:\d{4}-\d\d-\d\d[T ])?\d{1,2}:\d\d\b")
_HEADING = re.compile(r"^##\s+(.+?)\s*$", re.MULTILINE)
_CODE = re.compile(r"^(`{3,}).*?^\1", re.MULTILINE | re.DOTALL)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)


def honesty(lesson: Lesson, text: str) -> tuple[Advice, ...]:
    """What to write otherwise, with line and example. ``text``: the whole file."""
    if lesson.mode is Mode.RETIRED:
        return ()
    advice = [
        *_unanswered(lesson, text),
        *_blame(lesson, text),
        *_story(lesson, text),
        *_causes(lesson, text),
        *_actions(lesson, text),
    ]
    if lesson.severity.rank >= Severity.HIGH.rank:
        advice += [*_response(lesson), *_went_well(lesson), *_evidence(lesson)]
    return tuple(advice)


@cache
def word_list(name: str) -> frozenset[str]:
    """One of the lists of words, as a set."""
    return frozenset(_words()[name])


@cache
def _words(language: str = "en") -> Mapping[str, tuple[str, ...]]:
    file = files("twiceshy.learning").joinpath(f"words/{language}.yaml")
    lists = yaml.safe_load(file.read_text(encoding="utf-8"))
    return {name: tuple(words) for name, words in lists.items()}


def _phrases(phrases: Iterable[str]) -> re.Pattern[str]:
    patterns = [re.escape(phrase).replace(r"\ ", r"\s+") for phrase in phrases]
    return re.compile(rf"\b(?:{'|'.join(patterns)})", re.IGNORECASE)


@cache
def _whole_words(name: str) -> re.Pattern[str]:
    """The phrases of a list, each whole or as a stem with a verb's ending."""
    return re.compile(rf"(?:{_phrases(_words()[name]).pattern}){_ENDINGS}\b", re.IGNORECASE)


def _prose(text: str) -> str:
    """The text with code and comments blanked out, line by line where it was."""
    return _COMMENT.sub(_blank, _CODE.sub(_blank, text))


def _blank(match: re.Match[str]) -> str:
    return "\n" * match[0].count("\n")


def _line(text: str, place: int) -> int:
    return text.count("\n", 0, place) + 1


def _line_of(text: str, wanted: str) -> int:
    place = text.find(wanted)
    return _line(text, place) if place >= 0 else 0


def _blame(lesson: Lesson, text: str) -> Iterator[Advice]:
    prose = _prose(text)
    for match in _phrases(_words()["blame"]).finditer(prose):
        message = (
            f'"{" ".join(match[0].split())}" judges a person and explains nothing: '
            'say what they saw and knew, as in "the dashboard showed green, so the deploy went on"'
        )
        yield _advice(lesson, _line(prose, match.start()), Weight.STYLE, message)


def _unanswered(lesson: Lesson, text: str) -> Iterator[Advice]:
    """The questions that stand as they were asked: one piece of advice for all of them."""
    if f": {ASK_DATE}" in text:
        line = _line_of(text, f": {ASK_DATE}")
        yield _advice(lesson, line, Weight.WARNING, _OTHER_DAY)
    prose = _prose(text)
    open_parts = [
        name for name, question in (("the story", _STORY), *QUESTIONS) if question in prose
    ]
    if not open_parts:
        return
    first = min(prose.find(question) for question in _asked_in(prose))
    message = (
        f"not answered yet: {', '.join(open_parts)} ({len(open_parts)} of {len(QUESTIONS) + 1}). "
        "A question is no answer: write it, or take its heading away"
    )
    yield _advice(lesson, _line(prose, first), Weight.WARNING, message)


def _asked_in(prose: str) -> list[str]:
    return [question for question in (_STORY, *dict(QUESTIONS).values()) if question in prose]


def _story(lesson: Lesson, text: str) -> Iterator[Advice]:
    """A log where the story should be; what was kept of a post-mortem may well be one."""
    run = 0
    told = _prose(text).split(f"\n## {ELSEWHERE}\n", maxsplit=1)[0]
    for number, line in enumerate(told.split("\n"), 1):
        run = run + 1 if _TIME.match(line) else 0
        if run == LOG_LINES:
            yield _advice(lesson, number - LOG_LINES + 1, Weight.STYLE, _LOG)


def _causes(lesson: Lesson, text: str) -> Iterator[Advice]:
    prose = _prose(text)
    match = _phrases(_words()["single_cause"]).search(prose)
    if match:
        message = (
            f'"{match[0]}": one chain is a story, not an explanation. What else had to be true?'
        )
        yield _advice(lesson, _line(prose, match.start()), Weight.STYLE, message)
    if len(lesson.conditions) < FEWEST_CONDITIONS and lesson.severity.rank >= Severity.HIGH.rank:
        yield _advice(lesson, _line_of(text, "conditions:"), Weight.HINT, _CONDITIONS)


def _actions(lesson: Lesson, text: str) -> Iterator[Advice]:
    for action in lesson.actions:
        line = _line_of(text, action.what)
        vague = vague_words(action.what)
        if vague and not action.done_when:
            yield _advice(lesson, line, Weight.STYLE, f'"{vague}" {_VAGUE}')
        missing = [name for name, value in _asked(action) if not value]
        if missing and action.done is None and lesson.severity.rank >= Severity.HIGH.rank:
            message = f"an action without {', '.join(missing)} is a wish: add {missing[0]}"
            yield _advice(lesson, line, Weight.HINT, message)
        days = (action.due - lesson.date).days if action.due else 0
        if days > MOST_DAYS:
            yield _advice(lesson, line, Weight.HINT, f"due {days} days after: {_PROJECT}")


def vague_words(what: str) -> str:
    """The words that make a promise end nowhere; empty when it says what will be different.

    Looking at something is no change, however it goes on. Making something better is one as soon
    as a number, a name or a place says how.
    """
    words = _MARKS.sub("", what.strip())
    looks = _whole_words("vague").match(words)
    if looks:
        return f"{looks[0]} ..."
    better = _whole_words("vague_unless_measured").match(words)
    if better and not _MEASURE.search(words[better.end() :]):
        return f"{better[0]} ..."
    ends = _whole_words("vague_end").search(words)
    return f"... {ends[0]}" if ends and not _MEASURE.search(words) else ""


def _asked(action: ActionItem) -> tuple[tuple[str, object], ...]:
    return (
        ("owner", action.owner),
        ("due", action.due),
        ("done_when", action.done_when),
        ("verify", action.verify),
    )


def _response(lesson: Lesson) -> Iterator[Advice]:
    response = _section(lesson, "Response").lower() or _prose(lesson.body).lower()
    missing: list[str] = []
    for part in ("detection", "containment", "recovery"):
        if not any(word in response for word in _words()[part]):
            missing.append(part)
    if missing:
        yield _advice(lesson, 0, Weight.HINT, f"nothing about {' and '.join(missing)}: {_RESPONSE}")


def _went_well(lesson: Lesson) -> Iterator[Advice]:
    if not _section(lesson, "What went well").strip():
        yield _advice(lesson, 0, Weight.HINT, _WENT_WELL)


def _evidence(lesson: Lesson) -> Iterator[Advice]:
    if not lesson.evidence and not lesson.no_check:
        yield _advice(lesson, 0, Weight.HINT, _NO_EVIDENCE)


def _section(lesson: Lesson, wanted: str) -> str:
    parts = _HEADING.split(_prose(lesson.body))
    for title, body in zip(parts[1::2], parts[2::2], strict=False):
        if title.lower() == wanted.lower():
            return body
    return ""


def _advice(lesson: Lesson, line: int, weight: Weight, message: str) -> Advice:
    return Advice(weight, lesson.source, line, message)
