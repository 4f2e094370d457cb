"""What a lesson's word rests on today: a kept proof that still holds, its self-check, or nothing.
Tries nothing.
"""

from twiceshy.guards.recall.recall_guard import RecallCompiler
from twiceshy.guards.semgrep import binary
from twiceshy.lessons.index import Index
from twiceshy.lessons.lesson import Lesson
from twiceshy.lessons.proofs import Backing, Proof, ProofInputs, made_with, stale
from twiceshy.verdicts.policy import Trust
from twiceshy.verdicts.settings import Settings


def backing_of(
    index: Index, lesson: Lesson, standing: Trust, resembles: bool, settings: Settings
) -> Backing | None:
    """None for a lesson without code of any kind: places and companions cannot be tried.

    ``resembles``: recall can recognise its evidence and tell it from its fix.
    """
    rules = index.rules(lesson.id)
    if not rules and not lesson.evidence:
        return None
    proof = holding(index, lesson, settings)
    if proof:
        return Backing.PROVEN if proof.proven else Backing.UNPROVEN
    checked = bool(rules) and not standing.failed and not standing.unproven_rules
    return Backing.CHECKED if checked or (resembles and not rules) else Backing.UNPROVEN


def holding(index: Index, lesson: Lesson, settings: Settings) -> Proof | None:
    """The kept proof of a lesson, when nothing it was made with has changed; it may say that the
    lesson failed.
    """
    proof = index.proof(lesson.id)
    return proof if proof and not stale(proof, made_today(index, lesson, settings)) else None


def why_stale(index: Index, lesson: Lesson, settings: Settings) -> str:
    """What changed since a lesson was proven; empty when nothing did, or it never was."""
    proof = index.proof(lesson.id)
    return stale(proof, made_today(index, lesson, settings)) if proof else ""


def made_today(index: Index, lesson: Lesson, settings: Settings) -> ProofInputs:
    """With what a proof of this lesson would be made now."""
    recall = f"{RecallCompiler.version}, from {settings.recall.comment_at:g}"
    return made_with(lesson, index.rules(lesson.id), binary.find().release, recall)
