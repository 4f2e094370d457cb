"""Unified diffs, as git and GitHub print them, into values. Pure and linear; reading never raises for what is in a diff.

Formats: git-diff(1), "Generating patch text with -p"; GNU diffutils, "Detailed Description of Unified Format".
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from twiceshy.changes.diff_paths import paths, unquote
from twiceshy.changes.errors import ChangeError
from twiceshy.changes.model import FileChange, Hunk, Line, LineKind, Status
from twiceshy.lessons.model import Problem

Diff = TypeVar("Diff", bound=str | bytes)

MAX_DIFF = 20_000_000
"""A diff's lines take some thirty times their bytes in memory."""

SOURCE = "the diff"

_HUNK = re.compile(r"@@ -(\d{1,9})(?:,(\d{1,9}))? \+(\d{1,9})(?:,(\d{1,9}))? @@", re.ASCII)
_SUBMODULE = re.compile(r"Subproject commit [0-9a-f]{40,64}(?:-dirty)?")
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


def bounded(diff: Diff) -> Diff:
    """The diff itself, when it is not over the limit. Raises ChangeError when it is."""
    if len(diff) > MAX_DIFF:
        raise ChangeError(f"this diff has {len(diff):,} bytes, the limit is {MAX_DIFF:,}: check it in parts")
    return diff


def parse_diff(diff: str | bytes) -> ParsedDiff:
    """Parse a whole diff; text around it (a commit message, an e-mail) is passed over.

    Bytes of a path that are not UTF-8 become lone surrogates (PEP 383), so that git and the file system still know the
    path; such bytes of a line become U+FFFD, as every reader of a file replaces them.
    """
    return _Parser(_decoded(diff)).parse()


def parse_patch(path: str, patch: str, status: Status = Status.MODIFIED, previous: str | None = None) -> ParsedDiff:
    """Parse the ``patch`` of one file as GitHub's files endpoint gives it: hunks without any header.

    https://docs.github.com/en/rest/pulls/pulls#list-pull-requests-files
    """
    hunks, problems = _Parser(_decoded(patch)).hunks()
    submodule = _points_to_commit(hunks)
    file = FileChange(path, status, previous, () if submodule else hunks, submodule=submodule)
    return ParsedDiff((file,), tuple(replace(problem, path=_clean(_decoded(path))) for problem in problems))


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


def holds(head_text: str, file: FileChange) -> bool:
    """Whether the head text holds what the hunks add, at their numbers, and says nothing else where they know better.

    A text with holes (blank lines, or an early end, where the diff shows unchanged lines) is a part of the file.
    """
    lines = [line.removesuffix("\r") for line in head_text.split("\n")]
    shown = [line for hunk in file.hunks for line in hunk.lines if line.new is not None]
    return all(_stands(line, lines[line.new - 1] if line.new <= len(lines) else "") for line in shown if line.new)


def _stands(line: Line, text: str) -> bool:
    return text == line.text or (line.kind is LineKind.CONTEXT and not text.strip())


def reverse_apply(head_text: str, file: FileChange) -> str | None:
    """The file's text before the change, None when the hunks do not fit the head text.

    Exact but for two things that a hunk's lines do not keep: a newline at the end of the file that came or went, and
    the line ends of removed lines, which are taken to be the head's.
    """
    if not fits(head_text, file):
        return None
    lines = head_text.split("\n")
    end = "\r" if head_text.count("\r\n") * 2 > len(lines) else ""
    before: list[str] = []
    at = 0
    for hunk in file.hunks:
        start = next((line.new - 1 for line in hunk.lines if line.new is not None), hunk.new_start)
        if not at <= start <= len(lines):
            return None  # hunks that overlap or go backwards describe no change
        before += lines[at:start]
        at = start
        for line in hunk.lines:
            if line.new is None:
                before.append(line.text + end)
            elif line.old is not None:
                before.append(lines[at])
            at += line.new is not None
    return "\n".join(before + lines[at:])


