"""What a change brings with it to escape a lesson: what of it counts, and how it is told. Pure;
judges no code.

A suppression is a person's word in the code that is judged. For a lesson that blocks it takes a
reason and an end, and for a grave one a second person: the same as for a dismissal.
"""

from dataclasses import replace

from twiceshy.guards.finding import Escape, EscapeKind
from twiceshy.lessons.lesson import Mode
from twiceshy.verdicts.reasons import Reason, Why
from twiceshy.verdicts.render.escape import one_line, one_line_path
from twiceshy.verdicts.settings import Settings
from twiceshy.verdicts.verdict import Action, JudgedFinding


def with_escape(judged: JudgedFinding, settings: Settings) -> JudgedFinding:
    """What becomes of a finding that something in the change keeps from being said."""
    escape = judged.finding.escape
    if escape is None or judged.action is Action.OBSERVE:
        return judged
    aware = replace(judged, without_escape=judged.action)
    if lifts(escape, judged, settings):
        silent = replace(aware, action=Action.OBSERVE)
        return silent.observed(Reason(Why.ESCAPED, told(silent)))
    why = f"{judged.finding.why}\n{told(aware)}".strip()
    return replace(aware, finding=replace(judged.finding, why=why))


def lifts(escape: Escape, judged: JudgedFinding, settings: Settings) -> bool:
    """Whether an escape keeps a finding silent."""
    if escape.kind is EscapeKind.SKIPPED:
        return True
    if escape.kind is EscapeKind.NOSEMGREP:
        return judged.lesson.mode is not Mode.BLOCK
    own_word = escape.added and settings.dismiss.takes_two(judged.lesson.severity)
    return judged.action is not Action.BLOCK or not own_word


def told(judged: JudgedFinding, author: str = "") -> str:
    """One plain line: what is kept from being said where, by what, and who added that. Empty
    without an escape.
    """
    finding, escape = judged.finding, judged.finding.escape
    if escape is None:
        return ""
    lesson = one_line(judged.lesson.id, 100)
    if escape.kind is EscapeKind.SKIPPED:
        skipped = f"{one_line_path(finding.path)} is new{_by(author)} and skipped ({escape.reason})"
        return f"{skipped}: {lesson} would have spoken at line {finding.start_line}"
    where = f"{one_line_path(finding.path)}:{finding.start_line}"
    means = f"{_comment(escape)} {_origin(escape, author)}"
    if judged.action is Action.OBSERVE:
        return f"{lesson} is silenced at {where} by {means}"
    return f"{lesson} speaks at {where} in spite of {means}: {_instead(escape, lesson)}"


def _comment(escape: Escape) -> str:
    if escape.kind is EscapeKind.NOSEMGREP:
        return "`nosemgrep`"
    return f"`twiceshy: ignore` until {escape.until}, because {one_line(escape.reason, 200)}"


def _origin(escape: Escape, author: str) -> str:
    if escape.added:
        return f"in line {escape.line}, which this change{_by(author)} adds"
    return f"in line {escape.line}, which stood there before"


def _by(author: str) -> str:
    return f" by @{author}" if author else ""


def _instead(escape: Escape, lesson: str) -> str:
    if escape.kind is EscapeKind.NOSEMGREP:
        comment = f"`twiceshy: ignore {lesson} until YYYY-MM-DD because ...`"
        return f"a lesson that blocks asks for {comment}"
    command = f"`/twiceshy dismiss {lesson} because ...`"
    return f"somebody else who may dismiss it has to agree, as with {command}"
