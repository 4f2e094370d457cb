"""What replaying a past costs, with few lessons and with many.

    python benchmarks/backtest.py FOLDER REPOSITORY [--commits N] [--lessons N ...]

FOLDER is the set that ``benchmarks/recall`` reads, REPOSITORY any clone with a history. Lessons are
those of the set, in turn through its languages, the first of them with the rule ``twiceshy learn``
would propose; beyond their number they come again under other names. Each registry replays the same
commits in a process of its own, nothing kept from before.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import count, islice, zip_longest
from pathlib import Path
from zlib import crc32

import yaml

sys.path.insert(0, str(Path(__file__).parent / "recall"))

from data import Row, hosts, lesson_of, rows, without_failure

from twiceshy.changes.parser.client import own_parser
from twiceshy.learning.learn.evidence import EvidencePair
from twiceshy.learning.learn.rule_file import rule_file
from twiceshy.learning.learn.rule_selection import choose
from twiceshy.lessons.lesson_writer import new_lesson

_NAME = re.compile(r"\b[A-Za-z_]\w{5,}\b")


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("repository", type=Path)
    parser.add_argument("--commits", type=int, default=500)
    parser.add_argument(
        "--rules",
        type=int,
        default=200,
        help="so many lessons of the set get a rule, a second each",
    )
    parser.add_argument("--lessons", type=int, nargs="+", default=[20, 2_000])
    options = parser.parse_args()
    if not (options.folder / "lessons.jsonl.gz").is_file():
        print(
            "no data: give the folder of a set of recurring bugs; README.md says how to build one",
            file=sys.stderr,
        )
        return 2
    with tempfile.TemporaryDirectory() as scratch:
        lessons = list(rows(options.folder, "lessons"))
        learned = with_rules(lessons, options.rules, hosts(options.folder))
        for number in options.lessons:
            registry = Path(scratch) / str(number)
            write(learned, number, registry)
            print(measured(registry, options.repository, options.commits), flush=True)
    return 0


Hosts = Mapping[tuple[str, str], Mapping[str, str]]


def with_rules(lessons: Sequence[Row], most: int, code: Hosts) -> list[tuple[Row, str]]:
    """Lessons of all languages in turn, each with its rule file (empty: none was worth it)."""
    learned = []
    with own_parser():
        for number, row in enumerate(in_turn(lessons)):
            today = code.get((row["project"], row["language"]), {})
            learned.append((row, rules_of(row, today) if number < most else ""))
    return learned


def in_turn(lessons: Sequence[Row]) -> Iterator[Row]:
    """The first of each language, then the second of each."""
    by_language: dict[str, list[Row]] = {}
    for row in lessons:
        by_language.setdefault(row["language"], []).append(row)
    for turn in zip_longest(*by_language.values()):
        for row in turn:
            if row is not None:
                yield row


def rules_of(row: Row, today: Mapping[str, str]) -> str:
    """The rule file that ``twiceshy learn`` would propose; empty when no rule is worth it."""
    function = row["func"] or ""
    pair = EvidencePair(row["path"], row["language"], function, row["bad"], row["good"], ())
    choice = choose([pair], without_failure(row, today))
    return rule_file([choice], lesson_of(row)) if choice.winner else ""


def write(learned: Sequence[tuple[Row, str]], number: int, registry: Path) -> None:
    for name in ("lessons", "rules"):
        (registry / name).mkdir(parents=True)
    for name, text, rules in islice(endless(learned), number):
        (registry / "lessons" / f"{name}.md").write_text(text, encoding="utf-8")
        if rules:
            (registry / "rules" / f"{name}.yaml").write_text(rules, encoding="utf-8")


def endless(learned: Sequence[tuple[Row, str]]) -> Iterator[tuple[str, str, str]]:
    """Name, lesson and rules; from the second round on half of the longer names are others."""
    for turn in count():
        for row, rules in learned:
            name = f"{row['id']}-{turn}"
            other = partial(_renamed, turn=turn)
            code = {side: _NAME.sub(other, row[side]) for side in ("bad", "good")}
            lesson = new_lesson(lesson_of({**row, "id": name, **code}))
            yield name, lesson, _rules_for(rules, name, other) if rules else ""


def _rules_for(rules: str, lesson: str, other: Callable[[re.Match[str]], str]) -> str:
    document = yaml.safe_load(rules)
    for number, rule in enumerate(document["rules"]):
        for key in [key for key in rule if key.startswith("pattern")]:
            rule[key] = _patterns(rule[key], other)
        rule |= {"id": f"{lesson}-{number}", "metadata": {"lesson": lesson}}
    return yaml.safe_dump(document)


def _renamed(match: re.Match[str], turn: int) -> str:
    return f"{match[0]}_{turn}" if turn and crc32(f"{match[0]}{turn}".encode()) % 2 else match[0]


def _patterns(
    patterns: str | list[dict[str, str]], other: Callable[[re.Match[str]], str]
) -> object:
    if isinstance(patterns, str):
        return _NAME.sub(other, patterns)
    renamed = []
    for pattern in patterns:
        renamed.append({kind: _NAME.sub(other, text) for kind, text in pattern.items()})
    return renamed


def measured(registry: Path, repository: Path, commits: int) -> str:
    with tempfile.TemporaryDirectory() as cache:
        env = {**os.environ, "XDG_CACHE_HOME": cache}
        twiceshy = str(Path(sys.executable).parent / "twiceshy")
        compiling = [twiceshy, "coverage", "--registry", str(registry)]
        subprocess.run(compiling, env=env, capture_output=True, check=True)
        replaying = [twiceshy, "backtest", "--registry", str(registry), "--root", str(repository)]
        started = time.perf_counter()
        process = subprocess.run(
            [*replaying, "--commits", str(commits)],
            env=env,
            capture_output=True,
            text=True,
            check=True,
        )
        seconds = time.perf_counter() - started
    replayed = int(process.stdout.strip().split("\n")[-1].split()[0])
    lessons = len(list((registry / "lessons").iterdir()))
    return f"{lessons} lessons: {replayed / seconds:.0f} commits a second ({seconds:.1f} s)"


if __name__ == "__main__":
    sys.exit(main())
