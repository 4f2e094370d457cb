"""A draft of a lesson out of a fix: evidence, dates, places as far as they are known, and questions
for the rest.

Fills in what the history knows; never what only the people who were there can know.
"""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from twiceshy.changes.change import Change, Status
from twiceshy.changes.change_error import ChangeError
from twiceshy.changes.diff import fits_before
from twiceshy.changes.diff_file import diff_file_change, read_under
from twiceshy.changes.git import branch_change, commit_change, is_shallow
from twiceshy.changes.git_history import Commit, commit, introduced, pull_request
from twiceshy.learning.learn.evidence import EvidencePair, LeftOutEvidence, Story, story_of
from twiceshy.learning.learn.postmortem import REST, STORY, PostMortem
from twiceshy.lessons.lesson import Evidence, Lesson, Mode, Scar, Severity, Side
from twiceshy.lessons.lesson_reader import read_lesson
from twiceshy.lessons.lesson_writer import QUESTIONS, add_evidence, fenced_evidence, new_lesson

LONGEST_TITLE = 100
_ASK_STORY = "What happened, told as a story: what did people see, and what did it cost them?"
_ISSUE = re.compile(
    r"(?:https?://\S+/(?:issues|pull|merge_requests)/\d+|(?<![\w/])#\d+|\b[A-Z][A-Z0-9]+-\d+\b)"
)
_BREAKS = re.compile(r"[\s`]")  # what a fence cannot name
_PREFIX = re.compile(r"^(?:fix|bugfix|hotfix)(?:\([^)]*\))?!?:\s*", re.IGNORECASE)


@dataclass(frozen=True)
class Draft:
    """A lesson to be written on, and what a person should know about how it was come by."""

    text: str
    title: str
    story: Story
    fix: Commit | None
    origin: Commit | None  # who brought the failing lines


def draft(
    root: Path, fix: str, lesson_id: str, today: date, postmortem: PostMortem | None = None
) -> Draft:
    """The draft of a lesson out of a commit, a range ``A..B`` or a diff file. Raises ChangeError.

    ``postmortem``: a post-mortem that was written elsewhere; its words stand under the questions
    they answer.
    """
    change, fixing, story = _read_story(root, fix)
    origin = _origin(root, change.base, story.pairs)
    lesson = Lesson(
        id=lesson_id,
        title=_title(fixing, fix),
        date=fixing.day if fixing else today,
        severity=Severity.HIGH,
        mode=Mode.DRAFT,
        source=f"lessons/{lesson_id}.md",
        fix=fixing.id[:12] if fixing else None,
        scars=tuple(dict.fromkeys(Scar(pair.path, pair.symbol or None) for pair in story.pairs)),
        body="".join(_body(story.pairs, fixing, origin, postmortem)),
    )
    lesson = _with_postmortem(lesson, postmortem) if postmortem else lesson
    return Draft(new_lesson(lesson), lesson.title, story, fixing, origin)


def retell(postmortem: PostMortem, lesson_id: str, today: date) -> str:
    """The draft of a lesson out of a post-mortem alone: it has no evidence yet, so it guards
    nothing.
    """
    lesson = Lesson(
        lesson_id,
        postmortem.title,
        today,
        Severity.HIGH,
        Mode.DRAFT,
        f"lessons/{lesson_id}.md",
        body="".join(_body((), None, None, postmortem)),
    )
    return new_lesson(_with_postmortem(lesson, postmortem))


def _with_postmortem(lesson: Lesson, postmortem: PostMortem) -> Lesson:
    """With what the post-mortem says in place of what the fix let guess."""
    return replace(
        lesson,
        title=postmortem.title,
        date=postmortem.day or lesson.date,
        severity=postmortem.severity or lesson.severity,
        owner=postmortem.owner,
        mitigation=postmortem.mitigation,
        conditions=postmortem.conditions,
        actions=postmortem.actions,
    )


def cause_of(root: Path, fix: str) -> tuple[Story, Commit | None]:
    """What a fix mends, and the commit that brought it as far as history tells. Raises
    ChangeError.
    """
    change, _, story = _read_story(root, fix)
    return story, _origin(root, change.base, story.pairs)


def added(root: Path, fix: str, text: str) -> Draft:
    """A lesson's text with the evidence of one more fix at its end, as far as it is not there yet.
    Raises ChangeError.
    """
    change, fixing, story = _read_story(root, fix)
    shown = {(block.side, block.code) for block in _evidence_of(text)}
    pairs = tuple(pair for pair in story.pairs if (Side.BAD, pair.bad) not in shown)
    if not pairs:
        raise ChangeError(f"the lesson shows all code of {fix} already")
    for pair in pairs:
        path = None if _BREAKS.search(pair.path) else pair.path
        text = add_evidence(text, pair.bad, pair.good, pair.language, path)
    origin = _origin(root, change.base, pairs)
    return Draft(text, _title(fixing, fix), replace(story, pairs=pairs), fixing, origin)


