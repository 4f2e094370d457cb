"""Each shape of edit in each language that claims it: the real Semgrep on fixes of a few lines."""

from collections import defaultdict

import pytest

from shape_samples import SAMPLES, ShapeSample
from twiceshy.guards.rules import RulesCompiler
from twiceshy.learning.learn.rule_candidates import (
    Edit,
    RuleCandidate,
    rule_candidates,
)
from twiceshy.learning.learn.rule_selection import fired
from twiceshy.learning.learn.rule_trial import trial_unit
from twiceshy.lessons.languages import example_path

LANGUAGES = sorted({sample.language for sample in SAMPLES})


def shapes_of(sample: ShapeSample) -> list[RuleCandidate]:
    candidates = rule_candidates(sample.bad, sample.good, sample.language)
    return [candidate for candidate in candidates if candidate.edit is not Edit.LINE]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_shape_is_red_on_the_failure_under_any_names_and_green_on_what_is_correct(
    language: str,
) -> None:
    samples = [sample for sample in SAMPLES if sample.language == language]
    candidates: list[RuleCandidate] = []
    of_sample: dict[int, list[int]] = defaultdict(list)
    texts: dict[str, str] = {}
    for number, sample in enumerate(samples):
        for candidate in shapes_of(sample):
            of_sample[number].append(len(candidates))
            candidates.append(candidate)
        for side in ("bad", "good", "again", "other"):
            texts[f"{side}/{number}/{example_path(language)}"] = getattr(sample, side)
    on = fired(candidates, texts, language)
    for number, sample in enumerate(samples):
        red = [
            on.get(f"{side}/{number}/{example_path(language)}", set()) for side in ("bad", "again")
        ]
        green = [
            on.get(f"{side}/{number}/{example_path(language)}", set()) for side in ("good", "other")
        ]
        right = set(of_sample[number]).intersection(*red).difference(*green)
        edits = {candidates[one].edit for one in right}
        assert sample.edit in edits, (
            sample,
            [candidates[one].patterns for one in of_sample[number]],
        )


@pytest.mark.parametrize("language", LANGUAGES)
def test_semgrep_can_read_every_candidate(language: str) -> None:
    """One that it cannot read costs as much as one that it can, and is worth nothing."""
    bodies: list[dict[str, object]] = []
    for sample in SAMPLES:
        if sample.language == language:
            for candidate in shapes_of(sample):
                bodies.append(candidate.matching())
    assert RulesCompiler().compile([trial_unit(bodies, language)]).problems == ()
