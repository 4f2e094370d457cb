"""A lesson's proof as it is kept in git beside it: what was tried, with what, and how it went.
Pure; tries nothing.

A proof holds as long as the evidence, the rules and the engines it was made with are the ones there
are now.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum
from hashlib import sha256
from pathlib import PurePosixPath
from typing import Any

from twiceshy.lessons.lesson import Evidence, Lesson, Problem, Rule

SCHEMA = 1
FOLDER = "proofs"
"""Beside the lesson's file."""

QUICK = "rules are quick"
"""The case that no rule holds up every check, see ``learning.verify.rule_speed``."""

RULES_SPEAK = "every rule speaks"
"""The case that each rule is red on some of its lesson's failing code; what is listed is the rules
that are not.
"""

_MEND = "run `twiceshy verify` again, or delete the file"


class Backing(StrEnum):
    """What a lesson's word rests on; shown wherever the lesson is."""

    PROVEN = "proven"  # a kept proof that still holds
    # its rules are red on its bad code and silent on its good code, or recall tells them apart
    CHECKED = "self-checked"
    UNPROVEN = "unproven"


@dataclass(frozen=True, slots=True)
class Trial:
    """One case: what was tried, which guards spoke of the lesson, and whether that is as it must
    be.
    """

    case: str
    spoke: tuple[str, ...]
    good: bool
    # nothing must be: that nobody spoke is told, and speaks against nothing
    told: bool = False
    # of those who spoke and find likenesses: the best score each had, 0..1
    scores: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Untried:
    """A case that could not be made of the lesson, and why, in words for people."""

    case: str
    why: str


@dataclass(frozen=True, slots=True)
class RuleMark:
    """A rule, and a hash of what it said then."""

    id: str
    mark: str


@dataclass(frozen=True, slots=True)
class ProofInputs:
    """With what a proof was made; when any of it changes, the proof is stale."""

    evidence: str  # hash of the lesson's blocks and where they apply
    rules: tuple[RuleMark, ...]
    semgrep: str
    recall: str  # its version, and the score from which it speaks


@dataclass(frozen=True, slots=True)
class Proof:
    """What came of trying a lesson."""

    lesson: str
    proven: bool
    score: float  # share of the forms that were caught
    day: date
    replayed: str  # the commit that brought the failure, when it is known; else empty
    made: ProofInputs
    trials: tuple[Trial, ...]
    untried: tuple[Untried, ...] = ()

    def names(self, cases: Iterable[str]) -> bool:
        """Whether it says of each of these cases how it went, or why it was not tried."""
        tried = {trial.case for trial in self.trials}
        return set(cases) <= tried | {untried.case for untried in self.untried}

    @property
    def silent_rules(self) -> tuple[str, ...]:
        """Rules that never spoke on their lesson's own failing code."""
        rules: list[str] = []
        for trial in self.trials:
            if trial.case == RULES_SPEAK:
                rules += trial.spoke
        return tuple(rules)


def made_with(lesson: Lesson, rules: Sequence[Rule], semgrep: str, recall: str) -> ProofInputs:
    """What a proof of this lesson would be made with today."""
    blocks = [_texts_of(block) for block in lesson.evidence]
    evidence = _hash(repr([*blocks, lesson.applies_to, lesson.fix]))
    marks = sorted((rule.id, _hash(rule.document)) for rule in rules)
    return ProofInputs(evidence, tuple(RuleMark(*mark) for mark in marks), semgrep, recall)


def _texts_of(block: Evidence) -> tuple[str, ...]:
    values = (block.side, block.language, block.code, block.pair, block.path)
    return tuple(map(str, values))


