"""Asks another machine for a repository, with a git of our own that runs nothing of it.

Every conversation has its own folder, a bound on time and on bytes, https alone and no prompt; a
token is in git's environment, in no command line, file or message. Knows nothing of what is asked
for.
"""

import os
import signal
import subprocess
import time
from base64 import b64encode
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from urllib.parse import urlsplit

from twiceshy.changes.git_process import as_environment, own_environment, run_own_git, safe_git
from twiceshy.lessons.time_limits import patient

FETCH_SECONDS = 60.0
"""By the clock, for one conversation."""

MOST_BYTES = 300_000_000
"""Of one conversation. Code and lessons are text; other things beside them may be too much."""

NOT_READABLE = "it is not there, or may not be read with the credentials at hand"
_REFUSALS = (
    "could not read Username",
    "could not read Password",
    "Authentication failed",
    "not found",
    "returned error: 401",
    "returned error: 403",
)

_POLL_SECONDS = 0.05
_MOST_OUTPUT = 1_000_000
_NETWORK = (
    "core.askPass=",
    "credential.interactive=false",
    "core.bigFileThreshold=1m",
    "fetch.unpackLimit=1",
    "fetch.writeCommitGraph=false",
    "http.cookieFile=",
    "transfer.bundleURI=false",
)


class CannotFetch(Exception):
    """What is asked for cannot be had now; the message is the end of a sentence that says so."""


class NotReadable(CannotFetch):
    """It is not there, or not for us."""


@dataclass(frozen=True, slots=True)
class RemoteAddress:
    """Where a repository lies."""

    url: str
    ref: str | None = None  # of its default branch without one
    protocol: str = "https"  # the only one git may speak


class Way(Enum):
    """As whom a remote is asked."""

    ANYBODY = "anybody"
    TOKEN = "token"  # noqa: S105 - the name of a way, no token
    USER = "user"  # with the credentials that git is configured with


class RemoteGit:
    """One conversation with a remote, over an empty repository in a folder of its own."""

    def __init__(
        self, remote: RemoteAddress, folder: Path, token: str = "", seconds: float = FETCH_SECONDS
    ) -> None:
        """``seconds`` by the clock for all of it. Raises ChangeError when there is no git."""
        self.folder = folder / "git"
        self._place = folder
        self._remote = remote
        self._token = token
        self._seconds = patient(seconds)
        self._deadline = time.monotonic() + self._seconds
        self.folder.mkdir()
        self.run("init", "--quiet", "--bare", "--template=")

    def run(self, *arguments: str, given: bytes | None = None) -> bytes:
        """What a git says that asks nobody. Raises ChangeError."""
        return run_own_git(self.folder, *arguments, given=given).stdout

    def commits(self, way: Way, *names: str) -> str:
        """Which commits the remote's names stand for, as ``ls-remote`` lists them. Raises
        CannotFetch.
        """
        return self._talk(way, "ls-remote", "--", self._remote.url, *names)

    def fetch(self, way: Way, *names: str, only: str = "") -> None:
        """Fetch the last commit of each ``+theirs:ours``; ``only`` filters it, where the remote
        can. Raises CannotFetch.
        """
        options = ["--quiet", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head"]
        if only:
            options.append(f"--filter={only}")
        self._talk(way, "fetch", *options, "--depth=1", "--", self._remote.url, *names)

    def commit(self, name: str) -> str:
        """The commit that was fetched under a name, whatever tag led to it. Raises ChangeError."""
        return self.run("rev-parse", "--verify", f"{name}^{{commit}}").decode().strip()

    def _talk(self, way: Way, *arguments: str) -> str:
        """Run a git that asks the remote; what it answers. Raises CannotFetch."""
        settings = [word for setting in _NETWORK for word in ("-c", setting)]
        command = safe_git(self.folder, *settings, *arguments)
        output, errors = self._place / "output", self._place / "errors"
        with output.open("wb") as output_stream, errors.open("wb") as error_stream:
            process = subprocess.Popen(
                command,
                cwd=self.folder,
                env=self._environment(way),
                stdin=subprocess.DEVNULL,
                stdout=output_stream,
                stderr=error_stream,
                start_new_session=True,
            )
            try:
                self._wait(process)
            finally:
                _end(process)
        if process.returncode:
            raise self._refusal(_beginning(errors), process.returncode)
        return _beginning(output)

    def _wait(self, process: "subprocess.Popen[bytes]") -> None:
        while process.poll() is None:
            if time.monotonic() > self._deadline:
                raise CannotFetch(f"it took over {self._seconds:.0f} s")
            if bytes_in(self._place) > MOST_BYTES:
                raise CannotFetch(f"its repository has over {MOST_BYTES:,} bytes")
            time.sleep(_POLL_SECONDS)

    def _environment(self, way: Way) -> dict[str, str]:
        environment = own_environment(self.folder)
        environment["GIT_ALLOW_PROTOCOL"] = self._remote.protocol
        environment["GCM_INTERACTIVE"] = "never"
        if way is Way.USER:
            return environment
        pairs = [("credential.helper", "")]
        if way is Way.TOKEN:
            address = urlsplit(self._remote.url)
            scope = f"http.{address.scheme}://{address.netloc}/.extraHeader"
            pairs.append((scope, f"Authorization: Basic {_basic(self._token)}"))
        else:  # neither a file of the user's nor one of the machine's may hold a credential
            environment |= {"HOME": str(self._place), "XDG_CONFIG_HOME": str(self._place)}
            environment |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
            environment["GIT_CONFIG_NOSYSTEM"] = "1"
        return {**environment, **as_environment(pairs)}

    def _refusal(self, said: str, code: int) -> CannotFetch:
        why = self._without_token(_why(said, code))
        return NotReadable(why) if why == NOT_READABLE else CannotFetch(why)

    def _without_token(self, text: str) -> str:
        for secret in (self._token, _basic(self._token)) if self._token else ():
            text = text.replace(secret, "***")
        return text


def bytes_in(folder: Path) -> int:
    """What lies in a folder and those under it, while others may write there."""
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):  # git renames its files while we look
                total += Path(parent, name).stat().st_size
    return total


def _basic(token: str) -> str:
    """https://docs.github.com/en/apps/creating-github-apps: git over https with a token."""
    return b64encode(f"x-access-token:{token}".encode()).decode()


def _why(said: str, code: int) -> str:
    """Why git failed, in one line of its own or in ours where it says that it was not let in."""
    if any(refusal in said for refusal in _REFUSALS):
        return NOT_READABLE
    reasons = [line for line in said.splitlines() if line.startswith(("fatal:", "error:"))]
    return reasons[0].partition(": ")[2][:300] if reasons else f"git ended with {code}"


def _beginning(file: Path) -> str:
    with file.open("rb") as stream:
        return stream.read(_MOST_OUTPUT).decode("utf-8", "replace")


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End git and what it started to talk to the remote."""
    if process.poll() is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
