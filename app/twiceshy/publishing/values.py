"""What is published, as plain values: they are kept between the moment they are made and the moment
they are sent.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Comment:
    """An inline comment to be made; ``start_line`` is None for a single line."""

    path: str
    line: int
    start_line: int | None
    body: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Annotation:
    """A line of the check."""

    path: str
    start_line: int
    end_line: int
    level: str  # notice, warning or failure
    title: str
    message: str


@dataclass(frozen=True, slots=True)
class PublishedFinding:
    """A finding as it is published and remembered."""

    fingerprint: str
    claim: str
    lesson: str
    guard: str
    path: str
    start_line: int
    end_line: int
    score: float
    action: str
    reason: str = ""
    severity: str = ""
    owner: str = ""
    registry: str = ""  # owner/name, or a label that ends with a colon; the judging fills it in
    two_persons: bool = True  # an author alone may not dismiss it

    @property
    def shown(self) -> bool:
        """Whether it is said out loud."""
        return self.action != "observe"


@dataclass(frozen=True, slots=True)
class Publication:
    """All that is to be published of a change."""

    conclusion: str
    title: str
    summary: str
    annotations: tuple[Annotation, ...] = ()
    comments: tuple[Comment, ...] = ()
    findings: tuple[PublishedFinding, ...] = ()
    problems: tuple[str, ...] = ()
    judged: bool = True
    """False: twiceshy itself could not look, so nothing follows for what was said before."""

    died: bool = False  # a guard died or was late: what ``on_failure`` is about
    details: str = ""  # where the check's "Details" leads: the loudest finding's lesson


@dataclass(frozen=True, slots=True)
class Thumb:
    """A thumb down; ``at`` is when, as the forge writes it."""

    who: str
    at: str


@dataclass(frozen=True, slots=True)
class PostedComment:
    """A comment of ours that stands on the pull request."""

    id: int
    body: str
    thumbs_down: tuple[Thumb, ...] = ()  # oldest first
    more_thumbs: bool = False  # beyond those that were read
