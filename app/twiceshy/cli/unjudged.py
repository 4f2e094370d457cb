"""What ``check`` did not look at although somebody may think so: a dirty tree, a branch that is its
base. Judges nothing.
"""

from pathlib import Path

from twiceshy.changes import git
from twiceshy.changes.change import Change
from twiceshy.changes.change_error import ChangeError
from twiceshy.changes.git_worktree import worktree_change
from twiceshy.lessons.lesson import Problem


def unjudged(
    change: Change, root: Path, *, staged: bool, worktree: bool, head: str | None
) -> tuple[Problem, ...]:
    """What to say of a change of this repository: nothing when all that was meant was judged.

    ``head`` is what a person named; then the work tree is not what they mean.
    """
    if change.files and (staged or worktree or head):
        return ()
    beside = "" if worktree or head else _beside(root)
    if change.files:
        return (_problem("not judged: ", beside),) if beside else ()
    if worktree:
        return (_problem("nothing was judged: there is no uncommitted work"),)
    what = "nothing is staged" if staged else f"{head or 'HEAD'} changes nothing of its base"
    return (_problem(f"nothing was judged: {what}", f"; there is {beside}" if beside else ""),)


def _beside(root: Path) -> str:
    """Uncommitted work that another way to judge would see; empty without any."""
    if git.repository_root(root) is None:
        return ""
    try:
        waiting = len(worktree_change(root).files)
    except ChangeError:  # more than is judged at once
        return "uncommitted work; `twiceshy check --worktree` judges it"
    files = "1 file" if waiting == 1 else f"{waiting} files"
    return f"uncommitted work in {files}; `twiceshy check --worktree` judges it" if waiting else ""


def _problem(*words: str) -> Problem:
    return Problem("", 0, "".join(words))
