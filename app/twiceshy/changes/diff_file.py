"""Changes out of a diff somebody has: a file, a pipe, an API answer. Reads only regular files under the given folder."""

from functools import lru_cache
from pathlib import Path

from twiceshy.changes.diff import fits, parse_diff, reverse_apply
from twiceshy.changes.git_objects import MAX_FILE_BYTES, as_text
from twiceshy.changes.model import Change, FileChange, Reader, Status
from twiceshy.lessons.model import Problem


def diff_file_change(diff: str | bytes, root: Path | None = None) -> Change:
    """A change out of a diff; ``root`` is a checkout of its head. Without it, hunks alone are judged."""
    return change_from_diff(diff, _under(root) if root else None)


def change_from_diff(diff: str | bytes, read: Reader | None = None) -> Change:
    """A change out of a diff and a way to read files at head.

    A file whose head text does not hold the diff's lines is judged by its hunks alone, and the problem is named.
    """
    parsed = parse_diff(diff)
    if read is None:
        return Change(parsed.files, problems=parsed.problems)
    head_of = lru_cache(maxsize=512)(read)
    strangers = {file.path for file in parsed.files if _strange(file, head_of(file.path))}
    by_base_path = {file.base_path: file for file in parsed.files if file.path not in strangers}

    def head(path: str) -> str | None:
        return None if path in strangers else head_of(path)

    def base(path: str) -> str | None:
        file = by_base_path.get(path)
        if file is None:
            return head(path)  # the diff does not touch it
        text = head(file.path)
        if file.status is Status.ADDED or text is None:
            return None
        return reverse_apply(text, file)

    problems = tuple(Problem(path, 0, _MISFIT) for path in sorted(strangers))
    return Change(parsed.files, head, base, problems=(*parsed.problems, *problems))


_MISFIT = (
    "the file at hand is not the one the diff describes, so its hunks alone were judged: check out the diff's head"
)


def _strange(file: FileChange, text: str | None) -> bool:
    return text is not None and file.status is not Status.DELETED and not fits(text, file)


def _under(root: Path) -> Reader:
    """Reads regular files within a folder; a link, a parent or an absolute path leads nowhere."""
    top = root.resolve()

    def read(path: str) -> str | None:
        try:
            place = top / path
            resolved = place.resolve()
            inside = resolved.is_relative_to(top) and not place.is_symlink() and resolved.is_file()
            if not inside or resolved.stat().st_size > MAX_FILE_BYTES:
                return None
            return as_text(resolved.read_bytes())
        except (OSError, ValueError):  # ValueError: a NUL in the name
            return None

    return read