@dataclass
class _Header:
    """What the lines above a file's hunks say, with every name as it stands there."""

    git: str = ""  # what follows `diff --git`
    old: str = ""  # after `---`
    new: str = ""  # after `+++`
    source: str = ""  # after `rename from` or `copy from`; these two carry no prefix
    target: str = ""
    status: Status = Status.MODIFIED
    special: bool = False  # binary, or a link
    submodule: bool = False
    combined: bool = False
    hunks: list[Hunk] = field(default_factory=list)


class _Parser:
    def __init__(self, text: str) -> None:
        self._lines = text.split("\n")
        self._dirty = not _encodable(text)
        self._at = 0
        self._files: list[FileChange] = []
        self._problems: list[Problem] = []
        self._header: _Header | None = None

    def parse(self) -> ParsedDiff:
        while self._at < len(self._lines):
            self._step(self._lines[self._at].removesuffix("\r"))
        self._close()
        return ParsedDiff(tuple(self._files), tuple(self._problems))

    def hunks(self) -> tuple[tuple[Hunk, ...], tuple[Problem, ...]]:
        """Every hunk, whatever stands between them."""
        header = _Header()
        while self._at < len(self._lines):
            match = _HUNK.match(self._lines[self._at])
            if match:
                self._hunk(header, match)
            else:
                self._at += 1
        return tuple(header.hunks), tuple(self._problems)

    def _step(self, line: str) -> None:
        if line.startswith("diff --git "):
            self._close()
            self._header = _Header(git=line.removeprefix("diff --git "))
        elif line.startswith(("diff --cc ", "diff --combined ")):
            self._close()
            self._header = _Header(combined=True)
            path = unquote(line.split(" ", 2)[2])
            self._problem(path, 0, "a combined diff (of a merge) is not judged: give a diff against one parent")
        elif line.startswith("--- ") and self._next().startswith("+++ "):
            self._names(line[4:], self._next()[4:].removesuffix("\r"))
            self._at += 1
        elif self._header and (match := _HUNK.match(line)):
            self._hunk(self._header, match)
            return
        elif self._header and not self._header.hunks:
            _extended(self._header, line)
        self._at += 1

    def _next(self) -> str:
        return self._lines[self._at + 1] if self._at + 1 < len(self._lines) else ""

    def _names(self, old: str, new: str) -> None:
        header = self._header
        if header is None or header.hunks or header.old:
            self._close()  # a plain diff has no line above these two
            header = self._header = _Header()
        # GNU diff puts a time stamp after a tab, git a lone tab after a name with blanks
        header.old, header.new = old.split("\t", maxsplit=1)[0], new.split("\t", maxsplit=1)[0]

    def _hunk(self, header: _Header, match: re.Match[str]) -> None:
        self._at += 1
        old, new = int(match[1]), int(match[3])
        old_count, new_count = (1 if count is None else int(count) for count in (match[2], match[4]))
        lines = self._lines_of(_Sides(old, old_count), _Sides(new, new_count))
        if sum(line.old is not None for line in lines) < old_count or sum(map(_at_head, lines)) < new_count:
            path = _sides(header)[1] or SOURCE
            self._problem(path, new, f"the diff ends inside this hunk (its line {self._at}): what is there is judged")
        header.hunks.append(Hunk(old, new, tuple(lines)))

    def _lines_of(self, old: "_Sides", new: "_Sides") -> list[Line]:
        """The lines from here on, until both sides have as many as the hunk's header says or something else begins."""
        lines: list[Line] = []
        while (old.left > 0 or new.left > 0) and self._at < len(self._lines):
            raw = self._lines[self._at].removesuffix("\r")
            if raw == "" and self._at == len(self._lines) - 1:
                break  # what follows the last line's end is no line
            kind = raw[:1] or " "  # some tools strip the blank of an empty context line
            if kind in _KINDS:
                text = _clean(raw[1:]) if self._dirty else raw[1:]
                lines.append(Line(_KINDS[kind], text, old.take(kind != "+"), new.take(kind != "-")))
            elif kind != "\\":  # "\ No newline at end of file"
                break
            self._at += 1
        return lines

    def _close(self) -> None:
        header, self._header = self._header, None
        if header is None or header.combined:
            return
        old, new = _sides(header)
        if not (old or new):
            self._problem(SOURCE, 0, "a file without a name is left out")
            return
        if (header.old or header.new) and not header.hunks:
            self._problem(new or old, 0, "the diff ends before this file's first hunk: its lines are not judged")
        self._files.append(_file(header, old, new))

    def _problem(self, path: str, line: int, message: str) -> None:
        self._problems.append(Problem(_clean(path), line, message))


