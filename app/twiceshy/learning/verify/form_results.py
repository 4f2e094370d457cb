"""What a proof says of each form, over all pieces of the evidence. Pure; tries nothing."""

from collections.abc import Sequence
from dataclasses import dataclass

from twiceshy.lessons.proofs import Proof, Trial


@dataclass(frozen=True, slots=True)
class FormResult:
    """A form that was tried."""

    case: str
    caught: bool  # every time, by whomever
    told: bool
    guards: tuple[str, ...]  # that spoke every time, each by itself
    scores: tuple[float | None, ...]  # the least that each reached; None of one that is exact

    @property
    def by_whom(self) -> str:
        """``recall 0.97 and rules``."""
        names: list[str] = []
        for guard, score in zip(self.guards, self.scores, strict=True):
            names.append(guard if score is None else f"{guard} {score:.2f}")
        if not self.caught:
            return "nobody"
        return " and ".join(names) or "now one guard, now another"


def results_of(proof: Proof, cases: Sequence[str]) -> tuple[FormResult, ...]:
    """Of each of these cases that was tried, how it went."""
    results: list[FormResult] = []
    for case in cases:
        if trials := [trial for trial in proof.trials if trial.case == case]:
            results.append(_result(case, trials))
    return tuple(results)


def _result(case: str, trials: Sequence[Trial]) -> FormResult:
    always = sorted(set(trials[0].spoke).intersection(*(trial.spoke for trial in trials)))
    caught = all(trial.spoke for trial in trials)
    scores = tuple(_least(trials, guard) for guard in always)
    return FormResult(case, caught, trials[0].told, tuple(always), scores)


def _least(trials: Sequence[Trial], guard: str) -> float | None:
    scores = [score for trial in trials for name, score in trial.scores if name == guard]
    return min(scores, default=None)
