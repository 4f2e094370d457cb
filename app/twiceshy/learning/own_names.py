"""The same failure under other names of the project's own: its members, functions, constants, and
literals that are no meaning. Pure.

What a library named stays: what is imported, what is called on it, names of arguments, types, and
``given_names``. Local names stay too: that they may be others is a form by itself. A name is taken
for the project's own only where its place says so, so some that are stay as well.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from zlib import crc32

from twiceshy.changes.functions import functions
from twiceshy.changes.parser.leaves import LeafKind
from twiceshy.changes.parser.places import Role
from twiceshy.changes.places import Place, parses_as_well, places
from twiceshy.guards.library_names import given_names
from twiceshy.learning.not_made import NotMade
from twiceshy.lessons.languages import KEYWORDS, family_of, language_named

_SELVES = frozenset(["self", "this", "cls", "static"])
_ACCESS = frozenset([".", "->", "::", "?.", "&."])
_CORE = re.compile(r"([@$_]*)(\w+?)(_*[?!]?)$")
_PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_CONSTANT = re.compile(r"[A-Z][A-Z0-9_]{2,}$")
_FIXED_BY_LANGUAGE = re.compile(r"__\w+__$")
_OVERRIDES = re.compile(r"\boverride\b", re.IGNORECASE)
_RECEIVER = re.compile(r"^func \((\w+) ", re.MULTILINE)
_REQUIRED = re.compile(r"([\w{},: ]{1,200})=[ \t]*require\b")
_WORD = re.compile(r"[^\W\d]\w*")
_NO_NAME_OF_OURS = frozenset(["@", "new", "$", "#"])
"""Before the name of a decorator, a type, a variable."""

_QUOTED = re.compile(r"""([\w@]*?)(["'`])([^"'`\n]{1,200})\2$""")
_FILLED = re.compile(r"[{}$\\<>#/]|%[(%]")
"""A text with such is an address, a pattern or has something put into it: not only words."""
_MESSAGE_WORD = re.compile(r"(?<![%\w])[A-Za-z]{3,}")

_PLAIN_NUMBER = re.compile(r"\d{1,9}$")
_MEANINGS = frozenset([0, 1, 2, 10, 24, 60, 100, 365, 1000, 3600, 86400])
_CODES = 100, 599  # of HTTP
_FEWEST_LETTERS = 2

HEAD_LINES = 3
"""Of a function: what is said of it stands in them."""

_FIRST = (
    *("amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "heron", "iris", "juniper"),
    *("kelp", "larch", "maple", "nectar"),
)
_SECOND = ("anvil", "barrel", "cradle", "drawer", "easel", "funnel", "gantry", "hamper", "ladle")


def under_other_names(
    code: str, language: str, fixed: str | None, local: frozenset[str]
) -> str | NotMade:
    """The code with the project's own names changed, each everywhere to the same other one.

    A literal changes only where ``fixed`` has it too: what the fix changes may be what it is about.
    ``local``: names the code itself binds.
    """
    if language_named(language).words_are_meaning:
        return NotMade.NO_OWN_NAMES
    leaves = places(code, language)
    if not leaves:
        return NotMade.NO_GRAMMAR
    names = _names_in(code, language, leaves, local)
    if not names.own:
        return NotMade.NO_OWN_NAMES
    others = _other_names(names.own, code)
    kept = _literals(leaves) if fixed is None else _literals(places(fixed, language))
    changed: list[str] = []
    end = 0
    for number, leaf in enumerate(leaves):
        changed.append(code[end : leaf.start])
        if _is_own(leaves, number, names):
            changed.append(others[leaf.text])
        elif leaf.text in kept and leaf.role is Role.NONE:
            changed.append(_other_literal(leaf, others))
        else:
            changed.append(leaf.text)
        end = leaf.end
    other_code = "".join([*changed, code[end:]])
    return other_code if parses_as_well(other_code, code, language) else NotMade.NO_CODE


@dataclass(frozen=True, slots=True)
class _Names:
    """What is known of the names of a text."""

    own: tuple[str, ...]  # in the order in which they come first
    # of others, or of nobody knows whom: their members may be, too
    foreign: frozenset[str]
    local: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Grounds:
    """By what a name is told to be the project's own."""

    selves: frozenset[str]
    defined: frozenset[str]
    local: frozenset[str]
    fields_bare: bool
    calls_own: bool  # a function that is called by its name alone is seldom the language's


def _names_in(code: str, language: str, leaves: Sequence[Place], local: frozenset[str]) -> _Names:
    grounds = _grounds(code, language, local)
    fixed = given_names(family_of(language) or "").union(
        _imported(code, leaves), _overriding(code, language)
    )
    own: dict[str, None] = {}
    foreign: set[str] = set(fixed)
    for number, leaf in enumerate(leaves):
        if leaf.kind is not LeafKind.NAME or leaf.role in (Role.ARGUMENT, Role.IMPORTED):
            continue
        if _is_chosen(leaves, number, grounds):
            if leaf.text not in fixed and _may_be_another(leaf.text):
                own[leaf.text] = None
        elif _owner(leaves, number) is None and leaf.text not in local:
            foreign.add(leaf.text)
    return _Names(tuple(own), frozenset(foreign - grounds.selves - own.keys()), local)


def _grounds(code: str, language: str, local: frozenset[str]) -> _Grounds:
    record = language_named(language)
    receivers = _RECEIVER.findall(code) if record.grammar and record.grammar.receivers else ()
    return _Grounds(
        _SELVES.union(receivers),
        frozenset(function.name for function in functions(code, language)),
        local,
        record.class_frame is not None and record.class_frame.fields_bare,
        record.local_names,
    )


def _imported(code: str, leaves: Iterable[Place]) -> frozenset[str]:
    """Names that are brought in, by a statement of the language or by Node's call."""
    names = {leaf.text for leaf in leaves if leaf.role is Role.IMPORTED}
    for bound in _REQUIRED.findall(code):
        names.update(_WORD.findall(bound))
    return frozenset(names)


def _overriding(code: str, language: str) -> Iterator[str]:
    """Functions that say that they stand for another's: that one named them."""
    lines = code.splitlines()
    for function in functions(code, language):
        head = lines[function.start_line - 1 : function.start_line + HEAD_LINES - 1]
        if any(map(_OVERRIDES.search, head)):
            yield function.name


def _owner(leaves: Sequence[Place], number: int) -> str | None:
    """What stands before the dot that a name stands after; None for a name by itself."""
    if number == 0 or leaves[number - 1].text not in _ACCESS:
        return None
    return leaves[number - 2].text if number > 1 else ""


def _is_chosen(leaves: Sequence[Place], number: int, grounds: _Grounds) -> bool:
    """Whether a name's place says that the project chose it."""
    leaf = leaves[number]
    owner = _owner(leaves, number)
    if owner is not None:
        return owner in grounds.selves and _owner(leaves, number - 2) is None
    before = leaves[number - 1].text if number else ""
    after = leaves[number + 1].text if number + 1 < len(leaves) else ""
    if leaf.text in grounds.defined:
        return before != ","  # there it is a function of an object that somebody asks for
    if leaf.text.startswith("@"):
        return True
    if before in _NO_NAME_OF_OURS or leaf.role is Role.TYPE or leaf.text in grounds.local:
        return False
    if before in ("(", ",") and after in ("=", ":"):
        return False  # an argument's name
    if _CONSTANT.match(leaf.text):
        return True
    starts_lower = leaf.text.lstrip("_")[:1].islower()
    is_called = after == "(" and grounds.calls_own
    return starts_lower and after != "::" and (is_called or grounds.fields_bare)


def _may_be_another(name: str) -> bool:
    if name.lower() in KEYWORDS or name in _SELVES or _FIXED_BY_LANGUAGE.match(name):
        return False
    return len(name.strip("@$_?!")) >= _FEWEST_LETTERS and _CORE.match(name) is not None


def _is_own(leaves: Sequence[Place], number: int, names: _Names) -> bool:
    """Whether a name is to be changed where it stands."""
    leaf = leaves[number]
    if leaf.kind is not LeafKind.NAME or leaf.text not in names.own:
        return False
    if leaf.role in (Role.ARGUMENT, Role.IMPORTED):
        return False
    owner = _owner(leaves, number)
    return leaf.text not in names.local if owner is None else owner not in names.foreign


def _other_names(names: Sequence[str], code: str) -> dict[str, str]:
    """For each name one of other words that no other has, written in its manner."""
    lower = code.lower()
    first = [word for word in _FIRST if word not in lower]
    second = [word for word in _SECOND if word not in lower]
    others: dict[str, str] = {}
    for number, name in enumerate(names):
        turn, place = divmod(number, len(first))
        parts = [first[place]]
        if turn or len(_PARTS.findall(name)) > 1:
            parts.append(second[turn % len(second)])
        if turn >= len(second):
            parts.append(str(turn))
        others[name] = _written_like(name, parts)
    return others


def _written_like(name: str, parts: Sequence[str]) -> str:
    match = _CORE.match(name)
    before, core, after = match.groups() if match else ("", name, "")
    if core.isupper():
        other = "_".join(parts).upper()
    elif "_" in core or core.islower():
        other = "_".join(parts)
    else:
        other = "".join(part.capitalize() for part in parts)
        other = other if core[0].isupper() else other[0].lower() + other[1:]
    return f"{before}{other}{after}"


def _literals(leaves: Iterable[Place]) -> frozenset[str]:
    return frozenset(
        leaf.text for leaf in leaves if leaf.kind in (LeafKind.STRING, LeafKind.NUMBER)
    )


def _other_literal(leaf: Place, others: Mapping[str, str]) -> str:
    if leaf.kind is LeafKind.NUMBER:
        return _other_number(leaf.text)
    match = _QUOTED.match(leaf.text)
    if match is None or _FILLED.search(match[3]):
        return leaf.text
    prefix, quote, said = match.groups()
    return f"{prefix}{quote}{_other_text(said, others)}{quote}"


def _other_number(written: str) -> str:
    """A number that is no limit, code or unit that everybody knows by its value, and one more."""
    if not _PLAIN_NUMBER.match(written) or written.startswith("0"):
        return written
    number = int(written)
    is_code = _CODES[0] <= number <= _CODES[1]
    is_power = number & (number - 1) == 0
    return written if number in _MEANINGS or is_code or is_power else str(number + 3)


def _other_text(said: str, others: Mapping[str, str]) -> str:
    """Other words for a message, the other name where it says one; else as it was."""
    if said in others:
        return others[said]
    return _MESSAGE_WORD.sub(_other_word, said) if " " in said.strip() else said


def _other_word(match: re.Match[str]) -> str:
    number = crc32(match[0].encode("utf-8", "replace"))
    word = _FIRST[number % len(_FIRST)]
    return word.capitalize() if match[0][0].isupper() else word
