"""How often what a companion asks for was not done, and nobody minded: its alarms over a history.
Pure.

A companion that would have been wrong more often than the noise budget allows is a habit, not a
need. What a pattern of added lines would have said cannot be told from paths, and is not.
"""

from collections.abc import Callable, Iterator, Sequence, Set
from dataclasses import dataclass

from twiceshy.guards.tied_patterns import TiedPatterns, Ties
from twiceshy.learning.lint.advice import Advice, Weight
from twiceshy.lessons.lesson import Companion, Lesson, Mode

SOON = 20
"""Commits after one that lacks its partner within which the partner's change counts as its mending.
"""

FEWEST = 10
"""Fewer changes of ``when`` say nothing of a habit."""

MOST_WITHOUT = 0.1
"""The share that may lack its partner for good; the default noise budget."""


@dataclass(frozen=True, slots=True)
class CompanionRecord:
    """What a history says of a companion."""

    changed: int  # commits that changed a file like ``when``
    without: int  # of these, those in which a partner did not change
    mended: int  # of these, those whose partners all changed soon after

    @property
    def unminded(self) -> int:
        """Alarms that nobody acted on."""
        return self.without - self.mended


def companion_advice(lessons: Sequence[Lesson], commits: Sequence[Set[str]]) -> Iterator[Advice]:
    """A warning for each companion that this history mostly does without. ``commits``: the paths
    each changed, oldest first.
    """
    for lesson in lessons:
        if lesson.mode is Mode.RETIRED:
            continue
        for companion in lesson.companions:
            record = companion_record(companion, commits)
            if record and _is_habit(record):
                message = _told(companion, record)
                yield Advice(Weight.WARNING, lesson.source, 0, message)


def companion_record(companion: Companion, commits: Sequence[Set[str]]) -> CompanionRecord | None:
    """How often the companion would have spoken; None when paths alone cannot tell."""
    tied = TiedPatterns(companion.when, companion.require)
    if companion.pattern is not None or tied.wrong():
        return None
    partners = [_ties(tied.require_ties, paths) for paths in commits]
    changed = without = mended = 0
    for number, paths in enumerate(commits):
        asked = _ties(tied.when_ties, paths)
        changed += bool(asked)
        missing = asked - partners[number]
        if missing:
            without += 1
            mended += missing <= set().union(*partners[number + 1 : number + 1 + SOON])
    return CompanionRecord(changed, without, mended)


def _ties(ties_of: Callable[[str], Ties | None], paths: Set[str]) -> set[Ties]:
    found = map(ties_of, paths)
    return {ties for ties in found if ties is not None}


def _is_habit(record: CompanionRecord) -> bool:
    return record.changed >= FEWEST and record.unminded > MOST_WITHOUT * record.changed


def _told(companion: Companion, record: CompanionRecord) -> str:
    return (
        f"`{companion.when}` changed {record.changed} times in this history, {record.without} of "
        f"them without `{companion.require}`, which followed soon after {record.mended} of those: "
        "name the files that belong together, give it a `pattern`, or leave it out"
    )
