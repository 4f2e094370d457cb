"""Holds a change to the limit of a file's size, wherever the change comes from. Pure: only asks the
change's readers.
"""

from dataclasses import replace

from twiceshy.changes.change import Change, FileChange, Reader, Status
from twiceshy.changes.not_looked_at import too_large


def bounded(change: Change, limit: int) -> Change:
    """The change with no text over the limit (in bytes of UTF-8): of such files the hunks are
    judged, and they are named.
    """
    sizes = {file.path: _size(file, change.read_head, limit) for file in change.files}
    large = {path: size for path, size in sizes.items() if size > limit}
    unseen = tuple(too_large(path, size, limit) for path, size in large.items())

    def head(path: str) -> str | None:
        return None if path in large else change.read_head(path)

    def base(path: str) -> str | None:
        text = change.read_base(path)
        return None if text is None or bytes_of(text, limit) > limit else text

    return replace(
        change, read_head=head, read_base=base, not_looked_at=(*change.not_looked_at, *unseen)
    )


def bytes_of(text: str, limit: int) -> int:
    """A text's size in UTF-8; exact only where it may be over the limit."""
    return len(text) if len(text) * 4 <= limit else len(text.encode("utf-8", "replace"))


def _size(file: FileChange, read: Reader, limit: int) -> int:
    """Of the file at head when lines were added to it, else 0; exact only where it may be over the
    limit.
    """
    if file.status is Status.DELETED or not file.added:
        return 0
    text = read(file.path)
    return 0 if text is None else bytes_of(text, limit)
