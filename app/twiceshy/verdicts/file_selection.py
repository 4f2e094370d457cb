"""Which files of a change are not looked at, and which of those the change itself put out of sight.
Pure; judges none.

A file that stood at base is taken for what it was there: a change cannot declare it generated and
be skipped.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from twiceshy.changes.change import Change, FileChange, Status
from twiceshy.changes.diff import reverse_apply
from twiceshy.changes.skip import Attributes, SkipReason, parse_attributes, skip_reason
from twiceshy.guards.semgrep.targets import ANY_TEXT, languages_of
from twiceshy.lessons.languages import language_of_path
from twiceshy.verdicts.verdict import Explanation

MOST_FILES, MOST_CHARACTERS, LARGEST = 200, 1_000_000, 200_000
"""So many new files that are skipped are held against the lessons all the same, with so many
characters altogether and in each: enough for what a person hides, not for a dependency of thousands
of files.
"""

NAMED = 3
"""Of more files than this only the number is told."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A file that is not looked at."""

    file: FileChange
    reason: SkipReason
    new: bool  # the change itself put it where, or made it what, is skipped
    unread: bool = False  # no line of it is shown, and it may be code


@dataclass(frozen=True)
class Selection:
    """What of a change is looked at."""

    change: Change  # without what is left out
    left_out: tuple[LeftOut, ...] = ()

    @cached_property
    def skipped(self) -> tuple[Explanation, ...]:
        """Paths and reasons, for ``--explain``."""
        return tuple(Explanation(left.file.path, left.reason) for left in self.left_out)


@dataclass(frozen=True)
class OutOfSight:
    """What of the files that a change put out of sight is held against lessons all the same, and
    what is not.
    """

    change: Change
    reasons: dict[str, SkipReason]  # by path
    beyond: tuple[LeftOut, ...] = ()  # too many, too large, or shown without a line


def select(change: Change, ignore: Sequence[str]) -> Selection:
    """The change without generated, vendored, minified, lock and ignored files; and which those
    were.
    """
    attributes = parse_attributes(change.read_base(".gitattributes") or "")
    looked_at: list[FileChange] = []
    left_out: list[LeftOut] = []
    unshown = {part.subject for part in change.not_looked_at}
    for file in change.files:
        reason = _reason(file, change, attributes, ignore)
        if reason is None:
            looked_at.append(file)
            continue
        new = _is_new(file, reason, change, attributes, ignore)
        unread = not file.added and file.path in unshown
        left_out.append(LeftOut(file, reason, new, unread))
    out_of_scope = {left.file.path for left in left_out if left.reason not in _UNREADABLE}
    rest = replace(
        change,
        files=tuple(looked_at),
        out_of_sight=tuple(left.file for left in left_out),
        not_looked_at=tuple(
            part for part in change.not_looked_at if part.subject not in out_of_scope
        ),
    )
    return Selection(rest, tuple(left_out))


_UNREADABLE = (SkipReason.BINARY, SkipReason.SUBMODULE)
"""What git or GitHub shows nothing of, whoever wanted it seen."""


def out_of_sight(selection: Selection) -> OutOfSight | None:
    """What the change put out of sight; None without any."""
    new = [left for left in selection.left_out if left.new and (left.file.added or left.unread)]
    if not new:
        return None
    fitting: list[LeftOut] = []
    beyond: list[LeftOut] = []
    room = MOST_CHARACTERS
    new.sort(key=lambda left: left.reason.decided)  # what is hidden by its looks comes first
    for left in new:
        size = _size(left.file, selection.change)
        if left.unread or size > min(LARGEST, room) or len(fitting) == MOST_FILES:
            beyond.append(left)
        else:
            fitting.append(left)
            room -= size
    files = tuple(left.file for left in fitting)
    change = replace(selection.change, files=files, out_of_sight=(), not_looked_at=())
    reasons = {left.file.path: left.reason for left in fitting}
    return OutOfSight(change, reasons, tuple(left for left in beyond if _worth_a_word(left)))


def told(beyond: Iterable[LeftOut]) -> str:
    """How many files were neither looked at nor held against lessons, and which: one line however
    many.
    """
    files = list(beyond)
    names = ", ".join(left.file.path[:200] for left in files[:NAMED])
    reasons = ", ".join(dict.fromkeys(str(left.reason) for left in files))
    more = f" and {len(files) - NAMED:,} more" if len(files) > NAMED else ""
    return (
        f"new and skipped ({reasons}), and too large or too many, or without a line that is "
        f"shown, to be held against lessons all the same: {names}{more}"
    )


def _size(file: FileChange, change: Change) -> int:
    text = change.read_head(file.path)
    return len(text) if text is not None else sum(len(line.text) + 1 for line in file.added)


def _worth_a_word(left: LeftOut) -> bool:
    """Whether a file that was not held against lessons may be code at all; what the repository
    ignores is not.
    """
    if left.reason.decided or left.reason is SkipReason.LOCK_FILE:
        return False
    return bool(language_of_path(left.file.path) or languages_of(left.file.path, "") - ANY_TEXT)


def _reason(
    file: FileChange, change: Change, attributes: Attributes, ignore: Sequence[str]
) -> SkipReason | None:
    if file.binary or file.submodule:
        unreadable = SkipReason.SUBMODULE if file.submodule else SkipReason.BINARY
        return skip_reason(file.path, None, attributes, ignore) or unreadable
    if not file.added:  # names alone decide: nothing else of it would be read
        return skip_reason(file.path, None, attributes, ignore)
    before = _base_text(file, change)
    text = change.read_head(file.path) if before is None else before
    return skip_reason(file.path, text, attributes, ignore)


def _base_text(file: FileChange, change: Change) -> str | None:
    """What the file held at base, be it worked out from what it holds now; None when it is new, or
    cannot be known.
    """
    if file.status in (Status.ADDED, Status.COPIED):
        return None
    before = change.read_base(file.base_path)
    head = change.read_head(file.path) if before is None else None
    return before if head is None else reverse_apply(head, file)


def _is_new(
    file: FileChange,
    reason: SkipReason,
    change: Change,
    attributes: Attributes,
    ignore: Sequence[str],
) -> bool:
    """Whether it is this change that puts a file out of sight: it was not there, or stood where it
    was looked at.
    """
    if reason in _UNREADABLE:
        return False
    if file.status in (Status.ADDED, Status.COPIED):
        return True
    return skip_reason(file.base_path, _base_text(file, change), attributes, ignore) is None
