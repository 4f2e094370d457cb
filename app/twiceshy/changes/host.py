"""The code that stands in the repository a change is made to: what is normal there. Only what it
offers; ``git_host`` reads it.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple, Protocol


class HostFile(NamedTuple):
    """A file of the host; ``blob`` stands for its content."""

    path: str
    blob: str


class HostListing(NamedTuple):
    """The files of a host, as far as they were listed."""

    files: Sequence[HostFile]
    is_whole: bool = True  # False: there are more


class HostTree(Protocol):
    """The files of a repository at one commit."""

    @property
    def repository(self) -> str:
        """A name for the repository on this machine: trees of one share what is counted."""
        ...

    @property
    def identity(self) -> str:
        """Another one, other files."""
        ...

    def files(self) -> HostListing:
        """Those worth looking at: code that people write, without lessons and rules."""
        ...

    def holding(self, text: str, seconds: float) -> Iterator[HostFile]:
        """Those of them that hold a text, in whatever case, by path. Raises ChangeError where
        nobody can tell within so many seconds by the clock.
        """
        ...

    def text(self, blob: str) -> str | None:
        """What a file holds, None where it is not text or not there."""
        ...
