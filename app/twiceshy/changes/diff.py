"""Unified diffs, as git and GitHub print them, into values. Pure and linear; reading never raises
for what is in a diff.

Nothing is dropped without a word: what cannot be read of a diff is a problem, and makes it not
``whole``.

Formats: git-diff(1), "Generating patch text with -p"; GNU diffutils, "Detailed Description of
Unified Format".
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from twiceshy.changes.change import FileChange, Hunk, Line, LineKind, Status
from twiceshy.changes.change_error import ChangeError, NotADiff
from twiceshy.changes.diff_paths import paths, unquote
from twiceshy.changes.diff_text import encodable, text_of
from twiceshy.changes.not_a_diff import what_was_seen
from twiceshy.changes.not_looked_at import NotLookedAt, Unseen
from twiceshy.lessons.lesson import Problem

Diff = TypeVar("Diff", bound=str | bytes)

MAX_DIFF = 20_000_000
"""A diff's lines take some thirty times their bytes in memory."""

SOURCE = "the diff"

_HUNK = re.compile(r"@@ -(\d{1,9})(?:,(\d{1,9}))? \+(\d{1,9})(?:,(\d{1,9}))? @@", re.ASCII)
_SUBMODULE = re.compile(r"Subproject commit [0-9a-f]{40,64}(?:-dirty)?")
_MODE = re.compile(
    r"(?:index [0-9a-f]+\.\.[0-9a-f]+(?: \d{6})?|(new file|deleted file|old|new) mode \d{6})$"
)
_INDEX = re.compile(r"index ([0-9a-f]+)\.\.([0-9a-f]+)")
_EMPTY_BLOBS = (
    "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391",
    "473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813",
)
"""git's names for a file without content, by its two kinds of hash."""

_PLAIN_SUBMODULE = re.compile(
    r"Submodule (.+?) (?:[0-9a-f]{7,64}\.{2,3}[0-9a-f]{7,64}\b|contains (?:un|mod))"
)
SHORTEST_ID = 7
"""Of an object's id git writes at least so much, unless somebody asks for less."""

_SIGNATURES = ("-- ", "--")
"""What stands above the version at the end of a patch in an e-mail."""

