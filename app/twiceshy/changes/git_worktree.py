"""Uncommitted work as a change: what is tracked and changed, staged or not, and what is new and not
ignored.

Files are read as they lie there: no filter, no hook, no text conversion runs, and the repository is
not written to. Their blobs go into a folder of our own, which git reads beside the repository's.
"""

import os
import shutil
import tempfile
import weakref
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from twiceshy.changes.change import Change
from twiceshy.changes.git import MAX_DIFFED_BYTES, empty_tree, tree_change
from twiceshy.changes.git_objects import Repository
from twiceshy.changes.git_process import run_git, without_filters
from twiceshy.changes.git_trees import git_folder
from twiceshy.changes.not_looked_at import NotLookedAt, Unseen, megabytes
from twiceshy.lessons.languages import language_of_path

MANY = 400
"""Paths in one command line; the system's limit is 2 MB, a path's 4 KB."""


def worktree_change(root: Path) -> Change:
    """What the work tree changes of HEAD; without commits all that is there. Raises ChangeError."""
    last = Repository.at(root).info("HEAD^{commit}")
    base = last.id if last else ""
    paths = _changed_paths(root, base)
    if not paths:
        return Change((), base=base, head="work tree")
    repository = _beside(root)
    head, large = _written_tree(repository, base, paths)
    change = tree_change(repository, base, head, (base, "work tree"))
    unseen = tuple(_too_large(root, path) for path in large if language_of_path(path))
    problems = tuple(_too_large(root, path).problem for path in large if not language_of_path(path))
    return replace(
        change,
        problems=(*change.problems, *problems),
        not_looked_at=(*change.not_looked_at, *unseen),
    )


def _too_large(root: Path, path: str) -> NotLookedAt:
    """A file of which nothing was read. Where it is no code it is named, and the change counts as
    looked at all the same.
    """
    size = (root / path).lstat().st_size
    detail = f"not inspected: {size:,} bytes, the limit is {MAX_DIFFED_BYTES:,}"
    return NotLookedAt(Unseen.FILE_TOO_LARGE, path, detail, megabytes(size))


def _changed_paths(root: Path, base: str) -> tuple[str, ...]:
    """By git's memory of sizes and times; what turns out to be the same is no change in the end."""
    options = ("--name-only", "-z", "--no-renames", "--ignore-submodules=dirty")
    command = ("diff-index", *options, base or empty_tree(root), "--")
    tracked = run_git(root, *command, extra=without_filters(root)).stdout
    options = ("-z", "--others", "--exclude-standard", "--full-name")
    new = run_git(root, "ls-files", *options, "--").stdout
    names = (tracked + new).decode("utf-8", "surrogateescape").split("\0")
    return tuple(dict.fromkeys(name for name in names if name and not name.endswith("/")))


def _beside(root: Path) -> Repository:
    """The repository, with a folder for objects and an index of our own that goes when nobody reads
    them any more.
    """
    folder = Path(tempfile.mkdtemp(prefix="twiceshy-"))
    (folder / "objects").mkdir()
    alternates = [_objects(root), os.environ.get("GIT_ALTERNATE_OBJECT_DIRECTORIES", "")]
    environment = {
        "GIT_OBJECT_DIRECTORY": str(folder / "objects"),
        "GIT_ALTERNATE_OBJECT_DIRECTORIES": os.pathsep.join(filter(None, alternates)),
        "GIT_INDEX_FILE": str(folder / "index"),
        "GIT_DIR": str(git_folder(root)),
        "GIT_WORK_TREE": str(root),
    }
    repository = Repository(root, environment)
    weakref.finalize(repository, shutil.rmtree, folder, ignore_errors=True)
    return repository


def _objects(root: Path) -> str:
    """Where the repository keeps its own objects."""
    folder = os.environ.get("GIT_OBJECT_DIRECTORY")
    if not folder:
        folder = run_git(root, "rev-parse", "--git-path", "objects").stdout.decode()
    return str((root / folder.rstrip("\n")).absolute())


def _written_tree(
    repository: Repository, base: str, paths: Sequence[str]
) -> tuple[str, tuple[str, ...]]:
    """The tree that a commit of everything would have, and which files are too large to be taken
    into it.
    """
    root, environment = repository.root, repository.environment
    start = base or empty_tree(root)
    run_git(root, "read-tree", start, extra=environment)
    regular = [path for path in paths if _is_regular(root, path)]
    large = [path for path in regular if (root / path).lstat().st_size > MAX_DIFFED_BYTES]
    blobs = _written_blobs(repository, [path for path in regular if path not in set(large)])
    gone = [path for path in paths if not os.path.lexists(root / path)]
    rows = "".join(_rows(root, blobs, gone, "0" * len(start))).encode("utf-8", "surrogateescape")
    run_git(root, "update-index", "-z", "--index-info", extra=environment, given=rows)
    tree = run_git(root, "write-tree", "--missing-ok", extra=environment).stdout.decode().strip()
    return tree, tuple(large)


def _written_blobs(repository: Repository, paths: Sequence[str]) -> Mapping[str, str]:
    """Blob ids by path, of the bytes as they are."""
    blobs: dict[str, str] = {}
    for start in range(0, len(paths), MANY):
        part = paths[start : start + MANY]
        command = ("hash-object", "-w", "--no-filters", "--", *part)
        written = run_git(repository.root, *command, extra=repository.environment).stdout
        blobs |= dict(zip(part, written.decode().split(), strict=True))
    return blobs


def _rows(root: Path, blobs: Mapping[str, str], gone: Sequence[str], nothing: str) -> Iterator[str]:
    """As ``git update-index --index-info`` reads them; ``nothing`` is the id of no blob, in this
    repository's length.
    """
    for path, blob in blobs.items():
        executable = (root / path).lstat().st_mode & 0o100
        yield f"{'100755' if executable else '100644'} {blob}\t{path}\0"
    for path in gone:
        yield f"0 {nothing}\t{path}\0"


def _is_regular(root: Path, path: str) -> bool:
    """A regular file in folders that are no links: nothing outside of the work tree is read."""
    place = root / path
    if place.is_symlink() or not place.is_file():
        return False
    return place.parent.resolve() == root.resolve() / Path(path).parent
