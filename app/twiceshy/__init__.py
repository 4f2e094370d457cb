"""twiceshy: holds every change against the lessons of past incidents.

The Python road in: ``from twiceshy import Guard``; ``ChangeError`` is what it raises for a diff it
cannot judge. Importing the package alone loads nothing, so that an interrupt at the very start
finds the command line and no traceback.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from twiceshy.changes.change_error import ChangeError as ChangeError
    from twiceshy.lessons.version import VERSION as __version__  # noqa: N811 - Python's name
    from twiceshy.verdicts.guard import Guard as Guard

__all__ = ["ChangeError", "Guard", "__version__"]


def __getattr__(name: str) -> object:
    if name == "Guard":
        from twiceshy.verdicts.guard import Guard  # noqa: PLC0415 - heavy

        return Guard
    if name == "ChangeError":
        from twiceshy.changes.change_error import ChangeError  # noqa: PLC0415 - likewise

        return ChangeError
    if name == "__version__":
        from twiceshy.lessons.version import VERSION  # noqa: PLC0415 - likewise

        return VERSION
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
