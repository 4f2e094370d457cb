"""Draws everyday changes, lessons and host snapshots from public histories.

    python -m benchmarks.mine everyday --out everyday.jsonl.gz FOLDER...
    python -m benchmarks.mine lessons --out lessons.jsonl.gz FOLDER...
    python -m benchmarks.mine hosts --out hosts.jsonl NAME=FOLDER...

FOLDER is a clone or a bare repository; NAME is what the project is called in the data.
"""

import argparse
import gzip
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import IO, Any

from benchmarks.mine.everyday import everyday_rows
from benchmarks.mine.histories import History, history
from benchmarks.mine.hosts import host_rows
from benchmarks.mine.lessons import lesson_rows, without_twins

from twiceshy.changes.change_error import ChangeError
from twiceshy.changes.parser.client import own_parser

PROCESSES = 2
Row = dict[str, Any]


def main() -> int:
    options = _options()
    try:
        pasts = [history(place) for place in options.folders]
    except ChangeError as error:
        print(error, file=sys.stderr)
        return 2
    mine = partial(_mined, _miner(options))
    rows: Iterator[Row] = _rows(pasts, mine)
    if options.what == "lessons":
        rows = without_twins(rows)
    print(_written(rows, options.out))
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    kinds = parser.add_subparsers(dest="what", required=True)
    everyday, lessons, hosts = map(kinds.add_parser, ("everyday", "lessons", "hosts"))
    everyday.add_argument(
        "--first", type=int, default=0, help="so many are left out (drawn before)"
    )
    everyday.add_argument("--most", type=int, default=700, help="the last to draw of a project")
    lessons.add_argument("--most", type=int, default=2_000, help="of a project")
    for kind in (everyday, lessons, hosts):
        kind.add_argument("--seed", type=int, default=13)
        kind.add_argument("--out", type=Path, required=True)
        kind.add_argument("folders", nargs="+")
    return parser.parse_args()


def _miner(options: argparse.Namespace) -> Callable[[History], Iterator[Row]]:
    if options.what == "everyday":
        return partial(everyday_rows, seed=options.seed, first=options.first, last=options.most)
    if options.what == "lessons":
        return partial(lesson_rows, seed=options.seed, most=options.most)
    return host_rows


def _rows(pasts: Sequence[History], mine: Callable[[History], list[Row]]) -> Iterator[Row]:
    with ProcessPoolExecutor(PROCESSES) as processes:
        for past, rows in zip(pasts, processes.map(mine, pasts), strict=True):
            print(f"{past.project}: {len(rows)}", file=sys.stderr, flush=True)
            yield from rows


def _mined(miner: Callable[[History], Iterator[Row]], past: History) -> list[Row]:
    with own_parser():
        return list(miner(past))


def _written(rows: Iterator[Row], out: Path) -> str:
    """How many rows of which language were written; a whole file or none."""
    languages: Counter[str] = Counter()
    part = out.with_name(f"{out.name}.part")
    with _opened(part, out.suffix == ".gz") as lines:
        for row in rows:
            lines.write(json.dumps(row) + "\n")
            languages[row.get("language", "rows")] += 1
    part.replace(out)
    counts = ", ".join(f"{language} {number:,}" for language, number in languages.most_common())
    return f"{languages.total():,}: {counts}"


def _opened(path: Path, packed: bool) -> IO[str]:
    if packed:
        return gzip.open(path, "wt", compresslevel=5, encoding="utf-8")
    return path.open("w", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
