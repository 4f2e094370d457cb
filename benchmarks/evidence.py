"""Whether the evidence ``twiceshy learn`` shows of a fix is the fix, on real bug-fix history.

    python -m benchmarks.evidence CLONE... [--fixes N]

CLONE is a clone or a bare repository. Of its commits that name a fault some are drawn, of all years
in turn, and their evidence is held against their diff: lines that look removed or added and were
not (phantoms), windows that do not parse although their file does, and pieces whose two sides show
different places (another overload, another function of that name). Nothing of a history is run.
"""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterator
from difflib import SequenceMatcher
from itertools import islice

from benchmarks.mine.drawing import drawn_evenly
from benchmarks.mine.histories import (
    CommitChange,
    History,
    changes,
    history,
    ordinary_commits,
    source_paths,
)
from benchmarks.mine.lessons import MOST_FILES, is_fix

from twiceshy.changes.change import FileChange
from twiceshy.changes.line_map import LineMap
from twiceshy.changes.parser.client import ask, own_parser
from twiceshy.learning.learn.evidence import EvidencePair, story_of
from twiceshy.learning.learn.windows import mark

SEED = 20261122
FIXES = 15
LARGEST_FIX = 80
"""Changed lines; of a larger commit nobody says in one lesson what it mended."""


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("clones", nargs="+", metavar="CLONE")
    parser.add_argument("--fixes", type=int, default=FIXES, metavar="N", help="of each history")
    parser.add_argument("--show", action="store_true", help="print the pieces that are not right")
    options = parser.parse_args()
    total: Counter[str] = Counter()
    for place in options.clones:
        count: Counter[str] = Counter()
        past = history(place)
        with own_parser():
            for drawn in islice(small_changes(past), options.fixes):
                judge(drawn, count, show=options.show)
        print(line(past.project, count), flush=True)
        total += count
    print(line("all", total))
    return 0


def small_changes(past: History) -> Iterator[CommitChange]:
    """Fixes of few files of code and few lines, in a lot's order."""
    commits = [commit for commit in ordinary_commits(past) if is_fix(commit.subject)]
    small = [commit for commit in commits if 1 <= len(source_paths(commit)) <= MOST_FILES]
    for drawn in changes(past, drawn_evenly(small, f"{SEED} {past.project}")):
        if sum(len(file.added) + len(file.removed) for file in drawn.change.files) <= LARGEST_FIX:
            yield drawn


def judge(drawn: CommitChange, count: Counter[str], *, show: bool = False) -> None:
    """One fix: draw its evidence, and hold each piece against the diff."""
    count["fixes"] += 1
    started = time.process_time()
    try:
        pairs = story_of(drawn.change).pairs
    except Exception as error:  # noqa: BLE001 - that is what is counted
        print(f"{drawn.commit.id}: {error!r}", file=sys.stderr)
        count["crashed"] += 1
        return
    count["ms"] += int(1000 * (time.process_time() - started))
    count["drafted"] += bool(pairs)
    files = {file.base_path: file for file in drawn.change.files}
    for pair in pairs:
        wrong = list(faults_of(pair, files[pair.path], count))
        if wrong and show:
            print(f"{drawn.commit.id} {pair.path} {pair.symbol}: {'; '.join(wrong)}")


def faults_of(pair: EvidencePair, file: FileChange, count: Counter[str]) -> Iterator[str]:
    """What is wrong with a piece, in words; counted."""
    count["pieces"] += 1
    count["lines"] += pair.bad.count("\n") + pair.good.count("\n")
    phantoms = phantom_lines(pair, file)
    count["phantoms"] += len(phantoms)
    if phantoms:
        count["pieces with phantoms"] += 1
        yield f"{len(phantoms)} phantoms, as {phantoms[0]!r}"
    for name, window, text in (("bad", pair.bad, pair.before), ("good", pair.good, pair.after)):
        if not broken(text, pair.language):
            count["windows"] += 1
            if broken(window, pair.language):
                count["broken windows"] += 1
                yield f"{name} does not parse"
    if elsewhere(pair, file):
        count["elsewhere"] += 1
        yield "the two sides stand at different places"


def phantom_lines(pair: EvidencePair, file: FileChange) -> list[str]:
    """Lines that look removed or added between the two windows, and are not in the diff; marks of
    what is left out are none.
    """
    bad, good = pair.bad.splitlines(), pair.good.splitlines()
    gone = {line.text.strip() for line in file.removed} | {"", mark(pair.language)}
    came = {line.text.strip() for line in file.added} | {"", mark(pair.language)}
    phantoms: list[str] = []
    for kind, low, high, start, end in SequenceMatcher(None, bad, good, False).get_opcodes():
        if kind != "equal":
            phantoms += [line for line in bad[low:high] if line.strip() not in gone]
            phantoms += [line for line in good[start:end] if line.strip() not in came]
    return phantoms


def broken(text: str, language: str) -> bool:
    """Whether a text has a grammar and does not parse."""
    answer = ask("faults", text, language)
    return bool(answer and answer[0])


def elsewhere(pair: EvidencePair, file: FileChange) -> bool:
    """Whether a line the fix did not touch is shown on one side only."""
    lines = LineMap(file.hunks)
    now = {lines.now(line) for line in pair.shown_before} - {None}
    return now != set(pair.shown_after) - set(pair.added)


def line(project: str, count: Counter[str]) -> str:
    pieces, windows = max(1, count["pieces"]), max(1, count["windows"])
    return (
        f"{project}: {count['drafted']} of {count['fixes']} fixes drafted, {count['crashed']}"
        f" crashed; {count['pieces']} pieces, {count['lines'] / pieces / 2:.0f} lines a side;"
        f" phantoms {count['phantoms'] / max(1, count['lines']):.1%} of lines, in"
        f" {count['pieces with phantoms'] / pieces:.1%} of pieces;"
        f" windows that parse {1 - count['broken windows'] / windows:.1%};"
        f" sides elsewhere {count['elsewhere']};"
        f" {count['ms'] / max(1, count['fixes']):.0f} ms each"
    )


if __name__ == "__main__":
    sys.exit(main())
