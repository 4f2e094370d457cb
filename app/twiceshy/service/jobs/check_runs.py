"""A head's check: opened as soon as the head is heard of, on a road of its own; concluded with what
its judging gave. Judges nothing and waits for no judging.
"""

from twiceshy.github import sending
from twiceshy.publishing.values import Publication
from twiceshy.service.context import Context
from twiceshy.service.jobs.durable import Steps
from twiceshy.service.jobs.send_once import send_once
from twiceshy.store import heads
from twiceshy.store.heads import Head

MOST_COUNTED = 200
"""Of those before it: counting further costs more than it says."""

NONE = "0"
"""In place of a check: the head was superseded before one was opened."""

QUEUED = "queued"


def key_of(head: Head) -> str:
    """What a head's check, and all that is sent for it, is known by."""
    if not head.number:
        return f"{head.repository}/queue/{head.head}"
    return f"{head.repository}/{head.number}/{head.generation}/{head.head[:16]}"


def open_check(context: Context, head: Head, before: int) -> str:
    """The head's check, opened now unless it is: its id, with QUEUED when it says so; NONE for a
    superseded head.

    A burst waits here for the installation's budget, and what is superseded meanwhile costs
    nothing. Raises a GitHubError.
    """
    _await_budget(context, head)
    key, api = key_of(head), context.opener(head.installation)

    def send() -> str:
        if not _newest(context, head):
            return NONE
        more = before >= MOST_COUNTED
        check = sending.open_check(api, head.name, head.head, key, before=before, more=more)
        return f"{check} {QUEUED}" if before else str(check)

    def find() -> str | None:
        check = sending.find_check(api, head.name, head.head, key, context.app.id)
        return None if check is None else f"{check} {QUEUED}"

    return send_once(context, f"check:{key}", send, find)


def begin(context: Context, head: Head, opened: str) -> int:
    """Say that the judging has begun, where the check says that it is queued. Gives the check's id,
    0 when there is none.
    """
    check, _, state = opened.partition(" ")
    if state == QUEUED:
        sending.begin_check(context.api(head.installation), head.name, int(check))
    return int(check)


def withdraw(context: Context, head: Head) -> int:
    """Conclude the check of a superseded head, if one was opened; none will be."""
    key, api = key_of(head), context.opener(head.installation)

    def find() -> str | None:
        check = sending.find_check(api, head.name, head.head, key, context.app.id)
        return None if check is None else str(check)

    opened = send_once(context, f"check:{key}", lambda: NONE, find)
    check = int(opened.partition(" ")[0])
    if check:
        sending.withdraw_check(api, head.name, check)
    return check


def conclude(
    steps: Steps, context: Context, head: Head, check: int, publication: Publication
) -> None:
    """Close the check with its verdict and the first annotations, and add the others. Raises
    StepFailed.
    """
    steps.run("conclude", _close, context, head, check, publication)
    for batch in range(1, sending.annotation_batches(publication)):
        steps.run(f"annotations {batch}", _annotate, context, head, check, publication, batch)


def _close(context: Context, head: Head, check: int, publication: Publication) -> int:
    api = context.api(head.installation)

    def send() -> int:
        sending.close_check(api, head.name, check, publication)
        return check

    def find() -> int | None:
        return sending.closed_check(api, head.name, check)

    return send_once(context, f"conclude:{key_of(head)}", send, find)


def _annotate(
    context: Context, head: Head, check: int, publication: Publication, batch: int
) -> int:
    api = context.api(head.installation)

    def send() -> int:
        sending.add_annotations(api, head.name, check, publication, batch)
        return batch

    def find() -> int | None:
        sent = sending.annotations_sent(api, head.name, check)
        return sent if sent > batch * sending.ANNOTATIONS_A_REQUEST else None

    return send_once(context, f"annotations:{key_of(head)}/{batch}", send, find)


def _await_budget(context: Context, head: Head) -> None:
    pacer = context.pacer(head.installation)
    while (pause := pacer.delay(content=False, urgent=True)) > 0 and _newest(context, head):
        pacer.sleep(min(pause, 1.0))


def _newest(context: Context, head: Head) -> bool:
    return not head.number or context.transaction(heads.is_newest, head)
