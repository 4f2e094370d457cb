"""What people wrote of lessons in the code that stands where a change is made: a
``twiceshy: ignore`` comment there was let in by a review, and is a dismissal of its lesson here.

Reads the host, never what the change brings. Decides nothing: comments in, thresholds out.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from typing import NamedTuple

from twiceshy.changes.change import Change, as_added
from twiceshy.changes.change_error import ChangeError
from twiceshy.changes.host import HostFile
from twiceshy.changes.ignore_comments import MARK, ignores
from twiceshy.guards.finding import Finding
from twiceshy.lessons.lesson import Problem
from twiceshy.lessons.time_limits import patient
from twiceshy.verdicts.local_threshold import LIKENESSES, Answer, LocalThreshold, asked_for
from twiceshy.verdicts.suppressions import Suppressions

MOST_FILES = 200
"""With comments that are read; whoever has more has another problem than the next likeness."""

MOST_JUDGED = 20
"""Files that are judged for what a comment silences; of others it is taken to be the least."""

SECONDS = 10.0
"""By the clock, to find the files: git looks through 6,600 in 0.3 s."""


@dataclass(frozen=True, slots=True)
class AnswersAtBase:
    """What the comments ask for, by lesson and guard, and why some were not heard."""

    asked: Mapping[tuple[str, str], LocalThreshold] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()


class _Comment(NamedTuple):
    lesson: str
    path: str
    line: int  # 1-based

    def __str__(self) -> str:
        return f"the comment in {self.path}:{self.line}"


def answers_at_base(
    change: Change,
    lessons: Collection[str],
    likenesses: Callable[[Change], Iterable[Finding]],
    least: float,
    today: date,
) -> AnswersAtBase:
    """What comments on these lessons ask of their likenesses; one that has ended asks for nothing.

    ``likenesses`` finds what is said of a file as if it had just been written: the score that a
    comment calls wrong. ``least``: the score of one that silences nothing today.
    """
    if change.host is None:
        return AnswersAtBase()
    try:
        files = list(islice(change.host.holding(MARK, patient(SECONDS)), MOST_FILES + 1))
    except ChangeError as error:
        return AnswersAtBase(problems=(_not_heard(str(error)),))
    texts: dict[str, str] = {}
    for file in _apart(files[:MOST_FILES], change):
        texts[file.path] = change.host.text(file.blob) or ""
    comments = [row for row in _comments(texts, today) if row.lesson in lessons]
    scores = _scores(comments, texts, change, likenesses, today)
    answers: dict[tuple[str, str], list[Answer]] = {}
    for comment in comments:
        for guard in LIKENESSES:
            answer = Answer(0.0, str(comment), scores.get((comment, guard), least))
            answers.setdefault((comment.lesson, guard), []).append(answer)
    more = f"over {MOST_FILES} files hold one, and the first alone were read"
    problems = (_not_heard(more),) if len(files) > MOST_FILES else ()
    return AnswersAtBase(asked_for(answers), problems)


def _apart(files: Iterable[HostFile], change: Change) -> Iterator[HostFile]:
    """The files that cannot be the change's own: of a diff nobody knows the base, and the host may
    be a checkout that holds it already.
    """
    own = set() if change.base else {file.path for file in change.files}
    for file in files:
        if file.path not in own:
            yield file


def _comments(texts: Mapping[str, str], today: date) -> Iterator[_Comment]:
    for path, text in texts.items():
        for ignore in ignores(enumerate(text.split("\n"), 1), today):
            if ignore.counts:
                for lesson in ignore.lessons:
                    yield _Comment(lesson, path, ignore.line)


def _scores(
    comments: Sequence[_Comment],
    texts: Mapping[str, str],
    change: Change,
    likenesses: Callable[[Change], Iterable[Finding]],
    today: date,
) -> dict[tuple[_Comment, str], float]:
    """By comment and guard, the highest score of what it silences."""
    paths = list(dict.fromkeys(comment.path for comment in comments))[:MOST_JUDGED]
    files = tuple(as_added(path, texts[path]) for path in paths)
    written = Change(files, texts.get, host=change.host)
    suppressions = Suppressions(written, today)
    scores: dict[tuple[_Comment, str], float] = {}
    for finding in likenesses(written) if files else ():
        escape = suppressions.marked(finding).escape
        if escape is not None:
            comment = _Comment(finding.lesson, finding.path, escape.line)
            name = comment, finding.guard.name
            scores[name] = max(scores.get(name, 0.0), finding.score)
    return scores


def _not_heard(why: str) -> Problem:
    message = (
        f"not all `{MARK} ignore` comments of this repository were heard: {why}. What people "
        "called wrong with one may be said again"
    )
    return Problem("", 0, message)
