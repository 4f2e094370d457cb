"""Makes text from a pull request harmless where it is shown: terminal, Markdown, workflow commands.
Pure.
"""

import re

_CONTROL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028\u2029"
    "\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)
_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>()#+!|~&$-])")
_PING = re.compile(r"@(?=\w)")
_COMMAND = re.compile(r"^\s*::|##\[", re.MULTILINE)
_MARKER = re.compile(r"<(?=!--\s*twiceshy)", re.IGNORECASE)
_FENCES = re.compile(r"^ {0,3}(`{3,}|~{3,})", re.MULTILINE)


def printable(text: str) -> str:
    """Text without anything that moves a cursor, colours, or turns the order of letters; each is
    shown as its code.
    """
    return _CONTROL.sub(lambda match: _code(match[0]), text.replace("\r\n", "\n"))


def no_command(text: str) -> str:
    """Printable text of which GitHub's runner takes nothing for a workflow command; it reads the
    same.

    https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs: ``::`` at the
    beginning of a line, whatever blanks stand before it, and ``##[`` anywhere.
    """
    return _COMMAND.sub(lambda match: f"{match[0][:-1]}\u2060{match[0][-1]}", printable(text))


def unmarked(text: str) -> str:
    """Text in which nothing looks like one of the App's own markers; it reads the same."""
    return _MARKER.sub("<\u2060", text)


def _code(char: str) -> str:
    if char > "\uffff":
        return f"\\U{ord(char):08x}"
    return f"\\u{ord(char):04x}" if char > "\xff" else f"\\x{ord(char):02x}"


def one_line_path(path: str) -> str:
    """A path in one line, every character of it kept: a name that holds a line end must not look
    like two lines.
    """
    return printable(path.replace("\r", "\\x0d").replace("\n", "\\x0a").replace("\t", "\\x09"))


def plain_link(url: str) -> bool:
    """Whether a text is a web address that can stand in a link as it is."""
    return (
        url.startswith(("https://", "http://"))
        and url == printable(url)
        and not set(url) & set(" ()<>\"'\n\t\\")
    )


def first_lines(text: str, most: int, longest: int) -> str:
    """At most so many lines of so many characters, saying how many lines were left out."""
    lines = text.split("\n")
    shown: list[str] = []
    for line in lines[:most]:
        shown.append(line if len(line) <= longest else f"{line[: longest - 1]}…")
    left = len(lines) - len(shown)
    if left:
        shown.append(f"… {left} more line{'' if left == 1 else 's'}")
    return "\n".join(shown)


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
    line = unmarked(one_line(text, most))
    longest = max((len(run) for run in re.findall("`+", line)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if line.startswith("`") or line.endswith("`") or not line else ""
    return f"{fence}{pad}{line}{pad}{fence}"


def fenced(code: str, language: str = "") -> str:
    """Code in a fence longer than any inside it."""
    text = unmarked(printable(code))
    longest = max((len(run) for run in _FENCES.findall(text)), default=0)
    longest = max([longest, *(len(run) for run in re.findall("`{3,}", text))])
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text.rstrip(chr(10))}\n{fence}"
