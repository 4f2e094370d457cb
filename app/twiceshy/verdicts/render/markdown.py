"""Markdown for a job's summary: what a person sees first, everything else folded away. Nothing in
it can break out.
"""

from collections.abc import Iterable, Iterator
from textwrap import dedent

from twiceshy.guards.finding import GAP, Finding
from twiceshy.lessons.languages import language_of_path
from twiceshy.verdicts.render.escape import (
    code_span,
    fenced,
    first_lines,
    markdown,
    one_line_path,
    plain_link,
)
from twiceshy.verdicts.render.escape_lines import escape_headline, escape_lines
from twiceshy.verdicts.sharing import Share
from twiceshy.verdicts.unseen_line import unseen_line
from twiceshy.verdicts.verdict import Action, Conclusion, Excerpt, JudgedFinding, Report

LIMIT_BYTES = 1_000_000
"""A little under the 1 MiB GitHub takes for a step's summary; over it nothing at all would be
shown: its documentation, "Workflow commands", step isolation and limits.
"""

PROBLEMS_SHARE = 4
"""Problems take at most one part in so many of the limit, so that a broken registry cannot crowd
the findings out.
"""

SUGGESTED_LINES, LONGEST_LINE = 40, 400
MOST_ALIKE = 10

_MARK = {Action.BLOCK: "🛑 blocks", Action.COMMENT: "💬 look"}


