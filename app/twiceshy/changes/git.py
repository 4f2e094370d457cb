"""Changes out of a git repository, through the git binary.

Runs nothing of the repository's: no hooks, no filters, no external diff, no pager; writes nothing.
A branch cannot hide its lines with a ``.gitattributes`` of its own.
"""

import os
import shlex
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path

from twiceshy.changes.change import Change, FileChange, Reader, Status
from twiceshy.changes.change_error import ChangeError
from twiceshy.changes.diff import bounded, parse_diff
from twiceshy.changes.git_host import GitHostTree
from twiceshy.changes.git_objects import (
    MAX_FILE_BYTES,
    Finder,
    Object,
    Repository,
    index_finder,
    tree_finder,
)
from twiceshy.changes.git_process import run_git, without_filters
from twiceshy.changes.git_trees import commit_id, git_folder
from twiceshy.changes.not_looked_at import NotLookedAt, Unseen, megabytes
from twiceshy.lessons.languages import language_of_path

REMOTE_BASES = ("origin/HEAD", "origin/main", "origin/master")
BASES = (*REMOTE_BASES, "main", "master")
"""Tried in turn when nobody names a base."""

MAX_DIFFED_BYTES = MAX_FILE_BYTES
"""git shows no lines of a file that is larger, at base or at head: one such file would be most of
the above.
"""

MAX_KEPT_BYTES = 1_000_000
"""Of a text that is kept once it was read; a larger one is read each time it is asked for."""

_DIFF = (
    "--no-color",
    "--no-ext-diff",
    "--no-textconv",
    "--find-renames",
    "--src-prefix=a/",
    "--dst-prefix=b/",
    "--no-relative",
    "--diff-algorithm=histogram",
    "--unified=3",
    "--inter-hunk-context=0",
)
_LARGE = ("-c", f"core.bigFileThreshold={MAX_DIFFED_BYTES}")
_NEAR_AMONG = 2_000


def repository_root(start: Path) -> Path | None:
    """The work tree around a folder, None when there is none.

    Raises ChangeError when there is one that git refuses to read because somebody else owns it.
    """
    if not start.is_dir():
        return None
    done = run_git(start, "rev-parse", "--show-toplevel", check=False)
    if b"safe.directory" in done.stderr:
        place = shlex.quote(str(start.resolve()))
        raise ChangeError(
            f"git does not read {start} because another user owns it. If you trust it, run "
            f"`git config --global --add safe.directory {place}`"
        )
    return Path(os.fsdecode(done.stdout).rstrip("\n")) if done.returncode == 0 else None


def bare_root(start: Path) -> Path | None:
    """The folder of the bare repository that git's environment names, as it does in a server's
    hook; else None.

    One that merely lies around a folder is not taken: its configuration may be a pull request's.
    """
    if not start.is_dir():
        return None
    done = run_git(start, "rev-parse", "--absolute-git-dir", check=False)
    return Path(os.fsdecode(done.stdout).rstrip("\n")) if done.returncode == 0 else None


def file_text(root: Path, commit: str, path: str) -> str | None:
    """The text of a file as a commit holds it; None when it is not there, is no regular file, or is
    too large.
    """
    repository = Repository.at(root)
    blob = tree_finder(repository, commit)(path)
    return repository.text(blob) if blob else None


def branch_change(root: Path, base: str | None = None, head: str | None = None) -> Change:
    """What ``head`` (default HEAD) changed since it left ``base`` (default: the first of BASES;
    ``A..B`` names both).

    Raises ChangeError when there is no such change, with what to do about it.
    """
    if base and ".." in base and head is None:
        base, _, head = base.partition("...") if "..." in base else base.partition("..")
    repository = _opened(root)
    head_commit = _commit(repository, head or "HEAD", "--head")
    base = base or _default_base(repository)
    fork = _merge_base(root, _commit(repository, base, "--base"), head_commit, base)
    return _between(repository, fork, head_commit)


def commit_change(root: Path, commit: str) -> Change:
    """What a commit changed of its first parent: of a merge all it brought. Raises ChangeError,
    also for a first commit.
    """
    repository = _opened(root)
    parent, own = (_commit(repository, name, "commit") for name in (f"{commit}^1", commit))
    return _between(repository, parent, own)


def staged_change(root: Path) -> Change:
    """What is staged for the next commit; in a repository without commits, all that is staged."""
    repository = _opened(root)
    last = repository.info("HEAD^{commit}")
    diff = _diff_of_index(root)
    base = tree_finder(repository, last.id) if last else _nowhere
    names = (last.id if last else "", "staged")
    return _change(repository, diff, (base, index_finder(root)), names)


def whole_change(root: Path, head: str) -> Change:
    """All that a commit holds, as if it had just been written: for a first push. Raises
    ChangeError.
    """
    repository = _opened(root)
    return tree_change(repository, "", _commit(repository, head, "--head"), ("", head))


