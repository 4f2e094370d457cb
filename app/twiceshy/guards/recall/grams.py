"""Tokens as n-grams: runs of three and five tokens in each stream, with how much each can tell. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import log

from twiceshy.guards.recall.tokens import Token

SIZES = (3, 5)
REAL, SHAPE = "=", "~"
"""First character of a gram: as written, or with local names taken out."""

_KEYWORDS = frozenset(
    [
        "if",
        "else",
        "elif",
        "for",
        "while",
        "return",
        "try",
        "except",
        "catch",
        "finally",
        "with",
        "as",
        "in",
        "is",
        "not",
        "and",
        "or",
        "import",
        "from",
        "def",
        "fn",
        "func",
        "function",
        "class",
        "public",
        "private",
        "protected",
        "static",
        "final",
        "const",
        "let",
        "var",
        "new",
        "nil",
        "null",
        "none",
        "true",
        "false",
        "self",
        "this",
        "end",
        "do",
        "then",
        "fi",
        "done",
        "pass",
        "break",
        "continue",
        "raise",
        "throw",
        "throws",
        "async",
        "await",
        "yield",
        "lambda",
        "switch",
        "case",
        "default",
        "struct",
        "interface",
        "type",
        "package",
        "void",
        "int",
        "string",
        "bool",
        "float",
        "double",
        "long",
        "char",
        "pub",
        "mut",
        "impl",
        "use",
        "err",
        "error",
    ]
)


@dataclass(frozen=True, slots=True)
class Grams:
    """The grams of a text, each with the line of its first token."""

    lines: Mapping[str, int]

    def __contains__(self, gram: str) -> bool:
        return gram in self.lines

    def __len__(self) -> int:
        return len(self.lines)


def grams_of(tokens: Sequence[Token]) -> Grams:
    """Every gram of both streams; of one that comes again, the first line."""
    lines: dict[str, int] = {}
    for size in SIZES:
        for at in range(len(tokens) - size + 1):
            run = tokens[at : at + size]
            lines.setdefault(f"{REAL} {' '.join([token.text for token in run])}", run[0].line)
            lines.setdefault(f"{SHAPE} {' '.join([token.shape for token in run])}", run[0].line)
    return Grams(lines)


@lru_cache(maxsize=65_536)
def told_by(word: str) -> float:
    """How much a word tells by its kind alone: names much, keywords and literals' places little, signs almost nothing."""
    if word in ("ID", "STR", "NUM"):
        return 0.2
    if word.lower() in _KEYWORDS:
        return 0.35
    return 1.0 if any(char.isalnum() for char in word) else 0.1


def words_of(grams: Iterable[str]) -> set[str]:
    """The words of grams that can be rare or common: no signs, no placeholders."""
    return {word for gram in grams for word in gram[2:].split(" ") if told_by(word) >= 0.35}  # noqa: PLR2004 - see told_by


def rarities(counts: Mapping[str, int], lessons: int) -> dict[str, float]:
    """Inverse document frequency over the registry, scaled to 0..1; K. Sparck Jones 1972, smoothed."""
    return {word: log(1 + lessons / count) / log(1 + max(lessons, 1)) for word, count in counts.items()}


def weight(gram: str, rarity: Mapping[str, float]) -> float:
    """What a gram tells: its words' own telling times their rarity; a word no lesson has counts as rare."""
    words = gram[2:].split(" ")
    return sum(told_by(word) * rarity.get(word, 1.0) for word in words) / len(words)
