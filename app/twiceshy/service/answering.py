"""People answer: commands in comments, buttons under the check, resolved threads. Who may is asked of GitHub."""

import re
from dataclasses import dataclass, replace

from structlog import get_logger

from twiceshy.github import publishing
from twiceshy.github.comment import marked
from twiceshy.github.events import Rerun, Resolved, Said
from twiceshy.github.publishing import DISMISS
from twiceshy.service import backlog, threads
from twiceshy.service.context import Context
from twiceshy.service.looking import note_wrong
from twiceshy.store import answers, findings, pulls
from twiceshy.store.answers import Opinion
from twiceshy.store.pulls import Head
from twiceshy.store.tables import Finding
from twiceshy.verdicts.redaction import UNTOLD_SCORE
from twiceshy.verdicts.render.escape import code_span, markdown, place

LONGEST_REASON = 500
_COMMAND = re.compile(r"^[ \t]*/twiceshy[ \t]+(\w+)[ \t]*(.*)$", re.MULTILINE)
_HELP = "I know `/twiceshy dismiss LESSON why`, `/twiceshy explain LESSON` and `/twiceshy recheck`."

log = get_logger()


@dataclass(frozen=True, slots=True)
class Command:
    """What somebody wrote after ``/twiceshy``."""

    verb: str
    lesson: str = ""
    rest: str = ""
    fingerprint: str = ""  # the one finding that is meant, where the command stands in its thread


def command_in(body: str) -> Command | None:
    """The first command in a comment; None when there is none. Quoted lines are nobody's command."""
    found = _COMMAND.search(body)
    if found is None:
        return None
    verb, rest = found[1].lower(), found[2].strip()
    if verb == "recheck":
        return Command(verb)
    lesson, _, rest = rest.partition(" ")
    return Command(verb, lesson, " ".join(rest.split())[:LONGEST_REASON])


def in_thread(command: Command, finding: Finding | None) -> Command:
    """In a finding's own thread its lesson need not be named, and that finding alone is meant. Pure."""
    if finding is None or command.verb == "recheck":
        return command
    if command.lesson.lower() == finding.lesson.lower():
        return replace(command, fingerprint=finding.fingerprint)
    rest = f"{command.lesson} {command.rest}".strip()[:LONGEST_REASON]
    return Command(command.verb, finding.lesson, rest, finding.fingerprint)


def heard(context: Context, event: Said) -> list[Head]:
    """Do what a comment asks for. Gives the heads to be judged again."""
    command = command_in(event.body)
    if command is None:
        return []
    api = context.api(event.place.installation)
    if not publishing.may_write(api, event.place.name, event.by):
        log.info("command of somebody without write access", by=event.by, verb=command.verb)
        threads.react(context, event, "confused")
        return []
    threads.react(context, event, "eyes")
    command = in_thread(command, threads.finding_of(context, event))
    head = context.keep(lambda session: pulls.head_of(session, event.place.repository, event.number))
    head = head or backlog.head_at(context, event.place, event.number)
    if head is None:
        return []
    text, again = _answer(context, command, head, event.by)
    if text:
        threads.answer(context, event, text)
    return [head] if again else []


def pressed(context: Context, event: Rerun) -> list[Head]:
    """A button under the check, or GitHub's own "Re-run". Gives the heads to be judged again."""
    heads = backlog.heads_of(context, event)
    if event.button != DISMISS:
        return heads
    api = context.api(event.place.installation)
    if not publishing.may_write(api, event.place.name, event.by):
        log.info("button pressed by somebody without write access", by=event.by)
        return []
    for head in heads:
        shown = _standing(context, head)
        _dismiss(context, head, shown, event.by, "not relevant (said with the button)", "button")
    return heads


def resolved(context: Context, event: Resolved) -> None:
    """A thread was resolved: somebody dealt with it, which speaks for the finding unless it is called wrong."""
    api = context.api(event.place.installation)
    ours = api.wrote(context.slug, event.author, event.author_kind, event.author_id)
    mark = marked(event.body) if ours else None
    rows = context.keep(lambda session: findings.of_pull(session, event.place.repository, event.number))
    row = next((each for each in rows if mark and each.fingerprint == mark[0] and not each.wrong), None)
    if row is None:
        return
    account = event.place.name.partition("/")[0]
    opinion = Opinion(
        account, row.repository, row.number, row.fingerprint, row.lesson, event.by, useful=True, how="resolved"
    )
    context.keep(lambda session: answers.note_opinion(session, opinion))


def _answer(context: Context, command: Command, head: Head, by: str) -> tuple[str, bool]:
    """What to say, and whether to judge again."""
    if command.verb == "recheck":
        return "", True
    mine = [row for row in _standing(context, head, everything=True) if row.lesson.lower() == command.lesson.lower()]
    mine = [row for row in mine if command.fingerprint in ("", row.fingerprint)]
    if command.verb == "explain":
        return _explained(command.lesson, mine), False
    if command.verb != "dismiss":
        return _HELP, False
    if not command.rest:
        meant = code_span(f"/twiceshy dismiss {command.lesson} because …")
        return f"Say why, so that the next one knows: {meant}", False
    shown = [row for row in mine if row.standing and row.action != "observe"]
    if not shown:
        return f"{markdown(command.lesson or 'That lesson')} says nothing on this pull request. {_HELP}", False
    _dismiss(context, head, shown, by, command.rest, "dismissed")
    return "", True


def _explained(lesson: str, rows: list[Finding]) -> str:
    if not rows:
        return (
            f"{markdown(lesson or 'That lesson')} found nothing here: no rule matched, and nothing resembles it enough."
        )
    lines = [_explained_row(row) for row in rows]
    return f"**{markdown(lesson)}** on this pull request:\n\n" + "\n".join(lines)


def _explained_row(row: Finding) -> str:
    """Without guard and score where the lesson's registry shares only that it speaks."""
    how = "" if row.score == UNTOLD_SCORE else f"{row.guard}, score {row.score:.2f}, "
    gone = "" if row.standing else ", gone by now"
    return f"- {code_span(place(row.path))} line {row.start_line}: {how}{row.action}{gone}"


def _standing(context: Context, head: Head, *, everything: bool = False) -> list[Finding]:
    rows = context.keep(lambda session: findings.of_pull(session, head.repository, head.number))
    return [row for row in rows if everything or (row.standing and row.action != "observe")]


def _dismiss(context: Context, head: Head, shown: list[Finding], who: str, reason: str, how: str) -> None:
    """Dismiss what is shown, and what other guards found of the same lessons in the same files: it would speak next."""
    account = head.name.partition("/")[0]
    places = {(row.lesson, row.path) for row in shown}
    meant = [row for row in _standing(context, head, everything=True) if (row.lesson, row.path) in places]
    for row in meant:
        context.keep(lambda session, row=row: answers.dismiss(session, account, row.claim, row.lesson, who, reason))  # type: ignore[misc]
    prints = [row.fingerprint for row in shown]
    context.keep(lambda session: note_wrong(session, head, prints, who, how))