def default_base(root: Path) -> str:
    """What changes are held against when nobody names a base. Raises ChangeError when there is
    none.
    """
    return _default_base(_opened(root))


def host_of_checkout(root: Path) -> GitHostTree | None:
    """The code that stands in a checkout apart from what is being changed in it: that of the commit
    where it left the default branch, where nobody can tell that, of HEAD.

    None for a repository without commits. Raises ChangeError where there is no repository.
    """
    head = _opened(root).info("HEAD^{commit}")
    if head is None:
        return None
    try:
        fork = merge_base(root, default_base(root), head.id)
    except ChangeError:  # no branch of a known name, or one with another history
        fork = head.id
    return GitHostTree(root, fork)


def is_shallow(root: Path) -> bool:
    """Whether a clone's history was cut off."""
    return run_git(root, "rev-parse", "--is-shallow-repository").stdout.strip() == b"true"


def merge_base(root: Path, base: str, head: str) -> str:
    """The commit where two names' histories part. Raises ChangeError when there is none, with what
    to do about it.
    """
    repository = _opened(root)
    base_commit = _commit(repository, base, "--base")
    return _merge_base(root, base_commit, _commit(repository, head, "--head"), base)


def resolve(root: Path, ref: str) -> str | None:
    """The commit a name stands for, None when there is none."""
    return commit_id(root, ref)


def tracked_files(root: Path, paths: Sequence[str] = ()) -> list[str]:
    """The files git knows of in the work tree, under these paths when any are given; raises
    ChangeError.
    """
    patterns = [f":(top,literal){path}" for path in paths]
    return _sorted_names(run_git(root, "ls-files", "-z", "--", *patterns).stdout)


def files_with(root: Path, text: str) -> list[str]:
    """The tracked text files that hold a text, in whatever case; raises ChangeError."""
    done = run_git(root, "grep", "-lzIiF", "--no-textconv", "-e", text, "--", ":(top)", check=False)
    return _sorted_names(done.stdout)


def holds_any(root: Path, words: Sequence[str], but_in: Sequence[str] = ()) -> bool:
    """Whether any of these whole words stands in a tracked text file outside of these folders;
    raises ChangeError.
    """
    asked = [option for word in words for option in ("-e", word)]
    elsewhere = [f":(top,exclude,literal){folder}" for folder in but_in]
    command = ("grep", "-qIwF", "--no-textconv", *asked, "--", ":(top)", *elsewhere)
    return run_git(root, *command, check=False).returncode == 0


def _sorted_names(listed: bytes) -> list[str]:
    names = set(listed.decode("utf-8", "surrogateescape").split("\0"))
    return sorted(names - {""})


def _opened(root: Path) -> Repository:
    if not (root / ".git").exists() and repository_root(root) is None and bare_root(root) is None:
        raise ChangeError(
            f"{root} is not in a git repository: run it in one, or give a diff with --diff FILE"
        )
    return Repository.at(root)


def _diff_of_trees(repository: Repository, old: str, new: str) -> bytes:
    """The diff of two commits or trees, made where no ``.gitattributes`` lies.

    git takes attributes from the working tree and the index, whatever it compares: a checked-out
    pull request with ``* -diff`` would show every file as binary. So git works in its own folder,
    with no index.
    """
    own = git_folder(repository.root)
    alone = {
        **repository.environment,
        "GIT_DIR": str(own),
        "GIT_WORK_TREE": str(own),
        "GIT_INDEX_FILE": str(own / "twiceshy-no-index"),
    }
    return run_git(own, *_LARGE, "diff", *_DIFF, old, new, "--", extra=alone).stdout


def _diff_of_index(root: Path) -> bytes:
    """Likewise: beside an index git would look into the work tree's files, through the filters they
    name.
    """
    own = git_folder(root)
    alone = {
        **without_filters(root),
        "GIT_DIR": str(own),
        "GIT_WORK_TREE": str(own),
        "GIT_INDEX_FILE": _index_file(root),
    }
    return run_git(own, *_LARGE, "diff", "--cached", *_DIFF, "--", extra=alone).stdout


def _index_file(root: Path) -> str:
    index = os.environ.get("GIT_INDEX_FILE")
    if not index:
        index = os.fsdecode(run_git(root, "rev-parse", "--git-path", "index").stdout)
    return str((root / index.rstrip("\n")).absolute())


def _nowhere(path: str) -> str | None:  # noqa: ARG001 - a Finder
    """Finds nothing: the base of a first commit."""
    return None


def _between(repository: Repository, old: str, new: str) -> Change:
    return tree_change(repository, old, new, (old, new))


def tree_change(repository: Repository, old: str, new: str, names: tuple[str, str]) -> Change:
    """What leads from one commit or tree to another; an empty ``old`` is no files at all."""
    base = tree_finder(repository, old) if old else _nowhere
    diff = _diff_of_trees(repository, old or empty_tree(repository.root), new)
    return _change(repository, diff, (base, tree_finder(repository, new)), names)


