"""Opens a head's check as soon as the head is heard of, on a road of its own. Judges nothing and
waits for no judging.
"""

from twiceshy.github import sending
from twiceshy.service.context import Context
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
    pacer = context.pacer(head.installation)
    while (pause := pacer.delay(content=False, urgent=True)) > 0 and _newest(context, head):
        pacer.sleep(min(pause, 1.0))
    key, api = key_of(head), context.opener(head.installation)

    def send() -> str:
        if not _newest(context, head):
            return NONE
        more = before >= MOST_COUNTED
        number = sending.open_check(api, head.name, head.head, key, before=before, more=more)
        return f"{number} {QUEUED}" if before else str(number)

    def find() -> str | None:
        number = sending.find_check(api, head.name, head.head, key, context.app.id)
        return None if number is None else f"{number} {QUEUED}"

    return str(send_once(context, f"check:{key}", send, find))


def begin(context: Context, head: Head, check: str) -> int:
    """Say that the judging has begun, where the check says that it is queued. Gives the check's id,
    0 when there is none.
    """
    number, _, state = check.partition(" ")
    if state == QUEUED:
        sending.begin_check(context.api(head.installation), head.name, int(number))
    return int(number)


def withdraw(context: Context, head: Head) -> int:
    """Conclude the check of a superseded head, if one was opened; none will be."""
    key, api = key_of(head), context.opener(head.installation)
    check = send_once(
        context,
        f"check:{key}",
        lambda: NONE,
        lambda: _text(sending.find_check(api, head.name, head.head, key, context.app.id)),
    )
    number = int(str(check).partition(" ")[0])
    if number:
        sending.withdraw_check(api, head.name, number)
    return number


def _text(number: int | None) -> str | None:
    return None if number is None else str(number)


def _newest(context: Context, head: Head) -> bool:
    return not head.number or context.transaction(heads.is_newest, head)
