"""What is left to do so that the comments on a pull request say what a publication says. Pure:
nothing is sent from here.

Nothing is said twice; what is gone is said to be gone; nothing is ever deleted.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from twiceshy.publishing.comment import marked, settled_text
from twiceshy.publishing.values import Comment, PostedComment, Publication


@dataclass(frozen=True, slots=True)
class Differences:
    """What is left to do."""

    new: tuple[Comment, ...] = ()
    edits: tuple[tuple[int, str], ...] = ()  # comment id and its new body


@dataclass(frozen=True, slots=True)
class SilencedClaims:
    """What is not to be said, whatever the forge lists: it was said already, or a person deleted
    it.
    """

    fingerprints: frozenset[str] = frozenset()
    claims: frozenset[str] = frozenset()
    """Deleted, for that code wherever it stands in this pull request."""


def differences(
    wanted: Publication,
    posted: Sequence[PostedComment],
    head: str,
    silence: SilencedClaims | None = None,
) -> Differences:
    """What is new, and what holds no more as of ``head``. Nothing follows from no judgement."""
    if not wanted.judged:
        return Differences()
    standing, settled = _by_fingerprint(posted)
    silent = set(_silent(wanted, silence or SilencedClaims())) - (settled - standing)
    silent |= standing
    new = tuple(comment for comment in wanted.comments if comment.fingerprint not in silent)
    return Differences(new, tuple(_edits(wanted, posted, head)))


def _by_fingerprint(posted: Iterable[PostedComment]) -> tuple[set[str], set[str]]:
    """The fingerprints of the comments that hold, and of those that say that they hold no more."""
    standing, settled = set[str](), set[str]()
    for comment in posted:
        mark = marked(comment.body)
        if mark is None:
            continue
        fingerprint, is_settled = mark
        (settled if is_settled else standing).add(fingerprint)
    return standing, settled


def _edits(
    wanted: Publication, posted: Sequence[PostedComment], head: str
) -> Iterator[tuple[int, str]]:
    """The comments whose finding is not shown any more, with the words they get instead."""
    findings = {finding.fingerprint: finding for finding in wanted.findings}
    for comment in posted:
        fingerprint, is_settled = marked(comment.body) or ("", True)
        finding = findings.get(fingerprint)
        if is_settled or (finding is not None and finding.shown):
            continue
        yield comment.id, settled_text(comment.body, head, finding.reason if finding else "")


def _silent(wanted: Publication, silence: SilencedClaims) -> Iterator[str]:
    """Fingerprints that are not said again."""
    yield from silence.fingerprints
    for finding in wanted.findings:
        if finding.claim in silence.claims:
            yield finding.fingerprint