def _read_story(root: Path, fix: str) -> tuple[Change, Commit | None, Story]:
    change, fixing = _read(root, fix)
    story = story_of(change)
    if not story.pairs:
        raise ChangeError(
            f"{fix} holds no code that failed and was fixed: {_reasons(story.left_out)}. "
            "Write the lesson by hand (twiceshy init shows one), or name another commit"
        )
    return change, fixing, story


def _evidence_of(text: str) -> tuple[Evidence, ...]:
    lesson = read_lesson(text, "").lesson
    return lesson.evidence if lesson else ()


def _read(root: Path, fix: str) -> tuple[Change, Commit | None]:
    if (root / fix).is_file() or Path(fix).is_file():
        path = Path(fix) if Path(fix).is_file() else root / fix
        change = diff_file_change(path.read_bytes(), root)
        _must_be_applied(change, root, fix)
        return change, None
    fix = pull_request(root, fix) or fix
    if ".." in fix:
        base, _, head = fix.partition("...") if "..." in fix else fix.partition("..")
        for name in filter(None, (base, head)):
            commit(root, name)  # branch_change speaks of options that nobody gave here
        return branch_change(root, fix), commit(root, head or "HEAD")
    fixing = commit(root, fix)
    if not fixing.parents and is_shallow(root):
        raise ChangeError(
            f"this clone is shallow and does not hold what stood before {fix}: "
            "run `git fetch --deepen=100`"
        )
    if not fixing.parents:
        raise ChangeError(
            f"{fix} is the first commit: nothing stood before it that could have failed"
        )
    return commit_change(root, fixing.id), fixing


def _must_be_applied(change: Change, root: Path, diff: str) -> None:
    """Raises ChangeError where a file stands as it was before the fix, or as neither."""
    read = read_under(root)
    for file in change.files:
        if file.status is not Status.MODIFIED or change.read_head(file.path) is not None:
            continue
        text = read(file.path)
        if text is None or not file.hunks:
            continue
        if fits_before(text, file):
            raise ChangeError(
                f"{diff} is not applied here: {file.path} stands as it was before the fix. Apply "
                f"it (git apply {shlex.quote(diff)}), then learn from it again"
            )
        raise ChangeError(
            f"{diff} is of another state: {file.path} stands neither as it was before the fix nor "
            "as it is after. Check out the commit that has the fix, then learn from it again"
        )


def _origin(root: Path, base: str, pairs: tuple[EvidencePair, ...]) -> Commit | None:
    for pair in pairs if base else ():
        if brought_by := introduced(root, base, pair.path, pair.changed):
            return commit(root, brought_by)
    return None


def _title(fixing: Commit | None, fix: str) -> str:
    title = _PREFIX.sub("", fixing.subject) if fixing else f"What {Path(fix).name} fixed"
    return title[:LONGEST_TITLE].strip() or "What failed"


def _body(
    pairs: tuple[EvidencePair, ...],
    fixing: Commit | None,
    origin: Commit | None,
    before: PostMortem | None = None,
) -> Iterator[str]:
    parts = before.parts if before else {}
    yield f"{parts.get(STORY) or _ASK_STORY}\n"
    if fixing:
        yield f"\n<!-- The fix says: {_comment(fixing.subject)} -->\n"
        links = sorted(set(_ISSUE.findall(f"{fixing.subject}\n{fixing.body}")))
        if links:
            yield f"<!-- It mentions: {_comment(', '.join(links))} -->\n"
    for title, question in QUESTIONS:
        yield f"\n## {title}\n\n{parts.get(title) or question}\n"
        if title == "Conditions" and origin:
            came = f"on {origin.day} with {origin.id[:12]}: {_comment(origin.subject)}"
            yield f"\n<!-- The failing lines came {came} -->\n"
    if parts.get(REST):
        yield f"\n## Also in the post-mortem\n\n{parts[REST]}\n"
    for pair in pairs:
        for block in _blocks(pair):
            yield f"\n{block}"


def _blocks(pair: EvidencePair) -> Iterator[str]:
    yield fenced_evidence(Evidence(Side.BAD, pair.language, pair.bad, 0, 0, pair.path))
    yield fenced_evidence(Evidence(Side.GOOD, pair.language, pair.good, 0, 0))


def _comment(text: str) -> str:
    """One line that cannot end the comment it stands in."""
    return " ".join(text.split()).replace("--", "—")[:300]


def _reasons(left: tuple[LeftOutEvidence, ...]) -> str:
    reasons = "; ".join(f"{file.path}: {file.reason}" for file in left[:5])
    return reasons or "it changes no file"
