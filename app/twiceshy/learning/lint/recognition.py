"""Whether recall can do with a lesson what its author expects: find it again, and nothing else.
Decides nothing.

Holds each lesson's own bad and good code, and the repository's files, against the registry as if
they were new code.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from twiceshy.changes.change import Change, as_added
from twiceshy.changes.parser.client import own_parser
from twiceshy.guards.finding import Finding
from twiceshy.guards.recall.grams import TELLS
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
"""In more places of today's code than this a lesson is about how the code is written, not about
what went wrong.
"""

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
    "today's code resembles it in {count} places ({places}, ...): "
    "if they are the same failure, mend them (twiceshy sweep finds them); if not, show more of what went wrong"
)


@dataclass(frozen=True, slots=True)
class _Shown:
    """A block of evidence as a file of its own."""

    lesson: Lesson
    block: Evidence


def recognition(
    registry: Sequence[Lesson],
    wanted: frozenset[str],
    host: Mapping[str, str],
    comment_at: float,
    progress: Progress = no_progress,
) -> Iterator[Advice]:
    """What to mend in the wanted lessons of a registry. ``host``: files of the repository they
    guard, path to text.
    """
    with own_parser():
        yield from _recognition(registry, wanted, host, comment_at, progress)


def _recognition(
    registry: Sequence[Lesson],
    wanted: frozenset[str],
    host: Mapping[str, str],
    comment_at: float,
    progress: Progress,
) -> Iterator[Advice]:
    alive = [
        replace(lesson, mode=Mode.OBSERVE) for lesson in registry if lesson.mode is not Mode.RETIRED
    ]  # drafts too
    index = MemoryIndex([Unit(lesson, ()) for lesson in alive], [RecallCompiler()])
    known = {entry.lesson for entry in index.all(SIGNATURES)}
    guarded = [lesson for lesson in alive if lesson.id in wanted and lesson.id in known]
    for problem in index.problems:
        if any(lesson.source == problem.path and lesson.id in wanted for lesson in registry):
            yield Advice(Weight.WARNING, problem.path, problem.line, problem.message)
    shown = {
        f"{lesson.id}/{at}/{_name(block)}": _Shown(lesson, block)
        for lesson in guarded
        for at, block in enumerate(lesson.evidence)
    }
    texts = {path: each.block.code for path, each in shown.items()}
    found = _found(texts, index, "holding lessons against each other", progress)
    for path, each in shown.items():
        yield from _advice(
            each, [finding for finding in found[path] if finding.score >= comment_at]
        )
    yield from _common(
        guarded, _found(host, index, "looking for lessons in today's code", progress), comment_at
    )


def _name(block: Evidence) -> str:
    return (block.path or example_path(block.language)).rsplit("/", 1)[-1]


def _advice(shown: _Shown, said: Sequence[Finding]) -> Iterator[Advice]:
    lesson, block = shown.lesson, shown.block
    own = any(finding.lesson == lesson.id for finding in said)
    if block.side is Side.GOOD and own:
        yield _warning(lesson, block.line, _TAKEN_FOR_BAD)
    if block.side is Side.BAD and _told(block) < FEWEST_TOLD:
        yield _warning(lesson, block.line, _SMALL)
    elif block.side is Side.BAD and not own and _contrasted(lesson, block):
        yield _warning(lesson, block.line, _NOT_FOUND)
    if block.side is Side.BAD and own:
        for other in sorted({finding.lesson for finding in said} - {lesson.id}):
            yield _warning(lesson, block.line, _TAKEN_FOR.format(other=other))


def _told(block: Evidence) -> float:
    """How much the names in a piece of code tell: 1 for one of its own, half for one that every
    program uses.
    """
    words = {token.text for token in tokenize(block.code, block.language)}
    return sum(told for told in map(word_weight, words) if told >= TELLS)


def _contrasted(lesson: Lesson, block: Evidence) -> bool:
    return any(other.side is Side.GOOD and other.pair == block.pair for other in lesson.evidence)


def _common(
    lessons: Iterable[Lesson], found: Mapping[str, Sequence[Finding]], comment_at: float
) -> Iterator[Advice]:
    places: dict[str, list[str]] = defaultdict(list)
    for path, findings in found.items():
        for finding in findings:
            if finding.score >= comment_at:
                places[finding.lesson].append(f"{path}:{finding.start_line}")
    for lesson in lessons:
        here = places[lesson.id]
        if len(here) > COMMON:
            yield _warning(
                lesson, 0, _EVERYWHERE.format(count=len(here), places=", ".join(here[:COMMON]))
            )


def _warning(lesson: Lesson, line: int, message: str) -> Advice:
    return Advice(Weight.WARNING, lesson.source, line, message)


def _found(
    texts: Mapping[str, str], index: Index, what: str, progress: Progress
) -> Mapping[str, list[Finding]]:
    """By path, what recall would say of each text as a new file."""
    guard = RecallGuard()
    said: dict[str, list[Finding]] = defaultdict(list)
    for done, paths in enumerate(_batches(list(texts))):
        progress(what, done * FILES_AT_ONCE, len(texts))
        change = Change(tuple(as_added(path, texts[path]) for path in paths), texts.get)
        for finding in guard.check(change, index).findings:
            said[finding.path].append(finding)
    return said


def _batches(paths: Sequence[str]) -> Iterator[Sequence[str]]:
    yield from (paths[at : at + FILES_AT_ONCE] for at in range(0, len(paths), FILES_AT_ONCE))
