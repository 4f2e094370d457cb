"""``twiceshy check``: finds the change, picks the registry, has it judged, writes the report where
it was asked for.
"""

import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from twiceshy.changes import git
from twiceshy.changes.change import Change
from twiceshy.changes.change_error import ChangeError
from twiceshy.changes.diff_file import diff_file_change
from twiceshy.changes.git_worktree import worktree_change
from twiceshy.changes.host import HostTree
from twiceshy.changes.web_address import file_address
from twiceshy.cli.diff_input import read_diff
from twiceshy.cli.progress_bar import Bar
from twiceshy.cli.registries import must_guard
from twiceshy.cli.unjudged import unjudged
from twiceshy.cli.usage_error import UsageError
from twiceshy.lessons.lesson import Problem, Severity
from twiceshy.verdicts.render import render
from twiceshy.verdicts.settings import FILE_NAME, Settings, read_settings
from twiceshy.verdicts.verdict import Conclusion, Report
from twiceshy.workspace import Workspace, settings_of_commit, settings_of_folder


@dataclass(frozen=True, slots=True)
class CheckOptions:
    """What a person asked ``check`` for; see its options."""

    base: str | None
    head: str | None
    staged: bool
    diff: Path | None
    root: Path | None
    registries: tuple[Path, ...]
    format: str
    output: Path | None
    fail_on: str
    explain: bool
    extra: tuple[tuple[str, Path | None], ...]
    worktree: bool = False
    whole: bool = False  # all that head holds: there is nothing to hold it against
    # lessons and settings of this commit; default: of the change's base
    registry_at: str | None = None


def check_change(asked: CheckOptions) -> int:
    """Judge, report, and give the exit code."""
    change, root = _change(asked)
    workspace = _workspace(asked, change, root)
    change = workspace.marked(change)
    with Bar() as bar:
        guard = workspace.open(bar)
        must_guard(guard, workspace)
        report = workspace.shown(guard.judge(change, explain=asked.explain), change, guard)
    report = replace(report, problems=(*workspace.problems, *report.problems))
    if root and workspace.commit:
        report = report.with_addresses(lambda source: _address(root, workspace, source))
    _write(report, asked, _say_unjudged(change, asked, root))
    _tell_empty(asked, change)
    return exit_code(report, asked.fail_on)


def _tell_empty(asked: CheckOptions, change: Change) -> None:
    """An empty diff is what a pipe gives when nothing changed; it is no mistake, and no proof
    either.
    """
    if asked.diff and not change.files:
        print("twiceshy: nothing was judged: the diff is empty", file=sys.stderr)


def _address(root: Path, workspace: Workspace, source: str) -> str | None:
    """A lesson's own page, for one of this repository's at the commit it was read from."""
    own = any(source.startswith(prefix) for prefix in workspace.own)
    return file_address(root, workspace.commit, source) if own else None


def exit_code(report: Report, fail_on: str) -> int:
    """1 when the report holds what the person wants to fail on, else 0."""
    if fail_on == "never":
        return 0
    if fail_on == "block":
        return int(report.conclusion is Conclusion.FAILURE)
    least = 0 if fail_on == "comment" else Severity(fail_on).rank
    return int(any(judged.lesson.severity.rank >= least for judged in report.shown))


def _change(asked: CheckOptions) -> tuple[Change, Path | None]:
    """The change, and the repository it is in (None for a diff file on its own)."""
    _must_name_one_change(asked)
    if asked.diff:
        change = diff_file_change(read_diff(asked.diff), asked.root)
        return replace(change, host=_host_of_diff(asked.root)), asked.root
    root = _repository(asked)
    return _of_repository(asked, root), root


def _host_of_diff(root: Path | None) -> HostTree | None:
    """What stands in a checkout of the diff's head without the diff: the commit where its branch
    left the default one. Where nobody can tell, its HEAD, which may hold what the diff brings: the
    lines that it brings do not count. None for a folder that is no repository's top.
    """
    if root is None:
        return None
    try:
        top = git.repository_root(root)
    except ChangeError:  # another user's: its files are read, not its history
        return None
    return git.host_of_checkout(top) if top and top.resolve() == root.resolve() else None


def _must_name_one_change(asked: CheckOptions) -> None:
    ways = {
        "--staged": asked.staged,
        "--worktree": asked.worktree,
        "--diff": asked.diff,
        "--base or --head": asked.base or asked.head,
    }
    named = [way for way, given in ways.items() if given]
    if len(named) > 1:
        raise UsageError(f"{' and '.join(named)} each name a change: give one of them")


