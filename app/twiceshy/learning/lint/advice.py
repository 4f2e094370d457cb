"""What would make a lesson better: unlike a problem it leaves nothing out, and fails nothing.
Pure.
"""

from dataclasses import dataclass
from enum import StrEnum

from twiceshy.lessons.lesson import Problem


class Weight(StrEnum):
    """How much it matters."""

    WARNING = "warning"  # the lesson will not do what its author thinks, or is not written yet
    STYLE = "style"  # it would teach better in other words; holds nothing up
    HINT = "hint"  # it would be a better lesson


@dataclass(frozen=True, slots=True)
class Advice:
    """Where, and what to write instead."""

    weight: Weight
    path: str
    line: int
    message: str

    def __str__(self) -> str:
        return str(Problem(self.path, self.line, f"{self.weight}: {self.message}"))
