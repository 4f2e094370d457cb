"""Draws a set for the safeguards guard out of public histories.

    python benchmarks/safeguards/mine.py OUT GIT_DIRECTORY...

Of each history: lessons are fixes of its first half; everyday changes are the commits after it that
take out a line some lesson remembers (the others cannot alarm, and are counted in ``counts.json``);
a removal is such a fix undone at a later version of its file, alone or among what a commit did to
the same file. Nothing of a history is run.
"""

import gzip
import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "recall"))

from data import Row, lesson_of

from twiceshy.changes.change import Change, FileChange, Hunk, LineKind, Status
from twiceshy.changes.diff import parse_diff
from twiceshy.changes.parser.client import own_parser
from twiceshy.guards.safeguards import SafeguardsCompiler, has_candidates, safeguards
from twiceshy.learning.learn.evidence import story_of
from twiceshy.lessons.index import MemoryIndex, Unit

MOST_LESSONS = 40
LESSON_COMMITS, EVERYDAY_COMMITS = 6000, 1500
LARGEST_FIX = 60  # changed lines
LARGEST_CHANGE = 3000  # lines of diff; larger ones are nobody's everyday
MIXED_WITH = 3  # commits of the same file that one removal is put among
SECONDS = 120


def main() -> int:
    out, *directories = sys.argv[1:]
    folder = Path(out)
    folder.mkdir(parents=True, exist_ok=True)
    counts: dict[str, int] = {}
    files = {name: folder / f"{name}.jsonl.gz" for name in ("lessons", "everyday", "queries")}
    with own_parser():
        for directory in directories:
            history = History(Path(directory))
            try:
                drawn = draw(history)
            except (subprocess.SubprocessError, ValueError) as error:
                print(f"{directory}: left out, {error}", file=sys.stderr)
                continue
            finally:
                history.close()
            counts[drawn.project] = drawn.everyday_count
            for name, path in files.items():
                append(path, getattr(drawn, name))
            (folder / "counts.json").write_text(json.dumps(counts), encoding="utf-8")
            print(drawn, flush=True)
    return 0


def append(path: Path, rows: Sequence[Row]) -> None:
    with gzip.open(path, "at", encoding="utf-8", compresslevel=5) as lines:
        for row in rows:
            lines.write(json.dumps(row) + "\n")


@dataclass(frozen=True)
class Drawn:
    """What one history gave."""

    project: str
    lessons: list[Row]
    everyday: list[Row]
    queries: list[Row]
    everyday_count: int

    def __str__(self) -> str:
        return (
            f"{self.project}: {len(self.lessons)} lessons, {len(self.everyday)} of "
            f"{self.everyday_count} everyday changes may alarm, {len(self.queries)} removals"
        )


@dataclass(frozen=True)
class Commit:
    """A commit as a list shows it."""

    id: str
    day: str
    subject: str


class History:
    """A git directory that is only read; one process gives all texts, for a process costs more than
    a text.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.project = directory.parent.name if directory.name == "repo" else directory.stem
        self._texts: dict[str, str | None] = {}
        words = [*self._words, "cat-file", "--batch"]
        self._blobs = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def close(self) -> None:
        self._blobs.kill()
        self._blobs.wait()

    @property
    def _words(self) -> list[str]:
        return ["git", f"--git-dir={self.directory}", "-c", "core.quotePath=false"]

    def git(self, *words: str, given: str = "") -> str:
        done = subprocess.run(
            [*self._words, *words],
            input=given.encode(),
            capture_output=True,
            timeout=SECONDS,
            check=True,
        )
        return done.stdout.decode("utf-8", "replace")

    def text(self, commit: str, path: str) -> str | None:
        name = f"{commit}:{path}"
        if name not in self._texts:
            self._texts[name] = self._blob(name)
        return self._texts[name]

    def _blob(self, name: str) -> str | None:
        asked, answers = self._blobs.stdin, self._blobs.stdout
        if asked is None or answers is None or "\n" in name:
            return None
        asked.write(f"{name}\n".encode())
        asked.flush()
        head = answers.readline().split()
        if len(head) != 3 or head[1] not in (b"blob", b"tree", b"commit"):
            return None
        data = answers.read(int(head[2]) + 1)[:-1]
        text = data.decode("utf-8", "replace")
        return text if head[1] == b"blob" and "\0" not in text else None

    def commits(self) -> list[str]:
        return self.git("rev-list", "--no-merges", "--topo-order", "--reverse", "HEAD").split()

    def log(self, *words: str) -> list[Commit]:
        """Commit, day and subject, oldest first."""
        text = self.git("log", "--no-merges", "--reverse", "--format=%H%x09%cs%x09%s", *words)
        rows = [line.split("\t", 2) for line in text.splitlines()]
        return [Commit(*row) for row in rows if len(row) == 3]

    def diffs(self, commits: Sequence[str]) -> dict[str, str]:
        """Each commit's whole diff."""
        words = ("diff-tree", "--stdin", "-p", "-M", "-r", "--root", "--no-ext-diff")
        text = self.git(*words, "--format=%x00%H%x01", given="\n".join(commits) + "\n")
        found: dict[str, str] = {}
        for block in text.split("\0")[1:]:
            commit, mark, diff = block.partition("\x01")
            if mark:
                found[commit] = diff.lstrip("\n")
        return found

    def later(self, first: str, last: str, paths: Sequence[str]) -> Iterator[tuple[str, str]]:
        """Commit and its diff of these paths alone."""
        words = ("log", "-p", "--no-merges", "--no-ext-diff", "--format=%x00%H%x01")
        for block in self.git(*words, f"{first}..{last}", "--", *paths).split("\0")[1:]:
            commit, _, diff = block.partition("\x01")
            yield commit, diff.lstrip("\n")

    def change(self, commit: str, diff: str) -> Change:
        def head(path: str) -> str | None:
            return self.text(commit, path)

        def base(path: str) -> str | None:
            return self.text(f"{commit}^", path)

        return Change(parse_diff(diff).files, head, base)


