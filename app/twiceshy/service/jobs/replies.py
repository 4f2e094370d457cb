"""What we answer to people's commands: short, who can do what. Text only; pings nobody, and nothing
in it is markup.
"""

from collections.abc import Iterable, Sequence

from twiceshy.service.jobs.command_parser import MOST_YEARS, Command, NoEnd
from twiceshy.service.jobs.dismiss import Refusal, Revoked, Rights, is_repository
from twiceshy.store.tables import DismissalRow, FindingRow
from twiceshy.verdicts.redaction import UNTOLD_SCORE
from twiceshy.verdicts.render.escape import code_span, markdown, one_line_path

HELP = (
    "I know `/twiceshy dismiss LESSON because …`, `/twiceshy undismiss LESSON`, "
    "`/twiceshy explain LESSON` and `/twiceshy recheck`."
)
MOST_PLACES = 20

_NO_END = {
    NoEnd.NO_DAY: "is no day. Write it as `until 2027-01-31`, or leave it out.",
    NoEnd.OVER: "is over. Write a day to come, or leave it out.",
    NoEnd.TOO_FAR: f"is more than {MOST_YEARS} years away. Write an earlier day, or leave it out.",
}


def without_reason(command: Command) -> str:
    """A dismissal needs a reason."""
    meant = code_span(f"/twiceshy dismiss {command.lesson or 'LESSON'} because …")
    return f"Say why, so that the next one knows: {meant}"


def no_end(command: Command, problem: NoEnd) -> str:
    """What is wrong with the day a dismissal shall end."""
    return f"Nothing is dismissed: {code_span(f'until {command.until}')} {_NO_END[problem]}"


def says_nothing(lesson: str) -> str:
    """There is nothing to dismiss."""
    return f"{markdown(lesson or 'That lesson')} says nothing on this pull request. {HELP}"


def explained(lesson: str, rows: Sequence[FindingRow]) -> str:
    """What a lesson found on a pull request."""
    name = markdown(lesson or "That lesson")
    if not rows:
        return f"{name} found nothing here: no rule matched, and nothing resembles it enough."
    return f"**{name}** on this pull request:\n\n" + "\n".join(map(_explained, rows))


def _explained(row: FindingRow) -> str:
    place = f"{code_span(one_line_path(row.path))} line {row.start_line}"
    gone = "" if row.standing else ", gone by now"
    return f"- {place}: {_how(row)}{row.action}{gone}"


def _how(row: FindingRow) -> str:
    """Guard and score, but where the lesson's registry shares only that it speaks."""
    return "" if row.score == UNTOLD_SCORE else f"{row.guard}, score {row.score:.2f}, "


def refused(why: Refusal, rows: Sequence[FindingRow], repository: str) -> str:
    """Nothing was dismissed; who could."""
    lesson = markdown(rows[0].lesson)
    instead = (
        f"Without `everywhere` people with write access can, for {markdown(repository)} alone."
    )
    if why is Refusal.NO_REGISTRY:
        return (
            f"{lesson} comes from no repository, so nobody is the admin "
            f"who could dismiss it everywhere. {instead} "
            "Whoever runs the service can take it out of its folders."
        )
    if why is Refusal.NOT_EVERYWHERE:
        registries = {row.lesson_registry for row in rows if is_repository(row.lesson_registry)}
        return f"Only an admin of {_list(registries)} can dismiss {lesson} everywhere. {instead}"
    return f"Only people with write access, and the lesson's owner, can dismiss {lesson} here."


def waiting(rows: Sequence[FindingRow], rights: Rights) -> str:
    """An author's word alone: it is a request, and somebody else's word makes it more."""
    lessons = {row.lesson: row for row in rows}
    return "\n\n".join(_waiting(lesson, row, rights) for lesson, row in sorted(lessons.items()))


def revoked(command: Command, what: Revoked, repository: str) -> str:
    """What speaks again, or why not."""
    lesson = markdown(command.lesson or "That lesson")
    where = "everywhere" if command.everywhere else f"in {markdown(repository)}"
    if what.refused is Refusal.NOT_EVERYWHERE:
        return (
            f"Only an admin of {markdown(what.registry)} can revoke what is dismissed everywhere."
        )
    if what.refused:
        return f"Only people with write access can revoke what is dismissed {where}."
    if not what.rows:
        other = " (`… everywhere` is another matter)" if not command.everywhere else ""
        return f"Nothing of {lesson} is dismissed {where}{other}."
    lines = [_revoked(row) for row in what.rows[:MOST_PLACES]]
    more = len(what.rows) - len(lines)
    if more:
        lines.append(f"- and {more} more")
    return "\n".join([f"{lesson} speaks again {where}. Revoked:", "", *lines])


def _waiting(lesson: str, row: FindingRow, rights: Rights) -> str:
    command = code_span(f"/twiceshy dismiss {lesson} because …")
    severity = f"of severity {row.severity}" if row.severity else "of unknown severity"
    return (
        f"Recorded as a request: {markdown(lesson)} is {severity}, "
        "and you wrote part of this change. "
        f"{_who_can(row, rights)} can confirm with {command}"
    )


def _who_can(row: FindingRow, rights: Rights) -> str:
    second = "A second person with write access"
    owner = row.owner.strip()
    if owner.startswith("@") and "/" in owner:
        return f"{second} (the owner is the team {markdown(owner)}, whose members I am not told)"
    if owner.startswith("@") and not rights.is_author(owner.removeprefix("@")):
        return f"{second}, or the lesson's owner {markdown(owner)},"
    return second


def _revoked(row: DismissalRow) -> str:
    spot = f" at {code_span(one_line_path(row.path))} line {row.start_line}" if row.path else ""
    until = f", until {row.until}" if row.until else ""
    return f"- dismissed by {markdown(row.who)}{spot}{until}: {markdown(row.reason)}"


def _list(names: Iterable[str]) -> str:
    return " or ".join(markdown(name) for name in sorted(names))
