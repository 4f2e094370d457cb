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
_REGEX_KEYS = frozenset({"pattern-regex", "regex", "pattern-not-regex"})


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
    if not _REGEX_KEYS.isdisjoint(node):
        return True
    return any(_has_regex(node[key]) for key in node if key != "metavariable-regex")


def anchors(formula: Any, whole_words: bool) -> tuple[str, ...]:
    """Words of which a file must hold one for the rule to match; ``("*",)`` when there are none."""
    if formula is None or not whole_words:
        return (EVERY_FILE,)
    needed = _anchors(formula)
    return tuple(sorted(needed)) if needed else (EVERY_FILE,)


def may_match(formula: Any, text: str, whole_words: Set[str] | None = None) -> bool:
    """Whether the formula holds for a text; shapes this version does not know hold. ``whole_words``
    are the text's ``words``, if the formula's are whole.
    """
    if not _is_pair(formula):
        return True
    kind, parts = formula
    if kind == "And":
        return all(may_match(part, text, whole_words) for part in parts)
    if kind == "Or":
        return any(may_match(part, text, whole_words) for part in parts)
    if kind == "Pred" and isinstance(parts, list) and parts and parts[0] == "Idents":
        identifiers = parts[1]
        if not all(word in text for word in identifiers):
            return False
        return whole_words is None or all(part in whole_words for part in _parts(identifiers))
    return True


def _is_pair(formula: Any) -> bool:
    """Whether it is like ``["And", [...]]``."""
    return isinstance(formula, list) and len(formula) == len(("kind", "parts"))


def formulas(dump: bytes) -> dict[str, Any]:
    """Rule id to formula (None: no formula) out of what ``-prefilter_of_rules`` prints."""
    formula_of: dict[str, Any] = {}
    try:
        for row in json.loads(dump):
            has_formula = isinstance(row["filter"], list)
            formula_of[row["rule_id"]] = row["filter"][1] if has_formula else None
    except (ValueError, KeyError, TypeError, IndexError):
        return {}
    return formula_of


def _anchors(formula: Any) -> set[str] | None:
    """The fewest, longest words one of which must be there; None when no word must."""
    if not _is_pair(formula):
        return None
    kind, parts = formula
    if kind == "And":
        return min(filter(None, map(_anchors, parts)), key=_cost, default=None)
    if kind == "Or":
        branches = list(map(_anchors, parts))
        return set().union(*filter(None, branches)) if branches and all(branches) else None
    if kind == "Pred" and parts[0] == "Idents":
        longest = max(_parts(parts[1]), key=len, default="")
        return {longest} if longest else None
    return None


def _cost(words: set[str]) -> tuple[int, int]:
    """Few words, the shortest of them long."""
    return len(words), -min(map(len, words))


def _parts(identifiers: list[str]) -> Iterator[str]:
    for identifier in identifiers:
        yield from _WORD.findall(identifier)