_COMBINED = "a combined diff (of a merge) is not judged: give a diff against one parent"
_CONTEXT = "a part of it is a context diff, which is not judged: give a unified one (`diff -u`)"
_NAMELESS = "a part of it are hunks without a file's name (--- and +++): they are not judged"
_WORDY = (
    "no changed line can be read of this hunk: give the diff without --word-diff and --color-words"
)
_BARE = "the diff ends before this file's first hunk: its lines are not judged"
_LINELESS = "the diff shows no line of this file, so none was judged: was the diff cut?"
_CUT = "the diff ends in the middle of a line: what followed is not judged"
_STARTS = (
    "diff --git ",
    "diff --cc ",
    "@@ -",
    "--- ",
    "+++ ",
    "Index: ",
    "new file mode ",
    "deleted file mode ",
    "old mode ",
    "index ",
    "similarity index ",
)
_ONE_SIDE = "it stands on one side only, and the diff does not show it: give `diff -ruN`"
_UNSHOWN = "it differs, and the diff does not show how: give a unified diff (`diff -u`)"
_IN_CONFLICT = "it is in conflict and its lines are not shown: judge it once that is settled"

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
    not_looked_at: tuple[NotLookedAt, ...] = ()

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What could not be read, for people."""
        return tuple(unseen.problem for unseen in self.not_looked_at)

    @property
    def whole(self) -> bool:
        """Whether all of the diff was understood."""
        return not self.not_looked_at


def understood(diff: str | bytes) -> ParsedDiff:
    """A diff that somebody gave. An empty one changes nothing.

    Raises ChangeError for one over the limit, and NotADiff for a text of which no file can be read,
    with what it looks like: silence about it would say that it was judged.
    """
    text = text_of(bounded(diff))
    parsed = _Parser(text).parse()
    if parsed.files or not text.strip():
        return parsed
    if parsed.problems:
        raise NotADiff(f"nothing of this diff can be judged: {parsed.problems[0]}")
    raise NotADiff(what_was_seen(text))


def bounded(diff: Diff) -> Diff:
    """The diff itself, when it is not over the limit. Raises ChangeError when it is."""
    if len(diff) > MAX_DIFF:
        raise ChangeError(
            f"this diff has {len(diff):,} bytes, the limit is {MAX_DIFF:,}: check it in parts"
        )
    return diff


def parse_diff(diff: str | bytes) -> ParsedDiff:
    """Parse a whole diff; text around it (a commit message, an e-mail) is passed over.

    Bytes of a path that are not UTF-8 become lone surrogates (PEP 383), so that git and the file
    system still know the path; such bytes of a line become U+FFFD, as every reader of a file
    replaces them.
    """
    return _Parser(text_of(diff)).parse()


def parse_patch(
    path: str, patch: str, status: Status = Status.MODIFIED, previous: str | None = None
) -> ParsedDiff:
    """Parse the ``patch`` of one file as GitHub's files endpoint gives it: hunks without any
    header.

    https://docs.github.com/en/rest/pulls/pulls#list-pull-requests-files
    """
    hunks, unseen = _Parser(text_of(patch)).hunks()
    submodule = _points_to_commit(hunks)
    file = FileChange(path, status, previous, () if submodule else hunks, submodule=submodule)
    subject = _clean(encodable(path))
    return ParsedDiff((file,), tuple(replace(part, subject=subject) for part in unseen))


def commentable_lines(file: FileChange) -> frozenset[int]:
    """Line numbers at head that a review comment may stand on: added and context lines."""
    return frozenset(number for number, _ in _lines_at_head(file))


def fits(head_text: str, file: FileChange) -> bool:
    """Whether the head text holds the head side of every hunk, at its numbers."""
    texts = [line.removesuffix("\r") for line in head_text.split("\n")]
    return all(texts[number - 1 : number] == [line.text] for number, line in _lines_at_head(file))


def fits_before(text: str, file: FileChange) -> bool:
    """Whether a text holds the base side of every hunk, at its numbers."""
    texts = [line.removesuffix("\r") for line in text.split("\n")]
    for hunk in file.hunks:
        for line in hunk.lines:
            if line.old is not None and texts[line.old - 1 : line.old] != [line.text]:
                return False
    return True


def holds(head_text: str, file: FileChange) -> bool:
    """Whether the head text holds what the hunks add, at their numbers, and says nothing else where
    they know better.

    A text with holes (blank lines, or an early end, where the diff shows unchanged lines) is a part
    of the file.
    """
    texts = [line.removesuffix("\r") for line in head_text.split("\n")]
    for number, line in _lines_at_head(file):
        text = texts[number - 1] if number <= len(texts) else ""
        is_hole = line.kind is LineKind.CONTEXT and not text.strip()
        if text != line.text and not is_hole:
            return False
    return True


def _lines_at_head(file: FileChange) -> Iterator[tuple[int, Line]]:
    for hunk in file.hunks:
        for line in hunk.lines:
            if line.new is not None:
                yield line.new, line


def reverse_apply(head_text: str, file: FileChange) -> str | None:
    """The file's text before the change, None when the hunks do not fit the head text.

    Exact but for two things that a hunk's lines do not keep: a newline at the end of the file that
    came or went, and the line ends of removed lines, which are taken to be the head's.
    """
    if not fits(head_text, file):
        return None
    lines = head_text.split("\n")
    end = "\r" if head_text.count("\r\n") * 2 > len(lines) else ""
    before: list[str] = []
    done = 0  # so many lines at head are taken back
    for hunk in file.hunks:
        start = next((line.new - 1 for line in hunk.lines if line.new is not None), hunk.new_start)
        if not done <= start <= len(lines):
            return None  # hunks that overlap or go backwards describe no change
        before += lines[done:start]
        done = start
        for line in hunk.lines:
            if line.new is None:
                before.append(line.text + end)
            elif line.old is not None:
                before.append(lines[done])
            done += line.new is not None
    return "\n".join(before + lines[done:])


@dataclass
class _Header:
    """What the lines above a file's hunks say, with every name as it stands there."""

    git: str = ""  # what follows `diff --git`
    old: str = ""  # after `---`
    new: str = ""  # after `+++`
    source: str = ""  # after `rename from` or `copy from`; these two carry no prefix
    target: str = ""
    status: Status = Status.MODIFIED
    subversion: str = ""  # after `Index:`
    binary: bool = False
    link: bool = False
    submodule: bool = False
    combined: bool = False
    extended: bool = False  # a line of git's own stands under the first one
    # its two blobs differ, or an old mode has no new one yet: something must follow
    changed: bool = False
    lost: bool = False  # a hunk could not be read
    hunks: list[Hunk] = field(default_factory=list)


