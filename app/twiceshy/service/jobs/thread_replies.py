"""A command in a reply to one of our own review comments: which finding it means, where the answer
goes. Decides nothing.
"""

from twiceshy.github import sending
from twiceshy.github.events import CommentCreated
from twiceshy.service.context import Context
from twiceshy.service.jobs.send_once import send_once
from twiceshy.store import findings, said_comments
from twiceshy.store.tables import FindingRow


def finding_of(context: Context, event: CommentCreated) -> FindingRow | None:
    """The finding whose thread a comment stands in; None in the conversation, and in threads of
    others.
    """
    if not event.thread:
        return None
    place = event.place
    row = context.transaction(said_comments.of_comment, place.repository, event.thread)
    if row is not None:
        fingerprint: str | None = row.fingerprint
    else:
        api = context.api(place.installation)
        fingerprint = sending.fingerprint_of(api, place.name, event.thread, context.slug)
    if fingerprint is None:
        return None
    return context.transaction(findings.find, place.repository, event.number, fingerprint)


def react(context: Context, event: CommentCreated, content: str) -> None:
    """Put a reaction under the comment, wherever it stands."""
    api = context.api(event.place.installation)
    sending.react(api, event.place.name, event.comment, content, in_review=event.in_review)


def answer(context: Context, event: CommentCreated, text: str) -> None:
    """Answer a comment once, in the thread where it stands."""
    api, name = context.api(event.place.installation), event.place.name
    mark = f"<!-- twiceshy:answer:{event.comment} -->"
    body, first = f"{text}\n\n{mark}", event.thread or event.comment

    def send() -> int:
        if event.in_review:
            return sending.reply(api, name, event.number, first, body)
        return sending.answer(api, name, event.number, body)

    def find() -> int | None:
        look = sending.find_reply if event.in_review else sending.find_answer
        return look(api, name, event.number, mark, context.slug)

    send_once(context, f"answer:{event.place.repository}/{event.comment}", send, find)
