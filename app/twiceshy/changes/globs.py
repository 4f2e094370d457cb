"""Patterns for paths, as .gitignore means them: ``*`` stays within a folder, ``**`` does not.
Pure.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec


def matches_any(patterns: Iterable[str], path: str) -> bool:
    """Whether the patterns select a path relative to the repository; a later ``!pattern`` takes a
    match back.
    """
    wanted = tuple(patterns)
    return bool(wanted) and (path in wanted or _spec(wanted).match_file(path))


def matches(pattern: str, path: str) -> bool:
    """Whether one pattern matches."""
    return matches_any((pattern,), path)


@lru_cache(maxsize=4096)
def _spec(patterns: tuple[str, ...]) -> "GitIgnoreSpec":
    from pathspec import GitIgnoreSpec  # noqa: PLC0415 - 30 ms, only with patterns

    try:
        return GitIgnoreSpec.from_lines(patterns)
    except ValueError:  # one that git would not take either selects nothing
        return GitIgnoreSpec.from_lines(())
