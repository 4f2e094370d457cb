"""What somebody gave in place of a diff: told by its lines, so that the answer can say what to give
instead.

Pure and linear; never raises. Asked only of texts in which no file of a diff begins.
"""

import re
from collections.abc import Sequence
from enum import StrEnum

MOST_LINES = 400
LONGEST_SHOWN = 60


class Lookalike(StrEnum):
    """What a text without a single file's header looks like."""

    STAT = "stat"
    NUMBERS = "numbers"
    NAMES = "names"
    RAW = "raw"
    CONTEXT = "context"
    NORMAL = "normal"
    HUNKS = "hunks"
    BRIEF = "brief"
    LOG = "log"
    FAILURE = "failure"
    PAGE = "page"
    JSON = "json"
    PACKED = "packed"
    BINARY = "binary"
    OTHER = "other"


_GIVE = "give `git diff`"

_MEANING = {
    Lookalike.STAT: f"this looks like the output of `git diff --stat`: {_GIVE}",
    Lookalike.NUMBERS: f"this looks like the output of `git diff --numstat`: {_GIVE}",
    Lookalike.NAMES: (
        f"this looks like the output of `git diff --name-only` or `--name-status`: {_GIVE}"
    ),
    Lookalike.RAW: f"this looks like the output of `git diff --raw`: {_GIVE}",
    Lookalike.CONTEXT: (
        "this looks like a context diff: give a unified one (`git diff`, or `diff -u`)"
    ),
    Lookalike.NORMAL: (
        "this looks like the output of `diff` without -u: "
        "give a unified diff (`git diff`, or `diff -u`)"
    ),
    Lookalike.HUNKS: (
        "these are hunks without the file they are of: "
        "give the lines `--- a/FILE` and `+++ b/FILE` too"
    ),
    Lookalike.BRIEF: (
        "this says that files differ, not how: give a unified diff (`git diff`, or `diff -ruN`)"
    ),
    Lookalike.LOG: f"this looks like a log without any change: give `git log -p`, or {_GIVE[5:]}",
    Lookalike.FAILURE: "this is what a command says when it fails",
    Lookalike.PAGE: "this looks like a web page: was the download refused?",
    Lookalike.JSON: "this looks like JSON: of GitHub's API ask for application/vnd.github.diff",
    Lookalike.PACKED: "this looks like a compressed file: unpack it first",
    Lookalike.BINARY: f"this looks like binary data: {_GIVE}",
    Lookalike.OTHER: (
        f"this is no diff that twiceshy understands: {_GIVE}, or a unified diff (`diff -u`)"
    ),
}

_LINES: tuple[tuple[Lookalike, re.Pattern[str]], ...] = (
    (Lookalike.CONTEXT, re.compile(r"\*{15}")),
    (Lookalike.RAW, re.compile(r":\d{6} \d{6} [0-9a-f]+\.* [0-9a-f]+\.* [A-Z]\d*\t")),
    (Lookalike.STAT, re.compile(r" \S.{0,400} \| +(?:\d+ ?[+-]*|Bin\b.*|Unmerged)$")),
    (Lookalike.STAT, re.compile(r" \d+ files? changed\b")),
    (Lookalike.NUMBERS, re.compile(r"(?:\d+|-)\t(?:\d+|-)\t.")),
    (Lookalike.NAMES, re.compile(r"[ACDMRTUX]\d{0,3}\t.")),
    (Lookalike.HUNKS, re.compile(r"@@ -\d+(?:,\d+)? \+\d+(?:,\d+)? @@")),
    (Lookalike.BRIEF, re.compile(r"(?:Only in .*: |(?:Binary files|Files) .* differ$)")),
    (Lookalike.NORMAL, re.compile(r"\d+(?:,\d+)?[acd]\d+(?:,\d+)?$")),
    (Lookalike.LOG, re.compile(r"commit [0-9a-f]{7,64}\b")),
    (Lookalike.FAILURE, re.compile(r"(?:fatal|error|usage|abort|svn|git|diff|hg): ")),
)

_PAGE = re.compile(r"\s*<(?:!doctype|html|\?xml)", re.IGNORECASE)
_NAME = re.compile(r"[^\s:;,=()<>{}]+")
_MAGIC = ("PK\x03\x04", "\x1f\udc8b", "BZh", "\udcfd7zXZ", "(\udcb5/\udcfd")


def lookalike(text: str) -> Lookalike:
    """What a text without a diff in it looks like."""
    if text.startswith(_MAGIC):
        return Lookalike.PACKED
    if "\0" in text[:100_000]:
        return Lookalike.BINARY
    if _PAGE.match(text):
        return Lookalike.PAGE
    if text.lstrip()[:1] in ("{", "["):
        return Lookalike.JSON
    lines = [line.removesuffix("\r") for line in text[:100_000].split("\n")[:MOST_LINES]]
    for kind, pattern in _LINES:
        if any(pattern.match(line) for line in lines):
            return kind
    return Lookalike.NAMES if _are_paths([line for line in lines if line]) else Lookalike.OTHER


def _are_paths(lines: Sequence[str]) -> bool:
    if not all(_NAME.fullmatch(line) for line in lines):
        return False
    return any("." in line or "/" in line for line in lines)


def what_was_seen(text: str) -> str:
    """A sentence for the person who gave a text that is no diff: what it looks like, what to give,
    how it begins.
    """
    first = next((line.strip() for line in text[:100_000].split("\n") if line.strip()), "")
    shown = "".join(char if char.isprintable() else "?" for char in first[:LONGEST_SHOWN])
    more = "…" if len(first) > LONGEST_SHOWN else ""
    return f"{_MEANING[lookalike(text)]}. It begins with: {shown}{more}"
