"""Two path patterns whose wildcards are tied: the same ``*`` in both means the same text. Pure.

Patterns are ``.gitignore``'s. The ``*`` of both are tied in their order; ``{name}`` is a ``*`` that
is tied by its name, however often and in whatever order it stands; ``**`` and ``?`` are tied to
nothing.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

from twiceshy.changes.globs import matches

NAMED = re.compile(r"\{([A-Za-z_]\w*)\}")
_PIECE = re.compile(
    r"\\(?P<literal>.)|(?P<many>\*{2,})|(?P<any>\*)|\{(?P<name>[A-Za-z_]\w*)\}|(?P<one>\?)"
    r"|\[(?P<set>[!^]?(?:\][^\]]*|[^\]]+))\]|(?P<text>.)",
    re.DOTALL,
)

Ties = tuple[tuple[str, str], ...]
"""What the tied wildcards stand for: name and text, sorted; empty when nothing is tied."""


@dataclass(frozen=True)
class TiedPatterns:
    """``when`` and ``require`` of a companion."""

    when: str
    require: str

    @cached_property
    def shared(self) -> frozenset[str]:
        """The names of the wildcards that both have."""
        return _names(self.when) & _names(self.require)

    def wrong(self) -> str | None:
        """Why the patterns cannot be tied, and what to write; None when they can."""
        in_when, in_require = _stars(self.when), _stars(self.require)
        if in_when and in_require and in_when != in_require:
            return (
                f"has {in_when} `*` in `when` and {in_require} in `require`, so it cannot be told "
                "which belong together: write {name} for those that mean the same, "
                "and `**` for those that mean anything"
            )
        lonely = sorted(set(_written(self.require)) - set(_written(self.when)))
        if lonely:
            return (
                f"names {{{lonely[0]}}} in `require` only: write it in `when` too, "
                "or `*` for any name"
            )
        try:
            _joined(self.when, self.require)
        except (re.error, OverflowError, RecursionError) as error:
            return f"has a pattern that is none ({error}): mend it"
        return None

    def when_ties(self, path: str) -> Ties | None:
        """What the tied wildcards stand for in a path like ``when``; None when it is not like
        it.
        """
        return self._ties(self.when, path)

    def require_ties(self, path: str) -> Ties | None:
        """The same for ``require``."""
        return self._ties(self.require, path)

    def belong(self, path: str, partner: str) -> bool:
        """Whether two paths are partners, however often each wildcard could be read."""
        return _joined(self.when, self.require).fullmatch(f"{path}\0{partner}") is not None

    def partner(self, ties: Ties) -> str:
        """``require`` as it must be for these ties, for people to read."""
        texts = dict(ties)
        numbers = iter(range(len(self.require)))

        def text_of(match: re.Match[str]) -> str:
            name = match["name"] or (f"_{next(numbers)}" if match["any"] else "")
            return texts.get(name, match[0])

        return _PIECE.sub(text_of, self.require)

    def _ties(self, pattern: str, path: str) -> Ties | None:
        if not self.shared and not _written(pattern):
            return () if matches(pattern, path) else None
        match = _compiled(pattern).fullmatch(path)
        if match is None:
            return None
        texts: Mapping[str, str] = match.groupdict()
        return tuple(sorted((name, texts[f"t{name}"]) for name in self.shared))


def _stars(pattern: str) -> int:
    return sum(match["any"] is not None for match in _PIECE.finditer(pattern))


def _written(pattern: str) -> list[str]:
    return [match["name"] for match in _PIECE.finditer(pattern) if match["name"]]


def _names(pattern: str) -> frozenset[str]:
    return frozenset([*_written(pattern), *(f"_{number}" for number in range(_stars(pattern)))])


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> re.Pattern[str]:
    """The pattern as an expression with a group for every tied wildcard, as gitignore(5) means
    it.
    """
    return re.compile(_expression(pattern, set()), re.DOTALL)


@lru_cache(maxsize=1024)
def _joined(when: str, require: str) -> re.Pattern[str]:
    """Both patterns, a NUL between them; a wildcard of the second means what the first has of its
    name.
    """
    seen: set[str] = set()
    return re.compile(f"{_expression(when, seen)}\0{_expression(require, seen)}", re.DOTALL)


def _expression(pattern: str, seen: set[str]) -> str:
    """``seen`` holds the groups there are already; a further wildcard of such a name is a reference
    to it.
    """
    body = pattern.strip().removesuffix("/")
    anchored = "/" in body
    segments = body.removeprefix("/").split("/")
    numbers = iter(range(len(pattern)))
    parts = ["" if anchored else "(?:.*/)?"]
    for number, segment in enumerate(segments, start=1):
        last = number == len(segments)
        if segment == "**":
            parts.append(".+" if last else "(?:.*/)?")
        else:
            parts += [*_of_segment(segment, seen, numbers), "" if last else "/"]
    parts.append("/.*" if pattern.strip().endswith("/") else "(?:/.*)?")
    return "".join(parts)


def _of_segment(segment: str, seen: set[str], numbers: Iterator[int]) -> Iterator[str]:
    for piece in _PIECE.finditer(segment):
        if piece["name"] or piece["any"]:
            name = piece["name"] or f"_{next(numbers)}"
            repeat = "+" if piece["name"] else "*"
            yield f"(?P=t{name})" if name in seen else f"(?P<t{name}>[^/]{repeat})"
            seen.add(name)
        elif piece["many"]:
            yield "[^/]*"
        elif piece["one"]:
            yield "[^/]"
        elif piece["set"]:
            inside = piece["set"].replace("\\", "\\\\").replace("[", "\\[")
            yield f"[{'^/' + inside[1:] if inside[0] in '!^' else inside}]"
        else:
            yield re.escape(piece["literal"] or piece["text"])
