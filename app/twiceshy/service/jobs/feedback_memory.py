"""What people's answers mean for one judging: which dismissals hold for which lesson, and how far a
lesson is trusted.

Pure: the request, the settings and the lessons in, a memory out. A lesson is known by its id and
its registry together, for two registries may use the same id, and who may speak for one says
nothing of the other.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from twiceshy.lessons.famous import FAMOUS
from twiceshy.lessons.lesson import Lesson
from twiceshy.publishing.values import Publication, PublishedFinding
from twiceshy.service.sandbox.launcher import DismissedHere, JudgeRequest, RegistryRef
from twiceshy.store.feedback import FeedbackTotals
from twiceshy.store.precision import caution, demotion
from twiceshy.verdicts.local_threshold import Answer, LocalThreshold, asked_for
from twiceshy.verdicts.policy import Dismissal, Lessons, Memory
from twiceshy.verdicts.redaction import UNTOLD_SCORE
from twiceshy.verdicts.settings import Settings


def registry_of(lesson: Lesson, registries: tuple[RegistryRef, ...]) -> str:
    """The repository a lesson comes from, in lower case as GitHub compares names; else the label of
    its folder, with a colon.
    """
    for registry in registries:
        if registry.prefix and lesson.source.startswith(registry.prefix):
            return registry.repository.lower() or registry.prefix
    if lesson.source.startswith(FAMOUS):
        return FAMOUS
    own = next((registry for registry in registries if not registry.prefix), None)
    return own.repository.lower() if own else ""


def memory_of(request: JudgeRequest, settings: Settings, lessons: Lessons) -> Memory:
    """The memory a judging holds its findings against."""
    dismissed: dict[str, Dismissal] = {}
    for row in _holding(request, settings, lessons):
        dismissed[row.claim] = Dismissal(row.who, row.reason)  # of several the last one is quoted
    demoted: dict[str, tuple[int, str]] = {}
    careful: dict[str, tuple[float, str]] = {}
    for lesson, totals in _judged(request, lessons):
        steps = demotion(totals, settings.noise_budget)
        if steps:
            demoted[lesson] = steps
        shift = caution(totals)
        if shift:
            careful[lesson] = shift
    return Memory(dismissed, demoted, careful, _local_thresholds(request, settings, lessons))


def with_rights(
    publication: Publication, lessons: Lessons, request: JudgeRequest, settings: Settings
) -> Publication:
    """The publication, with what must be known of each finding when somebody wants to dismiss it.

    ``lessons`` as they are in the registry: those of a report may have had their words taken out.
    """

    def completed(row: PublishedFinding) -> PublishedFinding:
        lesson = lessons(row.lesson)
        if lesson is None:
            return row
        two_persons = settings.dismiss.takes_two(lesson.severity)
        return replace(row, registry=registry_of(lesson, request.shelves), two_persons=two_persons)

    return replace(publication, findings=tuple(completed(row) for row in publication.findings))


def _holding(
    request: JudgeRequest, settings: Settings, lessons: Lessons
) -> Iterator[DismissedHere]:
    """The dismissals that hold: for this registry's lesson, and said by enough people."""
    for row in request.dismissed:
        lesson = lessons(row.lesson)
        if lesson is None or row.registry not in ("", registry_of(lesson, request.shelves)):
            continue
        if not (row.alone and settings.dismiss.takes_two(lesson.severity)):
            yield row


def _local_thresholds(
    request: JudgeRequest, settings: Settings, lessons: Lessons
) -> Mapping[tuple[str, str], LocalThreshold]:
    """By lesson and guard, what the dismissals that hold here and the confirmations after them ask
    for. One that no longer holds asks for nothing.
    """
    answers: dict[tuple[str, str], list[Answer]] = {}
    for row in _holding(request, settings, lessons):
        if row.guard:
            # a registry that shares ids alone keeps its scores to itself: at least the threshold
            score = row.score if row.score != UNTOLD_SCORE else settings.recall.comment_at
            answer = Answer(row.at, row.who, score)
            answers.setdefault((row.lesson, row.guard), []).append(answer)
    for confirmed in request.confirmed:
        lesson = lessons(confirmed.lesson)
        said = answers.get((confirmed.lesson, confirmed.guard))
        if lesson and said and confirmed.registry == registry_of(lesson, request.shelves):
            said.append(Answer(confirmed.at))
    return asked_for(answers)


def _judged(request: JudgeRequest, lessons: Lessons) -> Iterator[tuple[str, FeedbackTotals]]:
    """By lesson, what was said of it in its own registry; of what was said before registries were
    kept nobody knows.
    """
    for row in request.judged:
        lesson = lessons(row.lesson)
        if lesson is not None and row.registry == registry_of(lesson, request.shelves):
            yield row.lesson, FeedbackTotals(row.useful, row.all, row.mended)
