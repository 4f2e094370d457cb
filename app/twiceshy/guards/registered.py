"""The guards and their compilers, chosen in this one place: a new one is added here."""

from pathlib import Path

from twiceshy.guards.companions import CompanionsCompiler, CompanionsGuard
from twiceshy.guards.finding import ChangeGuard
from twiceshy.guards.recall.recall_guard import RecallCompiler, RecallGuard
from twiceshy.guards.rules import RulesCompiler, RulesGuard
from twiceshy.guards.safeguards import SafeguardsCompiler, SafeguardsGuard
from twiceshy.guards.scars import ScarsCompiler, ScarsGuard
from twiceshy.lessons.index import Compiler
from twiceshy.lessons.progress import Progress, no_progress


def guards(progress: Progress = no_progress, hosts: Path | None = None) -> tuple[ChangeGuard, ...]:
    """One of each, in the order in which a report tells of them; ``hosts`` is a folder to keep in
    what was counted of host repositories.
    """
    return (
        RulesGuard(),
        RecallGuard(progress=progress, hosts=hosts),
        SafeguardsGuard(),
        CompanionsGuard(),
        ScarsGuard(),
    )


def compilers() -> tuple[Compiler, ...]:
    """What each guard makes of the registry."""
    return (
        RulesCompiler(),
        RecallCompiler(),
        SafeguardsCompiler(),
        CompanionsCompiler(),
        ScarsCompiler(),
    )