def empty_tree(root: Path) -> str:
    """The id of the tree without files, in this repository's kind of hash."""
    return run_git(root, "hash-object", "-t", "tree", "--stdin", given=b"").stdout.decode().strip()


def _change(
    repository: Repository, diff: bytes, sides: tuple[Finder, Finder], names: tuple[str, str]
) -> Change:
    parsed = parse_diff(bounded(diff))
    at_base, at_head = sides

    def reader(find: Finder) -> Reader:
        @lru_cache(maxsize=256)
        def small(blob: str) -> str | None:
            return repository.text(blob)

        def read(path: str) -> str | None:
            blob_id = find(path)
            blob = repository.info(blob_id) if blob_id else None
            if blob is None:
                return None
            return small(blob.id) if blob.size <= MAX_KEPT_BYTES else repository.text(blob.id)

        return read

    unseen = (*parsed.not_looked_at, *_uninspected(repository, parsed.files, at_head))
    base, _ = names
    host = GitHostTree(repository.root, base) if base else None
    readers = reader(at_head), reader(at_base)
    return Change(parsed.files, *readers, *names, not_looked_at=unseen, host=host)


def _uninspected(
    repository: Repository, files: Sequence[FileChange], find: Finder
) -> Iterator[NotLookedAt]:
    """Every file that may be code and of which git shows no lines."""
    for file in files:
        if not file.binary or file.status is Status.DELETED or not language_of_path(file.path):
            continue
        blob_id = find(file.path)
        blob = repository.info(blob_id) if blob_id else None
        if blob:
            yield _uninspected_file(repository, file.path, blob)


def _uninspected_file(repository: Repository, path: str, blob: Object) -> NotLookedAt:
    if repository.looks_binary(blob.id):
        detail = "not inspected: it holds a NUL byte, so git takes it for binary"
        return NotLookedAt(Unseen.NOT_TEXT, path, detail)
    if blob.size > MAX_DIFFED_BYTES:
        detail = f"not inspected: {blob.size:,} bytes, the limit is {MAX_DIFFED_BYTES:,}"
        return NotLookedAt(Unseen.FILE_TOO_LARGE, path, detail, megabytes(blob.size))
    detail = "not inspected: it was binary or very large at base, so git shows no lines of it"
    return NotLookedAt(Unseen.NO_PATCH, path, detail)


def _default_base(repository: Repository) -> str:
    for name in BASES:
        if repository.info(f"{name}^{{commit}}"):
            return name
    raise ChangeError(
        f"no base to judge against: none of {', '.join(BASES)} exists here. "
        "Give one with --base REF, or fetch one: "
        "`git fetch origin +main:refs/remotes/origin/main`; "
        "in GitHub Actions give actions/checkout `fetch-depth: 0`"
    )


def _commit(repository: Repository, name: str, option: str) -> str:
    if name.startswith("-"):
        raise ChangeError(f"{option} {name!r} is no name of a commit: none begins with a dash")
    commit = repository.info(f"{name}^{{commit}}")
    if commit:
        return commit.id
    if name == "HEAD":
        raise ChangeError(
            "this repository has no commits yet: "
            "commit something, or judge what is staged with --staged"
        )
    raise ChangeError(f"{option} {name} does not exist here; {_hint(repository.root, name)}")


def _hint(root: Path, name: str) -> str:
    """The refs somebody may have meant, else how to fetch the one they named."""
    from difflib import get_close_matches  # noqa: PLC0415 - only on the way to an error

    options = ("--format=%(refname:short)", f"--count={_NEAR_AMONG}")
    refs = run_git(root, "for-each-ref", *options).stdout.decode("utf-8", "replace").split()
    near = get_close_matches(name, refs, 3)
    remote = name.removeprefix("origin/")
    wanted = f"+{remote}:refs/remotes/{name}" if remote != name else name
    fetch = f"fetch it with: git fetch origin {shlex.quote(wanted)}"
    return f"did you mean {' or '.join(near)}? Otherwise {fetch}" if near else fetch


def _merge_base(root: Path, base: str, head: str, name: str) -> str:
    done = run_git(root, "merge-base", base, head, check=False)
    if done.returncode == 0:
        return done.stdout.decode().split()[0]
    if is_shallow(root):
        branch = shlex.quote(name.removeprefix("origin/"))
        raise ChangeError(
            f"this clone is shallow and does not reach back to where the change left {name}. "
            f"Run `git fetch --unshallow`, or `git fetch --deepen=100 origin {branch}` "
            "until it does; in GitHub Actions give actions/checkout `fetch-depth: 0`"
        )
    raise ChangeError(
        f"{name} and the change have no history in common: give another base with --base REF"
    )
