"""GitHub workflow commands: annotations that a read-only token can leave, on a fork's pull request
too.

https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions
"""

from collections import Counter
from collections.abc import Iterator

from twiceshy.verdicts.escapes import told
from twiceshy.verdicts.render.escape import one_line, printable
from twiceshy.verdicts.render.escape_lines import silenced
from twiceshy.verdicts.unseen_line import unseen_line
from twiceshy.verdicts.verdict import Action, JudgedFinding, Report

MOST_PER_TYPE = 10
"""GitHub shows ten errors, ten warnings and ten notices of a step, and drops the rest in silence:
https://github.com/actions/toolkit/blob/main/docs/problem-matchers.md#limitations
"""

MOST_MESSAGE = 4_000
_COMMAND = {Action.BLOCK: "error", Action.COMMENT: "warning"}


def render(report: Report) -> str:
    """One command a line: an error for what blocks, a warning for what is said, a notice for what
    needs mending.
    """
    count: Counter[str] = Counter()
    lines: list[str] = []
    for command, line in _commands(report):
        count[command] += 1
        if count[command] <= _most(command):
            lines.append(line)
    left = sum(max(0, number - _most(command)) for command, number in count.items())
    if left:
        lines.append(f"::notice title=twiceshy::{left} more in the summary of this job")
    return "".join(f"{line}\n" for line in lines)


def _most(command: str) -> int:
    """One notice is kept for what was left out."""
    return MOST_PER_TYPE - (command == "notice")


def data(text: str) -> str:
    """A command's message: nothing in it can end the line or start another command."""
    return printable(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def value(text: str) -> str:
    """A command's property, which also ends at a colon or a comma."""
    return data(text).replace(":", "%3A").replace(",", "%2C")


def _commands(report: Report) -> Iterator[tuple[str, str]]:
    if unseen := unseen_line(report.not_looked_at):
        yield "warning", f"::warning title=twiceshy::{data(unseen)}"
    for judged in report.shown:
        command = _COMMAND[judged.action]
        yield command, f"::{command} {_properties(judged)}::{data(_message(judged)[:MOST_MESSAGE])}"
    for judged in silenced(report):
        yield "notice", f"::notice {_properties(judged)}::{data(told(judged))}"
    for problem in report.problems:
        place = f"file={value(problem.path)},line={max(1, problem.line)}," if problem.path else ""
        yield "notice", f"::notice {place}title=twiceshy::{data(one_line(problem.message, 1000))}"


def _properties(judged: JudgedFinding) -> str:
    finding = judged.finding
    title = value(one_line(f"{judged.lesson.id}: {judged.lesson.title}", 120))
    start = max(1, finding.start_line)
    end = max(start, finding.end_line)
    return f"file={value(finding.path)},line={start},endLine={end},title={title}"


def _message(judged: JudgedFinding) -> str:
    parts = [f"Heads up: {judged.finding.headline}.", judged.finding.why]
    if judged.lesson.mitigation:
        parts.append(f"What worked: {judged.lesson.mitigation}")
    parts.append(judged.url or judged.lesson.source)
    return "\n".join(part for part in parts if part)
