"""The self-check: before a lesson speaks, its rules must be red on every ``bad`` and silent on
every ``good``.

Runs when a lesson first wants to speak and is remembered by content. Whether recall can tell the
two apart is settled when the lesson is compiled: evidence it cannot tell apart never enters the
index. Never looks at a pull request.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from twiceshy.changes.change import Change, as_added
from twiceshy.guards.finding import ChangeGuard
from twiceshy.guards.semgrep.batch import has_paths
from twiceshy.lessons.index import Compiler, MemoryIndex, Unit
from twiceshy.lessons.languages import example_path
from twiceshy.lessons.lesson import Evidence, Rule, Side
from twiceshy.lessons.private_files import private_folder, write_private
from twiceshy.verdicts.policy import Trust

VERSION = "4"
"""Of what is remembered."""


class SelfCheckTools(NamedTuple):
    """What a self-check needs: the rules guard and its compiler, a folder to remember in, and their
    version.
    """

    guard: ChangeGuard
    compiler: Compiler
    folder: Path | None


def check_units(units: Sequence[Unit], tools: SelfCheckTools) -> dict[str, Trust]:
    """How each lesson stands; those seen before with the same content and engine are not run
    again.
    """
    remembered = {unit.lesson.id: _recalled(unit, tools) for unit in units}
    fresh = [unit for unit in units if remembered[unit.lesson.id] is None]
    tried = _try(fresh, tools) if fresh else _Tried({}, {}, ())
    for name in tried.sure:
        _remember(tried.units[name], tools, tried.trust[name])
    return {name: trust or tried.trust[name] for name, trust in remembered.items()}


class _Tried(NamedTuple):
    """What came of trying, and for which lessons the engine came to its end: only that is
    remembered.
    """

    units: dict[str, Unit]
    trust: dict[str, Trust]
    sure: tuple[str, ...]


def _try(units: Sequence[Unit], tools: SelfCheckTools) -> _Tried:
    """All evidence of all units held against all their rules, in one look where no two pieces share
    a path.
    """
    by_id = {unit.lesson.id: unit for unit in units}
    places = _places(units)
    seen = _look(places, tools, MemoryIndex(units, [tools.compiler]))
    if seen is None:
        return _Tried(by_id, dict.fromkeys(by_id, Trust()), ())
    trust = {name: _trust_of(unit, places, seen) for name, unit in by_id.items()}
    doubtful = {places[place][0].lesson.id for place in seen.unsure if place in places}
    return _Tried(by_id, trust, tuple(name for name in by_id if name not in doubtful))


class _Place(NamedTuple):
    """Where a piece of evidence pretends to live: in which look, under which path."""

    look: int
    path: str


class _Seen(NamedTuple):
    """Which rules were red where, and of which places nobody can say."""

    red: set[tuple[_Place, str | None]]
    unsure: set[_Place]


def _look(
    places: Mapping[_Place, tuple[Unit, Evidence]], tools: SelfCheckTools, index: MemoryIndex
) -> _Seen | None:
    """What the rules say of every piece of evidence; None when the engine was not there, or a busy
    machine ended it: nobody failed then.
    """
    seen = _Seen(set(), set())
    for number in range(1 + max((place.look for place in places), default=0)):
        result = tools.guard.check(_as_change(_texts_of(places, number)), index)
        if any(part.reason.died for part in result.not_looked_at):
            return None
        for finding in (*result.findings, *result.escaped):
            seen.red.add((_Place(number, finding.path), finding.rule))
        for problem in result.problems:
            seen.unsure.add(_Place(number, problem.path))
        for part in result.not_looked_at:
            seen.unsure.add(_Place(number, part.subject))
    return seen


def _texts_of(places: Mapping[_Place, tuple[Unit, Evidence]], look: int) -> dict[str, str]:
    return {place.path: block.code for place, (_, block) in places.items() if place.look == look}


def _places(units: Sequence[Unit]) -> dict[_Place, tuple[Unit, Evidence]]:
    """A place for every piece of evidence; of those that must have their own path a look holds one
    for each path.
    """
    places: dict[_Place, tuple[Unit, Evidence]] = {}
    for unit in units:
        exact = any(has_paths(rule) for rule in unit.rules)
        for number, block in enumerate(unit.lesson.evidence):
            path = block.path if exact and block.path else _path(unit, number)
            look = 0
            while _Place(look, path) in places:
                look += 1
            places[_Place(look, path)] = unit, block
    return places


def _trust_of(unit: Unit, places: Mapping[_Place, tuple[Unit, Evidence]], seen: _Seen) -> Trust:
    evidence = [(place, block) for place, (owner, block) in places.items() if owner is unit]
    if not evidence:
        return Trust(unproven_rules=frozenset(rule.id for rule in unit.rules))
    return Trust(_failure(unit, evidence, seen), _unproven_rules(unit, evidence, seen))


def _unproven_rules(
    unit: Unit, evidence: Sequence[tuple[_Place, Evidence]], seen: _Seen
) -> frozenset[str]:
    """Of several rules, one that no failing code shows may comment, but has not earned a block."""
    bad: set[_Place] = set()
    for place, block in evidence:
        if block.side is Side.BAD and place not in seen.unsure:
            bad.add(place)
    if not bad:
        return frozenset()
    proven = {rule for place, rule in seen.red if place in bad}
    return frozenset(rule.id for rule in unit.rules if rule.id not in proven)


def _failure(unit: Unit, evidence: Sequence[tuple[_Place, Evidence]], seen: _Seen) -> str:
    """What its rules do wrong with its own evidence; empty when they do nothing wrong."""
    for rule in unit.rules:
        for place, block in evidence:
            if block.side is Side.GOOD and (place, rule.id) in seen.red:
                line = f"line {block.line} of {unit.lesson.source}"
                return f"rule {rule.id} fires on its own good code ({line})"
    failing = [block for _, block in evidence if block.side is Side.BAD]
    for rule in unit.rules:
        if failing and not any(_is_for(rule, block) for block in failing):
            return f"rule {rule.id} names no bad code of it in metadata.evidence"
    for place, block in evidence:
        rules = [rule for rule in unit.rules if _is_for(rule, block)]
        fired = any((place, rule.id) in seen.red for rule in rules)
        if block.side is Side.BAD and rules and not fired and place not in seen.unsure:
            line = f"line {block.line} of {unit.lesson.source}"
            return f"no rule of it catches its bad code ({line})"
    return ""


def _is_for(rule: Rule, block: Evidence) -> bool:
    """Whether a rule answers for a piece of evidence: for all, unless ``metadata.evidence`` names
    some, counted from 1.
    """
    metadata = json.loads(rule.document).get("metadata")
    named = metadata.get("evidence") if isinstance(metadata, dict) else None
    return not isinstance(named, list) or block.pair + 1 in named


def _path(unit: Unit, number: int) -> str:
    """A path of the evidence's own, in its folder, so that rules bound to folders see it."""
    block = unit.lesson.evidence[number]
    name = block.path or example_path(block.language)
    folder, _, leaf = name.rpartition("/")
    return f"{folder}/{unit.lesson.id}.{number}.{leaf}".lstrip("/")


