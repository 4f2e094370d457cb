"""Arguments given by name, in another order: a form in which a failure comes back. Pure; sees
brackets and quotes.
"""

import re

from twiceshy.lessons.languages import DEFINING_WORDS, any_of, language_named

_DEFINES = re.compile(rf"\b(?:{any_of(DEFINING_WORDS)}|class)\s+[\w.]*$")
NOT_SCANNED = re.compile(r"#|//|/\*|\"\"\"|\'\'\'|`")
"""Where brackets and commas cannot be told from text by looking at quotes alone."""


def reordered(code: str, language: str) -> str | None:
    """Arguments given by name, in the other order, wherever a call has several."""
    mark = language_named(language).named_argument
    if not mark or NOT_SCANNED.search(code):
        return None
    named = re.compile(rf"\s*[^\W\d]\w*\s*{mark}(?![=:>])")
    made = code
    for start, end in _arguments(code):
        parts = _parts(code[start:end])
        at = [number for number, part in enumerate(parts) if named.match(part)]
        texts = [parts[number].strip() for number in reversed(at)]
        for number, text in zip(at, texts, strict=True):
            parts[number] = parts[number].replace(parts[number].strip(), text, 1)
        made = made[:start] + ",".join(parts) + made[end:]
    return made


def _arguments(code: str) -> list[tuple[int, int]]:
    """Where innermost calls have their arguments; not the parameters of a definition."""
    calls = re.finditer(r"[\w\])]\(([^()]*)\)", code)
    arguments: list[tuple[int, int]] = []
    for call in calls:
        if not _DEFINES.search(code[: call.start(1) - 1]):
            arguments.append((call.start(1), call.end(1)))
    return arguments


def _parts(arguments: str) -> list[str]:
    """Split at the commas that are in no text and in no bracket."""
    parts, depth, quote = [""], 0, ""
    for mark in arguments:
        if quote:
            quote = "" if mark == quote else quote
        elif mark in "\"'":
            quote = mark
        elif mark in "[{":
            depth += 1
        elif mark in "]}":
            depth -= 1
        elif mark == "," and depth == 0:
            parts.append("")
            continue
        parts[-1] += mark
    return parts
