"""What is to be published of a report: check, annotations, comments. Pure: nothing is sent from
here.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from urllib.parse import quote

from twiceshy.changes.change import Change, FileChange
from twiceshy.changes.diff import commentable_lines
from twiceshy.guards.finding import GuardName
from twiceshy.lessons.lesson import Problem
from twiceshy.publishing.comment import comment_text, where
from twiceshy.publishing.values import Annotation, Comment, Publication, PublishedFinding
from twiceshy.verdicts.escapes import told
from twiceshy.verdicts.policy import claim_of
from twiceshy.verdicts.render.escape import markdown, one_line, plain_link, printable
from twiceshy.verdicts.render.escape_lines import silenced
from twiceshy.verdicts.render.markdown import headline, render
from twiceshy.verdicts.settings import OnFailure
from twiceshy.verdicts.verdict import Action, JudgedFinding, Report

LONGEST_SUMMARY = 60_000
"""GitHub takes 65,535 characters: https://docs.github.com/en/rest/checks/runs#create-a-check-run"""

MOST_PROPOSED_TOLD, LONGEST_SECTION = 20, 16_000
"""Problems of what a change brings for the registry, and the characters they may take of the
summary.
"""

LONGEST_TITLE, LONGEST_MESSAGE = 255, 8_000
MOST_ANNOTATIONS = 200
MOST_PLACES = 20


def publication(
    report: Report, change: Change, repository_url: str, author: str = ""
) -> Publication:
    """What to publish. ``repository_url`` is the repository's page, under which the lesson files
    are linked.

    ``author``: the pull request's, named with what it adds to escape a lesson.
    """
    files = {file.path: file for file in change.files}
    report = report.with_addresses(
        lambda source: _page(source, repository_url, report.base) or None
    )
    comments = []
    for judged in report.shown:
        comment = _comment(judged, files.get(judged.finding.path), report, repository_url)
        if comment is not None:
            comments.append(comment)
    placed = {comment.fingerprint for comment in comments}
    return Publication(
        conclusion=str(report.conclusion),
        title=one_line(headline(report), LONGEST_TITLE),
        summary=_summary(report, placed, author),
        annotations=(*_annotations(report), *_escape_annotations(report, author))[
            :MOST_ANNOTATIONS
        ],
        comments=tuple(comments),
        findings=tuple(_published(judged) for judged in report.findings),
        problems=tuple(str(problem) for problem in report.problems),
        died=any(unseen.reason.died for unseen in report.not_looked_at),
        details=lesson_url(report.shown[0], repository_url, report.base) if report.shown else "",
    )


def with_problems(judged: Publication, problems: Sequence[Problem]) -> Publication:
    """A publication with problems that came up after it was made; its verdict stays."""
    if not problems:
        return judged
    rows = "".join(f"- {markdown(str(problem))}\n" for problem in problems[:MOST_PROPOSED_TOLD])
    left = len(problems) - MOST_PROPOSED_TOLD
    more = f"- … and {left} more\n" if left > 0 else ""
    section = f"\n### What this change brings for the registry\n\n{rows}{more}"[:LONGEST_SECTION]
    return replace(
        judged,
        summary=judged.summary[: LONGEST_SUMMARY - len(section)] + section,
        annotations=(*judged.annotations, *_marks(problems))[:MOST_ANNOTATIONS],
        problems=(*judged.problems, *(str(problem) for problem in problems)),
    )


def lesson_url(judged: JudgedFinding, repository_url: str, base: str) -> str:
    """The lesson's own page: its file at the base commit when it comes from there, else its
    post-mortem, else nothing.
    """
    page = _page(judged.lesson.source, repository_url, base)
    return page or (judged.url if judged.url and plain_link(judged.url) else "")


def _page(source: str, repository_url: str, base: str) -> str:
    own = source.startswith("lessons/") and base
    return f"{repository_url}/blob/{base}/{quote(source, errors='replace')}" if own else ""


def _comment(
    judged: JudgedFinding, file: FileChange | None, report: Report, repository_url: str
) -> Comment | None:
    """The comment on the lines GitHub lets us stand on; None when there are none near the finding,
    or it is told in the summary only.
    """
    if file is None or not judged.inline:
        return None
    finding_lines = (judged.finding.start_line, judged.finding.end_line)
    lines = _commentable(file, *finding_lines)
    if lines is None:
        return None
    start, end = lines
    exact = lines == finding_lines
    link = lesson_url(judged, repository_url, report.base)
    body = comment_text(judged, link, report.excerpts.get(judged.fingerprint), suggest=exact)
    return Comment(
        judged.finding.path, end, start if start < end else None, body, judged.fingerprint
    )


