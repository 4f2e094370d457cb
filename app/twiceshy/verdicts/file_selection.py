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
        return tuple(Explanation(each.file.path, each.reason) for each in self.left_out)


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
    seen: list[FileChange] = []
    left: list[LeftOut] = []
    named = {part.subject for part in change.not_looked_at}
    for file in change.files:
        reason = _reason(file, change, attributes, ignore)
        if reason is None:
            seen.append(file)
        else:
            new = _is_new(file, reason, change, attributes, ignore)
            left.append(LeftOut(file, reason, new, unread=not file.added and file.path in named))
    out_of_scope = {file.file.path for file in left if file.reason not in _UNREADABLE}
    unseen = tuple(part for part in change.not_looked_at if part.subject not in out_of_scope)
    hidden = tuple(file.file for file in left)
    return Selection(
        replace(change, files=tuple(seen), out_of_sight=hidden, not_looked_at=unseen), tuple(left)
    )


_UNREADABLE = (SkipReason.BINARY, SkipReason.SUBMODULE)
"""What git or GitHub shows nothing of, whoever wanted it seen."""


def out_of_sight(selection: Selection) -> OutOfSight | None:
    """What the change put out of sight; None without any."""
    new = [each for each in selection.left_out if each.new and (each.file.added or each.unread)]
    if not new:
        return None
    fitting: list[LeftOut] = []
    beyond: list[LeftOut] = []
    room = MOST_CHARACTERS
    for each in sorted(
        new, key=lambda each: each.reason.decided
    ):  # what is hidden by its looks comes first
        size = _size(each.file, selection.change)
        if each.unread or size > min(LARGEST, room) or len(fitting) == MOST_FILES:
            beyond.append(each)
        else:
            fitting.append(each)
            room -= size
    change = replace(
        selection.change,
        files=tuple(each.file for each in fitting),
        out_of_sight=(),
        not_looked_at=(),
    )
    reasons = {each.file.path: each.reason for each in fitting}
    return OutOfSight(change, reasons, tuple(each for each in beyond if _worth_a_word(each)))


def told(beyond: Iterable[LeftOut]) -> str:
    """How many files were neither looked at nor held against lessons, and which: one line however
    many.
    """
    files = list(beyond)
    names = ", ".join(each.file.path[:200] for each in files[:NAMED])
    reasons = ", ".join(dict.fromkeys(str(each.reason) for each in files))
    more = f" and {len(files) - NAMED:,} more" if len(files) > NAMED else ""
    return (
        f"new and skipped ({reasons}), and too large or too many, or without a line that is shown, to be held against "
        f"lessons all the same: {names}{more}"
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
    if not file.added:
        return skip_reason(
            file.path, None, attributes, ignore
        )  # names alone decide: nothing else of it would be read
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
