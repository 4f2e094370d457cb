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
    other_code = code
    for start, end in _arguments(code):
        parts = _parts(code[start:end])
        places = [place for place, part in enumerate(parts) if named.match(part)]
        texts = [parts[place].strip() for place in reversed(places)]
        for place, text in zip(places, texts, strict=True):
            parts[place] = parts[place].replace(parts[place].strip(), text, 1)
        other_code = other_code[:start] + ",".join(parts) + other_code[end:]
    return other_code


def _arguments(code: str) -> list[tuple[int, int]]:
    """Where innermost calls have their arguments; not the parameters of a definition."""
    spans: list[tuple[int, int]] = []
    for call in re.finditer(r"[\w\])]\(([^()]*)\)", code):
        if not _DEFINES.search(code[: call.start(1) - 1]):
            spans.append((call.start(1), call.end(1)))
    return spans


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
