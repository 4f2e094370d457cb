"""A registry of another repository, fetched with git and kept as a copy of its files.

A copy is taken for what it was for some minutes; then the remote is asked which commit it has, and
only another one is fetched. Decides nothing about who may read what is in a registry.
"""

import json
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from pathlib import Path

from twiceshy.changes.change_error import ChangeError
from twiceshy.changes.programs import is_trusted_place
from twiceshy.changes.remote_git import FETCH_SECONDS, CannotFetch, RemoteAddress, RemoteGit, Way
from twiceshy.lessons.kept_registry import (
    MOST_REGISTRY_FILES,
    ListedFile,
    copy_name,
    keep_copy,
    why_refused,
)
from twiceshy.lessons.private_files import private_folder, write_private
from twiceshy.lessons.sources import kind_of

FRESH_SECONDS = 300.0
"""For so long a copy is taken for what the remote has."""

UNUSED_SECONDS = 86_400.0
"""A copy that another one replaced is kept for whoever still reads it."""

MOST_SETTINGS_BYTES = 100_000
SETTINGS = ".twiceshy.yml"
BLOBS_A_QUESTION = 80
_HEAD, _ASKED = "refs/twiceshy/head", "refs/twiceshy/asked"

_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_REF = re.compile(r"(?![-/.@+^])(?!.*(?:\.\.|@\{|//))[^\x00-\x20\x7f~^:?*\[\\]+(?<![/.])")
"""What git itself takes for a name, and what means nothing else in a refspec."""


@dataclass(frozen=True, slots=True)
class FetchedRegistry:
    """A registry as its remote had it."""

    folder: Path | None  # the copy; None when there are neither lessons nor rules
    public: bool  # whether it was given to somebody without credentials
    default_branch: bool  # whether the copy is of its default branch
    settings: str | None  # its own, of the default branch


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
        self._ref = remote.ref
        self._has_token = bool(token)
        self._git = RemoteGit(remote, folder, token, seconds)

    def state(self, place: Path, before: _State | None) -> _State:
        """What the remote has now; fetched when it is not what there was before."""
        way, commits = self._ask()
        public = way is Way.ANYBODY
        if before and before.commits == commits and _is_there(place, before.copy):
            return replace(before, asked_at=time.time(), public=public)
        self._fetch(way)
        head, asked = self._git.commit(_HEAD), self._git.commit(_ASKED)
        copy = self._keep(place, asked)
        return _State(
            time.time(), commits, copy, public, asked == head, self._settings(self._entries(head))
        )

    def _ask(self) -> tuple[Way, str]:
        """Who is let in, and which commits the remote's names stand for."""
        ref = self._ref
        names = ["HEAD"]
        if ref and not _COMMIT.fullmatch(ref):
            names += [ref, f"refs/heads/{ref}", f"refs/tags/{ref}"]
        credentials = Way.TOKEN if self._has_token else Way.USER
        try:
            return Way.ANYBODY, self._git.commits(Way.ANYBODY, *names)
        except CannotFetch:
            return credentials, self._git.commits(credentials, *names)

    def _fetch(self, way: Way) -> None:
        self._git.fetch(way, f"+HEAD:{_HEAD}", f"+{self._ref or 'HEAD'}:{_ASKED}")

    def _entries(self, commit: str) -> Mapping[str, tuple[str, str]]:
        """What of a commit's top is ours: kind and id by name."""
        wanted = ("lessons", "rules", SETTINGS)
        listing = self._git.run("ls-tree", "-z", "--full-tree", commit, "--", *wanted)
        entries = {}
        for row in listing.decode("utf-8", "surrogateescape").split("\0"):
            facts, _, path = row.partition("\t")
            if path:
                _, kind, entry = facts.split()
                entries[path] = (kind, entry)
        return entries

    def _settings(self, entries: Mapping[str, tuple[str, str]]) -> str | None:
        kind, blob = entries.get(SETTINGS, ("", ""))
        if kind != "blob":
            return None
        size = self._git.run("cat-file", "-s", blob)
        if int(size) > MOST_SETTINGS_BYTES:
            return None
        return self._git.run("cat-file", "blob", blob).decode("utf-8", "replace")

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
        listing = self._git.run("ls-tree", "-r", "-l", "-z", "--full-tree", commit, "--", *folders)
        number = 0
        for row in listing.decode("utf-8", "surrogateescape").split("\0"):
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
            answer = self._git.run("cat-file", "--batch", given=question)
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
