"""A registry of another repository, fetched with git and kept as a copy of its files.

A copy is taken for what it was for some minutes; then the remote is asked which commit it has, and
only another one is fetched. Every git has its own folder, a bound on time and on bytes, https alone
and no prompt; a token is in its environment, in no command line, file or message. Decides nothing
about who may read what is in a registry.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from enum import Enum
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

from twiceshy.changes.change_error import ChangeError
from twiceshy.changes.git_process import as_environment, own_environment, run_own_git, safe_git
from twiceshy.changes.programs import is_trusted_place
from twiceshy.lessons.kept_registry import (
    MOST_REGISTRY_FILES,
    ListedFile,
    copy_name,
    keep_copy,
    why_refused,
)
from twiceshy.lessons.private_files import private_folder, write_private
from twiceshy.lessons.sources import kind_of
from twiceshy.lessons.time_limits import patient

FRESH_SECONDS = 300.0
"""For so long a copy is taken for what the remote has."""

UNUSED_SECONDS = 86_400.0
"""A copy that another one replaced is kept for whoever still reads it."""

FETCH_SECONDS = 60.0
"""By the clock, for one registry."""

MOST_BYTES = 300_000_000
"""Of one fetch. A registry is text; a repository of other things beside it may be too much."""

MOST_SETTINGS_BYTES = 100_000
SETTINGS = ".twiceshy.yml"
BLOBS_A_QUESTION = 80
_POLL_SECONDS = 0.05
_MOST_OUTPUT = 1_000_000
_HEAD, _ASKED = "refs/twiceshy/head", "refs/twiceshy/asked"

_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_REF = re.compile(r"(?![-/.@+^])(?!.*(?:\.\.|@\{|//))[^\x00-\x20\x7f~^:?*\[\\]+(?<![/.])")
"""What git itself takes for a name, and what means nothing else in a refspec."""

NOT_READABLE = "it is not there, or may not be read with the credentials at hand"
_REFUSALS = (
    "could not read Username",
    "could not read Password",
    "Authentication failed",
    "not found",
    "returned error: 401",
    "returned error: 403",
)

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
    """A registry cannot be had now; the message is the end of a sentence that says so."""


@dataclass(frozen=True, slots=True)
class RemoteAddress:
    """Where a registry lies."""

    url: str
    ref: str | None = None  # of its default branch without one
    protocol: str = "https"  # the only one git may speak


@dataclass(frozen=True, slots=True)
class FetchedRegistry:
    """A registry as its remote had it."""

    folder: Path | None  # the copy; None when there are neither lessons nor rules
    public: bool  # whether it was given to somebody without credentials
    default_branch: bool  # whether the copy is of its default branch
    settings: str | None  # its own, of the default branch


class _Way(Enum):
    """As whom a remote is asked."""

    ANYBODY = "anybody"
    TOKEN = "token"  # noqa: S105 - the name of a way, no token
    USER = "user"  # with the credentials that git is configured with


@dataclass(frozen=True, slots=True)
class _State:
    """What is kept between two commands of one registry."""

    asked_at: float  # seconds since the epoch
    commits: str  # what the remote said it has
    copy: str | None
    public: bool
    default_branch: bool
    settings: str | None


def fetch_registry(
    remote: RemoteAddress, cache: Path, token: str = "", seconds: float = FETCH_SECONDS
) -> FetchedRegistry:
    """The registry as it is, or was a few minutes ago. Raises CannotFetch, after so many seconds
    at the latest.
    """
    if remote.ref is not None and not _REF.fullmatch(remote.ref):
        raise CannotFetch(f"{remote.ref!r} is no name of a branch, a tag or a commit")
    if not is_trusted_place(str(cache)):
        raise CannotFetch(f"the cache folder {cache} lies in the repository that is judged")
    named = "\0".join((remote.url, remote.ref or ""))
    place = cache / "registries" / sha256(named.encode()).hexdigest()[:32]
    state = _read_state(place)
    if state is None or not 0 <= time.time() - state.asked_at < FRESH_SECONDS:
        state = _refresh(place, state, lambda folder: _Fetch(remote, folder, token, seconds))
    folder = place / state.copy if state.copy else None
    return FetchedRegistry(folder, state.public, state.default_branch, state.settings)


def _refresh(
    place: Path, before: _State | None, conversation: "Callable[[Path], _Fetch]"
) -> _State:
    try:
        private_folder(place)
        with tempfile.TemporaryDirectory(dir=place, prefix=".fetching-") as folder:
            state = conversation(Path(folder)).state(place, before)
        _write_state(place, state)
        _remove_unused(place, state.copy)
    except ChangeError as error:
        raise CannotFetch(str(error)) from error
    except OSError as error:
        raise CannotFetch(f"{place} cannot be written ({error.strerror or error})") from error
    return state


class _Fetch:
    """One conversation with a remote."""

    def __init__(self, remote: RemoteAddress, folder: Path, token: str, seconds: float) -> None:
        self._remote = remote
        self._folder = folder
        self._token = token
        self._git = folder / "git"
        self._seconds = patient(seconds)
        self._deadline = time.monotonic() + self._seconds

    def state(self, place: Path, before: _State | None) -> _State:
        """What the remote has now; fetched when it is not what there was before."""
        self._git.mkdir()
        run_own_git(self._git, "init", "--quiet", "--bare", "--template=")
        way, commits = self._ask()
        public = way is _Way.ANYBODY
        if before and before.commits == commits and _is_there(place, before.copy):
            return replace(before, asked_at=time.time(), public=public)
        self._fetch(way)
        head, asked = self._commit(_HEAD), self._commit(_ASKED)
        copy = self._keep(place, asked)
        return _State(
            time.time(), commits, copy, public, asked == head, self._settings(self._entries(head))
        )

    def _ask(self) -> tuple[_Way, str]:
        """Who is let in, and which commits the remote's names stand for."""
        ref = self._remote.ref
        names = ["HEAD"]
        if ref and not _COMMIT.fullmatch(ref):
            names += [ref, f"refs/heads/{ref}", f"refs/tags/{ref}"]
        credentials = _Way.TOKEN if self._token else _Way.USER
        try:
            return _Way.ANYBODY, self._talk(_Way.ANYBODY, "ls-remote", "--", self._url, *names)
        except CannotFetch:
            return credentials, self._talk(credentials, "ls-remote", "--", self._url, *names)

    def _fetch(self, way: _Way) -> None:
        options = ("--quiet", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head")
        names = (f"+HEAD:{_HEAD}", f"+{self._remote.ref or 'HEAD'}:{_ASKED}")
        self._talk(way, "fetch", *options, "--depth=1", "--", self._url, *names)

    @property
    def _url(self) -> str:
        return self._remote.url

    def _talk(self, way: _Way, *arguments: str) -> str:
        """Run a git that asks the remote; what it answers. Raises CannotFetch."""
        settings = [word for setting in _NETWORK for word in ("-c", setting)]
        command = safe_git(self._git, *settings, *arguments)
        output, errors = self._folder / "output", self._folder / "errors"
        with output.open("wb") as output_stream, errors.open("wb") as error_stream:
            process = subprocess.Popen(
                command,
                cwd=self._git,
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
            said = _beginning(errors)
            raise CannotFetch(self._without_token(_why(said, process.returncode)))
        return _beginning(output)

    def _wait(self, process: "subprocess.Popen[bytes]") -> None:
        while process.poll() is None:
            if time.monotonic() > self._deadline:
                raise CannotFetch(f"it took over {self._seconds:.0f} s")
            if _bytes_in(self._folder) > MOST_BYTES:
                raise CannotFetch(f"its repository has over {MOST_BYTES:,} bytes")
            time.sleep(_POLL_SECONDS)

    def _environment(self, way: _Way) -> dict[str, str]:
        environment = own_environment(self._git)
        environment["GIT_ALLOW_PROTOCOL"] = self._remote.protocol
        environment["GCM_INTERACTIVE"] = "never"
        if way is _Way.USER:
            return environment
        pairs = [("credential.helper", "")]
        if way is _Way.TOKEN:
            address = urlsplit(self._url)
            scope = f"http.{address.scheme}://{address.netloc}/.extraHeader"
            pairs.append((scope, f"Authorization: Basic {_basic(self._token)}"))
        else:  # neither a file of the user's nor one of the machine's may hold a credential
            environment |= {"HOME": str(self._folder), "XDG_CONFIG_HOME": str(self._folder)}
            environment |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
            environment["GIT_CONFIG_NOSYSTEM"] = "1"
        return {**environment, **as_environment(pairs)}

    def _without_token(self, text: str) -> str:
        for secret in (self._token, _basic(self._token)) if self._token else ():
            text = text.replace(secret, "***")
        return text

    def _commit(self, name: str) -> str:
        """The commit that was fetched under a name, whatever tag led to it."""
        done = run_own_git(self._git, "rev-parse", "--verify", f"{name}^{{commit}}")
        return done.stdout.decode().strip()

    def _entries(self, commit: str) -> Mapping[str, tuple[str, str]]:
        """What of a commit's top is ours: kind and id by name."""
        wanted = ("lessons", "rules", SETTINGS)
        listing = run_own_git(self._git, "ls-tree", "-z", "--full-tree", commit, "--", *wanted)
        entries = {}
        for row in listing.stdout.decode("utf-8", "surrogateescape").split("\0"):
            facts, _, path = row.partition("\t")
            if path:
                _, kind, entry = facts.split()
                entries[path] = (kind, entry)
        return entries

    def _settings(self, entries: Mapping[str, tuple[str, str]]) -> str | None:
        kind, blob = entries.get(SETTINGS, ("", ""))
        if kind != "blob":
            return None
        size = run_own_git(self._git, "cat-file", "-s", blob).stdout
        if int(size) > MOST_SETTINGS_BYTES:
            return None
        return run_own_git(self._git, "cat-file", "blob", blob).stdout.decode("utf-8", "replace")

    def _keep(self, place: Path, commit: str) -> str | None:
        """Lay the registry's files on disk; gives the copy's name."""
        trees = {}
        for path, (kind, entry) in self._entries(commit).items():
            if kind == "tree":
                trees[path] = entry
        if not trees:
            return None
        name = copy_name(trees)
        if not (place / name).is_dir():
            listed = list(self._listed(commit))
            keep_copy(place / name, listed, self._contents, _WITHOUT_TEXT)
        return name

    def _listed(self, commit: str) -> Iterator[ListedFile]:
        """Every file a registry can hold, by its name; those that are not kept too."""
        folders = ("lessons/", "rules/")
        listing = run_own_git(
            self._git, "ls-tree", "-r", "-l", "-z", "--full-tree", commit, "--", *folders
        )
        number = 0
        for row in listing.stdout.decode("utf-8", "surrogateescape").split("\0"):
            facts, _, path = row.partition("\t")
            if kind_of(path) is None:
                continue
            number += 1
            if number > MOST_REGISTRY_FILES:
                yield ListedFile(path.partition("/")[0], "", _TOO_MANY)
                return
            mode, _, blob, size = facts.split()
            refused = why_refused(path, mode, int(size) if size.isdigit() else 0)
            yield ListedFile(path, blob, refused)

    def _contents(self, wanted: Sequence[ListedFile]) -> Iterator[tuple[str, str]]:
        for first in range(0, len(wanted), BLOBS_A_QUESTION):
            batch = wanted[first : first + BLOBS_A_QUESTION]
            question = "".join(f"{file.blob}\n" for file in batch).encode()
            answer = run_own_git(self._git, "cat-file", "--batch", given=question).stdout
            for file, content in zip(batch, _batch_contents(answer), strict=True):
                if content is not None and b"\0" not in content:
                    yield file.path, content.decode("utf-8", "replace")


_WITHOUT_TEXT = "is left out: it is not text"
_TOO_MANY = f"has more than {MOST_REGISTRY_FILES:,} files: the rest does not guard"


def _batch_contents(answer: bytes) -> Iterator[bytes | None]:
    """What ``git cat-file --batch`` gave for each name; None for what is not there."""
    position = 0
    while position < len(answer):
        end = answer.index(b"\n", position)
        facts = answer[position:end].split()
        position = end + 1
        if not facts[-1].isdigit():
            yield None
            continue
        size = int(facts[-1])
        yield answer[position : position + size]
        position += size + 1


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


def _bytes_in(folder: Path) -> int:
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):  # git renames its files while we look
                total += Path(parent, name).stat().st_size
    return total


def _is_there(place: Path, copy: str | None) -> bool:
    return copy is None or (place / copy).is_dir()


def _read_state(place: Path) -> _State | None:
    """What is known of a registry; None when nothing is, or its copy is gone."""
    try:
        state = _State(**json.loads((place / "state.json").read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
    return state if _is_there(place, state.copy) else None


def _write_state(place: Path, state: _State) -> None:
    with tempfile.TemporaryDirectory(dir=place, prefix=".making-") as folder:
        making = Path(folder, "state.json")
        write_private(making, json.dumps(asdict(state)).encode())
        making.replace(place / "state.json")


def _remove_unused(place: Path, copy: str | None) -> None:
    """Delete what a command that died left, and copies that nobody has used for a day."""
    for entry in place.iterdir():
        with suppress(OSError):
            unused = time.time() - entry.stat().st_mtime > UNUSED_SECONDS
            if unused and entry.is_dir() and entry.name != copy:
                shutil.rmtree(entry, ignore_errors=True)
