"""twiceshy: holds every change against the lessons of past incidents.

The Python road in: ``from twiceshy import Guard``. Importing the package alone loads nothing heavy.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from twiceshy.verdicts.guard import Guard as Guard

from twiceshy.lessons.version import VERSION as __version__  # noqa: N811 - the name Python gives it

__all__ = ["Guard", "__version__"]


def __getattr__(name: str) -> object:
    if name == "Guard":
        from twiceshy.verdicts.guard import Guard  # noqa: PLC0415 - the command line must not pay for it

        return Guard
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
