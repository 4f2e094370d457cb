"""The comment: the product's face. Text only; nothing from a pull request can ping, break out or
render in it.

The author of a pull request has ten seconds: what this is about, what happened then, what worked.
The rest is folded.
"""

import re
from collections.abc import Iterator

from twiceshy.lessons.languages import language_of_path
from twiceshy.lessons.lesson import Lesson
from twiceshy.verdicts.render.escape import (
    code_span,
    fenced,
    first_lines,
    markdown,
    one_line_path,
    plain_link,
    unmarked,
)
from twiceshy.verdicts.render.markdown import linked, side_by_side
from twiceshy.verdicts.sharing import Share
from twiceshy.verdicts.verdict import Action, Excerpt, JudgedFinding

LONGEST = 60_000
"""GitHub refuses a body over 65,536 characters with 422."""

LONGEST_LINE, MOST_LINES = 300, 60
_MARKER = re.compile(r"<!-- twiceshy:([0-9a-f]{20})(:fixed)? -->\Z")
_LONGEST_MARKER = 60


def marker(fingerprint: str) -> str:
    """What a comment of ours is known again by; GitHub does not show it."""
    return f"<!-- twiceshy:{fingerprint} -->"


def marked(body: str) -> tuple[str, bool] | None:
    """The fingerprint a body ends with, and whether it says already that the finding is fixed; None
    without one.

    Only the very end counts, which is ours: everything before it quotes what others wrote.
    """
    mark = _MARKER.search(body.rstrip()[-_LONGEST_MARKER:])
    return (mark[1], bool(mark[2])) if mark else None


def without_marker(body: str) -> str:
    """A body as people see it."""
    return _MARKER.sub("", body.rstrip()).strip()


def comment_text(
    judged: JudgedFinding, lesson_url: str, excerpt: Excerpt | None = None, *, suggest: bool = False
) -> str:
    """The body of a review comment. ``suggest``: the comment stands on exactly the lines the fix
    replaces.
    """
    if judged.share is Share.ID:
        return _bare_text(judged)
    lines = [
        f"**Heads up: {markdown(judged.finding.headline)}.** {_title(judged, lesson_url)}",
        *_story(judged),
        *(_suggestion(judged) if suggest else ()),
        *_evidence(judged, excerpt),
        f"<sub>{_footer(judged, lesson_url)}</sub>",
        marker(judged.fingerprint),
    ]
    text = "\n\n".join(lines)
    return text if len(text) <= LONGEST else "\n\n".join([*lines[:1], *lines[-2:]])


def _bare_text(judged: JudgedFinding) -> str:
    """The body where the lesson's registry shares only that it speaks."""
    lesson = judged.lesson
    blocks = " **It blocks this merge.**" if judged.action is Action.BLOCK else ""
    lines = [
        f"**Heads up: {markdown(judged.finding.headline)}.** "
        f"{linked(judged)} ({lesson.severity}, {lesson.mode}): {lesson.title}.{blocks}",
        f"<sub>{_footer(judged, judged.url or '')}</sub>",
        marker(judged.fingerprint),
    ]
    return "\n\n".join(lines)


def settled_text(body: str, commit: str, reason: str = "") -> str:
    """A comment of ours that holds no more: why in a line, and what it said folded under it.

    Without a reason its finding is gone from the code.
    """
    fingerprint, _ = marked(body) or ("0" * 20, False)
    rest = unmarked(without_marker(body))
    mark = f"<!-- twiceshy:{fingerprint}:fixed -->"
    said = f"<details><summary>What it said</summary>\n\n{rest}\n</details>"
    why = f"Silent now: {markdown(reason)}." if reason else f"No longer there as of {commit[:12]}."
    return f"✔ {why}\n\n{said}\n{mark}"


def _title(judged: JudgedFinding, lesson_url: str) -> str:
    lesson = judged.lesson
    name = markdown(lesson.id)
    linked = f"[{name}]({lesson_url})" if plain_link(lesson_url) else name
    blocks = " **It blocks this merge.**" if judged.action is Action.BLOCK else ""
    facts = ", ".join(filter(None, (lesson.severity, f"{lesson.date:%Y-%m-%d}", judged.backing)))
    return f"{linked}: {markdown(lesson.title)} ({facts}).{blocks}"


def _story(judged: JudgedFinding) -> Iterator[str]:
    if judged.lesson.summary:
        yield f"**What happened:** {markdown(judged.lesson.summary)}"
    if judged.lesson.mitigation:
        yield f"**What worked:** {markdown(judged.lesson.mitigation)}"
    reason = next((line for line in judged.finding.why.split("\n") if line.strip()), "")
    if reason:
        yield f"**Why here:** {markdown(reason)}"


def _suggestion(judged: JudgedFinding) -> Iterator[str]:
    """What GitHub offers to commit with a click, in place of exactly the lines the comment stands
    on.

    Not one that looks like a marker: it would have to be changed, and would be committed so.
    """
    suggestion = judged.finding.suggestion
    if suggestion is not None and unmarked(suggestion) == suggestion:
        yield fenced(suggestion, "suggestion")


def _evidence(judged: JudgedFinding, excerpt: Excerpt | None) -> Iterator[str]:
    """Folded: the rest of the guard's reasons, then the code of then and of now."""
    rows = [f"- {markdown(line)}" for line in judged.finding.why.split("\n")[1:] if line.strip()]
    for block in side_by_side(judged, excerpt):
        rows += ["", block]
    if not judged.finding.then:
        rows += _lessons_code(judged.lesson)
    if excerpt and not judged.inline:
        language = language_of_path(judged.finding.path) or ""
        rows += ["", "This change:", "", fenced(_short("\n".join(excerpt.lines)), language)]
    rows += ["", f"Guard: {judged.finding.guard}, score {judged.finding.score:.2f}"]
    yield "<details><summary>Evidence</summary>\n\n" + "\n".join(rows).strip() + "\n</details>"


def _lessons_code(lesson: Lesson) -> Iterator[str]:
    """The lesson's first two blocks, each after a line that says which it is."""
    for block in lesson.evidence[:2]:
        if block.code.strip():
            did = "What failed" if block.side == "bad" else "What fixed it"
            yield from ("", f"{did} in {markdown(lesson.id)}:", "")
            yield fenced(_short(block.code), block.language)


def _short(code: str) -> str:
    return first_lines(code, MOST_LINES, LONGEST_LINE)


def _footer(judged: JudgedFinding, lesson_url: str) -> str:
    parts = [f"Not relevant? 👎, or comment `/twiceshy dismiss {judged.lesson.id} why`"]
    if plain_link(lesson_url):
        parts.append(f"[the lesson]({lesson_url})")
    elsewhere = judged.url is not None and judged.url != lesson_url and plain_link(judged.url)
    if elsewhere and judged.share is Share.TEXT:
        parts.append(f"[the post-mortem]({judged.url})")
    return " · ".join(parts)


def where(judged: JudgedFinding) -> str:
    """Path and lines, as text that renders as itself."""
    finding = judged.finding
    lines = f"{finding.start_line}"
    if finding.start_line != finding.end_line:
        lines += f"-{finding.end_line}"
    return f"{code_span(one_line_path(finding.path))} line {lines}"