def draw(history: History) -> Drawn:
    commits = history.commits()
    if len(commits) < 200:
        raise ValueError("too short a history")
    middle = len(commits) // 2
    first = commits[max(0, middle - LESSON_COMMITS)]
    last = commits[min(len(commits) - 1, middle + EVERYDAY_COMMITS)]
    lessons = lessons_of(history, first, commits[middle])
    if not lessons:
        raise ValueError("no lessons")
    later = {commit.id: commit for commit in history.log(f"{commits[middle]}..{last}")}
    may_alarm, mixed = _chosen(history, lessons, commits[middle], last)
    diffs = history.diffs(list(dict.fromkeys([*may_alarm, *(commit for commit, _ in mixed)])))
    small = {key: diff for key, diff in diffs.items() if diff.count("\n") <= LARGEST_CHANGE}
    everyday: list[Row] = []
    for commit in may_alarm:
        if commit in small:
            everyday.append(row_of(history, later[commit], "everyday", small[commit]))
    queries: list[Row] = []
    for commit, lesson in mixed:
        if commit in small:
            queries += removals(history, later[commit], small[commit], lesson)
    return Drawn(history.project, lessons, everyday, queries, len(later))


def _chosen(
    history: History, lessons: Sequence[Row], middle: str, last: str
) -> tuple[list[str], list[tuple[str, Row]]]:
    """The commits that may alarm; and those that a removal is put among, with its lesson."""
    index = MemoryIndex([Unit(lesson_of(row), ()) for row in lessons], [SafeguardsCompiler()])
    may_alarm: list[str] = []
    mixed: list[tuple[str, Row]] = []
    times: Counter[str] = Counter()
    paths = sorted({row["path"] for row in lessons})
    for commit, own_diff in history.later(middle, last, paths):
        files = parse_diff(own_diff).files
        if any(has_candidates(file, index) for file in files):
            may_alarm.append(commit)
        changed = {file.path for file in files if file.status is Status.MODIFIED}
        for lesson in lessons:
            if lesson["path"] in changed and times[lesson["id"]] < MIXED_WITH:
                times[lesson["id"]] += 1
                mixed.append((commit, lesson))
    return may_alarm, mixed