def stale(proof: Proof, today: ProofInputs) -> str:
    """Why a proof holds no more; empty when it does."""
    then = proof.made
    if then.evidence != today.evidence:
        return "its evidence has changed"
    changed = set(then.rules) ^ set(today.rules)
    if changed:
        names = sorted({rule.id for rule in changed})
        return f"rule {', '.join(names)} has changed"
    if then.semgrep != today.semgrep:
        return f"Semgrep is {today.semgrep} now, it was {then.semgrep}"
    if then.recall != today.recall:
        return f"recall is {today.recall} now, it was {then.recall}"
    if any(trial.case == QUICK and not trial.good for trial in proof.trials):
        return "it holds how long a rule took on some machine"
    tried = not then.rules or any(trial.case == RULES_SPEAK for trial in proof.trials)
    return "" if tried else "it does not say whether each rule spoke"


def place_of(lesson: Lesson) -> str:
    """Where a lesson's proof is kept, as messages show it."""
    return str(PurePosixPath(lesson.source).parent / FOLDER / f"{lesson.id}.json")


def written(proof: Proof) -> str:
    """The file's text: one trial a line, so that a diff shows what changed."""
    head = {
        "schema": SCHEMA,
        "lesson": proof.lesson,
        "proven": proof.proven,
        "score": round(proof.score, 3),
        "day": proof.day.isoformat(),
        "replayed": proof.replayed,
        "evidence": proof.made.evidence,
        "rules": {rule.id: rule.mark for rule in proof.made.rules},
        "semgrep": proof.made.semgrep,
        "recall": proof.made.recall,
    }
    trials = [trial_fields(trial) for trial in proof.trials]
    lines = [f"  {json.dumps(key)}: {json.dumps(value)}" for key, value in head.items()]
    lines.append(f'  "trials": {_rows(trials)}')
    lines.append(f'  "untried": {_rows([asdict(untried) for untried in proof.untried])}')
    return "{\n" + ",\n".join(lines) + "\n}\n"


def trial_fields(trial: Trial) -> dict[str, object]:
    """A trial as files and reports have it; what is as always is left out."""
    fields: dict[str, object] = {"case": trial.case, "spoke": list(trial.spoke), "good": trial.good}
    if trial.told:
        fields["told"] = True
    if trial.scores:
        fields["scores"] = {guard: round(score, 2) for guard, score in trial.scores}
    return fields


def read_proof(text: str, source: str) -> Proof | Problem:
    """A proof back from its file, or what is wrong with it."""
    try:
        file = json.loads(text)
        if file["schema"] != SCHEMA:
            schema = f"{file['schema']!r:.20}"
            message = f"a proof of schema {schema}, this version knows {SCHEMA}: {_MEND}"
            return Problem(source, 0, message)
        return _proof(file)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return Problem(source, 0, f"not a proof: {_MEND}")


def _proof(file: Any) -> Proof:
    return Proof(
        lesson=str(file["lesson"]),
        proven=file["proven"] is True,
        score=float(file["score"]),
        day=date.fromisoformat(file["day"]),
        replayed=str(file["replayed"]),
        made=_inputs(file),
        trials=tuple(_trials(file["trials"])),
        untried=tuple(_untried(file.get("untried", ()))),
    )


def _inputs(file: Any) -> ProofInputs:
    marks = tuple(RuleMark(str(name), str(mark)) for name, mark in sorted(file["rules"].items()))
    return ProofInputs(str(file["evidence"]), marks, str(file["semgrep"]), str(file["recall"]))


def _trials(rows: Iterable[Any]) -> Iterator[Trial]:
    for row in rows:
        spoke = tuple(map(str, row["spoke"]))
        scores = [(str(guard), float(score)) for guard, score in row.get("scores", {}).items()]
        told = row.get("told") is True
        yield Trial(str(row["case"]), spoke, row["good"] is True, told, tuple(scores))


def _untried(rows: Iterable[Any]) -> Iterator[Untried]:
    """None in a proof that was made before they were told."""
    for row in rows:
        yield Untried(str(row["case"]), str(row["why"]))


def _rows(rows: Sequence[object]) -> str:
    if not rows:
        return "[]"
    lines = ",\n".join(f"    {json.dumps(row)}" for row in rows)
    return f"[\n{lines}\n  ]"


def _hash(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
