"""How git is started: an argument list, a cleaned environment, a time limit.

Never through a shell; runs nothing of the repository's own (no hook, filter, external diff, pager,
prompt), and no git that lies in the repository.
"""

import os
import select
import shutil
import subprocess
import time
from collections.abc import Generator, Mapping, Sequence
from pathlib import Path
from typing import Any

from twiceshy.changes.change_error import ChangeError
from twiceshy.changes.programs import clean_environment, find_program, is_trusted_place
from twiceshy.lessons.time_limits import patient

TIMEOUT_SECONDS = 300.0
"""By the clock: only a disk that does not answer takes so long, however busy the machine is."""

FETCH_SECONDS = 600.0
_COUNT_DIGITS = 5
_PIECE = 1 << 16

_SAFE = (
    "--no-pager",
    "--no-replace-objects",
    "-c",
    "core.quotePath=false",
    "-c",
    "core.fsmonitor=false",
    "-c",
    "core.hooksPath=/dev/null",
    "-c",
    "core.attributesFile=/dev/null",
    "-c",
    "core.alternateRefsCommand=",
    "-c",
    "core.editor=false",
    "-c",
    "core.pager=cat",
    "-c",
    "diff.external=",
    "-c",
    "diff.submodule=short",
    "-c",
    "log.showSignature=false",
    "-c",
    "gpg.program=false",
    "-c",
    "gpg.ssh.program=false",
    "-c",
    "gpg.x509.program=false",
    "-c",
    "gc.auto=0",
    "-c",
    "maintenance.auto=false",
    "-c",
    "submodule.recurse=false",
    "-c",
    "safe.bareRepository=explicit",
)
"""What of a configuration starts programs, or has a repository in a subfolder read by mistake. What
attributes name (filters, text conversions, diff commands) cannot be listed here: no command that
applies them is used.
"""

_OFFLINE = (
    "-c",
    "protocol.allow=never",
    "-c",
    "core.sshCommand=false",
    "-c",
    "core.gitProxy=",
    "-c",
    "core.askPass=",
    "-c",
    "credential.helper=",
)
"""Reading asks nobody: a clone that lacks objects would otherwise start its remote's programs for
them.
"""

_PLACES = frozenset(
    {
        "GIT_DIR",
        "GIT_WORK_TREE",
        "GIT_INDEX_FILE",
        "GIT_OBJECT_DIRECTORY",
        "GIT_ALTERNATE_OBJECT_DIRECTORIES",
        "GIT_CEILING_DIRECTORIES",
        "GIT_QUARANTINE_PATH",
    }
)
"""What says where the repository is: a hook runs with these set."""

_FILES = ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM")
_CREDENTIALS = (
    "GIT_SSH",
    "GIT_SSH_COMMAND",
    "GIT_ASKPASS",
    "GIT_SSL_",
    "GIT_HTTP_",
    "GIT_PROXY_",
    "GIT_CONFIG_",
)

Finished = subprocess.CompletedProcess[bytes]


def run_git(
    folder: Path,
    *arguments: str,
    check: bool = True,
    timeout: float | None = None,
    extra: Mapping[str, str] | None = None,
    given: bytes | None = None,
) -> Finished:
    """Run git to its end.

    ``extra`` is added to its environment, ``timeout`` is in seconds, TIMEOUT_SECONDS unless it is
    given; ``given`` stands on its standard input. Raises ChangeError when git is not there, takes
    too long, or (with ``check``) fails.
    """
    environment = {**_environment(folder), **(extra or {})}
    limit = patient(TIMEOUT_SECONDS) if timeout is None else timeout
    command = (*_SAFE, *_OFFLINE, *arguments)
    return _run(folder, command, environment, arguments[0], check, limit, given)


def fetch_git(folder: Path, *arguments: str, timeout: float = FETCH_SECONDS) -> Finished:
    """``git fetch`` with these arguments; never raises for what git says.

    The one command that talks to a remote, with the ways and credentials its clone was made with.
    Raises ChangeError when git is not there or takes too long.
    """
    command = (*_SAFE, "fetch", "--quiet", "--no-tags", "--no-recurse-submodules", *arguments)
    return _run(folder, command, _fetch_environment(folder), "fetch", False, timeout, None)


