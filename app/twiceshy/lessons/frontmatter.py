"""What people may write in a lesson's front matter: the pydantic model, and from it the values of
``lesson``.

Imported only when a lesson is read anew or its schema is printed; checking a change never comes
here.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date as Date  # noqa: N812 - a field is called date
from difflib import get_close_matches
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator

from twiceshy.lessons.expiry import NotACondition, condition_of
from twiceshy.lessons.lesson import (
    ActionItem,
    Companion,
    Condition,
    Evidence,
    Expiry,
    Lesson,
    Mode,
    NoCheck,
    Problem,
    Scar,
    Severity,
)
from twiceshy.lessons.positions import Document

REASONS = ("no_code_cause", "third_party", "capacity", "human_process", "needs_runtime", "too_rare")
KINDS = ("technical", "process", "knowledge", "detection")
MAX_PATTERN = 500
MOST = 100
"""Of companions, conditions or actions: a lesson is one incident's."""
_ID = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _reasoned(value: object) -> object:
    """``reason: sentence`` in one text is as good as a mapping."""
    if isinstance(value, str):
        reason, _, sentence = value.partition(":")
        return {"reason": reason.strip(), "because": sentence.strip()}
    return value


def _dated(value: object) -> object:
    """A date alone, or a condition alone, is the shorthand of a mapping."""
    return {"when": value} if isinstance(value, str | Date) else value


Texts = Annotated[list[str], BeforeValidator(_listed)]


class Written(BaseModel):
    """The settings every part shares: nothing unknown, nothing guessed, nothing changed."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class CompanionWritten(Written):
    """When this changes, that must change too."""

    when: str = Field(min_length=1, description="Glob of the files whose change asks for the other")
    require: str = Field(min_length=1, description="Glob of the files that must change too")
    because: str = Field("", description="Why, in a sentence; shown in the comment")
    pattern: str | None = Field(
        None, max_length=MAX_PATTERN, description="Only when an added line matches this regexp"
    )

    @field_validator("pattern")
    @classmethod
    def _compiles(cls, pattern: str | None) -> str | None:
        try:
            re.compile(pattern or "")
        except (re.error, OverflowError, RecursionError) as error:
            raise ValueError(f"not a regular expression: {error}") from error
        return pattern


class NoCheckWritten(Written):
    """Why this lesson cannot be a check."""

    reason: str = Field(
        description=f"One of {', '.join(REASONS)}", json_schema_extra={"enum": list(REASONS)}
    )
    because: str = Field(min_length=1, description="A sentence")

    @field_validator("reason")
    @classmethod
    def _known(cls, reason: str) -> str:
        if reason not in REASONS:
            raise ValueError(
                f"write `REASON: a sentence`, where REASON is one of {', '.join(REASONS)}"
            )
        return reason


class ExpiryWritten(Written):
    """From when on the lesson has done its work."""

    when: Date | str = Field(
        description="A date, or a condition: `go.mod: go >= 1.22`, `package.json: request absent`"
    )
    because: str = Field("", description="Why it is over then, in a sentence")

    @field_validator("when", mode="before")
    @classmethod
    def _known(cls, when: object) -> object:
        if isinstance(when, Date):
            return when
        if not isinstance(when, str):
            raise ValueError(f"{when!r} is neither a date nor a condition")  # noqa: TRY004 - as above
        if re.fullmatch(r"\d{4}-\d\d-\d\d", when):
            return Date.fromisoformat(when)
        try:
            condition_of(when)
        except NotACondition as error:
            raise ValueError(str(error)) from error
        return when


class ConditionWritten(Written):
    """One of the things that had to be true."""

    kind: str = Field(
        description=f"One of {', '.join(KINDS)}", json_schema_extra={"enum": list(KINDS)}
    )
    text: str = Field(min_length=1)

    @field_validator("kind")
    @classmethod
    def _known(cls, kind: str) -> str:
        if kind not in KINDS:
            raise ValueError(f"write one of {', '.join(KINDS)}")
        return kind


class ActionWritten(Written):
    """What somebody promised to do about it."""

    what: str = Field(min_length=1)
    done_when: str | None = None
    owner: str | None = None
    due: Date | None = None
    verify: str | None = None
    done: Date | None = None


class FrontMatter(Written):
    """A lesson's front matter. Only id, title, date, severity and mode are required."""

    id: str = Field(
        pattern=_ID, description="Letters, digits, dot, dash and underscore", examples=["INC-245"]
    )
    title: str = Field(min_length=1, max_length=200, description="What happened, in one line")
    date: Date = Field(description="Day of the incident, YYYY-MM-DD")
    severity: Severity
    mode: Mode = Field(description="How loud the lesson may be; start with observe")
    owner: str | None = Field(
        None, description="Who is told when the lesson turns noisy", examples=["@acme/payments"]
    )
    services: Texts = Field(default_factory=list)
    tags: Texts = Field(default_factory=list)
    postmortem: str | None = Field(
        None, description="Link; without it the lesson file is the post-mortem"
    )
    fix: str | None = Field(None, description="Commit or pull request that fixed it")
    applies_to: Texts = Field(
        default_factory=list, description="Globs; default: every file of the evidence's language"
    )
    scars: Texts = Field(
        default_factory=list, description="path[:symbol] where the root cause lived"
    )
    companions: list[CompanionWritten] = Field(default_factory=list, max_length=MOST)
    no_check: Annotated[NoCheckWritten, BeforeValidator(_reasoned)] | None = Field(
        None, description="Why this lesson cannot be a check: `REASON: a sentence`"
    )
    expires: Annotated[ExpiryWritten, BeforeValidator(_dated)] | None = Field(
        None, description="From when on the lesson has done its work; it guards until it is retired"
    )
    mitigation: str = Field("", description="What worked, as an instruction")
    conditions: list[ConditionWritten] = Field(default_factory=list, max_length=MOST)
    actions: list[ActionWritten] = Field(default_factory=list, max_length=MOST)

    @field_validator("date", mode="before")
    @classmethod
    def _day(cls, day: object) -> object:
        if isinstance(day, int | float):
            message = f"{day!r} is not a date; write it as 2026-05-14"
            raise ValueError(message)  # noqa: TRY004 - pydantic asks for this one
        return day

    @field_validator("postmortem")
    @classmethod
    def _link(cls, link: str | None) -> str | None:
        if link and not re.match(r"https?://\S+$", link):
            raise ValueError("write a link that starts with https://")
        return link

    @field_validator("fix", mode="before")
    @classmethod
    def _text(cls, fix: object) -> object:
        # a commit of digits alone is a number to YAML
        return str(fix) if isinstance(fix, int) else fix


