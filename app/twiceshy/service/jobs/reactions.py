"""Thumbs under our comments: a person's with write access is their word on the finding, until they
take it back.

No webhook tells of reactions, so they are looked at whenever the pull request is. Publishes
nothing.
"""

from collections.abc import Iterable, Iterator, Sequence

from structlog import get_logger

from twiceshy.github.people import Writers, account
from twiceshy.publishing.comment import marked
from twiceshy.publishing.values import PostedComment, Thumb
from twiceshy.service.context import Context
from twiceshy.service.jobs.dismiss import call_wrong, opinion_on
from twiceshy.store import feedback, findings
from twiceshy.store.feedback import BUTTON, DISMISSED, THUMBS
from twiceshy.store.heads import Head
from twiceshy.store.tables import FeedbackRow

MOST_PEOPLE = 20
"""Asked for at a look, those with the oldest thumbs: on a public repository anybody may leave one.
"""

log = get_logger()

Word = tuple[str, str]
"""A finding's fingerprint and a person's account."""


def note_thumbs(context: Context, head: Head, comments: Sequence[PostedComment]) -> None:
    """Have the record say what the thumbs say. Raises Limited and Lost."""
    recorded = context.transaction(feedback.of_pull, head.repository, head.number, THUMBS)
    thumbs = sorted(_thumbs(comments), key=lambda thumb: thumb[1].at)
    if not recorded and not thumbs:
        return
    counted, unasked = _sorted_out(context, head, thumbs)
    if unasked:
        log.warning(
            "thumbs ignored: too many people",
            repository=head.name,
            pull=head.number,
            thumbs=len(unasked),
        )
    _note(context, head, thumbs, counted)
    complete = set(_complete(comments))
    for row in recorded:
        if row.fingerprint in complete and _word(row) not in counted | unasked:
            _take_back(context, row)
    call_wrong(context, head.repository, head.number)


def _sorted_out(
    context: Context, head: Head, thumbs: Iterable[tuple[str, Thumb]]
) -> tuple[set[Word], set[Word]]:
    """The words that count, and those of people too many to ask for. Raises Limited and Lost."""
    writers = Writers(context.api(head.installation), head.name, MOST_PEOPLE)
    counted, unasked = set[Word](), set[Word]()
    for fingerprint, thumb in thumbs:
        word = (fingerprint, account(thumb.who))
        if not writers.knows(thumb.who):
            unasked.add(word)
        if writers.may_write(thumb.who):
            counted.add(word)
    return counted, unasked


def _thumbs(comments: Sequence[PostedComment]) -> Iterator[tuple[str, Thumb]]:
    for comment in comments:
        mark = marked(comment.body)
        if mark is None:
            continue
        for thumb in comment.thumbs_down:
            yield mark[0], thumb


def _complete(comments: Sequence[PostedComment]) -> Iterator[str]:
    """The findings of which every thumb was read."""
    for comment in comments:
        mark = marked(comment.body)
        if mark and not comment.more_thumbs:
            yield mark[0]


def _word(row: FeedbackRow) -> Word:
    return row.fingerprint, account(row.who)


def _note(
    context: Context, head: Head, thumbs: Iterable[tuple[str, Thumb]], counted: set[Word]
) -> None:
    """What a person said by dismissing is more than a thumb, and is not taken back with it."""
    pull = (head.repository, head.number)
    by_fingerprint = {row.fingerprint: row for row in context.transaction(findings.of_pull, *pull)}
    said: set[Word] = set()
    for how in (DISMISSED, BUTTON, THUMBS):
        said.update(map(_word, context.transaction(feedback.of_pull, *pull, how)))
    for fingerprint, thumb in thumbs:
        finding = by_fingerprint.get(fingerprint)
        if finding is not None and (fingerprint, account(thumb.who)) in counted - said:
            opinion = opinion_on(finding, thumb.who, THUMBS, useful=False)
            context.transaction(feedback.note_feedback, opinion)


def _take_back(context: Context, row: FeedbackRow) -> None:
    context.transaction(
        feedback.take_back, row.repository, row.number, row.fingerprint, row.who, THUMBS
    )
