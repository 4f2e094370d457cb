"""Prints the base and the head that the event at hand is about, and fetches what a shallow checkout
lacks of them.

Started with ``-I``, outside of the checkout; reads the event, never a file of the checkout. A base
that is gone (a force push), or was never there (a new branch), is replaced by the next best, and
that is said. Exits with 2 when there is none.
"""

import json
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from twiceshy.changes.change_error import ChangeError
from twiceshy.changes.git_process import fetch_git, run_git

COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
BRANCH = re.compile(r"(?!-)(?!.*(\.\.|@\{|//))[\w./+@-]{1,255}")
DEEPEN = (50, 200, 1000, 5000)


def main() -> int:
    """``commits.py CHECKOUT``."""
    checkout = Path(sys.argv[1])
    try:
        base, head = commits(checkout, read_event(), os.environ.get("INPUT_BASE", "").strip())
    except ChangeError as error:
        print(f"twiceshy: {error}", file=sys.stderr)
        return 2
    print(f"{base}\n{head}")
    return 0


def read_event() -> dict[str, Any]:
    """The event, empty when there is none."""
    try:
        event = json.loads(
            Path(os.environ.get("GITHUB_EVENT_PATH", "")).read_text(encoding="utf-8")
        )
    except (OSError, ValueError):
        return {}
    return event if isinstance(event, dict) else {}


def commits(checkout: Path, event: dict[str, Any], wanted: str) -> tuple[str, str]:
    """Base (empty when twiceshy may choose) and head, both here as far as they can be had. Raises
    ChangeError.
    """
    head = named(event, ("pull_request", "head", "sha"), ("merge_group", "head_sha"), ("after",))
    if not head or not (is_here(checkout, head) or fetch(checkout, head)):
        head = "HEAD"
    base = given(checkout, wanted) if wanted else of_event(checkout, event)
    if base:
        deepen(checkout, base, head)
    return base, head


def given(checkout: Path, wanted: str) -> str:
    """The commit or branch a person named. Raises ChangeError when it is nowhere."""
    for name in (wanted, f"origin/{wanted}"):
        if not wanted.startswith("-") and is_here(checkout, name):
            return name
    if COMMIT.fullmatch(wanted) and fetch(checkout, wanted):
        return wanted
    branch = fetched_branch(checkout, wanted)
    if branch is None:
        raise ChangeError(
            f"the base {wanted!r} is no commit or branch of this repository: mend the step's `base`"
        )
    return branch


def of_event(checkout: Path, event: dict[str, Any]) -> str:
    """The first base of the event that can be had; empty when the event knows of none."""
    branch = target(event)
    today = fetched_branch(checkout, branch) if branch else None
    if today:
        return today
    said = named(event, ("pull_request", "base", "sha"), ("merge_group", "base_sha"), ("before",))
    if said and (is_here(checkout, said) or fetch(checkout, said)):
        return said
    if said and (
        event.get("pull_request") or event.get("merge_group")
    ):  # these may have a `before` too
        raise ChangeError(
            f"the base commit {said} cannot be fetched: give actions/checkout `fetch-depth: 0`"
        )
    for base in instead(checkout, event):
        if said:
            print(
                f"::notice title=twiceshy::The commit before this push ({said[:12]}) is gone, as "
                "after a force push; "
                f"what was pushed is held against {base}.",
                file=sys.stderr,
            )
        return base
    if said:
        raise ChangeError(
            f"the commit before this push ({said[:12]}) is gone, as after a force push, and "
            "nothing else is known to hold "
            "the push against: give the step a `base`"
        )
    return ""


def target(event: dict[str, Any]) -> str:
    """The branch a pull request goes into. Its ``base.sha`` is that branch of then: lessons merged
    since would not count.
    """
    pull = event.get("pull_request")
    base = pull.get("base") if isinstance(pull, dict) else None
    return str(base.get("ref") or "") if isinstance(base, dict) else ""


def instead(checkout: Path, event: dict[str, Any]) -> Iterator[str]:
    """What a push may be held against without the commit before it.

    The default branch, else the parent of the first commit that was pushed.
    """
    default = str((event.get("repository") or {}).get("default_branch") or "")
    if default and event.get("ref") != f"refs/heads/{default}":
        branch = fetched_branch(checkout, default)
        if branch:
            yield branch
    pushed = event.get("commits") or []
    first = named(pushed[0], ("id",)) if pushed and isinstance(pushed[0], dict) else ""
    if first and (
        is_here(checkout, f"{first}^")
        or (fetch(checkout, first) and is_here(checkout, f"{first}^"))
    ):
        yield f"{first}^"


def named(event: Any, *ways: tuple[str, ...]) -> str:
    """The first commit that stands in the event under one of these keys; empty when none does."""
    for way in ways:
        value = event
        for key in way:
            value = value.get(key) if isinstance(value, dict) else None
        if isinstance(value, str) and COMMIT.fullmatch(value) and set(value) != {"0"}:
            return value
    return ""


def is_here(checkout: Path, name: str) -> bool:
    """Whether a name stands for a commit of this clone."""
    return run_git(checkout, "cat-file", "-e", f"{name}^{{commit}}", check=False).returncode == 0


def fetch(checkout: Path, commit: str) -> bool:
    """Whether a commit could be fetched."""
    return fetch_git(checkout, *depth(checkout), "origin", commit).returncode == 0 and is_here(
        checkout, commit
    )


def fetched_branch(checkout: Path, branch: str) -> str | None:
    """A branch of origin, fetched; None when there is none of that name."""
    if not BRANCH.fullmatch(branch):
        return None
    name = f"origin/{branch}"
    fetch_git(checkout, *depth(checkout), "origin", f"+refs/heads/{branch}:refs/remotes/{name}")
    return name if is_here(checkout, name) else None


def depth(checkout: Path) -> tuple[str, ...]:
    """How much to fetch: in a whole clone any ``--depth`` would cut its history off, for this step
    and all later ones.
    """
    return ("--depth=50",) if is_shallow(checkout) else ()


def deepen(checkout: Path, base: str, head: str) -> None:
    """A checkout is shallow unless told otherwise: fetch a little more each time, until the two
    meet.
    """
    for commits_more in DEEPEN:
        if run_git(checkout, "merge-base", base, head, check=False).returncode == 0:
            return
        if (
            not is_shallow(checkout)
            or fetch_git(checkout, f"--deepen={commits_more}", "origin").returncode
        ):
            return


def is_shallow(checkout: Path) -> bool:
    """Whether the clone's history was cut off."""
    return (
        run_git(checkout, "rev-parse", "--is-shallow-repository", check=False).stdout.strip()
        == b"true"
    )


if __name__ == "__main__":
    sys.exit(main())
