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
from itertools import count, islice
from pathlib import Path
from zlib import crc32

import yaml

sys.path.insert(0, str(Path(__file__).parent / "recall"))

from data import Row, hosts, lesson_of, rows

from twiceshy.changes.parser.client import own_parser
from twiceshy.learning.learn.evidence import EvidencePair
from twiceshy.learning.learn.rule_selection import choose, rule_file
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
    given = parser.parse_args()
    if not (given.folder / "lessons.jsonl.gz").is_file():
        print(
            "no data: give the folder of a set of recurring bugs; README.md says how to build one",
            file=sys.stderr,
        )
        return 2
    with tempfile.TemporaryDirectory() as scratch:
        learned = with_rules(list(rows(given.folder, "lessons")), given.rules, hosts(given.folder))
        for many in given.lessons:
            registry = Path(scratch) / str(many)
            write(learned, many, registry)
            print(measured(registry, given.repository, given.commits), flush=True)
    return 0


Hosts = Mapping[tuple[str, str], Mapping[str, str]]


def with_rules(lessons: Sequence[Row], most: int, code: Hosts) -> list[tuple[Row, str]]:
    """Lessons of all languages in turn, each with its rule file (empty: none was worth it)."""
    by_language: dict[str, list[Row]] = {}
    for row in lessons:
        by_language.setdefault(row["language"], []).append(row)
    turns = (
        held[at] for at in range(len(lessons)) for held in by_language.values() if at < len(held)
    )
    found = []
    with own_parser():
        for number, row in enumerate(turns):
            if number >= most:
                found.append((row, ""))
                continue
            pair = EvidencePair(
                row["path"], row["language"], row["func"] or "", row["bad"], row["good"], ()
            )
            today = code.get((row["project"], row["language"]), {})
            winner = choose(
                [pair],
                {path: text for path, text in today.items() if row["bad"].strip() not in text},
            ).winner
            rules = (
                rule_file([winner.candidate], row["id"], row["id"], row["language"])
                if winner
                else ""
            )
            found.append((row, rules))
    return found


def write(learned: Sequence[tuple[Row, str]], many: int, registry: Path) -> None:
    for name in ("lessons", "rules"):
        (registry / name).mkdir(parents=True)
    for name, text, rules in islice(endless(learned), many):
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
            document = yaml.safe_load(rules) if rules else {}
            for at, rule in enumerate(document.get("rules", ())):
                rule |= {"id": f"{name}-{at}", "metadata": {"lesson": name}}
                rule |= {
                    key: _patterns(held, other)
                    for key, held in rule.items()
                    if key.startswith("pattern")
                }
            yield (
                name,
                new_lesson(lesson_of({**row, "id": name, **code})),
                yaml.safe_dump(document) if rules else "",
            )


def _renamed(match: re.Match[str], turn: int) -> str:
    return f"{match[0]}_{turn}" if turn and crc32(f"{match[0]}{turn}".encode()) % 2 else match[0]


def _patterns(held: str | list[dict[str, str]], other: Callable[[re.Match[str]], str]) -> object:
    if isinstance(held, str):
        return _NAME.sub(other, held)
    return [{kind: _NAME.sub(other, text) for kind, text in each.items()} for each in held]


def measured(registry: Path, repository: Path, commits: int) -> str:
    with tempfile.TemporaryDirectory() as cache:
        env = {**os.environ, "XDG_CACHE_HOME": cache}
        here = ["--registry", str(registry)]
        command = [str(Path(sys.executable).parent / "twiceshy")]
        subprocess.run(
            [*command, "coverage", *here], env=env, capture_output=True, check=True
        )  # compiled before
        started = time.perf_counter()
        done = subprocess.run(
            [*command, "backtest", *here, "--root", str(repository), "--commits", str(commits)],
            env=env,
            capture_output=True,
            text=True,
            check=True,
        )
        seconds = time.perf_counter() - started
    replayed = int(done.stdout.strip().split("\n")[-1].split()[0])
    held = len(list((registry / "lessons").iterdir()))
    return f"{held} lessons: {replayed / seconds:.0f} commits a second ({seconds:.1f} s)"


if __name__ == "__main__":
    sys.exit(main())