def run_own_git(folder: Path, *arguments: str, given: bytes | None = None) -> Finished:
    """Run git in a repository that twiceshy made itself, whatever the environment says of others.

    Raises ChangeError when it fails, too.
    """
    limit = patient(TIMEOUT_SECONDS)
    environment = {**own_environment(folder), "GIT_ALLOW_PROTOCOL": "none"}
    command = (*_SAFE, *_OFFLINE, *arguments)
    return _run(folder, command, environment, arguments[0], True, limit, given)


def own_environment(folder: Path) -> dict[str, str]:
    """For a repository that twiceshy made itself, with the user's own configuration alone."""
    environment = {**_without_git(folder, frozenset()), **_configuration(folder), **_QUIET}
    return {**environment, "GIT_DIR": str(folder), "GIT_NO_LAZY_FETCH": "1"}


def safe_git(folder: Path, *arguments: str) -> list[str]:
    """The command line of a git that runs nothing of a repository's own, and may ask a remote.

    Raises ChangeError when there is no git.
    """
    try:
        return [_git(folder), *_SAFE, *arguments]
    except FileNotFoundError:
        raise _not_started(folder) from None


def as_environment(pairs: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Settings for one git, out of sight of process lists.

    https://git-scm.com/docs/git-config#Documentation/git-config.txt-GITCONFIGCOUNT
    """
    environment = {"GIT_CONFIG_COUNT": str(len(pairs))}
    for number, (key, value) in enumerate(pairs):
        environment[f"GIT_CONFIG_KEY_{number}"] = key
        environment[f"GIT_CONFIG_VALUE_{number}"] = value
    return environment


def _run(
    folder: Path,
    arguments: Sequence[str],
    environment: Mapping[str, str],
    name: str,
    check: bool,
    timeout: float,
    given: bytes | None,
) -> Finished:
    source: dict[str, Any] = {"stdin": subprocess.DEVNULL} if given is None else {"input": given}
    try:
        done = subprocess.run(
            [_git(folder), *arguments],
            cwd=folder,
            env=environment,
            capture_output=True,
            timeout=timeout,
            check=False,
            **source,
        )
    except FileNotFoundError:
        raise _not_started(folder) from None
    except subprocess.TimeoutExpired:
        raise ChangeError(too_slow(name, timeout)) from None
    if check and done.returncode:
        lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
        reason = lines[0] if lines else f"exit code {done.returncode}"
        raise ChangeError(f"git {name} failed: {reason}")
    return done


def start_git(
    folder: Path, *arguments: str, extra: Mapping[str, str] | None = None
) -> "subprocess.Popen[bytes]":
    """Start a git that answers questions over its pipes; whoever starts it ends it."""
    try:
        return subprocess.Popen(
            [_git(folder), *_SAFE, *_OFFLINE, *arguments],
            cwd=folder,
            env={**_environment(folder), **(extra or {})},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
    except FileNotFoundError:
        raise _not_started(folder) from None


def output_of_git(
    folder: Path, *arguments: str, extra: Mapping[str, str] | None = None
) -> Generator[bytes]:
    """What git writes, in pieces as they come; closing it ends git. Raises ChangeError when git is
    not there, takes too long, or fails.
    """
    limit = patient(TIMEOUT_SECONDS)
    deadline = time.monotonic() + limit
    process = start_git(folder, *arguments, extra=extra)
    with process:
        try:
            while piece := _next_piece(process, deadline):
                yield piece
            left = max(0.0, deadline - time.monotonic())
            if process.wait(left):
                raise ChangeError(f"git {arguments[0]} failed: exit code {process.returncode}")
        except subprocess.TimeoutExpired:
            raise ChangeError(too_slow(arguments[0], limit)) from None
        finally:
            process.kill()


def _next_piece(process: "subprocess.Popen[bytes]", deadline: float) -> bytes:
    """Empty at the end. Raises TimeoutExpired."""
    if process.stdout is None:
        return b""
    left = deadline - time.monotonic()
    if left <= 0 or not select.select([process.stdout], [], [], left)[0]:
        raise subprocess.TimeoutExpired(process.args, left)
    return os.read(process.stdout.fileno(), _PIECE)


def too_slow(command: str, seconds: float) -> str:
    """What to say when git was given up on."""
    return (
        f"git {command} took over {seconds:g} s and was stopped: "
        "is the repository on a slow or unreachable disk?"
    )


def _not_started(folder: Path) -> ChangeError:
    if not folder.is_dir():
        return ChangeError(f"there is no folder {folder}")
    if shutil.which("git"):
        return ChangeError(
            "the only git on the PATH lies in the repository to be judged, "
            "or under a relative path, and is not started: "
            "install git, or give a diff with --diff FILE"
        )
    return ChangeError("git is not installed: install it, or give a diff with --diff FILE")


def _git(folder: Path) -> str:
    program = find_program("git", folder)
    if program is None:
        raise FileNotFoundError
    return str(program)


def _environment(folder: Path) -> dict[str, str]:
    environment = {**_without_git(folder), **_configuration(folder), **_safe_directories()}
    return {**environment, **_QUIET, "GIT_ALLOW_PROTOCOL": "none", "GIT_NO_LAZY_FETCH": "1"}


def _fetch_environment(folder: Path) -> dict[str, str]:
    environment = _without_git(folder)
    for name, value in os.environ.items():
        if name.startswith(_CREDENTIALS) and name not in _FILES:
            environment[name] = value
    environment |= _configuration(folder)
    return {**environment, **_QUIET, "GIT_ALLOW_PROTOCOL": "file:git:http:https:ssh"}


_QUIET = {
    "LC_ALL": "C",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_ATTR_NOSYSTEM": "1",
}


def _without_git(folder: Path, but: frozenset[str] = _PLACES) -> dict[str, str]:
    """The environment without what configures git, ``but`` for some: where the repository is."""
    environment: dict[str, str] = {}
    for name, value in clean_environment(folder).items():
        if not name.startswith("GIT_") or name in but:
            environment[name] = value
    return environment


def _configuration(folder: Path) -> dict[str, str]:
    """Which files configure git: never one in what is judged."""
    files: dict[str, str] = {}
    for name in _FILES:
        if is_trusted_place(os.environ.get(name, ""), folder):
            files[name] = os.environ[name]
    if os.environ.get("GIT_CONFIG_NOSYSTEM"):
        files["GIT_CONFIG_NOSYSTEM"] = os.environ["GIT_CONFIG_NOSYSTEM"]
    return files


def without_filters(folder: Path) -> dict[str, str]:
    """What to add to the environment of a command that may look into files of the work tree.

    git compares a file that changed in the moment the index was written by its content, and that
    goes through the programs which attributes and configuration name. Only git itself knows all
    names, so it is asked. Raises ChangeError.
    """
    command = ("config", "--null", "--name-only", "--get-regexp", r"^filter\.")
    listed = run_git(folder, *command, check=False).stdout
    keys = listed.decode("utf-8", "surrogateescape").split("\0")
    drivers = dict.fromkeys(key.rpartition(".")[0] for key in keys if key.count(".") > 1)
    pairs = [("safe.directory", place) for place in _trusted_directories()]
    for driver in drivers:
        pairs += [(f"{driver}.clean", ""), (f"{driver}.smudge", ""), (f"{driver}.process", "")]
        pairs.append((f"{driver}.required", "false"))
    return as_environment(pairs)


def _safe_directories() -> dict[str, str]:
    return as_environment([("safe.directory", place) for place in _trusted_directories()])


def _trusted_directories() -> list[str]:
    """Whoever runs twiceshy may say with GIT_CONFIG_* whose repositories are read, and nothing
    else.
    """
    count = os.environ.get("GIT_CONFIG_COUNT", "")
    total = int(count) if count.isdecimal() and len(count) < _COUNT_DIGITS else 0
    directories: list[str] = []
    for number in range(total):
        if os.environ.get(f"GIT_CONFIG_KEY_{number}", "").lower() == "safe.directory":
            directories.append(os.environ.get(f"GIT_CONFIG_VALUE_{number}", ""))
    return directories
