"""What can be wrong with the change somebody asked about."""


class ChangeError(Exception):
    """There is no such change here; the message says what to do instead."""


class NotADiff(ChangeError):
    """A text was given for a diff, and no file of a change can be read from it; the message says
    what it looks like.
    """
