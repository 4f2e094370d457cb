"""Counts how common each structural gram is in public code, for ``structure_background.bin``.

    python benchmarks/structure_table.py OUTPUT REPOSITORY...

Of every git repository some files of its HEAD are read. What is kept are hashes and counts: no name
and no line of anybody's code.
"""

import random
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from math import log
from pathlib import Path
from zlib import compress

from twiceshy.guards.recall.structure import TABLE_BITS, has_structure, structure_of
from twiceshy.guards.recall.tokens import tokenize
from twiceshy.lessons.languages import language_of_path

FILES = 12
"""Of a repository, drawn evenly: a large one has no louder voice."""

FEWEST, MOST = 600, 16_000
"""Bytes of a file."""

FEWEST_FILES = 3
"""What is in fewer is rare: it is not kept."""


def main(output: str, repositories: Sequence[str]) -> None:
    counts: Counter[int] = Counter()
    files = 0
    for repository in repositories:
        for text, language in _texts(repository):
            counts.update(structure_of(tokenize(text, language), language).grams.keys())
            files += 1
    packed = compress(_table(counts, files), 9)
    Path(output).write_bytes(packed)
    print(f"{files} files, {len(counts)} grams, {len(packed)} bytes")


def _table(counts: Counter[int], files: int) -> bytes:
    """Of each place of the table how common what falls there is: 0 rare, 255 everywhere."""
    table = bytearray(1 << TABLE_BITS)
    for gram, count in counts.items():
        if count >= FEWEST_FILES:
            place = (gram >> 1) % len(table)
            table[place] = max(table[place], round(255 * log(1 + count) / log(1 + files)))
    return bytes(table)


def _texts(repository: str) -> Iterator[tuple[str, str]]:
    names = _git(repository, "ls-tree", "-r", "--name-only", "HEAD").decode("utf-8", "replace")
    paths = [path for path in names.splitlines() if has_structure(language_of_path(path))]
    random.Random(7).shuffle(paths)
    kept = 0
    for path in paths:
        text = _git(repository, "show", f"HEAD:{path}")
        language = language_of_path(path)
        if language and FEWEST < len(text) < MOST:
            yield text.decode("utf-8", "replace"), language
            kept += 1
        if kept == FILES:
            return


def _git(repository: str, *arguments: str) -> bytes:
    command = ["git", "-C", repository, *arguments]
    return subprocess.run(command, capture_output=True, check=True).stdout


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
