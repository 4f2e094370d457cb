"""The code that failed and the code that fixed it, out of a fix: the smallest pieces that tell the
story. Pure.

What does not tell it (tests, formatting, generated files, files that only came or went) is left out
and named.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from twiceshy.changes.change import Change, FileChange, Status
from twiceshy.changes.line_map import LineMap
from twiceshy.changes.outline import parses
from twiceshy.changes.parser.client import own_parser
from twiceshy.changes.skip import parse_attributes, skip_reason
from twiceshy.guards.recall.tokens import tokenize
from twiceshy.learning.learn.touched_places import Share, touched_places
from twiceshy.learning.learn.windows import Touched, WholeFile, windows
from twiceshy.lessons.languages import language_of_path
from twiceshy.lessons.lesson import Evidence, Side

MOST_PLACES = 12
"""Of one file; a commit that touches more functions is no fix of one fault."""

MOST_PAIRS = 3
"""More evidence than this is read by nobody; the smallest pieces say most."""

_TESTS = re.compile(
    r"(?:^|/)(?:tests?|t|e2e|specs?|__tests__|testdata|fixtures)/"
    r"|(?:^|/)(?:conftest|test_[^/]*|[^/]*[._-](?:test|spec)|[^/]*[a-z\d]Tests?)\.\w+$"
)
_NO_CODE = "only formatting or comments changed"
_SAY_LESS = {
    Share.IMPORTS: "only imports changed",
    Share.NEW: "only new definitions came",
}
"""What is left out where there is other evidence, and how it is told."""

_PROSE = (".md", ".rst", ".txt", ".adoc")


@dataclass(frozen=True, slots=True)
class EvidencePair:
    """A piece of code before and after the fix."""

    path: str  # before the fix
    language: str
    symbol: str  # of the function around it, empty outside of functions
    bad: str
    good: str
    # lines before the fix that it took away, or beside which it put others
    changed: tuple[int, ...]
    # the whole file of both commits, empty where only the two pieces are known
    before: str = ""
    after: str = ""
    removed: tuple[int, ...] = ()  # lines of ``before`` that the fix took away
    added: tuple[int, ...] = ()  # lines of ``after`` that it put there
    shown_before: tuple[int, ...] = ()  # lines of ``before`` that ``bad`` shows, without blank ones
    shown_after: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class _Piece:
    pair: EvidencePair
    share: Share


@dataclass(frozen=True, slots=True)
class LeftOutEvidence:
    """What is no part of the story, and why."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class DoubtfulEvidence:
    """What is shown all the same, and why it may be cut in the wrong place."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Story:
    """The evidence of a fix."""

    pairs: tuple[EvidencePair, ...]
    left_out: tuple[LeftOutEvidence, ...]
    doubts: tuple[DoubtfulEvidence, ...] = ()


def is_test(path: str) -> bool:
    """Whether a file is there to test others."""
    return bool(_TESTS.search(path))


def story_of(change: Change) -> Story:
    """The evidence, the smallest pieces first, and what was left out."""
    pieces: list[_Piece] = []
    left: list[LeftOutEvidence] = []
    attributes = parse_attributes(change.read_base(".gitattributes") or "")
    with own_parser():
        for file in change.files:
            head = None if file.status is Status.DELETED else change.read_head(file.path)
            reason = _no_story(file) or skip_reason(file.path, head, attributes, ())
            shown = [] if reason else list(_pieces(file, change))
            own = [piece for piece in shown if not _same_code(piece.pair)]
            if not own:
                reason = reason or _why_nothing(file, change, new=not shown)
                left.append(LeftOutEvidence(file.path, reason))
            pieces += own
        return _told(pieces, left)


def _told(pieces: list[_Piece], left: list[LeftOutEvidence]) -> Story:
    """What says most of all pieces."""
    for says_less, reason in _SAY_LESS.items():
        if not all(piece.share is says_less for piece in pieces):
            left += _left_out((one.pair for one in pieces if one.share is says_less), reason)
            pieces = [piece for piece in pieces if piece.share is not says_less]
    pairs = sorted((piece.pair for piece in pieces), key=_told_first)
    left += _left_out(pairs[MOST_PAIRS:], f"beyond {MOST_PAIRS} pieces of evidence")
    shown = tuple(pairs[:MOST_PAIRS])
    return Story(shown, tuple(left), tuple(_doubts(shown)))


def _doubts(pairs: Iterable[EvidencePair]) -> Iterator[DoubtfulEvidence]:
    """The files of which not all is code."""
    files = {pair.path: pair for pair in pairs}
    for path, pair in files.items():
        sides = {"before": pair.before, "after": pair.after}
        broken = [side for side, text in sides.items() if not parses(text, pair.language)]
        if broken:
            when = " and ".join(broken)
            yield DoubtfulEvidence(path, f"a part of it is no {pair.language} {when} the fix")


def _told_first(pair: EvidencePair) -> tuple[bool, int, str]:
    return not pair.symbol, len(pair.bad) + len(pair.good), pair.path


def evidence_pairs(evidence: Iterable[Evidence]) -> tuple[EvidencePair, ...]:
    """The pairs of a lesson's own evidence that have both sides."""
    good: dict[int, str] = {}
    for block in evidence:
        if block.side is Side.GOOD:
            good.setdefault(block.pair, block.code)
    pairs: list[EvidencePair] = []
    for block in evidence:
        if block.side is Side.BAD and block.pair in good:
            fixed = good[block.pair]
            pairs.append(EvidencePair(block.path or "", block.language, "", block.code, fixed, ()))
    return tuple(pairs)