class _Parser:
    def __init__(self, text: str) -> None:
        self._lines = text.split("\n")
        self._dirty = not _encodable(text)
        self._at = 0
        self._files: list[FileChange] = []
        self._unseen: list[NotLookedAt] = []
        self._header: _Header | None = None
        self._unmerged: list[str] = []

    def parse(self) -> ParsedDiff:
        while self._at < len(self._lines):
            self._step(self._lines[self._at].removesuffix("\r"))
        self._close()
        self._name_unmerged()
        return ParsedDiff(tuple(self._files), tuple(dict.fromkeys(self._unseen)))

    def hunks(self) -> tuple[tuple[Hunk, ...], tuple[NotLookedAt, ...]]:
        """Every hunk, whatever stands between them."""
        header = _Header()
        while self._at < len(self._lines):
            match = _HUNK.match(self._lines[self._at])
            if match:
                self._hunk(header, match)
            else:
                self._at += 1
        return tuple(header.hunks), tuple(self._unseen)

    def _step(self, line: str) -> None:
        header = self._header
        if self._begins(line):
            self._at += 1
        elif header and (match := _HUNK.match(line)):
            self._hunk(header, match)
        else:
            if not (header and not header.hunks and _extended(header, line)):
                self._outside(line)
            self._at += 1

    def _begins(self, line: str) -> bool:
        """Whether a file begins here; then this is the last of the lines that say so."""
        if line.startswith("diff --git "):
            self._open(_Header(git=line.removeprefix("diff --git ")))
        elif line.startswith(("diff --cc ", "diff --combined ")):
            self._open(_Header(combined=True))
            self._problem(unquote(line.split(" ", 2)[2]), 0, _COMBINED)
        elif line.startswith("--- ") and self._next().startswith("+++ "):
            self._names(line[4:], self._next()[4:].removesuffix("\r"))
            self._at += 1
        elif line.startswith("Index: ") and self._next().startswith("====="):
            self._open(_Header(subversion=line.removeprefix("Index: ")))
            self._at += 1
        else:
            return False
        return True

    def _open(self, header: _Header) -> None:
        self._close()
        self._header = header

    def _outside(self, line: str) -> None:
        """A line that no hunk holds: mostly somebody's words. Some say of a file that it changed,
        and show nothing of it.
        """
        if line.startswith("Submodule ") and (match := _PLAIN_SUBMODULE.match(line)):
            self._add(FileChange(unquote(match[1]), submodule=True))
        elif binary := _plain_binary(line):
            self._add(FileChange(binary, binary=True))
        elif line.startswith("Cannot display: ") and self._header:
            self._header.binary = True
        elif line.startswith("* Unmerged path "):
            self._unmerged.append(unquote(line.removeprefix("* Unmerged path ")))
        else:
            self._name_unshown(line)

    def _add(self, file: FileChange) -> None:
        self._close()
        self._files.append(file)

    def _name_unshown(self, line: str) -> None:
        if line.startswith("Only in ") and ": " in line:
            folder, _, name = line.removeprefix("Only in ").partition(": ")
            self._problem(f"{folder}/{name}", 0, _ONE_SIDE)
        elif line.startswith("Files ") and line.endswith(" differ") and " and " in line:
            self._problem(line.removesuffix(" differ").rpartition(" and ")[2], 0, _UNSHOWN)
        elif line.startswith("*" * 15):
            self._problem(SOURCE, 0, _CONTEXT)
        elif _HUNK.match(line):
            self._problem(SOURCE, 0, _NAMELESS)
        elif line.startswith("--- ") and self._at >= len(self._lines) - 2:
            self._problem(line[4:].split("\t", maxsplit=1)[0], 0, _BARE)
        elif self._at == len(self._lines) - 1 and _may_begin_a_file(line):
            self._problem(SOURCE, 0, _CUT)

    def _name_unmerged(self) -> None:
        shown = {file.path for file in self._files}
        for path in self._unmerged:
            if path not in shown:
                self._problem(path, 0, _IN_CONFLICT)

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
        old_start, new_start = int(match[1]), int(match[3])
        old, new = (
            _HunkSide(old_start, int(match[2] or 1)),
            _HunkSide(new_start, int(match[4] or 1)),
        )
        hunk = Hunk(old_start, new_start, tuple(self._lines_of(old, new)))
        short = old.left > 0 or new.left > 0
        path = _sides(header)[1] or SOURCE
        if self._is_wordy(hunk.lines, short):
            header.lost = True
            self._problem(path, hunk.new_start, _WORDY)
            return
        if short:
            message = (
                f"the diff ends inside this hunk (its line {self._at}): what is there is judged"
            )
            self._problem(path, hunk.new_start, message)
        elif self._goes_on():
            message = (
                f"the hunk goes on longer than its header says (line {self._at + 1} of the diff): "
                "the rest is not judged"
            )
            self._problem(path, hunk.new_start, message)
        header.hunks.append(hunk)

    def _is_wordy(self, lines: Sequence[Line], short: bool) -> bool:
        """Whether a hunk shows words and not lines: then a blank or a sign at a line's beginning
        means nothing.
        """
        if short and self._at >= len(self._lines) - 1:
            return False  # nothing follows: the diff was cut here
        after = self._lines[self._at] if self._at < len(self._lines) else ""
        return (short and _shows_words(after)) or all(
            line.kind is LineKind.CONTEXT for line in lines
        )

    def _goes_on(self) -> bool:
        """Whether changed lines stand where, by its own numbers, the hunk is over."""
        rest = [line.removesuffix("\r") for line in self._lines[self._at : self._at + 3]]
        if rest and rest[0].startswith("\\"):
            del rest[0]
        if not rest or rest[0][:1] not in ("+", "-") or rest[0] in _SIGNATURES:
            return False
        names_follow = len(rest) > 1 and rest[1].startswith("+++ ")
        return not (rest[0].startswith("--- ") and (names_follow or not any(rest[1:])))

    def _lines_of(self, old: "_HunkSide", new: "_HunkSide") -> list[Line]:
        """The lines from here on, until both sides have as many as the hunk's header says or
        something else begins.
        """
        lines: list[Line] = []
        while (old.left > 0 or new.left > 0) and self._at < len(self._lines):
            raw = self._lines[self._at].removesuffix("\r")
            if raw == "" and self._at == len(self._lines) - 1:
                break  # what follows the last line's end is no line
            kind = raw[:1] or " "  # some tools strip the blank of an empty context line
            if kind in _KINDS:
                text = _clean(raw[1:]) if self._dirty else raw[1:]
                old_number = None if kind == "+" else old.take()
                new_number = None if kind == "-" else new.take()
                lines.append(Line(_KINDS[kind], text, old_number, new_number))
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
        if header.lost and not header.hunks:
            return  # every hunk was named
        if lacking := _lacking(header):
            self._problem(new or old, 0, lacking)
        self._files.append(_file(header, old, new))

    def _problem(self, path: str, line: int, message: str) -> None:
        unseen = NotLookedAt(Unseen.DIFF_NOT_UNDERSTOOD, _clean(path), message, line=line)
        self._unseen.append(unseen)


