"""The failure coming back in two places of one function that lie far apart, as a change to code
that was right. Pure.

Where the fix changed several places, the first comes back in one hunk and the others in another.
Where it changed one, another line of the function changes far from it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from twiceshy.changes.functions import enclosing, functions
from twiceshy.changes.parser.leaves import LeafKind
from twiceshy.changes.places import Place, parses_as_well, places
from twiceshy.learning.not_made import NotMade
from twiceshy.lessons.language import words
from twiceshy.lessons.languages import CONTINUING_WORDS, language_named

LINES_BETWEEN = 8
"""More than git shows around two hunks: nearer ones would be one."""

MOST_TRIED = 20
"""Places of which one must be fit for another statement."""

_CLOSING = frozenset(["}", ")", "]"])
_ENDS = frozenset([";", "{", "}", ":"])
_GOES_ON = words(", = + - * / && || . ? | & and or \\")


@dataclass(frozen=True, slots=True)
class TwoHunks:
    """A change: the code before it, which was right, and after it, which fails."""

    before: str
    after: str


@dataclass(frozen=True, slots=True)
class _Gap:
    """A place where both sides are the same: a line of the failing and of the fixed code
    (0-based).
    """

    bad: int
    good: int


def in_two_hunks(code: str, language: str, fixed: str | None) -> TwoHunks | NotMade:
    """The change from ``fixed`` to ``code``, with other statements between two parts of it."""
    neighbour = language_named(language).neighbour
    if not neighbour:
        return NotMade.NO_NEIGHBOURS
    if fixed is None:
        return NotMade.NO_FIX
    bad, good = code.splitlines(), fixed.splitlines()
    starts = _statements(places(code, language))
    opcodes = SequenceMatcher(None, bad, good, autojunk=False).get_opcodes()
    edits = [opcode for opcode in opcodes if opcode[0] != "equal"]
    if not edits:
        return NotMade.NO_FIX
    between = range(edits[0][2], edits[-1][1])
    gaps = [gap for gap in _gaps(opcodes) if gap.bad in starts and not _decorated(bad, gap.bad)]
    for gap in [gap for gap in gaps if gap.bad in between][:MOST_TRIED]:
        made = _parted(bad, good, gap, neighbour)
        if _is_code(made, code, fixed, language):
            return made
    inside = _same_function(code, language, edits[0][1])
    far_first = sorted(gaps, key=lambda gap: abs(gap.bad - edits[0][1]), reverse=True)
    for gap in [gap for gap in far_first if gap.bad in inside][:MOST_TRIED]:
        made = _with_another_edit(bad, good, gap, neighbour, gap.bad < edits[0][1])
        if _is_code(made, code, fixed, language):
            return made
    return NotMade.ONE_PIECE


def _is_code(made: TwoHunks, code: str, fixed: str, language: str) -> bool:
    return parses_as_well(made.after, code, language) and parses_as_well(
        made.before, fixed, language
    )


def _statements(leaves: Sequence[Place]) -> frozenset[int]:
    """Lines (0-based) that begin a statement which follows another: no bracket is open but a
    block's.
    """
    starts: set[int] = set()
    depth = line = 0
    before = ""
    for leaf in leaves:
        if leaf.line > line and before and depth == 0 and _begins(leaf, before):
            starts.add(leaf.line - 1)
        line = leaf.line + leaf.text.count("\n")
        if leaf.kind is LeafKind.SIGN:
            depth += (leaf.text in ("(", "[")) - (leaf.text in (")", "]"))
        before = leaf.text
    return frozenset(starts)


def _begins(leaf: Place, before: str) -> bool:
    if before in _GOES_ON or leaf.text in CONTINUING_WORDS:
        return False
    return leaf.kind is not LeafKind.SIGN or (before in _ENDS and leaf.text not in _CLOSING)


def _gaps(opcodes: Sequence[tuple[str, int, int, int, int]]) -> Iterator[_Gap]:
    for kind, first, last, good, _ in opcodes:
        for line in range(first, last) if kind == "equal" else ():
            yield _Gap(line, good + line - first)


def _decorated(lines: Sequence[str], line: int) -> bool:
    """Whether what stands before a line belongs to it."""
    return line > 0 and lines[line - 1].lstrip().startswith("@")


def _same_function(code: str, language: str, line: int) -> range:
    """The lines (0-based) inside of the function that a line is in, all of them where it is in
    none.
    """
    function = enclosing(functions(code, language), line + 1)
    if function is None:
        return range(1, code.count("\n") + 1)
    return range(function.start_line, function.end_line)


def _parted(bad: Sequence[str], good: Sequence[str], gap: _Gap, neighbour: str) -> TwoHunks:
    others = list(_others(bad[gap.bad], neighbour))
    return TwoHunks(
        _text([*good[: gap.good], *others, *good[gap.good :]]),
        _text([*bad[: gap.bad], *others, *bad[gap.bad :]]),
    )


def _with_another_edit(
    bad: Sequence[str], good: Sequence[str], gap: _Gap, neighbour: str, is_before: bool
) -> TwoHunks:
    """One statement more at the far end of the others, which only the change brings."""
    first, *others = _others(bad[gap.bad], neighbour)
    added = [first, *others] if is_before else [*others, first]
    return TwoHunks(
        _text([*good[: gap.good], *others, *good[gap.good :]]),
        _text([*bad[: gap.bad], *added, *bad[gap.bad :]]),
    )


def _others(beside: str, neighbour: str) -> Iterator[str]:
    """Statements that change nothing, as far in as the line beside them."""
    margin = beside[: len(beside) - len(beside.lstrip())]
    for number in range(LINES_BETWEEN + 1):
        yield f"{margin}{neighbour.replace('counted', f'counted_{number}')}"


def _text(lines: Sequence[str]) -> str:
    return "\n".join(lines) + "\n"
