"""The self-check: before a lesson speaks, its rules must be red on every ``bad`` and silent on
every ``good``.

Runs when a lesson first wants to speak and is remembered by content. Whether recall can tell the
two apart is settled when the lesson is compiled: evidence it cannot tell apart never enters the
index. Never looks at a pull request.
"""

import json
from collections.abc import Iterable, Mapping, Sequence, Set
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from twiceshy.changes.change import Change, as_added
from twiceshy.guards.finding import ChangeGuard
from twiceshy.guards.semgrep.batch import has_paths
from twiceshy.lessons.index import Compiler, MemoryIndex, Unit
from twiceshy.lessons.languages import example_path
from twiceshy.lessons.lesson import Evidence, Side
from twiceshy.lessons.private_files import private_folder, write_private
from twiceshy.verdicts.policy import Trust

VERSION = "2"
"""Of what is remembered."""


class SelfCheckTools(NamedTuple):
    """What a self-check needs: the rules guard and its compiler, a folder to remember in, and their
    version.
    """

    guard: ChangeGuard
    compiler: Compiler
    folder: Path | None


def check_units(units: Sequence[Unit], bench: SelfCheckTools) -> dict[str, Trust]:
    """How each lesson stands; those seen before with the same content and engine are not run again."""
    known = {unit.lesson.id: _recalled(unit, bench) for unit in units}
    fresh = [unit for unit in units if known[unit.lesson.id] is None]
    tried = _try(fresh, bench) if fresh else _Tried({}, {}, ())
    for name in tried.sure:
        _remember(tried.units[name], bench, tried.standing[name])
    return {name: standing or tried.standing[name] for name, standing in known.items()}


class _Tried(NamedTuple):
    """What came of trying, and for which lessons the engine came to its end: only that is
    remembered.
    """

    units: dict[str, Unit]
    standing: dict[str, Trust]
    sure: tuple[str, ...]


def _try(units: Sequence[Unit], bench: SelfCheckTools) -> _Tried:
    """All evidence of all units held against all their rules, in one look where no two pieces share
    a path.
    """
    index = MemoryIndex(units, [bench.compiler])
    red: set[tuple[_Place, str | None]] = set()
    unsure: set[_Place] = set()
    by_id = {unit.lesson.id: unit for unit in units}
    places = _places(units)
    for number in range(1 + max((place.look for place in places), default=0)):
        texts = {
            place.path: block.code for place, (_, block) in places.items() if place.look == number
        }
        look = bench.guard.look(_as_change(texts), index)
        if any(
            part.reason.died for part in look.not_looked_at
        ):  # the engine was not there, or a busy machine ended it: nobody failed
            return _Tried(by_id, dict.fromkeys(by_id, Trust()), ())
        red |= {
            (_Place(number, finding.path), finding.rule)
            for finding in (*look.findings, *look.escaped)
        }
        unsure |= {_Place(number, problem.path) for problem in look.problems}
        unsure |= {_Place(number, part.subject) for part in look.not_looked_at}
    standing = {name: _trust_of(unit, places, red, unsure) for name, unit in by_id.items()}
    doubtful = {places[place][0].lesson.id for place in unsure if place in places}
    return _Tried(by_id, standing, tuple(name for name in by_id if name not in doubtful))


class _Place(NamedTuple):
    """Where a piece of evidence pretends to live: in which look, under which path."""

    look: int
    path: str


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


def _trust_of(
    unit: Unit,
    places: Mapping[_Place, tuple[Unit, Evidence]],
    red: Set[tuple[_Place, str | None]],
    unsure: Set[_Place],
) -> Trust:
    mine = [(place, block) for place, (owner, block) in places.items() if owner is unit]
    if not mine:
        return Trust(unproven_rules=frozenset(rule.id for rule in unit.rules))
    # of several rules, one that no failing code shows may comment, but it has not earned a block
    bad = [place for place, block in mine if block.side is Side.BAD and place not in unsure]
    silent = frozenset(
        rule.id for rule in unit.rules if bad and not any((place, rule.id) in red for place in bad)
    )
    for rule in unit.rules:
        for place, block in mine:
            if block.side is Side.GOOD and (place, rule.id) in red:
                line = f"line {block.line} of {unit.lesson.source}"
                return Trust(f"rule {rule.id} fires on its own good code ({line})", silent)
    for place, block in mine:
        fired = any((place, rule.id) in red for rule in unit.rules)
        if block.side is Side.BAD and unit.rules and not fired and place not in unsure:
            return Trust(
                f"no rule of it catches its bad code (line {block.line} of {unit.lesson.source})",
                silent,
            )
    return Trust(unproven_rules=silent)


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


def _token(unit: Unit, bench: SelfCheckTools) -> str:
    evidence = [
        (block.side, block.language, block.code, block.path) for block in unit.lesson.evidence
    ]
    parts = [
        VERSION,
        bench.compiler.version,
        repr(evidence),
        *(rule.document for rule in unit.rules),
    ]
    return sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _recalled(unit: Unit, bench: SelfCheckTools) -> Trust | None:
    if not unit.rules:
        return Trust()
    if bench.folder is None:
        return None
    try:
        held = json.loads(
            (bench.folder / f"{_token(unit, bench)}.json").read_text(encoding="utf-8")
        )
        return Trust(str(held["failed"]), frozenset(_texts(held["unproven_rules"])))
    except (OSError, ValueError, KeyError, TypeError):
        return None  # unknown or damaged: it is tried again


def _texts(values: Iterable[object]) -> Iterable[str]:
    return (str(value) for value in values)


def _remember(unit: Unit, bench: SelfCheckTools, standing: Trust) -> None:
    if bench.folder is None:
        return
    try:
        private_folder(bench.folder)
        text = json.dumps(
            {"failed": standing.failed, "unproven_rules": sorted(standing.unproven_rules)}
        )
        write_private(bench.folder / f"{_token(unit, bench)}.json", text.encode("utf-8"))
    except OSError:
        # it is tried again next time; the index's own problem says that the folder cannot be
        # written
        return