_KINDS = {str(kind): kind for kind in LineKind}


@dataclass(slots=True)
class _HunkSide:
    """Where a hunk stands on one of its two sides."""

    number: int  # of its next line
    left: int

    def take(self) -> int:
        """The number of the next line of this side."""
        number = max(self.number, 1)  # lines count from 1, whatever a broken header says
        self.number, self.left = number + 1, self.left - 1
        return number


def _shows_words(line: str) -> bool:
    """Whether a line has the marks of ``--word-diff``."""
    removed, added = "[-" in line and "-]" in line, "{+" in line and "+}" in line
    return line.startswith("~") or removed or added


def _file(header: _Header, old: str, new: str) -> FileChange:
    status = header.status
    if status is Status.MODIFIED and not (old and new):
        status = Status.DELETED if old else Status.ADDED
    if status is Status.MODIFIED and old != new:
        status = Status.RENAMED
    path = old if status is Status.DELETED else new
    moved = old if old != path and status in (Status.RENAMED, Status.COPIED) else None
    submodule = header.submodule or _points_to_commit(header.hunks)
    return FileChange(
        path or old,
        status,
        moved,
        () if submodule else tuple(header.hunks),
        header.binary or header.link,
        submodule,
    )


def _points_to_commit(hunks: Sequence[Hunk]) -> bool:
    """Whether all there is to see is the commit of a submodule: GitHub's API says nothing else of
    it.
    """
    lines: list[Line] = []
    for hunk in hunks:
        lines += hunk.lines[:3]
    return len(lines) in (1, 2) and all(_SUBMODULE.fullmatch(line.text) for line in lines)


