"""The diff a person gives ``check``: a file, a pipe, standard input. Reads so much and no more;
understands none of it.
"""

import stat
import sys
from pathlib import Path
from typing import BinaryIO

from twiceshy.changes.diff import MAX_DIFF
from twiceshy.cli.usage_error import UsageError


def read_diff(path: Path) -> bytes:
    """The bytes of a diff, of one over the limit just more than that; ``-`` stands for standard
    input.
    """
    if str(path) == "-":
        if sys.stdin is None:
            raise UsageError("there is no diff to read: standard input is closed")
        return _at_most(sys.stdin.buffer)
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        raise UsageError(f"no diff file {path}") from None
    if stat.S_ISDIR(mode):
        raise UsageError(
            f"{path} is a folder: give a diff file, or --root {path} to judge a repository"
        )
    with path.open("rb") as stream:  # not only regular files: a shell's <(git diff) is a pipe
        return _at_most(stream)


def _at_most(stream: BinaryIO) -> bytes:
    return stream.read(MAX_DIFF + 1)
