"""Has a pull request judged in a process of its own, within a time: strangers' code may take it
down, not us.

A case goes in and a publication comes out, both as JSON. Sends nothing to GitHub.
"""

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from twiceshy.changes.not_looked_at import NotLookedAt
from twiceshy.changes.programs import clean_environment, isolated_python
from twiceshy.github.pulls import ChangedFile
from twiceshy.lessons.lesson import Problem
from twiceshy.lessons.serial import as_json, from_json
from twiceshy.lessons.time_limits import PATIENCE, Alarm
from twiceshy.publishing.values import Publication
from twiceshy.service.environment import PREFIX
from twiceshy.service.faults import Fault
from twiceshy.verdicts.sharing import Share

SECONDS = 300.0
"""Of computing, after which a run concludes neutral and says so; a busy machine only delays."""


@dataclass(frozen=True, slots=True)
class RegistryRef:
    """A registry on disk: its folder, the name it is shown and kept under, and whether it is the
    repository's own.
    """

    folder: str
    label: str
    prefix: str = ""
    repository: str = ""  # owner/name; empty for a folder of the service's own
    share: Share = Share.TEXT  # how much of it the pull request's readers may see


@dataclass(frozen=True, slots=True)
class DismissedHere:
    """A dismissal that holds in the repository, for the judging to hold against lessons and
    settings.
    """

    claim: str
    lesson: str
    registry: str  # whose lesson alone it is for; empty: whichever the repository uses
    alone: bool  # all who said it wrote part of this change
    who: str
    reason: str
    at: float = 0.0  # seconds since the epoch
    guard: str = ""  # whose finding was said, and is dismissed; empty: none was said
    score: float = 0.0  # of that finding


@dataclass(frozen=True, slots=True)
class ConfirmedHere:
    """A finding of the repository that was right: its thread was resolved, or it was mended before
    the merge.
    """

    registry: str
    lesson: str
    guard: str
    at: float


@dataclass(frozen=True, slots=True)
class JudgedHere:
    """What the account's people say of a lesson."""

    registry: str
    lesson: str
    useful: float
    all: int
    mended: int


@dataclass(frozen=True, slots=True)
class HostRef:
    """The code that stands on the default branch of the repository, as this machine has it."""

    folder: str  # a bare repository
    commit: str
    name: str  # of all copies of the repository


@dataclass(frozen=True)
class JudgeRequest:
    """All that the judging needs."""

    files: tuple[ChangedFile, ...]
    texts: Mapping[str, str]
    settings: str | None
    attributes: str
    base: str
    head: str
    shelves: tuple[RegistryRef, ...]
    repository_url: str
    dismissed: tuple[DismissedHere, ...]
    judged: tuple[JudgedHere, ...]
    problems: tuple[Problem, ...]
    cache: str
    not_looked_at: tuple[NotLookedAt, ...] = ()
    author: str = ""  # of the pull request
    confirmed: tuple[ConfirmedHere, ...] = ()
    host: HostRef | None = None  # None: not known here, and judged without


class NotJudged(Exception):
    """The judging died or took too long; the message says which, ``trace`` where it failed."""

    def __init__(self, message: str, trace: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.trace = tuple(trace)


def judge_apart(request: JudgeRequest, seconds: float = SECONDS) -> Publication:
    """The publication. Raises NotJudged."""
    process = subprocess.Popen(
        isolated_python("-m", "twiceshy.service.sandbox.judge"),
        cwd=os.sep,
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    alarm = Alarm(process, seconds, process.kill)
    try:
        with alarm:
            output, last_words = process.communicate(as_json(_anywhere(request)))
    finally:
        process.kill()
        process.wait()
    if alarm.late:
        raise NotJudged(f"judging this change took over {seconds:g} s")
    try:
        return from_json(output, Publication)
    except ValueError as error:
        why, trace = _failure(last_words, process.returncode)
        raise NotJudged(f"judging this change failed: {why}", trace) from error


def _failure(last_words: bytes, code: int) -> tuple[str, Sequence[str]]:
    """Why the process failed, and where: as it said in its last words, or by its exit code when it
    could say nothing.
    """
    try:
        fault = from_json(last_words.decode("utf-8", "replace").strip().splitlines()[-1], Fault)
    except (ValueError, IndexError):
        return f"exit code {code}", ()
    return str(fault), fault.trace


def environment() -> dict[str, str]:
    """Without our own secrets: what handles strangers' code has no use for them."""
    needed = {
        name: value for name, value in clean_environment().items() if not name.startswith(PREFIX)
    }
    if PATIENCE in os.environ:
        needed[PATIENCE] = os.environ[PATIENCE]
    return needed


def _anywhere(request: JudgeRequest) -> JudgeRequest:
    """The request with folders that mean the same in another working folder."""
    shelves = tuple(
        replace(shelf, folder=str(Path(shelf.folder).absolute())) for shelf in request.shelves
    )
    cache = str(Path(request.cache).absolute())
    return replace(request, shelves=shelves, cache=cache, host=_host_anywhere(request.host))


def _host_anywhere(host: HostRef | None) -> HostRef | None:
    return replace(host, folder=str(Path(host.folder).absolute())) if host else None
