"""What people's answers mean for one judging: which dismissals hold for which lesson, and how far a
lesson is trusted.

Pure: the request, the settings and the lessons in, a memory out. A lesson is known by its id and
its registry together, for two registries may use the same id, and who may speak for one says
nothing of the other.
"""

from collections.abc import Iterator
from dataclasses import replace

from twiceshy.lessons.famous import FAMOUS
from twiceshy.lessons.lesson import Lesson
from twiceshy.publishing.values import Publication, PublishedFinding
from twiceshy.service.sandbox.launcher import JudgeRequest, RegistryRef
from twiceshy.store.feedback import FeedbackTotals
from twiceshy.store.precision import caution, demotion
from twiceshy.verdicts.policy import Dismissal, Lessons, Memory
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
    dismissed = dict(_holding(request, settings, lessons))  # of several the last one is quoted
    demoted: dict[str, tuple[int, str]] = {}
    careful: dict[str, tuple[float, str]] = {}
    for lesson, totals in _judged(request, lessons):
        steps = demotion(totals, settings.noise_budget)
        if steps:
            demoted[lesson] = steps
        shift = caution(totals)
        if shift:
            careful[lesson] = shift
    return Memory(dismissed, demoted, careful)


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
) -> Iterator[tuple[str, Dismissal]]:
    """The dismissals that hold, by claim: for this registry's lesson, and said by enough people."""
    for row in request.dismissed:
        lesson = lessons(row.lesson)
        if lesson is None or row.registry not in ("", registry_of(lesson, request.shelves)):
            continue
        if not (row.alone and settings.dismiss.takes_two(lesson.severity)):
            yield row.claim, Dismissal(row.who, row.reason)


def _judged(request: JudgeRequest, lessons: Lessons) -> Iterator[tuple[str, FeedbackTotals]]:
    """By lesson, what was said of it in its own registry; of what was said before registries were
    kept nobody knows.
    """
    for row in request.judged:
        lesson = lessons(row.lesson)
        if lesson is not None and row.registry == registry_of(lesson, request.shelves):
            yield row.lesson, FeedbackTotals(row.useful, row.all, row.mended)
