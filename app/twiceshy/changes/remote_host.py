"""The code of a repository elsewhere, fetched with git for what it says of what is normal there.

Keeps the last commit of the default branch in a bare repository, without its history and without
files larger than anybody writes. Decides nothing about whose code is looked at.
"""

import tempfile
from pathlib import Path

from twiceshy.changes.change_error import ChangeError
from twiceshy.changes.git_host import MAX_HOST_FILE_BYTES
from twiceshy.changes.remote_git import CannotFetch, RemoteAddress, RemoteGit, Way
from twiceshy.lessons.private_files import private_folder, tighten

FETCH_SECONDS = 120.0
"""By the clock, for one repository; nobody waits for it."""

FETCHING = ".fetching-"
"""Before the name of what is not whole yet."""

_HEAD = "refs/twiceshy/head"


def fetch_host(
    remote: RemoteAddress, place: Path, token: str, seconds: float = FETCH_SECONDS
) -> Path:
    """A bare repository in ``place``, called by the commit that the remote's default branch has
    now; fetched unless it is there. Raises CannotFetch, after so many seconds at the latest.
    """
    try:
        private_folder(place)
        with tempfile.TemporaryDirectory(dir=place, prefix=FETCHING) as folder:
            return _fetched(RemoteGit(remote, Path(folder), token, seconds), place)
    except ChangeError as error:
        raise CannotFetch(str(error)) from error
    except OSError as error:
        raise CannotFetch(f"{place} cannot be written ({error.strerror or error})") from error


def _fetched(git: RemoteGit, place: Path) -> Path:
    has = git.commits(Way.TOKEN, "HEAD").partition("\t")[0]
    if not has:
        raise CannotFetch("its default branch has no commit")
    if (place / has).is_dir():
        return place / has
    configuration = git.folder / "config"
    plain = configuration.read_bytes()
    git.fetch(Way.TOKEN, f"+HEAD:{_HEAD}", only=f"blob:limit={MAX_HOST_FILE_BYTES + 1}")
    # what was filtered is not here, and git is not to ask the remote for it
    configuration.write_bytes(plain)
    tighten(git.folder, deep=True)
    return _kept(git.folder, place / git.commit(_HEAD))


def _kept(folder: Path, copy: Path) -> Path:
    try:
        return folder.rename(copy)
    except OSError:
        if not copy.is_dir():  # else another process was first, with the same commit
            raise
        return copy
