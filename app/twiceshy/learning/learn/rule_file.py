"""The file of proposed rules that a person reads on: what an expert would have written, as far as
it is known, and a placeholder that lint refuses where only people know.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

import yaml

from twiceshy.learning.learn.evidence import EvidencePair
from twiceshy.learning.learn.proposal_kind import Kind
from twiceshy.learning.learn.rule_candidates import RuleCandidate
from twiceshy.learning.learn.rule_selection import Choice, TriedRule
from twiceshy.learning.learn.rule_trial import semgrep_name
from twiceshy.lessons.lesson import Lesson, Severity

PLACEHOLDER = "TODO: say what to do instead"

_SEVERITIES = {Severity.LOW: "INFO", Severity.MEDIUM: "WARNING"}
"""Semgrep's, of a lesson's; the others are errors."""


@dataclass(frozen=True, slots=True)
class _Written:
    """A rule, and the pieces of evidence (counted from 1) that it is for."""

    rule: TriedRule
    forms: int
    pairs: tuple[EvidencePair, ...]
    numbers: tuple[int, ...]


def rule_file(choices: Sequence[Choice], lesson: Lesson) -> str:
    """The chosen rules, of those choices that have one; ``choices``: of all of the lesson's pieces
    of evidence, in their order.
    """
    pieces = sum(len(choice.pieces) for choice in choices)
    rules: list[dict[str, object]] = []
    hows: dict[str, None] = {}
    for number, written in enumerate(_written(choices), start=1):
        rules.append(_document(written, f"{lesson.id.lower()}-{number}", lesson, pieces))
        hows[written.rule.candidate.how] = None
    text = yaml.dump(
        {"rules": rules}, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110
    )
    how = " ".join("; ".join(hows).split())
    guards = "It guards once the lesson's mode is no longer draft."
    return f"# Proposed from the fix ({how}). {guards}\n{text}"


def _written(choices: Sequence[Choice]) -> list[_Written]:
    """Each rule once, for all pieces that it was chosen for."""
    written: dict[RuleCandidate, _Written] = {}
    first = 1
    for choice in choices:
        numbers = tuple(range(first, first + len(choice.pieces)))
        first += len(choice.pieces)
        if rule := choice.winner:
            before = written.get(rule.candidate, _Written(rule, choice.forms, (), ()))
            pairs = (*before.pairs, *choice.pieces)
            written[rule.candidate] = replace(
                before, pairs=pairs, numbers=(*before.numbers, *numbers)
            )
    return list(written.values())


def _document(written: _Written, name: str, lesson: Lesson, pieces: int) -> dict[str, object]:
    return {
        "id": name,
        "languages": [semgrep_name(written.pairs[0].language)],
        "severity": _SEVERITIES.get(lesson.severity, "ERROR"),
        "message": _message(lesson, written.rule.candidate.instead),
        **_paths(written),
        "metadata": _metadata(written, lesson, pieces),
        **written.rule.candidate.matching(),
    }


def _message(lesson: Lesson, known: str) -> str:
    """What people said to do comes before what is ``known`` to be right for anybody."""
    title = lesson.title.rstrip(". ")
    instead = f"{known[0].upper()}{known[1:]}." if known else PLACEHOLDER
    return f"{title}. {lesson.mitigation.strip() or instead}"


def _metadata(written: _Written, lesson: Lesson, pieces: int) -> dict[str, object]:
    support = written.rule.support
    metadata: dict[str, object] = {
        "lesson": lesson.id,
        "kind": str(written.rule.judgement.kind),
        "support": {"k": support.k, "n": support.n},
        "forms": {"caught": written.rule.forms, "tried": written.forms},
    }
    if len(written.numbers) < pieces:
        metadata["evidence"] = list(written.numbers)
    return metadata


def _paths(written: _Written) -> dict[str, object]:
    """What one tree bears out holds in the folder that bears it out."""
    if written.rule.judgement.kind is not Kind.INVARIANT:
        return {}
    support = written.rule.support
    paths = [pair.path for pair in written.pairs]
    paths += [span.path for span in (*support.kept, *support.exceptions)]
    folder = "/".join(_shared_folders(paths))
    return {"paths": {"include": [f"/{folder}/**"]}} if folder else {}


def _shared_folders(paths: Sequence[str]) -> Iterator[str]:
    for names in zip(*(PurePosixPath(path).parent.parts for path in paths), strict=False):
        if len(set(names)) > 1:
            return
        yield names[0]


class _Dumper(yaml.SafeDumper):
    """Patterns of several lines stand as they are written."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar(
        "tag:yaml.org,2002:str", text, style="|" if "\n" in text else None
    )


_Dumper.add_representer(str, _text)
