"""The self-check: before a lesson speaks, its rules must be red on every ``bad`` and silent on every ``good``.

Runs when a lesson first wants to speak and is remembered by content. Whether recall can tell the two apart is settled
when the lesson is compiled: evidence it cannot tell apart never enters the index. Never looks at a pull request.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from twiceshy.changes.model import Change, as_added
from twiceshy.guards.finding import ChangeGuard
from twiceshy.lessons.index import Compiler, MemoryIndex, Unit
from twiceshy.lessons.languages import example_path
from twiceshy.lessons.model import Evidence, Side
from twiceshy.verdicts.policy import Standing


class Bench(NamedTuple):
    """What a self-check needs: the rules guard and its compiler, a folder to remember in, and their version."""

    guard: ChangeGuard
    compiler: Compiler
    folder: Path | None


def check_units(units: Sequence[Unit], bench: Bench) -> dict[str, Standing]:
    """How each lesson stands; those seen before with the same content and engine are not run again."""
    known = {unit.lesson.id: _recalled(unit, bench) for unit in units}
    fresh = [unit for unit in units if known[unit.lesson.id] is None]
    tried = _try(fresh, bench) if fresh else {}
    for unit in fresh:
        _remember(unit, bench, tried[unit.lesson.id])
    return {name: standing or tried[name] for name, standing in known.items()}


def _try(units: Sequence[Unit], bench: Bench) -> dict[str, Standing]:
    """All evidence of all units held against all their rules in one look."""
    index = MemoryIndex(units, [bench.compiler])
    places = {_path(unit, number): (unit, block) for unit in units for number, block in enumerate(unit.lesson.evidence)}
    look = bench.guard.look(_as_change({path: block.code for path, (_, block) in places.items()}), index)
    red = {(finding.path, finding.rule) for finding in look.findings}
    broken = {problem.path for problem in look.problems} | {unseen.subject for unseen in look.not_looked_at}
    return {unit.lesson.id: _standing(unit, places, red, broken) for unit in units}


def _standing(
    unit: Unit, places: Mapping[str, tuple[Unit, Evidence]], red: set[tuple[str, str | None]], broken: set[str]
) -> Standing:
    mine = [(path, block) for path, (owner, block) in places.items() if owner is unit]
    if not mine:
        return Standing(unproven_rules=frozenset(rule.id for rule in unit.rules))
    for rule in unit.rules:
        for path, block in mine:
            if block.side is Side.GOOD and (path, rule.id) in red:
                return Standing(
                    f"rule {rule.id} fires on its own good code (line {block.line} of {unit.lesson.source})"
                )
    for path, block in mine:
        fired = any((path, rule.id) in red for rule in unit.rules)
        if block.side is Side.BAD and unit.rules and not fired and path not in broken:
            return Standing(f"no rule of it catches its bad code (line {block.line} of {unit.lesson.source})")
    # of several rules, one that no evidence shows may comment, but it has not earned a block
    return Standing(
        unproven_rules=frozenset(rule.id for rule in unit.rules if not any((p, rule.id) in red for p, _ in mine))
    )


def _path(unit: Unit, number: int) -> str:
    """Where a block of evidence pretends to live: under its own path, so that rules bound to paths see it."""
    block = unit.lesson.evidence[number]
    name = block.path or example_path(block.language)
    folder, _, leaf = name.rpartition("/")
    return f"{folder}/{unit.lesson.id}.{number}.{leaf}".lstrip("/")


def _as_change(texts: Mapping[str, str]) -> Change:
    """A change that adds every text as a new file."""
    files = tuple(as_added(path, text) for path, text in texts.items())
    return Change(files, read_head=texts.get)


def _token(unit: Unit, bench: Bench) -> str:
    evidence = [(block.side, block.language, block.code, block.path) for block in unit.lesson.evidence]
    parts = [bench.compiler.version, repr(evidence), *(rule.document for rule in unit.rules)]
    return sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _recalled(unit: Unit, bench: Bench) -> Standing | None:
    if not unit.rules:
        return Standing()
    if bench.folder is None:
        return None
    try:
        held = json.loads((bench.folder / f"{_token(unit, bench)}.json").read_text(encoding="utf-8"))
        return Standing(str(held["failed"]), frozenset(_texts(held["unproven_rules"])))
    except (OSError, ValueError, KeyError, TypeError):
        return None  # unknown or damaged: it is tried again


def _texts(values: Iterable[object]) -> Iterable[str]:
    return (str(value) for value in values)


def _remember(unit: Unit, bench: Bench, standing: Standing) -> None:
    if bench.folder is None:
        return
    try:
        bench.folder.mkdir(parents=True, exist_ok=True)
        text = json.dumps({"failed": standing.failed, "unproven_rules": sorted(standing.unproven_rules)})
        (bench.folder / f"{_token(unit, bench)}.json").write_text(text, encoding="utf-8")
    except OSError:
        return  # it is tried again next time; the index's own problem says that the folder cannot be written
