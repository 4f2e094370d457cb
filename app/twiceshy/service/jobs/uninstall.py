"""What follows when the App is removed from somewhere: what was kept is deleted, on this machine
and, soon, on the others.

Keeps nothing back and asks GitHub nothing: it would not answer any more.
"""

import shutil
import time
from collections.abc import Iterable
from contextlib import suppress

from dbos import DBOS
from structlog import get_logger

from twiceshy.github.events import (
    Installed,
    OfInstallation,
    RepositoriesRemoved,
    Suspended,
    Uninstalled,
)
from twiceshy.service.context import Context
from twiceshy.service.jobs import host_copies
from twiceshy.store import installations, notes
from twiceshy.store.installations import StoredRepository

UNUSED_DAYS = 14
"""So long a registry's copy that newer ones have replaced, a repository's code, or a compiled index
is kept after it was last used.
"""

DAY = 86_400.0
MOST_WORK = 2_000

log = get_logger()


def note(context: Context, event: OfInstallation) -> None:
    """Do what an installation that comes or goes asks for."""
    match event:
        case Installed():
            installed(context, event)
        case Suspended():
            suspended(context, event)
        case Uninstalled():
            uninstalled(context, event)
        case RepositoriesRemoved():
            removed(context, event)


def uninstalled(context: Context, event: Uninstalled) -> None:
    """Delete everything that is kept of an installation."""
    named = _repositories(event.repositories, event.names)
    forgotten = context.transaction(
        installations.forget_installation, event.installation, event.account, named
    )
    context.forget(event.installation)
    _forget_files(context, event.installation)
    _forget_work(forgotten)
    log.info("uninstalled, and forgotten", account=event.account, repositories=len(forgotten))


def removed(context: Context, event: RepositoriesRemoved) -> None:
    """Delete everything that is kept of some repositories of an installation that stays."""
    removed_ones = _repositories(event.repositories, event.names)
    context.transaction(installations.forget_repositories, removed_ones)
    for repository in removed_ones:
        context.registries.forget(event.installation, repository.name)
        context.hosts.forget(event.installation, repository.id)
    # an index holds the lessons of several repositories: it is made anew for those that stay
    shutil.rmtree(context.index_folder / str(event.installation), ignore_errors=True)
    _forget_work(removed_ones)
    log.info(
        "repositories removed, and forgotten",
        account=event.account,
        repositories=len(removed_ones),
    )


def suspended(context: Context, event: Suspended) -> None:
    """Do nothing more for an installation, and keep what is kept, until it is let in again."""
    context.transaction(installations.pause, event.installation)
    log.info("suspended", account=event.account)


def installed(context: Context, event: Installed) -> None:
    """Work for an installation that is new, or let in again."""
    context.transaction(installations.resume, event.installation)


def tidy(context: Context) -> None:
    """Delete from this machine what is not needed any more; safe while others read."""
    for installation in context.transaction(installations.gone):
        _forget_files(context, installation)
    in_use = set(context.transaction(notes.notes_under, notes.REGISTRY).values())
    before = time.time() - UNUSED_DAYS * DAY
    count = context.registries.sweep(in_use, before) + _sweep_indexes(context, before)
    if count:
        log.info("tidied", removed=count)
    host_copies.tidy(context, before)


def _sweep_indexes(context: Context, before: float) -> int:
    """Delete the compiled indexes that were last used before a time. Gives how many."""
    count = 0
    for path in context.index_folder.rglob("*"):
        with suppress(OSError):  # another process deleted it meanwhile
            if path.is_file() and path.stat().st_mtime < before:
                path.unlink()
                count += 1
    return count


def _repositories(numbers: Iterable[int], names: Iterable[str]) -> list[StoredRepository]:
    return [StoredRepository(number, name) for number, name in zip(numbers, names, strict=True)]


def _forget_files(context: Context, installation: int) -> None:
    context.registries.forget(installation)
    context.hosts.forget(installation)
    shutil.rmtree(context.index_folder / str(installation), ignore_errors=True)


def _forget_work(repositories: Iterable[StoredRepository]) -> None:
    """What the engine keeps of judgings that ended: it holds what was published."""
    prefixes: list[str] = []
    for repository in repositories:
        prefixes += [f"{kind}:{repository.id}/" for kind in ("judge", "check", "host")]
    if not prefixes:
        return
    ended = DBOS.list_workflows(
        workflow_id_prefix=prefixes,
        status=["SUCCESS", "ERROR", "CANCELLED"],
        limit=MOST_WORK,
        load_input=False,
        load_output=False,
    )
    if ended:
        DBOS.delete_workflows([workflow.workflow_id for workflow in ended])
