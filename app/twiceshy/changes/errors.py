"""What can be wrong with the change somebody asked about."""


class ChangeError(Exception):
    """There is no such change here; the message says what to do instead."""
