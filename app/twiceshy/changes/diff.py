"""Unified diffs, as git and GitHub print them, into values. Pure and linear; never raises for what is in a diff.

Formats: git-diff(1), "Generating patch text with -p"; GNU diffutils, "Detailed Description of Unified Format".
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from twiceshy.changes.model import FileChange, Hunk, Line, LineKind, Status
from twiceshy.lessons.model import Problem

SOURCE = "the diff"

_HUNK = re.compile(r"@@ -(\d{1,9})(?:,(\d{1,9}))? \+(\d{1,9})(?:,(\d{1,9}))? @@")
_ESCAPE = re.compile(rb"\\([0-7]{3}|.)", re.DOTALL)
_ESCAPES = {b"n": b"\n", b"t": b"\t", b"r": b"\r", b"a": b"\a", b"b": b"\b", b"f": b"\f", b"v": b"\v"}
_PREFIX = re.compile(r"[abciow]/")
_STATUS = {
    "new file mode": Status.ADDED,
    "deleted file mode": Status.DELETED,
    "rename from": Status.RENAMED,
    "copy from": Status.COPIED,
}


@dataclass(frozen=True)
class ParsedDiff:
    """The files of a diff, and what could not be read of it."""

    files: tuple[FileChange, ...] = ()
    problems: tuple[Problem, ...] = ()


def parse_diff(diff: str | bytes) -> ParsedDiff:
    """Parse a whole diff; text around it (a commit message, an e-mail) is passed over."""
    text = diff.decode("utf-8", "surrogateescape") if isinstance(diff, bytes) else diff
    return _Parser(text.split("\n")).parse()


def parse_patch(path: str, patch: str, status: Status = Status.MODIFIED, previous: str | None = None) -> ParsedDiff:
    """Parse the ``patch`` of one file as GitHub's files endpoint gives it: hunks without any header.

    https://docs.github.com/en/rest/pulls/pulls#list-pull-requests-files
    """
    old = "/dev/null" if status is Status.ADDED else f"a/{previous or path}"
    new = "/dev/null" if status is Status.DELETED else f"b/{path}"
    parsed = parse_diff(f"--- {old}\n+++ {new}\n{patch}\n")
    files = tuple(replace(file, path=path, old_path=previous, status=status) for file in parsed.files)
    return replace(parsed, files=files or (FileChange(path, status, previous),))


def commentable_lines(file: FileChange) -> frozenset[int]:
    """Line numbers at head that a review comment may stand on: added and context lines."""
    return frozenset(line.new for hunk in file.hunks for line in hunk.lines if line.new is not None)


def fits(head_text: str, file: FileChange) -> bool:
    """Whether the head text holds the head side of every hunk, at its numbers."""
    lines = [line.removesuffix("\r") for line in head_text.split("\n")]
    return all(
        line.new <= len(lines) and lines[line.new - 1] == line.text
        for hunk in file.hunks
        for line in hunk.lines
        if line.new is not None
    )


def reverse_apply(head_text: str, file: FileChange) -> str | None:
    """The file's text before the change, None when the hunks do not fit the head text."""
    if not fits(head_text, file):
        return None
    lines = head_text.split("\n")
    for hunk in reversed(file.hunks):
        kept = [line.new for line in hunk.lines if line.new is not None]
        start = kept[0] - 1 if kept else hunk.new_start
        lines[start : start + len(kept)] = [line.text for line in hunk.lines if line.old is not None]
    return "\n".join(lines)


@dataclass
class _Header:
    """What the lines above a file's hunks say."""

    git: str = ""  # what follows `diff --git`
    old: str = ""
    new: str = ""
    status: Status = Status.MODIFIED
    special: bool = False  # binary, or a link
    submodule: bool = False
    hunks: list[Hunk] = field(default_factory=list)


