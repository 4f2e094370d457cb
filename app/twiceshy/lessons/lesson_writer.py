"""Writes lessons without disturbing a person's text: one key, one pair of evidence, or a whole new
file.

Pure: text in, text out. Every answer is read back before it is given, so nothing unreadable is ever
written.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from enum import StrEnum

from twiceshy.lessons.lesson import Evidence, Expiry, Lesson, NoCheck, Scar, Side
from twiceshy.lessons.lesson_reader import blocks
from twiceshy.lessons.positions import read_yaml
from twiceshy.lessons.questions import ASK_STORY_SHORTLY, QUESTIONS
from twiceshy.lessons.yaml_edit import with_key

Value = str | int | date | None | Sequence["Value"] | Mapping[str, "Value"]
"""What a key of the front matter may be set to."""

_FRONT = re.compile(r"\A(\ufeff?---[ \t]*(\r?\n))(.*?)^---[ \t]*\r?$", re.DOTALL | re.MULTILINE)
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_./-]*(?: [A-Za-z0-9_./-]+)*")
_ESCAPED = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")
_PATH = re.compile(r"[^\s`]+")
ELSEWHERE = "Also in the post-mortem"
"""The heading over what a post-mortem has and no question asks for."""

ASK_DATE = "when did it happen?"
"""Ends the comment behind a date that nobody wrote down as the incident's own."""


class CannotWriteError(ValueError):
    """The text cannot take the change; the message says what to mend first."""


def set_key(text: str, key: str, value: Value) -> str:
    """The lesson with one top-level key set, replaced where it stands or added last; every other
    byte is kept.

    Comments inside a value that is replaced go with it. Raises CannotWriteError when the front
    matter cannot be read.
    """
    front = _FRONT.match(text)
    if front is None:
        raise CannotWriteError("no front matter between two `---` lines: add it first")
    expected = {**_values(front[3]), key: read_yaml(f"v: {rendered(value)}", "").value["v"]}
    keys = with_key(front[3], rendered(key), rendered(value), front[2])
    if _values(keys) != expected:
        raise CannotWriteError(
            f"`{key}` cannot be set without touching its neighbours: set it by hand"
        )
    return text[: front.start(3)] + keys + text[front.end(3) :]


def with_comment(text: str, key: str, comment: str) -> str:
    """The lesson with a comment behind one top-level key that stands on one line."""
    line = re.compile(rf"^({re.escape(key)}[ \t]*:[^\n]*?)[ \t]*$", re.MULTILINE)
    return line.sub(lambda match: f"{match[1]}  # {comment}", text, count=1)


def add_evidence(text: str, bad: str, good: str, language: str, path: str | None = None) -> str:
    """The lesson with a pair of evidence at its end, fenced by more than any fence inside it.

    Raises CannotWriteError for a path with spaces or backticks, and when a block before it is never
    closed.
    """
    if path is not None and not _PATH.fullmatch(path):
        raise CannotWriteError(f"path {path!r} holds a space or a backtick: a fence cannot name it")
    newline = "\r\n" if "\r\n" in text else "\n"
    infos = [f"{language} bad{f' path={path}' if path else ''}", f"{language} good"]
    pair = _fenced(infos[0], bad) + "\n" + _fenced(infos[1], good)
    longer = text + (_gap(text) + pair).replace("\n", newline)
    if [block.info for block in blocks(_unix(longer))][-2:] != infos:
        raise CannotWriteError("the last fenced block is never closed: close it first")
    return longer


def _gap(text: str) -> str:
    """What is missing for an empty line at a text's end."""
    if not text or text.endswith(("\n\n", "\n\r\n")):
        return ""
    return "\n" if text.endswith("\n") else "\n\n"


def new_lesson(lesson: Lesson) -> str:
    """A lesson file. A body stands as it is; without one: the summary, the questions to answer, and
    the evidence.
    """
    front = "".join(_entry(key, value) for key, value in _front_matter(lesson))
    if lesson.body:
        return f"---\n{front}---\n{lesson.body}"
    story = lesson.summary or ASK_STORY_SHORTLY
    questions = "".join(f"\n## {title}\n\n{question}\n" for title, question in QUESTIONS)
    evidence = "".join("\n" + fenced_evidence(block) for block in lesson.evidence)
    return f"---\n{front}---\n{story}\n{questions}{evidence}"


