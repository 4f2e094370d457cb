"""Changes out of a diff somebody has: a file, a pipe, an API answer. Reads only regular files under
the given folder.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from twiceshy.changes.change import Change, FileChange, Reader, Status
from twiceshy.changes.diff import holds, reverse_apply, understood
from twiceshy.changes.git_objects import MAX_FILE_BYTES, as_text
from twiceshy.changes.not_looked_at import NotLookedAt, Unseen, too_large


def diff_file_change(diff: str | bytes, root: Path | None = None) -> Change:
    """A change out of a diff; ``root`` is a checkout of its head. Without it, hunks alone are
    judged.

    Raises ChangeError, see ``change_from_diff``.
    """
    if root is None:
        return change_from_diff(diff)
    change = change_from_diff(diff, read_under(root))
    return replace(change, not_looked_at=(*change.not_looked_at, *_unread(change, root)))


def change_from_diff(diff: str | bytes, read: Reader | None = None) -> Change:
    """A change out of a diff and a way to read files at head.

    A file whose head text does not hold the diff's lines is judged by its hunks alone, and the
    problem is named. An empty diff is an empty change. Of a diff that is understood in part the
    rest is judged, and the change names what was not. Raises ChangeError for a diff over the limit,
    and NotADiff (a ChangeError) for a text of which no file can be read.
    """
    parsed = understood(diff)
    if read is None:
        return Change(parsed.files, not_looked_at=parsed.not_looked_at)
    head_of = lru_cache(maxsize=512)(_lenient(read))
    strangers = {file.path for file in parsed.files if _strange(file, head_of(file.path))}

    def head(path: str) -> str | None:
        return None if path in strangers else head_of(path)

    unseen = tuple(NotLookedAt(Unseen.PARTLY_READ, path, _MISFIT) for path in sorted(strangers))
    base = _base_reader(parsed.files, head)
    return Change(parsed.files, head, base, not_looked_at=(*parsed.not_looked_at, *unseen))


_MISFIT = (
    "the file at hand is not the one the diff describes, so its hunks alone were judged: "
    "check out the diff's head"
)


def _base_reader(files: Sequence[FileChange], head: Reader) -> Reader:
    """Reads files as they were, by taking the diff's hunks back from what they are."""
    before = {file.base_path: file for file in files if file.status is not Status.ADDED}
    fresh = {file.path for file in files} - before.keys()

    def base(path: str) -> str | None:
        file = before.get(path)
        if file is None:
            return None if path in fresh else head(path)  # the diff does not touch it
        if file.binary or file.submodule:
            return None
        if file.status is Status.DELETED:
            return reverse_apply("", file)
        text = head(file.path)
        return None if text is None else reverse_apply(text, file)

    return base


def _strange(file: FileChange, text: str | None) -> bool:
    return text is not None and file.status is not Status.DELETED and not holds(text, file)


def _lenient(read: Reader) -> Reader:
    def read_or_none(path: str) -> str | None:
        try:
            return read(path)
        except (OSError, ValueError):  # a caller's reader may not know or cannot decode the file
            return None

    return read_or_none


def read_under(root: Path) -> Reader:
    """Reads regular files within a folder; a link, a parent or an absolute path leads nowhere."""
    top = root.resolve()

    def read(path: str) -> str | None:
        place = _inside(top, path)
        if place is None or place.stat().st_size > MAX_FILE_BYTES:
            return None
        with place.open("rb") as stream:
            return as_text(stream.read(MAX_FILE_BYTES))

    return read


def _inside(top: Path, path: str) -> Path | None:
    """The regular file at a path under a folder, None when there is none or it lies elsewhere, or
    in git's own folder.
    """
    place = top / path
    resolved = place.resolve()
    if place.is_symlink() or not resolved.is_relative_to(top) or not resolved.is_file():
        return None
    return None if ".git" in resolved.relative_to(top).parts else resolved


def _unread(change: Change, root: Path) -> Iterator[NotLookedAt]:
    """Why files that the diff adds lines to could not be read under the root."""
    top = root.resolve()
    for file in change.files:
        if not file.added or file.binary or file.submodule:
            continue
        try:
            place = _inside(top, file.path)
            size = place.stat().st_size if place else 0
        except (OSError, ValueError):  # ValueError: a NUL in the name
            place, size = None, 0
        if place is None:
            detail = f"there is no such file under {root}, so its hunks alone were judged"
            yield NotLookedAt(Unseen.PARTLY_READ, file.path, detail)
        elif size > MAX_FILE_BYTES:
            yield too_large(file.path, size, MAX_FILE_BYTES)