def _left_out(pairs: Iterable[EvidencePair], reason: str) -> list[LeftOutEvidence]:
    return [LeftOutEvidence(pair.path, reason) for pair in pairs]


def _why_nothing(file: FileChange, change: Change, *, new: bool) -> str:
    """Why a changed file of code tells nothing; ``new``: there is nothing to show it by."""
    for unseen in change.not_looked_at:
        if unseen.subject == file.path:
            return unseen.detail
    if change.read_base(file.base_path) is None or change.read_head(file.path) is None:
        return "it cannot be read as a whole before and after"
    return "only new code came" if new and not file.removed else _NO_CODE


def _no_story(file: FileChange) -> str | None:
    if file.binary or file.submodule:
        return "binary" if file.binary else "a submodule"
    if is_test(file.path):
        return "a test"
    if file.path.endswith(_PROSE):
        return "prose"
    if file.status in (Status.ADDED, Status.DELETED):
        return f"the file was only {file.status}"
    if language_of_path(file.path) is None:
        return "in a language evidence cannot be in"
    return None if file.hunks else "renamed as it was"


def _pieces(file: FileChange, change: Change) -> Iterator[_Piece]:
    base, head = change.read_base(file.base_path), change.read_head(file.path)
    language = language_of_path(file.path)
    if base is None or head is None or language is None:
        return
    files = WholeFile(base, language), WholeFile(head, language)
    lines = LineMap(file.hunks)
    for place in touched_places(files, lines)[:MOST_PLACES]:
        old, new = windows(files, (place.old, place.new), lines)
        if old.text and new.text:
            pair = EvidencePair(
                file.base_path,
                language,
                place.symbol,
                old.text,
                new.text,
                _beside(place.old, len(files[0].lines)),
                base,
                head,
                tuple(line for line in old.lines if lines.now(line) is None),
                tuple(line for line in new.lines if lines.was(line) is None),
                old.lines,
                new.lines,
            )
            yield _Piece(pair, place.share)


def _beside(touched: Touched, last: int) -> tuple[int, ...]:
    """The lines a fix took away, and those after which it put others."""
    numbers = (min(max(1, int(place)), last) for place in touched.places)
    return tuple(dict.fromkeys(numbers))


def _same_code(pair: EvidencePair) -> bool:
    """Whether the two differ in nothing but layout and comments."""
    return _tokens(pair.bad, pair.language) == _tokens(pair.good, pair.language)


def _tokens(code: str, language: str) -> list[str]:
    return [token.text for token in tokenize(code, language)]


def without_blanks(text: str) -> str:
    """Code without its white space: the same wherever it stands and however it is indented."""
    return "".join(text.split())
