"""People answer: commands in comments, buttons under the check, resolved threads. Who may is asked
of GitHub.
"""

from collections.abc import Sequence

from structlog import get_logger

from twiceshy.github import sending
from twiceshy.github.events import CommentCreated, RepositoryRef, RerunRequested, ThreadResolved
from twiceshy.github.sending import DISMISS
from twiceshy.publishing.comment import marked
from twiceshy.service.context import Context
from twiceshy.service.jobs import open_pulls, replies, thread_replies
from twiceshy.service.jobs.command_parser import Command, NoEnd, about, commands_in, end_of
from twiceshy.service.jobs.dismiss import (
    Rights,
    Wish,
    dismiss,
    is_repository,
    opinion_on,
    undismiss,
)
from twiceshy.service.jobs.send_once import send_once
from twiceshy.store import dismissals, feedback, findings, heads
from twiceshy.store.feedback import BUTTON, DISMISSED
from twiceshy.store.heads import Head
from twiceshy.store.tables import FindingRow

log = get_logger()

Outcome = tuple[str, Sequence[Head]]
"""What to say, and the heads to be judged again."""


def on_comment(context: Context, event: CommentCreated) -> list[Head]:
    """Do what a comment asks for. Gives the heads to be judged again."""
    commands = commands_in(event.body)
    if not commands:
        return []
    finding = thread_replies.finding_of(context, event)
    if finding is not None:
        commands = tuple(
            about(command, finding.lesson, finding.fingerprint) for command in commands
        )
    head = context.transaction(heads.head_of, event.place.repository, event.number)
    if not _is_listened_to(context, event, head, commands):
        log.info("commands of somebody without rights", by=event.by)
        thread_replies.react(context, event, "confused")
        return []
    thread_replies.react(context, event, "eyes")
    head = head or open_pulls.head_at(context, event.place, event.number)
    if head is None:
        return []
    answers: dict[str, None] = {}  # each once, in order
    again: dict[Head, None] = {}
    for command in commands:
        answer, to_judge = _answer(context, command, head, event)
        answers[answer] = None
        again.update(dict.fromkeys(to_judge))
    text = "\n\n".join(filter(None, answers))
    if text:
        thread_replies.answer(context, event, text)
    return list(again)


def on_button(context: Context, event: RerunRequested) -> list[Head]:
    """A button under the check, or GitHub's own "Re-run". Gives the heads to be judged again."""
    heads = open_pulls.heads_of(context, event)
    if event.button != DISMISS:
        return heads
    return [head for head in heads if _press(context, event, head)]


def on_thread_resolved(context: Context, event: ThreadResolved) -> None:
    """A thread was resolved by somebody with write access: they dealt with it, which speaks for the
    finding.
    """
    place, api = event.place, context.api(event.place.installation)
    if not api.wrote(context.slug, event.author, event.author_kind, event.author_id):
        return
    fingerprint, _ = marked(event.body) or ("", False)
    row = context.transaction(findings.find, place.repository, event.number, fingerprint)
    if row is None or row.wrong:
        return
    if not sending.may_write(api, place.name, event.by):
        log.info("thread resolved by somebody without write access", by=event.by)
        return
    opinion = opinion_on(row, event.by, "resolved", useful=True)
    context.transaction(feedback.note_feedback, opinion)


def _is_listened_to(
    context: Context, event: CommentCreated, head: Head | None, commands: Sequence[Command]
) -> bool:
    """People with write access are; so are a lesson's owner of that lesson, and for "everywhere"
    its registry's admins.
    """
    api = context.api(event.place.installation)
    if sending.may_write(api, event.place.name, event.by):
        return True
    if head is None:
        return False
    rights = Rights(context, head)
    return any(_may_speak(rights, event.by, command) for command in commands)


def _may_speak(rights: Rights, who: str, command: Command) -> bool:
    rows = _of_lesson(rights.context, rights.head, command.lesson)
    if command.verb == "dismiss" and any(rights.owns(who, row) for row in rows):
        return True
    if not command.everywhere:
        return False
    registries = {row.lesson_registry for row in rows if is_repository(row.lesson_registry)}
    return any(rights.is_admin(who, registry) for registry in registries)


