"""How git is started: an argument list, a cleaned environment, a time limit.

Never through a shell; runs nothing of the repository's own (no hook, filter, external diff, pager, prompt).
"""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from twiceshy.changes.errors import ChangeError
from twiceshy.lessons.limits import patient

TIMEOUT_SECONDS = 300.0
"""By the clock: only a disk that does not answer takes so long, however busy the machine is."""

_SAFE = ("--no-pager", "-c", "core.quotePath=false", "-c", "core.fsmonitor=false", "-c", "diff.external=",
         "-c", "diff.submodule=short", "-c", "core.hooksPath=/dev/null")  # fmt: skip
_KEPT = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES",
         "GIT_CEILING_DIRECTORIES")  # fmt: skip
"""What says where the repository is: a hook runs with these set. GIT_CONFIG_* is kept too: whoever runs twiceshy may
name a safe.directory with it."""

Finished = subprocess.CompletedProcess[bytes]


def run_git(
    folder: Path,
    *arguments: str,
    check: bool = True,
    timeout: float | None = None,
    extra: Mapping[str, str] | None = None,
) -> Finished:
    """Run git to its end; ``extra`` is added to its environment, ``timeout`` is in seconds, TIMEOUT_SECONDS unless given.

    Raises ChangeError when git is not there, takes too long, or (with ``check``) fails.
    """
    limit = patient(TIMEOUT_SECONDS) if timeout is None else timeout
    try:
        done = subprocess.run(
            ["git", *_SAFE, *arguments], cwd=folder, env={**_environment(), **(extra or {})}, capture_output=True,
            stdin=subprocess.DEVNULL, timeout=limit, check=False,
        )  # fmt: skip
    except FileNotFoundError:
        raise _not_started(folder) from None
    except subprocess.TimeoutExpired:
        raise ChangeError(too_slow(arguments[0], limit)) from None
    if check and done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise ChangeError(f"git {arguments[0]} failed: {said[0] if said else f'exit code {done.returncode}'}")
    return done


def start_git(folder: Path, *arguments: str) -> "subprocess.Popen[bytes]":
    """Start a git that answers questions over its pipes; whoever starts it ends it."""
    try:
        return subprocess.Popen(
            ["git", *_SAFE, *arguments], cwd=folder, env=_environment(), stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
    except FileNotFoundError:
        raise _not_started(folder) from None


def too_slow(command: str, seconds: float) -> str:
    """What to say when git was given up on."""
    return f"git {command} took over {seconds:g} s and was stopped: is the repository on a slow or unreachable disk?"


def _not_started(folder: Path) -> ChangeError:
    if not folder.is_dir():
        return ChangeError(f"there is no folder {folder}")
    return ChangeError("git is not installed: install it, or give a diff with --diff FILE")


def _environment() -> dict[str, str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("GIT_") or name in _KEPT or name.startswith("GIT_CONFIG_")
    }
    return {**kept, "LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "GIT_NO_LAZY_FETCH": "1"}