def _may_begin_a_file(line: str) -> bool:
    """Whether a line that was cut off may have begun so."""
    if not line:
        return False
    return line.startswith(_STARTS) or any(start.startswith(line) for start in _STARTS)


def _lacking(header: _Header) -> str:
    """What is missing of a file whose header announces more; empty when nothing is."""
    if header.hunks or header.binary:
        return ""
    if header.old or header.new:
        return _BARE
    return _LINELESS if header.changed or (header.git and not header.extended) else ""


def _extended(header: _Header, line: str) -> bool:
    """Take in one of git's extended header lines; whether it is one."""
    for start, status in _STATUS.items():
        if line.startswith(start + " "):
            header.status = status
    if line.startswith(("rename from ", "copy from ")):
        header.source = line.split(" ", 2)[2]
    elif line.startswith(("rename to ", "copy to ")):
        header.target = line.split(" ", 2)[2]
    elif match := _MODE.match(line):
        header.submodule |= line.endswith(" 160000")
        header.link |= line.endswith(" 120000")
        header.changed = match[1] == "old" or header.link or _blobs_differ(line)
    elif line == "GIT binary patch" or (
        line.startswith("Binary files ") and line.endswith(" differ")
    ):
        header.binary = True
    elif line.startswith("similarity index "):
        header.changed = not line.endswith(" 100%")
    elif not line.startswith("dissimilarity index "):
        return False
    header.extended = True
    return True


def _blobs_differ(line: str) -> bool:
    """Whether git's index line names two contents; between no file and an empty one there is no
    line to show.
    """
    match = _INDEX.match(line)
    if match is None or match[1] == match[2]:
        return False
    return _has_content(match[1]) or _has_content(match[2])


def _has_content(blob: str) -> bool:
    is_empty = len(blob) >= SHORTEST_ID and any(empty.startswith(blob) for empty in _EMPTY_BLOBS)
    return bool(blob.strip("0")) and not is_empty


def _plain_binary(line: str) -> str:
    """The path that a line outside git's headers calls binary, as GNU diff and Mercurial do; empty
    when none does.
    """
    if line.startswith("Binary files ") and line.endswith(" differ") and " and " in line:
        old, _, new = line.removeprefix("Binary files ").removesuffix(" differ").rpartition(" and ")
        at_base, at_head = paths("", old, new)
        return at_head or at_base
    if line.startswith("Binary file ") and line.endswith(" has changed"):
        return line.removeprefix("Binary file ").removesuffix(" has changed")
    return ""


def _sides(header: _Header) -> tuple[str, str]:
    """Old and new path; empty where a side does not exist."""
    if header.source and header.target:
        return unquote(header.source), unquote(header.target)
    if header.subversion and not (header.old or header.new):
        return header.subversion, header.subversion
    old, new = paths(header.git, header.old, header.new)
    if header.status is Status.ADDED:
        return "", new
    return (old, "") if header.status is Status.DELETED else (old, new)


def _encodable(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _clean(text: str) -> str:
    """Text whose stray bytes are replaced."""
    if _encodable(text):
        return text
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
