"""The host of commands that look at lessons and at no change: what stands in the repository around
them, at its last commit, counted whole. Decides nothing.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from twiceshy.changes.change_error import ChangeError
from twiceshy.changes.diff_file import read_under
from twiceshy.changes.git_host import GitHostTree
from twiceshy.guards.recall.host import Host
from twiceshy.verdicts.guard import Guard


@contextmanager
def host_around(guard: Guard, root: Path) -> Iterator[Host | None]:
    """The repository at a folder; None where there is none, or no commit in it."""
    tree = _tree(root)
    if tree is None:
        yield None
        return
    # people's words as the work tree has them: no change is judged that could bring its own
    with guard.whole_host(tree, read_under(root)) as host:
        yield host


def tree_around(root: Path) -> str:
    """Changes with the code that host holds; empty where there is none."""
    tree = _tree(root)
    return tree.identity if tree else ""


def last_commit(root: Path) -> str:
    """The commit that tree is of; empty where there is none."""
    tree = _tree(root)
    return tree.commit if tree else ""


def _tree(root: Path) -> GitHostTree | None:
    try:
        return GitHostTree.at(root)
    except ChangeError:
        return None  # no repository: a folder of lessons alone