def _as_change(texts: Mapping[str, str]) -> Change:
    """A change that adds every text as a new file."""
    files = tuple(as_added(path, text) for path, text in texts.items())
    return Change(files, read_head=texts.get)


def _token(unit: Unit, tools: SelfCheckTools) -> str:
    evidence = [
        (block.side, block.language, block.code, block.path) for block in unit.lesson.evidence
    ]
    documents = [rule.document for rule in unit.rules]
    parts = [VERSION, tools.compiler.version, repr(evidence), *documents]
    return sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _recalled(unit: Unit, tools: SelfCheckTools) -> Trust | None:
    if not unit.rules:
        return Trust()
    if tools.folder is None:
        return None
    path = tools.folder / f"{_token(unit, tools)}.json"
    try:
        remembered = json.loads(path.read_text(encoding="utf-8"))
        unproven = frozenset(_texts(remembered["unproven_rules"]))
        return Trust(str(remembered["failed"]), unproven)
    except (OSError, ValueError, KeyError, TypeError):
        return None  # unknown or damaged: it is tried again


def _texts(values: Iterable[object]) -> Iterable[str]:
    return (str(value) for value in values)


def _remember(unit: Unit, tools: SelfCheckTools, trust: Trust) -> None:
    if tools.folder is None:
        return
    values = {"failed": trust.failed, "unproven_rules": sorted(trust.unproven_rules)}
    path = tools.folder / f"{_token(unit, tools)}.json"
    try:
        private_folder(tools.folder)
        write_private(path, json.dumps(values).encode("utf-8"))
    except OSError:
        # it is tried again next time; the index's own problem says that the folder cannot be
        # written
        return
