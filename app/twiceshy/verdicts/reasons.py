"""Why something is less loud than it could be: a value to decide by, and a sentence for people.

Whoever has to know why asks for ``Why``; nobody reads the sentence but a person, so any of them may
be reworded. Pure.
"""

from dataclasses import dataclass
from enum import StrEnum


class Why(StrEnum):
    """Why a finding is less than its lesson's mode allows, or a lesson says nothing at all."""

    # a finding is bounded
    AT_BASE = "at base"
    OBSERVING = "observing"
    SELF_CHECK = "self-check"
    BELOW_COMMENT_AT = "below comment_at"
    BELOW_BLOCK_AT = "below block_at"
    SEVERITY = "severity"
    SAID_ONCE = "said once"
    DISMISSED = "dismissed"
    DEMOTED = "demoted"
    NO_EVIDENCE = "no evidence"
    NEVER_BLOCKS = "never blocks"
    STRUCTURE_OFF = "structure off"  # the settings do not want the same structure under other names
    ESCAPED = "escaped"  # something in the change itself keeps it from being said
    UNTOLD = "untold"  # its registry shares no word, this one neither
    # a lesson has no finding
    RETIRED = "retired"
    DRAFT = "draft"
    OUT_OF_SCOPE = "out of scope"
    CAME_NEAR = "came near"  # a guard saw a likeness too weak for a finding
    CONSIDERED = "considered"  # a guard looked at the place and kept silent
    NO_CHECK = "no check"
    NOT_IN_INDEX = "not in the index"
    NOTHING_ALIKE = "nothing alike"


SENTENCES = {
    Why.AT_BASE: "it was there before this change",
    Why.OBSERVING: "its lesson is in observe mode",
    Why.SELF_CHECK: "the lesson failed its self-check: {failed}",
    Why.BELOW_COMMENT_AT: "resembles at {score:.2f}, under comment_at {threshold:.2f}{because}",
    Why.BELOW_BLOCK_AT: "resembles at {score:.2f}, under block_at {threshold:.2f}{because}",
    Why.SEVERITY: "severity {severity} is under block_at: {block_at}",
    Why.SAID_ONCE: "said once already, by {guard}",
    Why.DISMISSED: "dismissed by {who}: {reason}",
    Why.DEMOTED: "{feedback}",
    Why.NO_EVIDENCE: "a rule without evidence may comment but not block",
    Why.NEVER_BLOCKS: "{guard} never block",
    Why.STRUCTURE_OFF: "the same structure under other names is off: `recall.structure`",
    Why.UNTOLD: "its lesson is silent about it now",
    Why.RETIRED: "retired",
    Why.DRAFT: "a draft: set its mode to observe, comment or block",
    Why.OUT_OF_SCOPE: "out of scope: applies to {globs}",
    Why.NO_CHECK: "cannot be a check ({reason}): {sentence}",
    Why.NOT_IN_INDEX: "not in the index",
    Why.NOTHING_ALIKE: "nothing in the diff looks like it",
}
"""What a person reads of each; the names in braces are given where the reason is found. Of what a
guard considered it tells in words of its own, of an escape ``escapes.told``.
"""


@dataclass(frozen=True, slots=True)
class Reason:
    """A value and its sentence, which belong together."""

    why: Why
    text: str

    @classmethod
    def of(cls, why: Why, **given: object) -> "Reason":
        """The reason in its sentence, with what that needs to be told."""
        return cls(why, SENTENCES[why].format(**given))