_PARTS: dict[str, type[Written]] = {
    "companions": CompanionWritten,
    "actions": ActionWritten,
    "conditions": ConditionWritten,
    "expires": ExpiryWritten,
}


def validated(document: Document, source: str) -> FrontMatter | tuple[Problem, ...]:
    """The front matter, or everything that is wrong with it, each with its line and what to write
    instead.
    """
    try:
        return FrontMatter.model_validate(document.value)
    except ValidationError as error:
        mistakes = error.errors(include_url=False)[:MOST]
        return tuple(_problem(details, document, source) for details in mistakes)


def as_lesson(
    front: FrontMatter, source: str, summary: str, body: str, evidence: Sequence[Evidence]
) -> Lesson:
    """The lesson that front matter and body make together."""
    no_check = front.no_check
    return Lesson(
        id=front.id,
        title=front.title,
        date=front.date,
        severity=front.severity,
        mode=front.mode,
        source=source,
        summary=summary,
        mitigation=front.mitigation,
        owner=front.owner,
        services=tuple(front.services),
        tags=tuple(front.tags),
        postmortem=front.postmortem,
        fix=front.fix,
        applies_to=tuple(front.applies_to),
        scars=tuple(_scar(scar) for scar in front.scars),
        companions=tuple(
            Companion(c.when, c.require, c.because, c.pattern) for c in front.companions
        ),
        no_check=NoCheck(no_check.reason, no_check.because) if no_check else None,
        conditions=tuple(Condition(c.kind, c.text) for c in front.conditions),
        actions=tuple(
            ActionItem(a.what, a.done_when, a.owner, a.due, a.verify, a.done) for a in front.actions
        ),
        evidence=tuple(evidence),
        body=body,
        expires=_expiry(front.expires) if front.expires else None,
    )


def _expiry(written: ExpiryWritten) -> Expiry:
    if isinstance(written.when, Date):
        return Expiry(day=written.when, because=written.because)
    return Expiry(when=written.when, because=written.because)


def _scar(text: str) -> Scar:
    path, _, symbol = text.partition(":")
    return Scar(path, symbol or None)


def _problem(details: Any, document: Document, source: str) -> Problem:
    location = tuple(details["loc"])
    if details["type"] not in ("missing", "extra_forbidden"):
        names = set(_names(document.value))
        location = tuple(part for part in location if isinstance(part, int) or part in names)
    line = document.line(location if details["type"] != "missing" else location[:-1])
    return Problem(source, line, f"`{_dotted(location)}`: {_mend(details)}")


def _names(value: object) -> Iterator[str]:
    """Every key anywhere in the value: pydantic also puts names of its own into a location."""
    if isinstance(value, dict):
        for key, child in value.items():
            yield str(key)
            yield from _names(child)
    elif isinstance(value, list):
        for child in value:
            yield from _names(child)


def _dotted(path: Iterable[str | int]) -> str:
    return ".".join(str(part) for part in path)


def _mend(details: Any) -> str:
    kind, context = details["type"], details.get("ctx", {})
    if kind == "missing":
        return "missing; every lesson needs id, title, date, severity and mode"
    if kind == "extra_forbidden":
        return _unknown(str(details["loc"][-1]), details["loc"])
    if kind.startswith("date"):
        return f"{details['input']!r} is not a date; write it as 2026-05-14"
    if kind == "enum":
        expected = context["expected"].replace("'", "")
        return f"{details['input']!r} is not known; write one of {expected}"
    if kind == "string_pattern_mismatch":
        return (
            "use letters, digits, dot, dash and underscore, at most 64 of them, "
            "and start with a letter or digit"
        )
    if kind == "value_error":
        return str(context["error"])
    return str(details["msg"])


def _unknown(key: str, location: Sequence[str | int]) -> str:
    model: type[Written] = FrontMatter
    if len(location) > 1:
        model = _PARTS.get(str(location[0]), NoCheckWritten)
    keys = list(model.model_fields)
    near = get_close_matches(key, keys, 1)
    if near:
        return f"unknown key; did you mean `{near[0]}`?"
    return f"unknown key; known are {', '.join(keys)}"
