"""The host of a change of the set: its project's tree as it stood before, out of a clone on this
machine.

``hosts.jsonl`` beside the set names the clones and their commits; see ``benchmarks/mine``.
"""

import json
import subprocess
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from twiceshy.changes.git_host import is_code_of_people, is_readable
from twiceshy.changes.git_objects import Repository
from twiceshy.changes.host import HostFile, HostListing
from twiceshy.changes.skip import parse_attributes

Row = dict[str, Any]
Snapshots = Mapping[str, Sequence[tuple[str, str, str]]]
"""By project: date, commit and git directory, ascending."""


def snapshots(folder: Path) -> Snapshots:
    """What ``hosts.jsonl`` holds; nothing where there is none."""
    found: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
    file = folder / "hosts.jsonl"
    if file.is_file():
        for line in file.read_text().splitlines():
            row = json.loads(line)
            found[row["project"]].append((row["date"], row["commit"], row["git_dir"]))
    return {project: sorted(rows) for project, rows in found.items()}


def host_of(row: Row, of: Snapshots) -> "BareTree | None":
    """The last snapshot of the change's project before its date; of a change without a date, the
    middle one.
    """
    rows = of.get(row["project"], ())
    if not rows:
        return None
    date = row.get("date") or ""
    place = bisect_right(rows, (date,)) - 1 if date else len(rows) // 2
    if place < 0:
        return None
    _, commit, git_dir = rows[place]
    return BareTree(git_dir, commit)


class BareTree:
    """A ``HostTree`` over a commit of a bare clone."""

    def __init__(self, git_dir: str, commit: str) -> None:
        self.repository, self.identity = git_dir, commit

    def files(self) -> HostListing:
        listed = self._git("ls-tree", "-r", "-l", "-z", self.identity)
        files: list[HostFile] = []
        attributes = parse_attributes("")
        for row in listed.decode("utf-8", "surrogateescape").split("\0"):
            meta, _, path = row.partition("\t")
            if not path:
                continue
            mode, _, blob, size = meta.split()
            bytes_ = int(size) if size.isdigit() else -1
            if is_readable(mode, bytes_) and is_code_of_people(path, attributes):
                files.append(HostFile(path, blob))
        return HostListing(files)

    def holding(self, text: str, seconds: float) -> Iterator[HostFile]:
        """Nothing: what people wrote of lessons is not measured."""
        del text, seconds
        return iter(())

    def text(self, blob: str) -> str | None:
        return _opened(self.repository).text(blob)

    def _git(self, *words: str) -> bytes:
        command = ("git", f"--git-dir={self.repository}", *words)
        return subprocess.run(command, check=True, capture_output=True).stdout


_repositories: dict[str, Repository] = {}


def _opened(git_dir: str) -> Repository:
    if git_dir not in _repositories:
        _repositories[git_dir] = Repository(Path(git_dir), {"GIT_DIR": git_dir})
    return _repositories[git_dir]