def _repository(asked: CheckOptions) -> Path:
    start = asked.root or Path.cwd()
    work_tree = git.repository_root(start)
    root = work_tree or git.bare_root(start)
    if root is None:
        raise UsageError(
            f"{asked.root or 'this folder'} is not in a git repository: run it in one, or give "
            "--diff FILE. For a bare repository set GIT_DIR to it"
        )
    if work_tree is None and (asked.staged or asked.worktree):
        raise UsageError(f"{root} has no work tree: judge commits with --base and --head")
    return root


def _of_repository(asked: CheckOptions, root: Path) -> Change:
    if asked.staged:
        return git.staged_change(root)
    if asked.worktree:
        return worktree_change(root)
    if asked.whole:
        return git.whole_change(root, asked.head or "HEAD")
    return git.branch_change(root, asked.base, asked.head)


def _workspace(asked: CheckOptions, change: Change, root: Path | None) -> Workspace:
    settings = _settings(asked, change, root)
    if asked.registries:
        return Workspace.from_folders(asked.registries, settings)
    if asked.diff:
        return Workspace.from_folder(asked.root or _top(), settings)
    commit = _registry_commit(asked, root) or change.base
    if root and commit and git.resolve(root, commit):
        return Workspace.from_commit(root, commit, settings)
    return Workspace.from_folder(root or Path.cwd(), settings)


def _registry_commit(asked: CheckOptions, root: Path | None) -> str | None:
    """Whose lessons and settings hold for a branch: those of its base as it is now.

    At the commit where the branch left it there may be fewer: who branches off an old one would
    escape what was learned since. None for what has no such base: the index, uncommitted work, a
    diff.
    """
    if asked.registry_at:
        return asked.registry_at
    if root is None or asked.diff or asked.staged or asked.worktree or asked.whole:
        return None
    named = asked.base or git.default_base(root)
    return git.resolve(root, named.partition("..")[0])


def _settings(asked: CheckOptions, change: Change, root: Path | None) -> Settings:
    """The base's settings: a change to them counts only once it is merged."""
    commit = _registry_commit(asked, root)
    if root and commit:
        return settings_of_commit(root, commit)
    text = change.read_base(FILE_NAME)
    if text is None and asked.worktree and root and change.base:  # an empty change reads nothing
        text = git.file_text(root, change.base, FILE_NAME)
    if text is None and asked.diff and not _changes_settings(change):
        return settings_of_folder(root or _top())
    return read_settings(text) if text is not None else Settings()


def _changes_settings(change: Change) -> bool:
    return any(FILE_NAME in (file.path, file.old_path) for file in change.files)


def _top() -> Path:
    """The repository around here, or this folder."""
    return git.repository_root(Path.cwd()) or Path.cwd()


def _say_unjudged(change: Change, asked: CheckOptions, root: Path | None) -> tuple[Problem, ...]:
    """What was not looked at; said on standard error, and in reports for programs."""
    if asked.diff or root is None:
        return ()
    notes = unjudged(change, root, staged=asked.staged, worktree=asked.worktree, head=asked.head)
    for note in notes:
        print(f"twiceshy: {note.message}", file=sys.stderr)
    return notes


def _write(report: Report, asked: CheckOptions, notes: tuple[Problem, ...]) -> None:
    whole = replace(report, problems=(*report.problems, *notes))
    to_terminal = asked.output is None and asked.format == "text"
    text = render(
        report if to_terminal else whole,
        asked.format,
        color=to_terminal and _coloured(sys.stdout.isatty()),
        width=_width(to_terminal),
    )
    if asked.output:
        _save(asked.output, lambda path: path.write_text(text, encoding="utf-8", errors="replace"))
    elif text:
        sys.stdout.write(text if text.endswith("\n") else text + "\n")
    for name, path in asked.extra:
        if path is not None:
            _save_extra(whole, name, path)


def _save_extra(report: Report, name: str, path: Path) -> None:
    text = render(report, name)
    mode = "a" if name == "markdown" else "w"  # a job summary is shared with the steps before

    def write(to: Path) -> None:
        with to.open(mode, encoding="utf-8", errors="replace") as stream:
            stream.write(text)

    _save(path, write)


def _save(path: Path, write: Callable[[Path], object]) -> None:
    try:
        write(path)
    except OSError as error:
        raise UsageError(
            f"the report could not be written to {path}: {error.strerror or error}"
        ) from error


def _coloured(terminal: bool) -> bool:
    return terminal and not os.environ.get("NO_COLOR")


def _width(terminal: bool) -> int:
    return max(60, min(shutil.get_terminal_size((100, 40)).columns, 120)) if terminal else 100
