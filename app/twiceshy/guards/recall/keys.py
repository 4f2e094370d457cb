"""Under which key each line of configuration stands, told by indentation alone.

So it is known of templates, of halves of files and of what does not parse, wherever the text is cut
below the key. Linear. Knows no format: YAML, JSON, HCL, TOML and ini are laid out alike.
"""

import re
from collections.abc import Iterable, Mapping, Sequence

from twiceshy.changes.parser.leaves import LeafKind
from twiceshy.guards.recall.lexer import Leaf
from twiceshy.lessons.language import Language

_ITEM = re.compile(r"\s*(?:- +)*")
"""What an item of a YAML list says is indented by its dash too."""

_SECTION = re.compile(r"\[[^\[\],:=]+\]\s*$|\[\[[^\[\],:=]+\]\]\s*$")
_KEYLESS = ("{", "}", "[", "]", "(", ")", "#")
"""Begin lines without a key of their own: brackets, comments, templates' ``{{ if }}``."""

NO_KEYS: Mapping[int, str] = {}


def keys_above(text: str, leaves: Iterable[Leaf], language: Language) -> Mapping[int, str]:
    """By 1-based line, the key that its own stands under; lines that stand under none are not in
    it.
    """
    if not language.nested_keys:
        return NO_KEYS
    keys = _keys(leaves, labels=language.grammar is not None and language.grammar.labels)
    above: dict[int, str] = {}
    for line, parent in enumerate(_lines_above(text.split("\n")), start=1):
        if line in keys and parent in keys:
            above[line] = keys[parent]
    return above


def _keys(leaves: Iterable[Leaf], *, labels: bool) -> dict[int, str]:
    """By line, its first word; of a block with labels the first of these: ``aws_s3_bucket``."""
    keys: dict[int, str] = {}
    key_line = 0  # the line whose key was the last leaf
    for text, kind, line in leaves:
        is_label = labels and kind is LeafKind.STRING and line == key_line
        key_line = 0
        if is_label:
            keys[line] = text
        elif kind is not LeafKind.SIGN and line not in keys:
            keys[line] = text
            key_line = line
    return keys


def _lines_above(lines: Sequence[str]) -> list[int]:
    """For each line the 1-based number of the nearest one before that is indented less; 0 where
    there is none, or the line has no key.
    """
    above: list[int] = []
    open_keys: list[tuple[int, int]] = []  # indentation and number of those that lines may be under
    for number, line in enumerate(lines, start=1):
        item = _ITEM.match(line)
        indent = item.end() if item else 0
        if _SECTION.match(line):
            open_keys = [(-1, number)]
            above.append(0)
        elif indent == len(line) or line.startswith(_KEYLESS, indent):
            above.append(0)
        else:
            while open_keys and open_keys[-1][0] >= indent:
                open_keys.pop()
            above.append(open_keys[-1][1] if open_keys else 0)
            open_keys.append((indent, number))
    return above
