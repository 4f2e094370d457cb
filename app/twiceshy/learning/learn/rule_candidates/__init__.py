"""Rules a fix suggests: the shape of each of its edits on the syntax tree, and the failing lines
again as the last resort.

Pure and deterministic. Whether a candidate catches what it should is for ``rule_selection`` to find
out, with Semgrep.
"""

from collections.abc import Iterator, Sequence

from twiceshy.changes.parser.client import own_parser
from twiceshy.learning.learn.evidence import EvidencePair
from twiceshy.learning.learn.rule_candidates.awaits import await_candidates
from twiceshy.learning.learn.rule_candidates.calls import call_candidates
from twiceshy.learning.learn.rule_candidates.candidate import Breadth, Edit, RuleCandidate
from twiceshy.learning.learn.rule_candidates.guards import guard_candidates
from twiceshy.learning.learn.rule_candidates.handlers import handler_candidates
from twiceshy.learning.learn.rule_candidates.keys import key_candidates
from twiceshy.learning.learn.rule_candidates.lines import MOST_TEXT, line_candidates, weight_of
from twiceshy.learning.learn.rule_candidates.misuses import misuse_candidates
from twiceshy.learning.learn.rule_candidates.operators import (
    constant_candidates,
    operator_candidates,
)
from twiceshy.learning.learn.rule_candidates.sequences import (
    moved_candidates,
    sequence_candidates,
)
from twiceshy.learning.learn.rule_candidates.site import Site, site_of
from twiceshy.learning.learn.rule_candidates.tree import Node, tree_of
from twiceshy.learning.learn.rule_candidates.tree_edits import TreeEdit, tree_edits

__all__ = ["Breadth", "Edit", "RuleCandidate", "candidates_of", "rule_candidates"]

MOST_CANDIDATES = 80

RECOGNISERS = (
    guard_candidates,
    call_candidates,
    await_candidates,
    operator_candidates,
    constant_candidates,
    sequence_candidates,
    handler_candidates,
)

FEWEST_TOLD = 1.0
"""One name of its own: the exceptions of a shape make it say more than a line does."""


def rule_candidates(bad: str, good: str, language: str) -> tuple[RuleCandidate, ...]:
    """Candidates for two pieces of code of which no more is known."""
    return candidates_of(EvidencePair("", language, "", bad, good, ()))


def candidates_of(pair: EvidencePair) -> tuple[RuleCandidate, ...]:
    """Candidates for one pair of evidence, most general first; none in a language whose code is no
    pattern.
    """
    with own_parser():
        shapes = dict.fromkeys(misuse_candidates(pair))
        shapes |= dict.fromkeys(filter(_tells_enough, shape_candidates(pair)))
        lines = line_candidates(pair.bad, pair.good, pair.language)
    shapes_first = sorted(shapes, key=lambda candidate: -candidate.breadth)
    return (*shapes_first, *lines)[:MOST_CANDIDATES]


def _tells_enough(candidate: RuleCandidate) -> bool:
    """Whether something in what must be there is a name of its own."""
    there = [text for operator, text in candidate.patterns if "not" not in operator]
    there += candidate.flow.sources if candidate.flow else ()
    return len(candidate.anchor) <= MOST_TEXT and weight_of(" ".join(there)) >= FEWEST_TOLD


def shape_candidates(pair: EvidencePair) -> Iterator[RuleCandidate]:
    """What the shapes of a pair's edits suggest."""
    whole = bool(pair.before and pair.after)
    before = tree_of(pair.before if whole else pair.bad, pair.language)
    after = tree_of(pair.after if whole else pair.good, pair.language)
    if before is None or after is None:
        if whole:  # a file too large for a tree: its pieces may have one
            yield from shape_candidates(
                EvidencePair("", pair.language, "", pair.bad, pair.good, ())
            )
        return
    edits = [edit for edit in tree_edits(before, after) if not whole or _touched(edit, pair)]
    for edit in edits:
        site = site_of(edit, pair.language, whole=whole)
        if site is None:
            continue
        yield from _of_site(site)
        for there in edits if edit.new is None else ():
            if _is_moved(edit, there):
                yield from moved_candidates(site, there)


def _is_moved(here: TreeEdit, there: TreeEdit) -> bool:
    """Whether what went here came there."""
    gone, came = here.old, there.new
    return gone is not None and came is not None and not there.old and gone.code == came.code


def _touched(edit: TreeEdit, pair: EvidencePair) -> bool:
    """Whether an edit is one of the pair's, and not of another place of the file."""
    if not pair.removed and not pair.added:
        return True
    return _overlaps(edit.old, pair.removed) or _overlaps(edit.new, pair.added)


def _overlaps(node: Node | None, lines: Sequence[int]) -> bool:
    return node is not None and any(node.first <= line <= node.last for line in lines)


def _of_site(site: Site) -> Iterator[RuleCandidate]:
    for recognise in RECOGNISERS if not site.idioms.pair else (key_candidates,):
        yield from recognise(site)