def render(report: Report, limit: int = LIMIT_BYTES, author: str = "") -> str:
    """The report; when it would be over the limit it is cut after a whole finding, and says so.

    ``author``: whose change it is, where that is known; named with what the change adds to escape.
    """
    head = f"## twiceshy: {markdown(headline(report))}\n{_escaped(report, author)}"
    tail = "".join(_tail(report, limit // PROBLEMS_SHARE))
    room = limit - len(head.encode("utf-8", "replace")) - len(tail.encode("utf-8", "replace")) - 200
    parts = []
    for number, judged in enumerate(report.shown):
        part = _finding(judged, report)
        room -= len(part.encode("utf-8", "replace"))
        if room < 0:
            parts.append(f"\n… and {len(report.shown) - number} more that did not fit here.\n")
            break
        parts.append(part)
    return (head + "".join(parts) + tail).encode("utf-8", "replace").decode()


def headline(report: Report) -> str:
    """The verdict in one line: what blocks, else what was not looked at, first."""
    said, unseen = _said(report), unseen_line(report.not_looked_at)
    if not unseen:
        return said
    blocking = any(judged.action is Action.BLOCK for judged in report.shown)
    if report.conclusion is Conclusion.FAILURE and not blocking:
        return f"not judged, and this repository asks for failure then (on_failure); {unseen}"
    if blocking:
        return f"{said}; {unseen}"
    return f"{unseen}; {said}" if report.shown else unseen


def _said(report: Report) -> str:
    lessons = len({judged.lesson.id for judged in report.shown})
    blocking = len({judged.lesson.id for judged in report.shown if judged.action is Action.BLOCK})
    if report.conclusion is Conclusion.FAILURE:
        rest = f", {lessons - blocking} more worth a look" if lessons > blocking else ""
        return f"{count(blocking, 'lesson')} block{'s' * (blocking == 1)} this change{rest}"
    if lessons:
        return f"{count(lessons, 'lesson')} worth a look"
    if hidden := escape_headline(report):
        return hidden
    if report.conclusion is Conclusion.NEUTRAL:
        return "nothing found, but not everything could be checked"
    return "no lesson speaks against this change"


def count(number: int, noun: str) -> str:
    """``1 lesson``, ``2 lessons``."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _finding(judged: JudgedFinding, report: Report) -> str:
    if judged.share is Share.ID:
        return _bare(judged)
    excerpt = report.excerpts.get(judged.fingerprint)
    rows = [*_heading(judged), *_evidence(judged, excerpt), *_suggestion(judged.finding)]
    backing = f", the lesson is {judged.backing}" if judged.backing else ""
    fingerprint = code_span(judged.fingerprint)
    rows.append(f"Guard: {judged.finding.guard}{backing}, fingerprint {fingerprint}")
    rows.append("</details>\n")
    return "\n".join(rows)


def _heading(judged: JudgedFinding) -> Iterator[str]:
    finding, lesson = judged.finding, judged.lesson
    yield f"\n### {_MARK[judged.action]}: {linked(judged)} {markdown(lesson.title)}\n"
    yield f"Heads up: {markdown(finding.headline)}. {_where(judged)}\n"
    if lesson.summary:
        yield f"**What happened:** {markdown(lesson.summary)}\n"
    if lesson.mitigation:
        yield f"**What worked:** {markdown(lesson.mitigation)}\n"


def _evidence(judged: JudgedFinding, excerpt: Excerpt | None) -> Iterator[str]:
    """Why it matched, folded away: in words, and in code."""
    finding = judged.finding
    yield "<details><summary>Why this matched</summary>\n"
    for line in finding.why.split("\n"):
        if line.strip():
            yield f"- {markdown(line)}"
    yield ""
    for part in side_by_side(judged, excerpt):
        yield f"{part}\n"
    if excerpt and excerpt.lines and not finding.then:
        code = "\n".join(line[:LONGEST_LINE] for line in excerpt.lines)
        yield fenced(code, language_of_path(finding.path) or "") + "\n"


def _suggestion(finding: Finding) -> Iterator[str]:
    if finding.suggestion is not None:
        suggestion = first_lines(finding.suggestion, SUGGESTED_LINES, LONGEST_LINE)
        yield "Suggested instead:\n"
        yield fenced(suggestion, language_of_path(finding.path) or "") + "\n"


def _bare(judged: JudgedFinding) -> str:
    """A finding of a registry that shares only that it speaks."""
    lesson = judged.lesson
    weight = f"({lesson.severity}, {lesson.mode})"
    line = f"{weight} {_where(judged)}: {lesson.title}"
    return f"\n### {_MARK[judged.action]}: {linked(judged)}\n\n{line}\n"


def linked(judged: JudgedFinding) -> str:
    """The lesson's id, with its address where it has one."""
    name = markdown(judged.lesson.id)
    return f"[{name}]({judged.url})" if judged.url and plain_link(judged.url) else name


def side_by_side(judged: JudgedFinding, excerpt: Excerpt | None) -> Iterator[str]:
    """The lesson's lines and the change's that decided, beside each other, and what of the fix is
    not here.
    """
    finding, block = judged.finding, next(iter(judged.lesson.evidence), None)
    if not finding.then or block is None:
        return
    then, now = _cut(finding.then), _cut(meant(finding, excerpt))
    heads = f"<tr><th>{markdown(judged.lesson.id)}, then</th><th>this change, now</th></tr>"
    cells = [f"<td>\n\n{fenced(code, block.language)}\n\n</td>" for code in (then, now)]
    yield f"<table>{heads}<tr>{''.join(cells)}</tr></table>"
    if finding.lacks:
        yield "The fix had, and this has not:\n\n" + fenced(_cut(finding.lacks), block.language)


def meant(finding: Finding, excerpt: Excerpt | None) -> tuple[str, ...]:
    """The lines of an excerpt that a finding is about; a mark when it goes on below them."""
    if excerpt is None:
        return ()
    first = max(0, finding.start_line - excerpt.first_line)
    lines = excerpt.lines[first : finding.end_line - excerpt.first_line + 1]
    if finding.end_line < excerpt.first_line + len(excerpt.lines):
        return lines
    last = next((line for line in reversed(lines) if line.strip()), "")
    return (*lines, f"{last[: len(last) - len(last.lstrip())]}{GAP}")


def _cut(lines: Iterable[str]) -> str:
    return first_lines(dedent("\n".join(lines)), SUGGESTED_LINES, LONGEST_LINE)


def _where(judged: JudgedFinding) -> str:
    finding = judged.finding
    lines = f"{finding.start_line}-{finding.end_line}"
    if finding.start_line == finding.end_line:
        lines = str(finding.start_line)
    return f"{code_span(one_line_path(finding.path))} line {lines}"


def _escaped(report: Report, author: str) -> str:
    """What the change brings to escape lessons: never folded away."""
    lines = "".join(f"- {markdown(line)}\n" for line in escape_lines(report, author))
    return f"\n**Kept from being said, or meant to be:**\n\n{lines}" if lines else ""


def _problems(report: Report, room: int) -> Iterator[str]:
    """As many problems as fit, and how many did not."""
    for number, problem in enumerate(report.problems):
        line = f"- {markdown(str(problem))}\n"
        room -= len(line.encode("utf-8", "replace"))
        if room < 0:
            yield f"- … and {len(report.problems) - number} more\n"
            return
        yield line


def _tail(report: Report, room: int) -> Iterator[str]:
    if report.problems:
        summary = f"{count(len(report.problems), 'problem')} on the way"
        yield f"\n<details><summary>{summary}</summary>\n\n"
        yield from _problems(report, room)
        yield "</details>\n"
    if report.alike:
        also = "<details><summary>Also looked alike</summary>"
        yield f"\n{also}\n\n{_alike(report)}\n</details>\n"
    observed = len(report.findings) - len(report.shown)
    stats = report.stats
    yield (
        f"\n<sub>{count(stats.lessons, 'lesson')} held against {count(stats.files, 'file')} in "
        f"{stats.seconds.total:.1f} s; {observed} observed, not shown.</sub>\n"
    )


def _alike(report: Report) -> str:
    rows: list[str] = []
    for judged in report.alike[:MOST_ALIKE]:
        score = f"({judged.finding.score:.2f})"
        rows.append(f"{markdown(judged.lesson.id)} at {_where(judged)} {score}")
    left = len(report.alike) - MOST_ALIKE
    more = f"; and {left} more" if left > 0 else ""
    return f"{'; '.join(rows)}{more}"
