"""``twiceshy check --hook``: which commits a git hook is about, told by pre-commit's variables or
on standard input.

Judges nothing itself, and never a deletion. Whoever pushes cannot choose the lessons: they are the
default branch's.
"""

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from twiceshy.changes import git
from twiceshy.cli.check import CheckOptions, check_change
from twiceshy.cli.usage_error import UsageError

FROM_REF, TO_REF = "PRE_COMMIT_FROM_REF", "PRE_COMMIT_TO_REF"
"""https://pre-commit.com/#pre-push; set by --from-ref and --to-ref too."""

MAX_BYTES = 10_000_000
_PRE_PUSH, _PRE_RECEIVE = 4, 3
"""Fields a line: https://git-scm.com/docs/githooks#_pre_push and #_pre_receive."""


@dataclass(frozen=True, slots=True)
class Update:
    """A ref that a push moves: its name, from where (None: it is new) and to where (None: it
    goes).
    """

    ref: str
    old: str | None
    new: str | None


def check_hook(hook: str, asked: CheckOptions) -> int:
    """Judge all that the hook is about; the worst exit code. Raises UsageError."""
    if asked.base or asked.head or asked.staged or asked.worktree or asked.diff:
        raise UsageError(
            "--hook finds out what to judge: leave out --base, --head, --staged, --worktree and "
            "--diff"
        )
    if hook == "pre-commit":
        return check_change(of_pre_commit(asked, os.environ))
    given = sys.stdin.buffer.read(MAX_BYTES + 1)
    if len(given) > MAX_BYTES:
        raise UsageError(
            f"over {MAX_BYTES:,} bytes of refs are pushed at once, and none was judged: push fewer"
        )
    return _check_updates(read_updates(given.decode("utf-8", "replace"), hook), hook, asked)


def of_pre_commit(asked: CheckOptions, environment: Mapping[str, str]) -> CheckOptions:
    """The range that pre-commit names, what it pushes for the first time, else the index."""
    if environment.get(FROM_REF) and environment.get(TO_REF):
        return replace(asked, base=environment[FROM_REF], head=environment[TO_REF])
    # a push of all there is, from the first commit on
    if environment.get("PRE_COMMIT_REMOTE_BRANCH"):
        return replace(asked, head=environment.get("PRE_COMMIT_LOCAL_BRANCH") or "HEAD", whole=True)
    return replace(asked, staged=True)


def read_updates(text: str, hook: str) -> tuple[Update, ...]:
    """The lines git gives a hook. Raises UsageError for anything else."""
    updates = []
    for line in text.splitlines():
        fields = line.split()
        if hook == "pre-push" and len(fields) == _PRE_PUSH:
            updates.append(Update(fields[2], _commit(fields[3]), _commit(fields[1])))
        elif hook == "pre-receive" and len(fields) == _PRE_RECEIVE:
            updates.append(Update(fields[2], _commit(fields[0]), _commit(fields[1])))
        else:
            raise UsageError(
                f"no line of a {hook} hook: {line[:100]!r}. Run it as that hook, with git's lines "
                "on standard input"
            )
    return tuple(updates)


def _commit(name: str) -> str | None:
    return name if name.strip("0") else None


def _check_updates(updates: Sequence[Update], hook: str, asked: CheckOptions) -> int:
    asks = dict(_asks(updates, hook, asked))
    if len(asks) > 1 and (
        asked.format != "text" or asked.output or any(path for _, path in asked.extra)
    ):
        raise UsageError(
            f"{len(asks)} refs are pushed at once, and a report holds one: leave --format and "
            "files to pushes of one"
        )
    code = 0
    for ref, ask in asks.items():
        if len(asks) > 1:
            print(f"twiceshy: {ref}", file=sys.stderr)
        code = max(code, check_change(ask))
    if not asks:
        print("twiceshy: nothing was judged: nothing is pushed but deletions", file=sys.stderr)
    return code


def _asks(
    updates: Sequence[Update], hook: str, asked: CheckOptions
) -> Iterator[tuple[str, CheckOptions]]:
    """What to judge for each ref, the same commits once."""
    root = _root(asked)
    default = _default_branch(root, hook)
    seen: set[tuple[str | None, str]] = set()
    for update in updates:
        # gone, or a tag of no commit
        if update.new is None or git.resolve(root, update.new) is None:
            continue
        base = update.old if update.old and git.resolve(root, update.old) else default
        if (base, update.new) in seen:
            continue
        seen.add((base, update.new))
        whole, registry = base is None, default or base
        ask = replace(asked, base=base, head=update.new, whole=whole, registry_at=registry)
        yield update.ref, ask


def _root(asked: CheckOptions) -> Path:
    start = asked.root or Path.cwd()
    root = git.repository_root(start) or git.bare_root(start)
    if root is None:
        raise UsageError(f"{start} is not in a git repository: run it as a hook of one")
    return root


def _default_branch(root: Path, hook: str) -> str | None:
    """The commit of the branch that everybody's work goes to, None before there is one."""
    names = ("HEAD",) if hook == "pre-receive" else git.REMOTE_BASES
    for name in names:
        commit = git.resolve(root, name)
        if commit:
            return commit
    return None
