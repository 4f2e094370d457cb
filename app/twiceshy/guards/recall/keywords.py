"""What calls are given by name: ``timeout=`` of ``post``, ``no_log:`` of a task, the keys of a
block. What a fix adds there is what a call elsewhere may lack, whatever stands around it. Pure.

Told by tokens alone, so it is known of halves of files and in every language. Linear; never raises.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from twiceshy.changes.parser.leaves import LeafKind
from twiceshy.guards.recall.tokens import Token
from twiceshy.lessons.languages import DEFINING_WORDS

MOST_SIBLINGS = 16
"""Keys of one item of a list that count as given to one another; in longer ones none do."""

MOST_EDITS = 8
"""Of a pair of evidence that are kept."""

SOMETHING = ""
"""Stands for a value that is more than one literal."""

Given = dict[str, str]
"""What one call is given: the value of each keyword."""

Calls = Mapping[str, Sequence[Given]]
"""By the last name of what is called, what each of its calls is given, in the order of the code."""

_OPENING, _CLOSING = frozenset("([{"), frozenset(")]}")
_MARKS = '":'  # of a keyword that is a text or a symbol
_BEFORE_KEYWORD, _BEFORE_OBJECT = frozenset("([{,"), frozenset("(,:")
_AFTER_KEYWORD = frozenset(["=", ":", "=>"])
_NAMES = frozenset([LeafKind.NAME, LeafKind.WORD])
_LITERALS = frozenset([LeafKind.STRING, LeafKind.NUMBER, LeafKind.WORD])


class KeywordEdit(NamedTuple):
    """What a fix changed of what a call is given: its value before and after, None where it was not
    given.
    """

    call: str
    keyword: str
    failed: str | None
    fixed: str | None


def calls_of(tokens: Sequence[Token]) -> Calls:
    """Every call of a text; in configuration a key is called with those under it."""
    calls: dict[str, list[Given]] = {}
    read = _in_keys if any(token.under for token in tokens) else _in_code
    for name, given in read(tokens):
        calls.setdefault(name, []).append(given)
    return calls


def keyword_edits(failed: Calls, fixed: Calls) -> tuple[KeywordEdit, ...]:
    """What calls are given that stand on both sides equally often; a call that is new is none."""
    edits: set[KeywordEdit] = set()
    for call in failed.keys() & fixed.keys():
        if len(failed[call]) == len(fixed[call]):
            for was, now in zip(failed[call], fixed[call], strict=True):
                edits.update(_edits_of_call(call, was, now))
    return tuple(sorted(edits, key=str)[:MOST_EDITS])


def _edits_of_call(call: str, was: Given, now: Given) -> Iterator[KeywordEdit]:
    for keyword in was.keys() | now.keys():
        failed, fixed = was.get(keyword), now.get(keyword)
        if failed != fixed:
            yield KeywordEdit(call, keyword, failed, fixed)


def share_failing(edits: Sequence[KeywordEdit], after: Calls, earlier: Sequence[Calls]) -> float:
    """The share of edits whose calls a change newly leaves as they failed. ``earlier``: what stood
    there, and what the change took out elsewhere, for what only moved is not new.
    """
    failing = 0
    for edit in edits:
        before = max(_failing(calls.get(edit.call, ()), edit) for calls in earlier)
        failing += _failing(after.get(edit.call, ()), edit) > before
    return failing / max(1, len(edits))


def _failing(calls: Iterable[Given], edit: KeywordEdit) -> int:
    """How many calls are given what failed, or lack what they were not given then."""
    return sum(given.get(edit.keyword) == edit.failed for given in calls)


def _in_code(tokens: Sequence[Token]) -> Iterator[tuple[str, Given]]:
    """Calls, and values made with names in braces: ``Client{Timeout: 3}``."""
    opened: list[tuple[str, Given]] = []
    before = ""
    for place, token in enumerate(tokens):
        text = token.text
        if text in _OPENING:
            call = _call_opened(tokens, place, opened)
            if call[0] and not any(call[1] is given for _, given in opened[-1:]):
                yield call
            opened.append(call)
        elif text in _CLOSING:
            del opened[-1:]
        elif before in _BEFORE_KEYWORD and opened and opened[-1][0] and _is_keyword(tokens, place):
            opened[-1][1].setdefault(text.lstrip(_MARKS), _value(tokens, place + 2))
        before = text


def _is_keyword(tokens: Sequence[Token], place: int) -> bool:
    return place + 2 < len(tokens) and tokens[place + 1].text in _AFTER_KEYWORD


def _call_opened(
    tokens: Sequence[Token], place: int, opened: Sequence[tuple[str, Given]]
) -> tuple[str, Given]:
    """The call that a bracket begins, or goes on with: the keys of an object that a call is handed
    are its keywords. Without a name where it is none.
    """
    no_call: tuple[str, Given] = ("", {})
    if not place:
        return no_call
    sign, before = tokens[place].text, tokens[place - 1]
    if sign == "(" and before.kind in _NAMES:
        is_defined = place > 1 and tokens[place - 2].text in DEFINING_WORDS
        return no_call if is_defined else (before.text, {})
    if sign == "{" and opened and before.text in _BEFORE_OBJECT:
        return opened[-1]
    if sign == "{" and before.kind in _NAMES and _is_keyword(tokens, place + 1):
        return before.text, {}
    return no_call


def _value(tokens: Sequence[Token], place: int) -> str:
    """The literal that stands there alone."""
    if tokens[place].kind not in _LITERALS:
        return SOMETHING
    after = tokens[place + 1].text if place + 1 < len(tokens) else ","
    return tokens[place].text if after == "," or after in _CLOSING else SOMETHING


class _Level:
    """Keys that stand beside one another; those of an item of a list are given to each other."""

    def __init__(self, under: str, *, is_item: bool) -> None:
        self.under, self.is_item = under, is_item
        self.given: dict[str, Given] = {}  # by key, what it is called with
        self.values: Given = {}

    def close(self) -> None:
        """Give the keys of an item to those of them that hold others: a task's to its module."""
        if self.is_item and len(self.given) <= MOST_SIBLINGS:
            for key in [key for key, given in self.given.items() if given] or [*self.given]:
                for sibling, value in self.values.items():
                    if sibling != key:
                        self.given[key].setdefault(sibling, value)


