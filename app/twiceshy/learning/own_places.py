"""Which places of a tree are a lesson's own: where it was learned, and no answer to *where else?*.

Pure. A place is known by path and function, by what the lesson shows of it, and where the file is
gone by the code itself.
"""

from collections.abc import Collection

from twiceshy.changes.functions import functions
from twiceshy.guards.finding import Finding
from twiceshy.guards.locations import around, is_symbol, same_path
from twiceshy.learning.learn.evidence import without_blanks
from twiceshy.lessons.languages import language_of_path
from twiceshy.lessons.lesson import Evidence, Lesson

MOSTLY = 0.5
"""So much of a place's lines the lesson shows, where no function's name tells."""


def is_own_place(
    lesson: Lesson, finding: Finding, text: str, tracked: Collection[str] = ()
) -> bool:
    """Whether a finding is where its lesson was learned; ``text``: the file, ``tracked``: all
    paths of the tree.
    """
    if finding.guard.place_only:
        return True
    scars = [scar for scar in lesson.scars if same_path(scar.path, finding.path)]
    if any(not scar.symbol for scar in scars):
        return True
    return _in_own_function(lesson, finding, text) or any(
        _is_shown(evidence, finding, text, tracked) for evidence in lesson.evidence
    )


def _in_own_function(lesson: Lesson, finding: Finding, text: str) -> bool:
    symbols: list[str] = []
    for scar in lesson.scars:
        if scar.symbol and same_path(scar.path, finding.path):
            symbols.append(scar.symbol)
    for evidence in lesson.evidence:
        if evidence.path and same_path(evidence.path, finding.path):
            shown = functions(evidence.code, evidence.language)
            symbols += [function.name for function in shown if not function.is_class]
    if not symbols:
        return False
    inside = around(functions(text, language_of_path(finding.path)), finding.start_line)
    return any(is_symbol(function, symbol) for function in inside for symbol in symbols)


def _is_shown(evidence: Evidence, finding: Finding, text: str, tracked: Collection[str]) -> bool:
    """Whether a lesson's evidence is this very place: there, or moved to another file."""
    if evidence.path and same_path(evidence.path, finding.path):
        lines = text.split("\n")[finding.start_line - 1 : finding.end_line]
        here = {line.strip() for line in lines} - {""}
        shown = {line.strip() for line in evidence.code.splitlines()}
        return len(here & shown) >= MOSTLY * len(here)
    moved = bool(evidence.path) and evidence.path not in tracked
    return moved and without_blanks(evidence.code) in without_blanks(text)