def fenced_evidence(block: Evidence) -> str:
    """A block of evidence as it stands in a lesson."""
    return _fenced(_info(block), block.code)


def rendered(value: Value) -> str:
    """A value as YAML on one line, plain where that is safe, else in double quotes."""
    if value is None:
        return "null"
    if isinstance(value, StrEnum):
        return rendered(value.value)
    if isinstance(value, str):
        is_plain = _PLAIN.fullmatch(value) and read_yaml(value, "").value == value
        return value if is_plain else _quoted(value)
    if isinstance(value, Mapping):
        pairs = (f"{rendered(key)}: {rendered(item)}" for key, item in value.items())
        return f"{{{', '.join(pairs)}}}"
    if isinstance(value, Sequence):
        return f"[{', '.join(map(rendered, value))}]"
    return value.isoformat() if isinstance(value, date) else json.dumps(value)


def _quoted(text: str) -> str:
    """JSON's quotes, and YAML's escapes for the characters that YAML would fold or refuse (YAML
    1.1, section 5.1).
    """
    if any("\ud800" <= char <= "\udfff" for char in text):
        raise CannotWriteError("half of a surrogate pair is not text: leave it out")
    return _ESCAPED.sub(lambda char: f"\\u{ord(char[0]):04x}", json.dumps(text, ensure_ascii=False))


def _values(front: str) -> dict[str, object]:
    document = read_yaml(front, "front matter")
    if document.problems:
        raise CannotWriteError(str(document.problems[0]))
    if document.value is None:
        return {}
    if not isinstance(document.value, dict):
        raise CannotWriteError("the front matter is not `key: value` lines: mend it first")
    return document.value


def _unix(text: str) -> str:
    return text.replace("\r\n", "\n")


def _fenced(info: str, code: str) -> str:
    code = _unix(code)
    longest = max((len(run) for run in re.findall("`+", code)), default=0)
    fence = "`" * max(3, longest + 1)
    if code and not code.endswith("\n"):
        code += "\n"
    return f"{fence}{info}\n{code}{fence}\n"


def _info(block: Evidence) -> str:
    named = f" path={block.path}" if block.path and _PATH.fullmatch(block.path) else ""
    return f"{block.language} {Side(block.side)}{named}"


def _front_matter(lesson: Lesson) -> list[tuple[str, Value]]:
    """Keys in the order people read them; optional ones only when they say something."""
    optional: list[tuple[str, Value]] = [
        ("owner", lesson.owner),
        ("services", lesson.services),
        ("tags", lesson.tags),
        ("postmortem", lesson.postmortem),
        ("fix", lesson.fix),
        ("applies_to", lesson.applies_to),
        ("scars", [_scar(scar) for scar in lesson.scars]),
        ("companions", [_set_values(asdict(companion)) for companion in lesson.companions]),
        ("no_check", _no_check(lesson.no_check) if lesson.no_check else None),
        ("expires", _expires(lesson.expires) if lesson.expires else None),
        ("mitigation", lesson.mitigation),
        ("conditions", [_set_values(asdict(condition)) for condition in lesson.conditions]),
        ("actions", [_set_values(asdict(action)) for action in lesson.actions]),
    ]
    required: list[tuple[str, Value]] = [
        ("id", lesson.id),
        ("title", lesson.title),
        ("date", lesson.date),
        ("severity", lesson.severity),
        ("mode", lesson.mode),
    ]
    return required + [(key, value) for key, value in optional if value]


def _scar(scar: Scar) -> str:
    return f"{scar.path}:{scar.symbol}" if scar.symbol else scar.path


def _no_check(no_check: NoCheck) -> str:
    return f"{no_check.reason}: {no_check.sentence}"


def _expires(expiry: Expiry) -> Value:
    when = expiry.day or expiry.when
    return {"when": when, "because": expiry.because} if expiry.because else when


def _set_values(values: Mapping[str, Value]) -> dict[str, Value]:
    return {key: value for key, value in values.items() if value}


def _entry(key: str, value: Value) -> str:
    """One key; a list of mappings has a line for each."""
    if isinstance(value, Sequence) and value and isinstance(value[0], Mapping):
        return f"{key}:\n" + "".join(f"  - {rendered(item)}\n" for item in value)
    return f"{key}: {rendered(value)}\n"
