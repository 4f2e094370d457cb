"""The repository a command works in. Reads nothing of it."""

from pathlib import Path

from twiceshy.changes import git
from twiceshy.cli.usage_error import UsageError


def must_be_repository(root: Path | None, because: str) -> Path:
    """The top of the work tree around a folder, by default around here; stops with what to do
    when there is none.
    """
    top = git.repository_root(root or Path.cwd())
    if top is None:
        raise UsageError(f"{root or 'this folder'} is not in a git repository: {because}")
    return top
