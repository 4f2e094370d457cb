"""Every way GitHub says no, each with one meaning: who can do something about it, and when to try
again.
"""


class GitHubError(Exception):
    """GitHub did not do what it was asked."""


class Refused(GitHubError):
    """The request is wrong (422 and the like): the same one will be refused again."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(f"GitHub answered {status}: {message}")
        self.status = status


class Gone(GitHubError):
    """What was asked for is not there, or not for us (404): a vanished repository, a deleted
    comment.
    """


class Forbidden(GitHubError):
    """The App lacks a permission, or the installation is suspended (403 that is no limit)."""


class Unauthorized(GitHubError):
    """The token is not known (401): it ran out, or the App's key or clock is wrong."""


class Limited(GitHubError):
    """A rate limit: nothing was done; ``wait`` is in seconds."""

    def __init__(self, wait: float) -> None:
        super().__init__(f"GitHub asks us to wait {wait:.0f} s")
        self.wait = wait


class Lost(GitHubError):
    """The answer was lost or the server failed (5xx, a reset, a time-out): what was asked may have
    been done or not.
    """
