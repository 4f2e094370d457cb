"""The paths in a diff's headers: quotes, and the prefixes that stand before them. Pure; reads
nothing, never raises.
"""

import re

_NOWHERE = "/dev/null"
_QUOTED = re.compile(r'"(.*)"', re.DOTALL)
_ESCAPE = re.compile(rb"\\(?:([0-7]{3})|(.))", re.DOTALL)
_ESCAPES = {
    b"n": b"\n",
    b"t": b"\t",
    b"r": b"\r",
    b"a": b"\a",
    b"b": b"\b",
    b"f": b"\f",
    b"v": b"\v",
}
_PREFIX = re.compile(r"[abciow12]/")
"""a and b; with diff.mnemonicPrefix c(ommit), i(ndex), o(bject), w(ork tree); 1 and 2 with
--no-index.
"""


def paths(git: str, old: str, new: str) -> tuple[str, str]:
    """Path at base and at head, empty where a side does not exist.

    ``git`` is what follows ``diff --git``, ``old`` and ``new`` what follows ``---`` and ``+++``;
    each may be empty.
    """
    whole = _halves(git)
    named = (unquote(old), unquote(new)) if old or new else whole
    # where one side does not exist, git's first line still names both: only the two together tell
    # what a prefix is
    agrees = all(side in (_NOWHERE, half) for side, half in zip(named, whole, strict=True))
    bare = _without_prefixes(*(whole if agrees else named))
    at_base = "" if named[0] == _NOWHERE else bare[0]
    at_head = "" if named[1] == _NOWHERE else bare[1]
    return at_base, at_head


def unquote(name: str) -> str:
    """A path as git quotes it (C style, octal bytes) as it is."""
    quoted = _QUOTED.fullmatch(name)
    if quoted is None:
        return name
    raw = quoted[1].encode("utf-8", "surrogateescape")
    return _ESCAPE.sub(_unescaped, raw).decode("utf-8", "surrogateescape")


def _unescaped(match: re.Match[bytes]) -> bytes:
    octal, sign = match[1], match[2]
    return bytes([int(octal, 8) & 0xFF]) if octal else _ESCAPES.get(sign, sign)


def _halves(names: str) -> tuple[str, str]:
    """The two names of a ``diff --git`` line; unquoted ones may hold blanks, but then they are
    equally long.
    """
    if names.startswith('"'):
        end = re.match(r'"(?:[^"\\]|\\.)*"', names)
        return (unquote(end[0]), unquote(names[end.end() :].strip())) if end else ("", "")
    if names.count(" ") == 1:
        return names.partition(" ")[0], names.partition(" ")[2]
    middle = len(names) // 2
    return (names[:middle], names[middle + 1 :]) if names[middle : middle + 1] == " " else ("", "")


def _without_prefixes(old: str, new: str) -> tuple[str, str]:
    """Paths without the ``a/`` and ``b/`` that git and people put before them, or other words of
    their choice.

    The same name on both sides has no prefix. Names that differ in their first folder alone have
    one each, since a real move says "rename from".
    """
    sides = [side for side in (old, new) if side != _NOWHERE]
    letters = [side[:1] for side in sides if _PREFIX.match(side)]
    if len(letters) == len(sides) and len(set(letters)) == len(letters):
        return _less(old, 2), _less(new, 2)
    first_old, _, rest_old = old.partition("/")
    first_new, _, rest_new = new.partition("/")
    if rest_old and rest_old == rest_new and first_old != first_new and _NOWHERE not in (old, new):
        return rest_old, rest_new
    return old, new


def _less(side: str, count: int) -> str:
    return side if side == _NOWHERE else side[count:]
