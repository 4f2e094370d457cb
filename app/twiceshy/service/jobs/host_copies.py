"""The code that stands in a repository, for what is normal there: a copy of its default branch on
this machine, fetched beside the reviews and never waited for.

Only what the repository's own default branch holds is fetched, with a token that reads this one
repository. A copy that cannot be had is no problem of a pull request's: it is judged without.
"""

from contextlib import suppress
from enum import StrEnum

from structlog import get_logger

from twiceshy.changes.remote_git import CannotFetch, NotReadable, RemoteAddress
from twiceshy.changes.remote_host import fetch_host
from twiceshy.github.errors import Forbidden, Gone, Refused, Unauthorized
from twiceshy.github.events import RepositoryRef
from twiceshy.service.context import Context
from twiceshy.service.sandbox.launcher import HostRef
from twiceshy.store import installations
from twiceshy.store.heads import Head

PUSH_SECONDS = 300
"""All pushes of so many seconds are followed by one fetch."""

log = get_logger()


class Outcome(StrEnum):
    """What came of an attempt to renew a copy."""

    FETCHED = "fetched"
    SAME = "same"  # the default branch has not moved
    FAILED = "failed"  # the copy of before stays
    LOST = "lost"  # it may not be read any more: the copy is deleted
    NOT_WANTED = "not wanted"  # nobody uses a copy here, or nothing is to be done for the account
    BUSY = "busy"  # others are fetched


def are_kept(context: Context) -> bool:
    """Whether the operator wants copies, and they can be had over https."""
    return context.environment.host_copies and remote_of(context, "").url.startswith("https://")


def remote_of(context: Context, name: str) -> RemoteAddress:
    """Where the repository of a name lies."""
    return RemoteAddress(f"{context.environment.site}/{name}.git")


def host_of(context: Context, head: Head) -> HostRef | None:
    """The code a head is judged beside, as this machine has it; None when it has none yet."""
    if not are_kept(context):
        return None
    ids = head.installation, head.repository
    with suppress(OSError):  # a full disk
        context.hosts.note_used(*ids)
    copy = context.hosts.copy(*ids)
    return HostRef(str(copy), copy.name, str(copy.parent)) if copy else None


def is_due(context: Context, head: Head) -> bool:
    """Whether the copy of what was just reviewed is old, or there is none."""
    return are_kept(context) and context.hosts.is_due(head.installation, head.repository)


def renew(context: Context, place: RepositoryRef, pushed: bool) -> Outcome:
    """Fetch what the default branch holds now, unless it is here. Raises GitHub's Limited and Lost,
    which pass.

    After a push only where a copy is used, and in its turn; after a review when none has to wait.
    """
    if not _is_wanted(context, place, pushed):
        return Outcome.NOT_WANTED
    if not context.host_turns.acquire(blocking=pushed):
        return Outcome.BUSY
    try:
        outcome = _renewed(context, place)
    finally:
        context.host_turns.release()
    context.metrics.host_copies.labels(outcome).inc()
    _forget_if_gone(context, place)
    return outcome


def _is_wanted(context: Context, place: RepositoryRef, pushed: bool) -> bool:
    if not are_kept(context) or _is_gone(context, place):
        return False
    return not pushed or context.hosts.copy(place.installation, place.repository) is not None


def _renewed(context: Context, place: RepositoryRef) -> Outcome:
    hosts, ids = context.hosts, (place.installation, place.repository)
    before = hosts.copy(*ids)
    try:
        token = context.app.reading_token(*ids)
        copy = fetch_host(remote_of(context, place.name), hosts.place(*ids), token)
        hosts.use(copy)
        hosts.note_asked(*ids)
    except (NotReadable, Gone, Forbidden, Refused) as error:
        log.info("host lost", reason=str(error))
        hosts.forget(*ids)
        return _not_had(context, place, Outcome.LOST)
    except (CannotFetch, Unauthorized, OSError) as error:
        log.warning("host not fetched", reason=str(error))
        return _not_had(context, place, Outcome.FAILED)
    if before == copy:
        return Outcome.SAME
    log.info("host fetched", commit=copy.name)
    return Outcome.FETCHED


def _not_had(context: Context, place: RepositoryRef, outcome: Outcome) -> Outcome:
    with suppress(OSError):  # a full disk may be why
        context.hosts.note_asked(place.installation, place.repository, why_not=outcome)
    return outcome


def _is_gone(context: Context, place: RepositoryRef) -> bool:
    return context.transaction(installations.is_away, place.installation)


def _forget_if_gone(context: Context, place: RepositoryRef) -> None:
    """It may have been uninstalled meanwhile, and what was kept deleted already."""
    if place.installation in context.transaction(installations.gone):
        context.hosts.forget(place.installation)


def tidy(context: Context, before: float) -> None:
    """Hold the bounds on this machine; without copies nothing is kept at all."""
    if not context.environment.host_copies:
        before = float("inf")
    kept = context.hosts.tidy(before)
    context.metrics.host_bytes.set(kept.bytes)
    if kept.removed:
        log.info("hosts let go", removed=kept.removed, bytes=kept.bytes)
