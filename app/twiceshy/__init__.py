"""twiceshy: holds every change against the lessons of past incidents.

The Python road in: ``from twiceshy import Guard``; ``ChangeError`` is what it raises for a diff it
cannot judge. Importing the package alone loads nothing heavy.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from twiceshy.changes.errors import ChangeError as ChangeError
    from twiceshy.verdicts.guard import Guard as Guard

from twiceshy.lessons.version import VERSION as __version__  # noqa: N811 - the name Python gives it

__all__ = ["ChangeError", "Guard", "__version__"]


def __getattr__(name: str) -> object:
    if name == "Guard":
        from twiceshy.verdicts.guard import Guard  # noqa: PLC0415 - the command line must not pay for it

        return Guard
    if name == "ChangeError":
        from twiceshy.changes.errors import ChangeError  # noqa: PLC0415 - likewise

        return ChangeError
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
