"""What a file must hold for a rule to match at all: Semgrep's own formulas, evaluated here so that
it need not start.

A safe superset: a rule is dropped only when its formula says that it cannot match.
"""

import json
import re
from collections.abc import Iterator, Set
from typing import Any

EVERY_FILE = "*"
"""The key of rules that no single word gives away."""

_WORD = re.compile(r"\w+")


def words(text: str) -> set[str]:
    """Every word of a text; a rule's anchor is one of them when the rule can match."""
    return set(_WORD.findall(text))


def of_whole_words(document: str, languages: tuple[str, ...]) -> bool:
    """Whether the identifiers of a rule's formula are whole words wherever it matches.

    Those of a ``pattern-regex`` may be parts of words (FOO+BAR gives FOO and OBAR), and generic
    patterns match inside words too. A ``metavariable-regex`` gives no identifiers.
    """
    if {"generic", "regex", "none", "spacegrep", "aliengrep"} & set(languages):
        return False
    return not _has_regex(json.loads(document))


def _has_regex(node: Any) -> bool:
    """Rules are no deeper than their reader allows."""
    if isinstance(node, list):
        return any(map(_has_regex, node))
    if not isinstance(node, dict):
        return False
    named = any(key in node for key in ("pattern-regex", "regex", "pattern-not-regex"))
    return named or any(
        _has_regex(held) for key, held in node.items() if key != "metavariable-regex"
    )


def anchors(formula: Any, whole_words: bool) -> tuple[str, ...]:
    """Words of which a file must hold one for the rule to match; ``("*",)`` when there are none."""
    if formula is None or not whole_words:
        return (EVERY_FILE,)
    found = _anchors(formula)
    return tuple(sorted(found)) if found else (EVERY_FILE,)


def may_match(formula: Any, text: str, held: Set[str] | None = None) -> bool:
    """Whether the formula holds for a text; shapes this version does not know hold. ``held``: its
    ``words``, if whole.
    """
    if not isinstance(formula, list) or len(formula) != 2:  # noqa: PLR2004 - ["And", [...]]
        return True
    kind, parts = formula
    if kind == "And":
        return all(may_match(part, text, held) for part in parts)
    if kind == "Or":
        return any(may_match(part, text, held) for part in parts)
    if kind == "Pred" and isinstance(parts, list) and parts and parts[0] == "Idents":
        return all(word in text for word in parts[1]) and (
            held is None or set(_parts(parts[1])) <= held
        )
    return True


def formulas(dump: bytes) -> dict[str, Any]:
    """Rule id to formula (None: no formula) out of what ``-prefilter_of_rules`` prints."""
    try:
        rows = json.loads(dump)
        return {
            row["rule_id"]: row["filter"][1] if isinstance(row["filter"], list) else None
            for row in rows
        }
    except (ValueError, KeyError, TypeError, IndexError):
        return {}


def _anchors(formula: Any) -> set[str] | None:
    """The fewest, longest words one of which must be there; None when no word must."""
    if not isinstance(formula, list) or len(formula) != 2:  # noqa: PLR2004 - ["And", [...]]
        return None
    kind, parts = formula
    if kind == "And":
        choices = [found for part in parts if (found := _anchors(part))]
        return min(choices, key=lambda each: (len(each), -min(map(len, each))), default=None)
    if kind == "Or":
        branches = [_anchors(part) for part in parts]
        known = [branch for branch in branches if branch]
        return set().union(*known) if known and len(known) == len(branches) else None
    if kind == "Pred" and parts[0] == "Idents":
        longest = max(_parts(parts[1]), key=len, default="")
        return {longest} if longest else None
    return None


def _parts(identifiers: list[str]) -> Iterator[str]:
    for identifier in identifiers:
        yield from _WORD.findall(identifier)
