"""Whether recall can do with a lesson what its author expects: find it again, and nothing else.
Decides nothing.

Holds each lesson's own bad and good code against the registry as if it were new code, and asks the
host what of it stands there.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from itertools import starmap

from twiceshy.changes.change import Change, as_added
from twiceshy.changes.parser.client import own_parser
from twiceshy.guards.finding import Finding
from twiceshy.guards.recall.candidates import signatures_of, standings
from twiceshy.guards.recall.comparison import told_places
from twiceshy.guards.recall.grams import TELLS
from twiceshy.guards.recall.host import Host, Standing
from twiceshy.guards.recall.recall_guard import SIGNATURES, RecallCompiler, RecallGuard
from twiceshy.guards.recall.tokens import tokenize
from twiceshy.guards.recall.word_weight import word_weight
from twiceshy.learning.lint.advice import Advice, Weight
from twiceshy.lessons.index import Index, MemoryIndex, Unit
from twiceshy.lessons.languages import example_path
from twiceshy.lessons.lesson import Evidence, Lesson, Mode, Side
from twiceshy.lessons.progress import Progress, no_progress

FILES_AT_ONCE = 20
"""More at once, and recall would compare fewer lessons with each."""

FEWEST_TOLD = 4.0
"""As much as four names of the code's own."""

COMMON = 3
"""In more places of the host than this a lesson may be about how the code is written, and not about
what went wrong.
"""

HALF = 0.5
"""Of the files in its languages; with its shape in so many it surely is."""

_TAKEN_FOR_BAD = (
    "recall takes the fixed code for the failure: cut the evidence to what the fix changed"
)
_SMALL = (
    "so little code with so few names of its own that other code will look the same: "
    "add the lines around what failed, or write a rule"
)
_NOT_FOUND = (
    "recall would not speak if this very code came back: it is too small or too common. "
    "Add the lines around what failed, or write a rule"
)
_TAKEN_FOR = (
    "this code is also taken for {other}: if it is the same mistake, keep one lesson "
    "(twiceshy learn FIX --add-to {other}); if not, show more of what differs"
)
_EVERYWHERE = (
    "its shape stands in {places}: if they are the same failure, mend them (twiceshy sweep finds "
    "them, and keeps your word on each); if not, show more of what went wrong"
)
_HALF = (
    "its shape stands in {places}, in {files} of the {alike} files of its language: this is how "
    "your code is written; write a rule"
)


@dataclass(frozen=True, slots=True)
class _Shown:
    """A block of evidence as a file of its own."""

    lesson: Lesson
    block: Evidence


def recognition(
    registry: Sequence[Lesson],
    wanted: frozenset[str],
    host: Host | None,
    comment_at: float,
    progress: Progress = no_progress,
) -> Iterator[Advice]:
    """What to mend in the wanted lessons of a registry. ``host``: the repository they guard."""
    with own_parser():
        yield from _recognition(registry, wanted, host, comment_at, progress)


def _recognition(
    registry: Sequence[Lesson],
    wanted: frozenset[str],
    host: Host | None,
    comment_at: float,
    progress: Progress,
) -> Iterator[Advice]:
    alive = list(_alive(registry))
    index = MemoryIndex([Unit(lesson, ()) for lesson in alive], [RecallCompiler()])
    wanted_files = {lesson.source for lesson in registry if lesson.id in wanted}
    for problem in index.problems:
        if problem.path in wanted_files:
            yield Advice(Weight.WARNING, problem.path, problem.line, problem.message)
    recalled = {entry.lesson for entry in index.all(SIGNATURES)}
    guarded = [lesson for lesson in alive if lesson.id in wanted & recalled]
    shown = _shown(guarded)
    texts = {path: evidence.block.code for path, evidence in shown.items()}
    loud = _loud(texts, index, comment_at, "holding lessons against each other", progress)
    for path, evidence in shown.items():
        yield from _advice(evidence, frozenset(finding.lesson for finding in loud[path]))
    if host:
        yield from _common(guarded, host, index, progress)


def _shown(lessons: Iterable[Lesson]) -> dict[str, _Shown]:
    """Every block of evidence, by the path it is looked at under."""
    shown: dict[str, _Shown] = {}
    for lesson in lessons:
        for number, block in enumerate(lesson.evidence):
            shown[f"{lesson.id}/{number}/{_name(block)}"] = _Shown(lesson, block)
    return shown


def _alive(registry: Sequence[Lesson]) -> Iterator[Lesson]:
    """Every lesson that is not retired, as one that observes: drafts too."""
    for lesson in registry:
        if lesson.mode is not Mode.RETIRED:
            yield replace(lesson, mode=Mode.OBSERVE)


def _name(block: Evidence) -> str:
    return (block.path or example_path(block.language)).rsplit("/", 1)[-1]


def _advice(shown: _Shown, speaking: Set[str]) -> Iterator[Advice]:
    """What to mend in a block of evidence on which these lessons speak."""
    lesson, block = shown.lesson, shown.block
    own = lesson.id in speaking
    if block.side is Side.GOOD and own:
        yield _warning(lesson, block.line, _TAKEN_FOR_BAD)
    if block.side is Side.BAD and _weight(block) < FEWEST_TOLD:
        yield _warning(lesson, block.line, _SMALL)
    elif block.side is Side.BAD and not own and _contrasted(lesson, block):
        yield _warning(lesson, block.line, _NOT_FOUND)
    if block.side is Side.BAD and own:
        for other in sorted(speaking - {lesson.id}):
            yield _warning(lesson, block.line, _TAKEN_FOR.format(other=other))


def _weight(block: Evidence) -> float:
    """How much the names in a piece of code tell: 1 for one of its own, half for one that every
    program uses.
    """
    words = {token.text for token in tokenize(block.code, block.language)}
    weight = 0.0
    for word in words:
        if word_weight(word) >= TELLS:
            weight += word_weight(word)
    return weight


def _contrasted(lesson: Lesson, block: Evidence) -> bool:
    return any(other.side is Side.GOOD and other.pair == block.pair for other in lesson.evidence)


def _common(
    lessons: Iterable[Lesson], host: Host, index: Index, progress: Progress
) -> Iterator[Advice]:
    by_id = {lesson.id: lesson for lesson in lessons}
    for name, standing in standings(host, by_id, index, progress).items():
        if len(standing.places) > COMMON:
            message = _told_common(standing, host.files_alike(signatures_of([name], index)[name]))
            yield _warning(by_id[name], 0, message)


def _told_common(standing: Standing, alike: int) -> str:
    files = len({place.path for place in standing.places})
    text = _HALF if files > COMMON and files >= HALF * alike else _EVERYWHERE
    return text.format(places=told_places(standing), files=files, alike=alike)


def _loud(
    texts: Mapping[str, str], index: Index, comment_at: float, what: str, progress: Progress
) -> Mapping[str, list[Finding]]:
    """By path, what recall would say out loud of each text as a new file."""
    guard = RecallGuard()
    loud: dict[str, list[Finding]] = defaultdict(list)
    files = list(texts.items())
    for start in range(0, len(files), FILES_AT_ONCE):
        progress(what, start, len(files))
        batch = starmap(as_added, files[start : start + FILES_AT_ONCE])
        for finding in guard.check(Change(tuple(batch), texts.get), index).findings:
            if finding.score >= comment_at:
                loud[finding.path].append(finding)
    return loud


def _warning(lesson: Lesson, line: int, message: str) -> Advice:
    return Advice(Weight.WARNING, lesson.source, line, message)