def lessons_of(history: History, first: str, last: str) -> list[Row]:
    """Fixes drawn evenly over the time, each with the smallest piece that tells it."""
    fixes = history.log("-i", "-E", "--grep=\\b(fix|bug|prevent|guard)", f"{first}..{last}")
    chosen = fixes[:: max(1, len(fixes) // (3 * MOST_LESSONS))]
    diffs = history.diffs([commit.id for commit in chosen])
    lessons: list[Row] = []
    for commit in chosen:
        row = lesson_row(history, commit, diffs.get(commit.id, ""), len(lessons))
        if row and history.text(last, row["path"]) is not None:
            lessons.append(row)
        if len(lessons) == MOST_LESSONS:
            break
    return lessons


def lesson_row(history: History, commit: Commit, diff: str, number: int) -> Row | None:
    if not diff or diff.count("\n") > 4 * LARGEST_FIX or diff.count("\ndiff ") > 5:
        return None
    change = history.change(commit.id, diff)
    if sum(len(file.added) + len(file.removed) for file in change.files) > LARGEST_FIX:
        return None
    pairs = story_of(change).pairs
    if not pairs:
        return None
    pair = pairs[0]
    row = {
        "id": f"{history.project}-{commit.id[:8]}-{number:03}",
        "project": history.project,
        "language": pair.language,
        "path": pair.path,
        "title": commit.subject,
        "bad": pair.bad,
        "good": pair.good,
        "patch": diff,
        "commit": commit.id,
        "date": commit.day,
    }
    return row if list(safeguards(lesson_of(row))) else None


def row_of(history: History, commit: Commit, kind: str, diff: str) -> Row:
    files = parse_diff(diff).files
    before = {file.base_path: history.text(f"{commit.id}^", file.base_path) for file in files}
    after = {file.path: history.text(commit.id, file.path) for file in files}
    return _row(history, commit, kind, diff, before, after)


def _row(
    history: History,
    commit: Commit,
    kind: str,
    diff: str,
    before: Mapping[str, str | None],
    after: Mapping[str, str | None],
) -> Row:
    return {
        "id": f"{history.project}-{commit.id[:12]}-{kind}",
        "project": history.project,
        "date": commit.day,
        "kind": kind,
        "diff": diff,
        "subject": commit.subject,
        "files": {path: text for path, text in after.items() if text is not None},
        "before_files": {path: text for path, text in before.items() if text is not None},
    }


def removals(history: History, commit: Commit, diff: str, lesson: Row) -> Iterator[Row]:
    """The lesson's fix undone in this commit's version of the file: alone, among what the commit
    does, and only one place of it.
    """
    path = lesson["path"]
    base, head = history.text(f"{commit.id}^", path), history.text(commit.id, path)
    fix = [file for file in parse_diff(lesson["patch"]).files if file.base_path == path]
    if base is None or head is None or not fix:
        return
    whole, part = _undone(head, fix[0]), _undone(head, fix[0], most=1)
    for kind, before, after in (
        ("removal-alone", base, _undone(base, fix[0])),
        ("removal-mixed", base, whole),
        ("removal-mixed-part", base, part if part != whole else None),
    ):
        if after is None or after == before:
            continue
        made_diff = _diff(path, before, after)
        row = _row(history, commit, kind, made_diff, {path: before}, {path: after})
        if kind != "removal-alone":
            others = row_of(history, commit, kind, _others(diff, path))
            row["diff"] += others["diff"]
            row["files"] = others["files"] | row["files"]
            row["before_files"] = others["before_files"] | row["before_files"]
        row["id"] += "-" + lesson["id"]
        row["expected_lesson_ids"] = [lesson["id"]]
        yield row


def _others(diff: str, path: str) -> str:
    """The parts of a diff that are about other files."""
    parts = re.split(r"^(?=diff --git )", diff, flags=re.MULTILINE)
    return "".join(part for part in parts if not part.split("\n")[0].endswith(f" b/{path}"))


def _diff(path: str, before: str, after: str) -> str:
    lines = unified_diff(
        before.split("\n"), after.split("\n"), f"a/{path}", f"b/{path}", lineterm=""
    )
    return f"diff --git a/{path} b/{path}\n" + "\n".join(lines) + "\n"


def _undone(text: str, fix: FileChange, most: int = 1000) -> str | None:
    """The text with the fix taken back wherever its lines stand as it left them; None where none
    does.
    """
    lines = text.split("\n")
    done = 0
    for hunk in fix.hunks:
        for before, added, removed, after in _runs(hunk):
            place = _place(lines, before, added, after) if added and done < most else None
            if place is not None:
                lines[place : place + len(added)] = removed
                done += 1
    return "\n".join(lines) if done else None


def _runs(hunk: Hunk) -> Iterator[tuple[str | None, list[str], list[str], str | None]]:
    """Each run of changed lines: the line before, what came, what went, the line after."""
    before: str | None = None
    added: list[str] = []
    removed: list[str] = []
    for line in hunk.lines:
        if line.kind is LineKind.ADDED:
            added.append(line.text)
        elif line.kind is LineKind.REMOVED:
            removed.append(line.text)
        else:
            if added or removed:
                yield before, added, removed, line.text
            before, added, removed = line.text, [], []
    if added or removed:
        yield before, added, removed, None


def _place(
    lines: Sequence[str], before: str | None, added: Sequence[str], after: str | None
) -> int | None:
    """Where the added lines stand, with at least one of their neighbours, and nowhere else."""
    places: list[int] = []
    for start in range(len(lines) - len(added) + 1):
        if list(lines[start : start + len(added)]) == list(added):
            end = start + len(added)
            near = (
                start > 0 and lines[start - 1] == before,
                end < len(lines) and lines[end] == after,
            )
            if any(near):
                places.append(start)
    return places[0] if len(places) == 1 else None


if __name__ == "__main__":
    sys.exit(main())