class _Parser:
    def __init__(self, lines: Sequence[str]) -> None:
        self._lines = lines
        self._at = 0
        self._files: list[FileChange] = []
        self._problems: list[Problem] = []
        self._header: _Header | None = None

    def parse(self) -> ParsedDiff:
        while self._at < len(self._lines):
            self._step(self._lines[self._at].removesuffix("\r"))
        self._close()
        return ParsedDiff(tuple(self._files), tuple(self._problems))

    def _step(self, line: str) -> None:
        if line.startswith("diff --git "):
            self._close()
            self._header = _Header(git=line.removeprefix("diff --git "))
        elif line.startswith(("diff --cc ", "diff --combined ")):
            self._close()
            path = line.split(" ", 2)[2]
            self._problem(path, "a combined diff (of a merge) is not judged: give a diff against one parent")
        elif line.startswith("--- ") and self._next().startswith("+++ "):
            self._names(line[4:], self._next()[4:].removesuffix("\r"))
            self._at += 1
        elif (match := _HUNK.match(line)) and self._header:
            self._hunk(self._header, match)
            return
        elif self._header and not self._header.hunks:
            _extended(self._header, line)
        self._at += 1

    def _next(self) -> str:
        return self._lines[self._at + 1] if self._at + 1 < len(self._lines) else ""

    def _names(self, old: str, new: str) -> None:
        if self._header is None or self._header.hunks or not self._header.git:
            self._close()  # a plain diff has no line above these two
            self._header = _Header()
        self._header.old, self._header.new = old.split("\t", maxsplit=1)[0], new.split("\t", maxsplit=1)[0]

    def _hunk(self, header: _Header, match: re.Match[str]) -> None:
        old, new = int(match[1]), int(match[3])
        old_left, new_left = (int(count) if count is not None else 1 for count in (match[2], match[4]))
        start = self._at + 1
        lines: list[Line] = []
        # a side that is empty is numbered by the line before it
        old_at, new_at = old + (old_left == 0), new + (new_left == 0)
        self._at = start
        while (old_left > 0 or new_left > 0) and self._at < len(self._lines):
            raw = self._lines[self._at]
            kind = raw[:1] or " "  # some tools strip the blank of an empty context line
            if kind == "\\":
                self._at += 1
                continue
            if kind not in " +-" or (raw == "" and self._at == len(self._lines) - 1):
                break
            text = _clean(raw[1:].removesuffix("\r"))
            is_old, is_new = kind != "+", kind != "-"
            lines.append(Line(LineKind(kind), text, old_at if is_old else None, new_at if is_new else None))
            old_at, old_left = old_at + is_old, old_left - is_old
            new_at, new_left = new_at + is_new, new_left - is_new
            self._at += 1
        if old_left > 0 or new_left > 0:
            path = _path(header)[1] or SOURCE
            self._problem(path, f"the hunk at line {start} of the diff is cut off: what is there is judged")
        header.hunks.append(Hunk(old, new, tuple(lines)))

    def _close(self) -> None:
        header, self._header = self._header, None
        if header is None:
            return
        old, new = _path(header)
        if not (old or new):
            self._problem(SOURCE, "a file without a name is left out")
            return
        status = header.status
        if status is Status.MODIFIED and not (old and new):
            status = Status.DELETED if old else Status.ADDED
        path = (new or old) if status is not Status.DELETED else (old or new)
        moved = old if old and old != path and status in (Status.RENAMED, Status.COPIED, Status.MODIFIED) else None
        if moved and status is Status.MODIFIED:
            status = Status.RENAMED
        hunks = () if header.submodule else tuple(header.hunks)
        self._files.append(FileChange(path, status, moved, hunks, header.special, header.submodule))

    def _problem(self, path: str, message: str) -> None:
        self._problems.append(Problem(_clean(path), 0, message))


def _extended(header: _Header, line: str) -> None:
    """One of git's extended header lines."""
    for start, status in _STATUS.items():
        if line.startswith(start + " "):
            header.status = status
    for start, side in (("rename from ", "old"), ("copy from ", "old"), ("rename to ", "new"), ("copy to ", "new")):
        if line.startswith(start):
            setattr(header, side, line.removeprefix(start))
            header.git = ""  # these names carry no prefix
    header.submodule |= line.endswith(" 160000")
    header.special |= line.endswith(" 120000") or line == "GIT binary patch"
    header.special |= line.startswith("Binary files ") and line.endswith(" differ")


def _path(header: _Header) -> tuple[str, str]:
    """Old and new path without prefixes; empty where a side does not exist."""
    if header.status in (Status.RENAMED, Status.COPIED):
        old, new = _unquote(header.old), _unquote(header.new)
        return (old, new) if not header.git else _without_prefixes(old, new)
    if not header.old and not header.new:
        old, new = _halves(header.git)
        sides = _without_prefixes(old, new)
    else:
        sides = _without_prefixes(_unquote(header.old), _unquote(header.new))
    old, new = ("" if side == "/dev/null" else side for side in sides)
    return ("" if header.status is Status.ADDED else old, "" if header.status is Status.DELETED else new)


def _halves(names: str) -> tuple[str, str]:
    """The two names of a ``diff --git`` line; unquoted ones hold blanks, so they are split where the halves agree."""
    if names.startswith('"'):
        end = re.match(r'"(?:[^"\\]|\\.)*"', names)
        if end:
            return _unquote(end[0]), _unquote(names[end.end() :].strip())
    middle = len(names) // 2
    return names[:middle], names[middle + 1 :]


def _without_prefixes(old: str, new: str) -> tuple[str, str]:
    """``a/`` and ``b/`` (or i, w, c, o) taken off, when both sides that exist have one and they differ."""
    sides = [side for side in (old, new) if side != "/dev/null"]
    same = len(sides) == 2 and sides[0] == sides[1]  # noqa: PLR2004 - the same name twice: there is no prefix
    if same or not all(_PREFIX.match(side) for side in sides):
        return old, new
    return tuple(side if side == "/dev/null" else side[2:] for side in (old, new))  # type: ignore[return-value]


def _unquote(name: str) -> str:
    """A path as git quotes it (C style, octal bytes) as it is."""
    if len(name) < 2 or not (name.startswith('"') and name.endswith('"')):  # noqa: PLR2004 - the quotes themselves
        return name
    raw = name[1:-1].encode("utf-8", "surrogateescape")

    def plain(match: re.Match[bytes]) -> bytes:
        body = match[1]
        return bytes([int(body, 8) & 0xFF]) if body.isdigit() else _ESCAPES.get(body, body)

    return _ESCAPE.sub(plain, raw).decode("utf-8", "surrogateescape")


def _clean(text: str) -> str:
    """Text whose stray bytes are replaced, as every reader of a file replaces them."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace") if _escaped(text) else _lone(text)
    return text


def _escaped(text: str) -> bool:
    return all(not 0xD800 <= ord(char) <= 0xDFFF or 0xDC80 <= ord(char) <= 0xDCFF for char in text)  # noqa: PLR2004


def _lone(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")
