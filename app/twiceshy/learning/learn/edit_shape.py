"""What an edit does, whatever its place and its local names: the words it takes away and those it
puts there.

Pure, and quick enough for a whole history. A shape finds edits that may be the same; whether they
are is for ``siblings`` to find out.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from hashlib import blake2b

from twiceshy.changes.git_edits import LineEdit
from twiceshy.guards.recall.word_weight import word_weight
from twiceshy.lessons.languages import IMPORTING_WORDS, KEYWORDS, any_of

MOST_LINES = 12
"""Of one edit, taken away and put there: a longer one is made once."""

MOST_LINE = 300
"""Characters of a line that is still read."""

FEWEST_TOLD, FEWEST_TOLD_ONE_SIDED = 2.0, 3.0
"""What an edit's words must weigh together (see ``word_weight``) to be known again by them: where
some took the place of others, and where some only came or went.
"""

FEWEST_TOLD_BESIDE = 4.0
"""The same for an edit that tells less, with all words of a line beside it."""

MOST_KEPT = 4
"""Words that stay in the lines; each may be what two edits have in common."""

_CALLED = r"[^\W\d]\w*(?=\s?[(!])"
_ACCESSED = r"(?:(?<=\.)|(?<=->)|(?<=::))[^\W\d]\w*"
_GIVEN = r"(?:(?<=\()|(?<=, )|(?<=^)|(?<=\s))[^\W\d]\w*(?==[^=])"
_TYPED = r"\b[A-Z]\w+"
_TOLD = re.compile(
    rf"""(?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`)"""
    rf"""|(?P<name>{_CALLED}|{_ACCESSED}|{_TYPED}|{_GIVEN}|\b(?:{any_of(KEYWORDS)})\b)"""
    r"""|(?P<local>[^\W\d]\w*)|(?P<number>\d[\w.]*)|(?P<sign>[<>=!&|?+*/%^~-]+)"""
)
_COMMENT = re.compile(r"\s*(?:#(?!include|define|if)|//|/?\*|--\s|\"\"\"|''')")
_TRAILING = re.compile(r"\s(?:#|//) .*$")
_IMPORT = re.compile(rf"\s*(?:{any_of(IMPORTING_WORDS | frozenset(['#include', 'package']))})\b")
_PROSE = re.compile(r"\s*(?:[A-Za-z']+[,.]? ){6}")
_TYPES = frozenset(
    ["Any", "Callable", "Dict", "Iterable", "List", "Optional", "Sequence", "Set", "Tuple", "Union"]
)
"""Of annotations: an edit of these alone is no mend."""

_SMALL = frozenset(["0", "1"])


def parts(edit: LineEdit) -> tuple[LineEdit, ...]:
    """The edit, and where as many lines went as came each of these by itself: another place may
    have had but one of them.
    """
    size = len(edit.removed)
    if not 1 < size == len(edit.added) <= MOST_LINES:
        return (edit,)
    lines: list[LineEdit] = [edit]
    for number, (old, new) in enumerate(zip(edit.removed, edit.added, strict=True)):
        place = (edit.path, edit.line + number, edit.new_line + number)
        lines.append(LineEdit(*place, (old,), (new,), "", ""))
    return tuple(lines)


def shapes(edit: LineEdit) -> tuple[int, ...]:
    """What other edits that do the same share with it, surest first; none for an edit that says
    nothing of its own: a comment, an import, a number, another name.
    """
    if not _readable(edit):
        return ()
    old, new = _words(edit.removed), _words(edit.added)
    gone, came = old - new, new - old
    if not came:  # what only went was moved as often as not
        return ()
    change = [*_marked("-", gone), *_marked("+", came)]
    fewest = FEWEST_TOLD if gone else FEWEST_TOLD_ONE_SIDED
    names = [*_marked("-", _names(gone)), *_marked("+", _names(came))]
    if gone and len(names) >= fewest:
        return (_digest(names),)
    if _told([*gone, *came]) >= fewest:
        return (_digest(change),)
    return tuple(dict.fromkeys(_anchored(change, edit, old & new)))


def _readable(edit: LineEdit) -> bool:
    lines = (*edit.removed, *edit.added)
    if len(lines) > MOST_LINES or max(map(len, lines)) > MOST_LINE:
        return False
    return not all(map(_is_import, lines))


def _is_import(line: str) -> bool:
    return not line.strip() or bool(_IMPORT.match(line))


def _anchored(change: Sequence[str], edit: LineEdit, kept: Counter[str]) -> Iterator[int]:
    """With each name that stayed in the lines; where nothing did, with the line above and the one
    below.
    """
    changed = [word[1:] for word in change]
    names = [word for word in sorted(kept) if is_rare(word)][:MOST_KEPT]
    for name in names:
        if _told([*changed, name]) >= FEWEST_TOLD:
            yield _digest([*change, f"={name}"])
    beside = {} if kept else {"<": _words([edit.above]), ">": _words([edit.below])}
    for mark, words in beside.items():
        if _told([*changed, *words]) >= FEWEST_TOLD_BESIDE:
            yield _digest([*change, *_marked(mark, words)])


def _words(lines: Iterable[str]) -> Counter[str]:
    """The words that are not chosen freely, with the kinds of those that are."""
    words: list[str] = []
    for line in lines:
        words += _words_of_line(line[:MOST_LINE])
    return Counter(words)


@lru_cache(maxsize=4096)
def _words_of_line(line: str) -> tuple[str, ...]:
    if _COMMENT.match(line) or _PROSE.match(line):
        return ()
    words: list[str] = []
    for match in _TOLD.finditer(_TRAILING.sub("", line)):
        kind = match.lastgroup
        if kind in ("name", "sign") or match[0] in _SMALL:
            words.append(match[0])
        elif kind == "text":
            words.append("STR")
        elif kind == "number":
            words.append("NUM")
    return tuple(words)


def _marked(mark: str, words: Counter[str]) -> list[str]:
    return [mark + word for word in sorted(words.elements())]


def _names(words: Counter[str]) -> Counter[str]:
    """The words that tell of themselves, each once: what else came or went with them may differ."""
    return Counter({word for word in words if is_rare(word)})


def is_rare(word: str) -> bool:
    """Whether it is a name that few programs use, and no keyword, sign or placeholder."""
    return word not in _TYPES and (word[0].isalpha() or word[0] == "_") and word_weight(word) >= 1


def _told(words: Iterable[str]) -> float:
    """The weight of the names among them, each once."""
    names = [word for word in {*words} - _TYPES if word[0].isalpha() or word[0] == "_"]
    return sum(map(word_weight, names))


def _digest(words: Sequence[str]) -> int:
    """63 bits, as SQLite keeps a number."""
    digest = blake2b("\0".join(words).encode("utf-8", "replace"), digest_size=8).digest()
    return int.from_bytes(digest) >> 1