_KINDS = {str(kind): kind for kind in LineKind}


@dataclass(slots=True)
class _Sides:
    """Where a hunk stands on one of its two sides."""

    at: int
    left: int

    def take(self, here: bool) -> int | None:
        """The number of the next line of this side, when the line is ``here``."""
        if not here:
            return None
        number = max(self.at, 1)  # lines count from 1, whatever a broken header says
        self.at, self.left = number + 1, self.left - 1
        return number


def _at_head(line: Line) -> bool:
    return line.new is not None


def _file(header: _Header, old: str, new: str) -> FileChange:
    status = header.status
    if status is Status.MODIFIED and not (old and new):
        status = Status.DELETED if old else Status.ADDED
    if status is Status.MODIFIED and old != new:
        status = Status.RENAMED
    path = old if status is Status.DELETED else new
    moved = old if old != path and status in (Status.RENAMED, Status.COPIED) else None
    submodule = header.submodule or _points_to_commit(header.hunks)
    return FileChange(path or old, status, moved, () if submodule else tuple(header.hunks), header.special, submodule)


def _points_to_commit(hunks: Sequence[Hunk]) -> bool:
    """Whether all there is to see is the commit of a submodule: GitHub's API says nothing else of it."""
    texts = [line.text for hunk in hunks for line in hunk.lines[:3]]
    return 0 < len(texts) <= 2 and all(_SUBMODULE.fullmatch(text) for text in texts)  # noqa: PLR2004 - before, after


def _extended(header: _Header, line: str) -> None:
    """One of git's extended header lines."""
    for start, status in _STATUS.items():
        if line.startswith(start + " "):
            header.status = status
    if line.startswith(("rename from ", "copy from ")):
        header.source = line.split(" ", 2)[2]
    elif line.startswith(("rename to ", "copy to ")):
        header.target = line.split(" ", 2)[2]
    elif line.startswith(("index ", "new file mode ", "deleted file mode ", "old mode ", "new mode ")):
        header.submodule |= line.endswith(" 160000")
        header.special |= line.endswith(" 120000")
    header.special |= line == "GIT binary patch" or (line.startswith("Binary files ") and line.endswith(" differ"))


def _sides(header: _Header) -> tuple[str, str]:
    """Old and new path; empty where a side does not exist."""
    if header.source and header.target:
        return unquote(header.source), unquote(header.target)
    old, new = paths(header.git, header.old, header.new)
    return "" if header.status is Status.ADDED else old, "" if header.status is Status.DELETED else new


def _decoded(diff: str | bytes) -> str:
    """Text whose only surrogates stand for stray bytes."""
    if isinstance(diff, bytes):
        return diff.decode("utf-8", "surrogateescape")
    return diff if _encodable(diff, "surrogateescape") else diff.encode("utf-8", "replace").decode("utf-8")


def _encodable(text: str, errors: str = "strict") -> bool:
    try:
        text.encode("utf-8", errors)
    except UnicodeEncodeError:
        return False
    return True


def _clean(text: str) -> str:
    """Text whose stray bytes are replaced."""
    return text if _encodable(text) else text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
