"""How a command ends when it cannot do what was asked. Imports nothing: everything in ``cli`` may
need it.
"""

WRONG = 2
"""The exit code of wrong use, a broken configuration, an unwritten report, or a fault of ours."""

INTERRUPTED = 130


class UsageError(Exception):
    """Ends a command with a message for the person who can mend it; exit code WRONG."""
