"""Makes text from a pull request harmless where it is shown: terminal, Markdown, workflow commands. Pure."""

import re

_CONTROL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)
_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>()#+!|~-])")
_PING = re.compile(r"@(?=\w)")
_FENCES = re.compile(r"^ {0,3}(`{3,}|~{3,})", re.MULTILINE)


def printable(text: str) -> str:
    """Text without anything that moves a cursor, colours, or turns the order of letters; each is shown as its code."""
    return _CONTROL.sub(lambda match: f"\\u{ord(match[0]):04x}" if match[0] > "\xff" else f"\\x{ord(match[0]):02x}",
                        text.replace("\r\n", "\n"))  # fmt: skip


def one_line(text: str, most: int = 300) -> str:
    """Printable text in one line, cut with an ellipsis."""
    line = " ".join(printable(text).split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


def markdown(text: str, most: int = 600) -> str:
    """One line of prose in which nothing is markup, a mention or HTML."""
    escaped = _MARKDOWN.sub(r"\\\1", one_line(text, most))
    return _PING.sub("@\u2060", escaped)  # a word joiner keeps GitHub from telling anybody


def code_span(text: str, most: int = 200) -> str:
    """A text as inline code, whatever back-ticks it holds."""
    line = one_line(text, most)
    longest = max((len(run) for run in re.findall("`+", line)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if line.startswith("`") or line.endswith("`") or not line else ""
    return f"{fence}{pad}{line}{pad}{fence}"


def fenced(code: str, language: str = "") -> str:
    """Code in a fence longer than any inside it."""
    text = printable(code)
    longest = max((len(run) for run in _FENCES.findall(text)), default=0)
    longest = max([longest, *(len(run) for run in re.findall("`{3,}", text))])
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text.rstrip(chr(10))}\n{fence}"
