"""What guards a lesson that has no rule: recall, where it can tell the failure from its fix, and
the safeguards of its fixed code.
"""

from dataclasses import dataclass, replace

from twiceshy.changes.parser.client import own_parser
from twiceshy.guards.recall.recall_guard import SIGNATURES, RecallCompiler
from twiceshy.guards.safeguards import safeguards
from twiceshy.lessons.index import MemoryIndex, Unit
from twiceshy.lessons.lesson import Lesson, Mode


@dataclass(frozen=True, slots=True)
class Guarding:
    """The guards beside rules."""

    recall: bool
    safeguards: int

    def __str__(self) -> str:
        number = self.safeguards
        parts = ["recall"] if self.recall else []
        if number:
            parts.append(f"{number} safeguard{'' if number == 1 else 's'}")
        return " and ".join(parts)


def guarding(lesson: Lesson) -> Guarding:
    """As it will be once it is no longer a draft."""
    alive = replace(lesson, mode=Mode.OBSERVE)
    with own_parser():
        index = MemoryIndex([Unit(alive, ())], [RecallCompiler()])
        recalled = any(True for _ in index.all(SIGNATURES))
        return Guarding(recalled, len(list(safeguards(alive))))