def _in_keys(tokens: Sequence[Token]) -> Iterator[tuple[str, Given]]:
    """Each key with those under it, and in an item of a list with those beside it."""
    levels: list[_Level] = []
    for line in _lines(tokens):
        is_item = line[0].text == "-"
        words = line[1:] if is_item else line
        if words and words[0].kind is not LeafKind.SIGN:
            key, under = _label(words), words[0].under
            _to_level(levels, under, is_item=is_item)
            given: Given = {}
            _note(levels, key, _value_of_key(words), given)
            yield key, given
    for level in levels:
        level.close()


def _lines(tokens: Sequence[Token]) -> Iterator[list[Token]]:
    line: list[Token] = []
    for token in tokens:
        if line and token.line != line[0].line:
            yield line
            line = []
        line.append(token)
    if line:
        yield line


def _to_level(levels: list[_Level], under: str, *, is_item: bool) -> None:
    """The last level becomes the one of a key that stands under another; an item begins a new
    one.
    """
    while len(levels) > 1 and levels[-1].under != under and under not in levels[-1].given:
        levels.pop().close()
    if levels and levels[-1].under == under and is_item:
        levels.pop().close()
    if not levels or levels[-1].under != under:
        levels.append(_Level(under, is_item=is_item))


def _note(levels: Sequence[_Level], key: str, value: str, given: Given) -> None:
    """A key of the last level, which is given to the key it stands under."""
    levels[-1].given[key], levels[-1].values[key] = given, value
    if len(levels) > 1 and levels[-1].under in levels[-2].given:
        levels[-2].given[levels[-1].under][key] = value


def _label(words: Sequence[Token]) -> str:
    """The key of a line; of a block with labels the first of these: ``aws_s3_bucket``."""
    has_label = len(words) > 1 and words[1].kind is LeafKind.STRING
    return words[1].text if has_label else words[0].text


def _value_of_key(words: Sequence[Token]) -> str:
    """The literal that stands alone after a key and a sign."""
    return words[2].text if len(words) == 3 else SOMETHING  # noqa: PLR2004