def _commentable(file: FileChange, start: int, end: int) -> tuple[int, int] | None:
    """The part of the lines that lies in one hunk, from its first to its last line a comment may
    stand on.

    A comment over two hunks, or on a line outside of them, makes GitHub refuse the whole review
    with 422.
    """
    for hunk in file.hunks:
        numbers = [
            line.new for line in hunk.lines if line.new is not None and start <= line.new <= end
        ]
        if numbers and (set(numbers) & file.added_numbers or file.removed):
            return numbers[0], numbers[-1]
    near = [line for line in commentable_lines(file) if abs(line - end) <= 1]
    return (near[0], near[0]) if near else None


def _annotations(report: Report) -> Iterator[Annotation]:
    for judged in report.shown:
        finding = judged.finding
        if finding.guard is GuardName.SCARS:
            continue
        level = "failure" if judged.action is Action.BLOCK else "warning"
        message = "\n".join(
            filter(None, (judged.lesson.summary, judged.lesson.mitigation, finding.why))
        )
        title = one_line(f"{judged.lesson.id}: {judged.lesson.title}", LONGEST_TITLE)
        text = printable(message)[:LONGEST_MESSAGE] or title
        yield Annotation(
            finding.path, max(1, finding.start_line), max(1, finding.end_line), level, title, text
        )
    yield from _marks(report.problems)


def _marks(problems: Iterable[Problem]) -> Iterator[Annotation]:
    for problem in problems:
        if problem.path and problem.line:
            message = one_line(problem.message, 2_000)
            yield Annotation(
                problem.path, problem.line, problem.line, "warning", "twiceshy", message
            )


def _escape_annotations(report: Report, author: str) -> Iterator[Annotation]:
    for judged in silenced(report):
        title = one_line(f"{judged.lesson.id}: {judged.lesson.title}", LONGEST_TITLE)
        text = one_line(told(judged, author), LONGEST_MESSAGE)
        first, last = max(1, judged.finding.start_line), max(1, judged.finding.end_line)
        yield Annotation(judged.finding.path, first, last, "notice", title, text)


def _summary(report: Report, placed: Iterable[str], author: str) -> str:
    text = render(report, LONGEST_SUMMARY - 4_000, author)
    rows = [*_elsewhere(report, frozenset(placed)), *_dismissed(report)]
    return (text + "".join(f"\n{row}\n" for row in rows))[:LONGEST_SUMMARY]


def _elsewhere(report: Report, placed: frozenset[str]) -> Iterator[str]:
    places = []
    for judged in report.shown:
        if judged.inline and judged.fingerprint not in placed:
            places.append(where(judged))
    if places:
        listed = "; ".join(places[:MOST_PLACES])
        yield f"Not on a line of the diff, so told only here: {listed}"


def _dismissed(report: Report) -> Iterator[str]:
    for judged in report.findings:
        if judged.reason.startswith("dismissed by "):
            yield f"- {markdown(judged.lesson.id)} at {where(judged)}: {markdown(judged.reason)}"


def _published(judged: JudgedFinding) -> PublishedFinding:
    finding = judged.finding
    return PublishedFinding(
        judged.fingerprint,
        claim_of(finding),
        finding.lesson,
        str(finding.guard),
        finding.path,
        finding.start_line,
        finding.end_line,
        finding.score,
        str(judged.action),
        judged.reason,
        str(judged.lesson.severity),
        judged.lesson.owner or "",
    )


NOT_ANALYSED = "not analysed"
"""How the title of a check begins whose change was not judged."""


def broken(message: str) -> Publication:
    """What is published when twiceshy itself could not judge: never green, never blocking."""
    return failed(message, OnFailure.NEUTRAL, blocks=False)


def failed(message: str, on_failure: OnFailure, *, blocks: bool) -> Publication:
    """What is published of a change that was not judged, as ``on_failure`` asks; ``blocks``:
    whether lessons may block.
    """
    text = one_line(message, 1_000)
    failure = on_failure is OnFailure.FAILURE and blocks
    if failure:
        title = f"{NOT_ANALYSED}, and failure is asked for then (on_failure: failure)"
    elif on_failure is OnFailure.FAILURE:
        title = f"{NOT_ANALYSED}; neutral, as no lesson blocks here (on_failure: failure)"
    else:
        title = f"{NOT_ANALYSED}; neutral satisfies a required check (on_failure: neutral)"
    return Publication(
        "failure" if failure else "neutral",
        title,
        f"## twiceshy: {markdown(title)}\n\n{markdown(text)}\n",
        problems=(str(Problem("", 0, text)),),
        judged=False,
    )