def _answer(context: Context, command: Command, head: Head, event: CommentCreated) -> Outcome:
    """What to say to a command, and what to judge again; what it asks for is done."""
    if command.verb == "recheck":
        return "", [head]
    if command.verb == "undismiss":
        return _undismissed(context, command, head, event)
    if command.verb == "explain":
        return replies.explained(command.lesson, _of_command(context, head, command)), []
    if command.verb == "dismiss":
        return _dismissed(context, command, head, event.by)
    return replies.HELP, []


def _dismissed(context: Context, command: Command, head: Head, who: str) -> Outcome:
    if not command.lesson or not command.rest:
        return replies.without_reason(command), []
    until = end_of(command, dismissals.today())
    if isinstance(until, NoEnd):
        return replies.no_end(command, until), []
    rows = _meant(context, head, _of_command(context, head, command))
    if not rows:
        return replies.says_nothing(command.lesson), []
    wish = Wish(who, command.rest, DISMISSED, command.everywhere, until)
    done = dismiss(context, head, rows, wish)
    if done.refused:
        return replies.refused(done.refused, rows, head.name), []
    text = replies.waiting(done.waiting, Rights(context, head)) if done.waiting else ""
    return text, [head] if done.silent else []


def _undismissed(context: Context, command: Command, head: Head, event: CommentCreated) -> Outcome:
    why = f"{event.place.repository}/{event.comment}/{command.lesson}"[:100]
    revoked = undismiss(context, head, command.lesson, event.by, why, everywhere=command.everywhere)
    return replies.revoked(command, revoked, head.name), revoked.heads


def _press(context: Context, event: RerunRequested, head: Head) -> bool:
    """Dismiss everything that is said on a pull request, as far as the one who pressed the button
    may.
    """
    rows = _shown_findings(context, head)
    meant = _meant(context, head, rows)
    wish = Wish(event.by, "not relevant (said with the button)", BUTTON)
    done = dismiss(context, head, meant, wish)
    if done.refused:
        log.info("button pressed by somebody without rights", by=event.by)
    if done.waiting:
        text = replies.waiting(done.waiting, Rights(context, head))
        _say(context, event.place, head.number, f"button/{event.head[:16]}/{event.by}", text)
    return bool(done.silent)


def _of_lesson(context: Context, head: Head, lesson: str) -> list[FindingRow]:
    rows = context.transaction(findings.of_pull, head.repository, head.number)
    return [row for row in rows if row.lesson.lower() == lesson.lower()]


def _of_command(context: Context, head: Head, command: Command) -> list[FindingRow]:
    """What the lesson found; in a finding's own thread that finding alone."""
    rows = _of_lesson(context, head, command.lesson)
    return [row for row in rows if command.fingerprint in ("", row.fingerprint)]


def _shown_findings(context: Context, head: Head) -> list[FindingRow]:
    rows = context.transaction(findings.of_pull, head.repository, head.number)
    return [row for row in rows if row.standing]


def _meant(context: Context, head: Head, rows: Sequence[FindingRow]) -> list[FindingRow]:
    """What is said, or is dismissed already; and what other guards found of the same lessons in the
    same files.

    They would speak next.
    """
    owner, day = head.name.partition("/")[0], dismissals.today()
    holding = context.transaction(dismissals.holding, owner, head.repository, day)
    silenced = {row.claim for row in holding}
    loud = [row for row in rows if row.action != "observe" or row.claim in silenced]
    places = {(row.lesson, row.path) for row in loud if row.standing}
    return [row for row in rows if row.standing and (row.lesson, row.path) in places]


def _say(context: Context, place: RepositoryRef, number: int, name: str, text: str) -> None:
    api, mark = context.api(place.installation), f"<!-- twiceshy:answer:{name} -->"
    send_once(
        context,
        f"answer:{place.repository}/{name}",
        lambda: sending.answer(api, place.name, number, f"{text}\n\n{mark}"),
        lambda: sending.find_answer(api, place.name, number, mark, context.slug),
    )
