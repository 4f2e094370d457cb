"""``twiceshy sweep``: where else could a past failure stand? Exit code 1 when one of the places
would block.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.text import Text

from twiceshy.changes import git
from twiceshy.cli.errors import UsageError
from twiceshy.cli.progress_bar import Bar
from twiceshy.cli.registries import must_guard, must_know, say_left_out
from twiceshy.learning.sweep import SweepHit, sweep
from twiceshy.verdicts.policy import conclude
from twiceshy.verdicts.render import render
from twiceshy.verdicts.render.escape import printable
from twiceshy.verdicts.render.markdown import count
from twiceshy.verdicts.verdict import Action, Conclusion, Report
from twiceshy.workspace import Workspace

BASELINE = ".twiceshy-baseline.json"


@dataclass(frozen=True, slots=True)
class SweepOptions:
    """What a person asked ``sweep`` for; see its options."""

    paths: tuple[str, ...]
    lessons: tuple[str, ...]
    root: Path | None
    registries: tuple[Path, ...]
    format: str
    update_baseline: bool


def sweep_tree(asked: SweepOptions) -> int:
    """Sweep, tell, and give the exit code."""
    root = git.repository_root(asked.root or Path.cwd())
    if root is None:
        raise UsageError(
            f"{asked.root or 'this folder'} is not in a git repository: sweep looks at the files git knows"
        )
    workspace = Workspace.current(root, asked.registries)
    known = frozenset() if asked.update_baseline else _baseline(root)
    with Bar() as bar:
        guard = workspace.open(bar)
        must_guard(guard, workspace)
        must_know(guard.index, asked.lessons)
        places = sweep(guard, root, _under(root, asked.paths), frozenset(asked.lessons), known, bar)
    if asked.update_baseline:
        return _keep(root, places)
    say_left_out(guard, workspace)
    if asked.format == "text":
        _show(places, len(known))
    else:
        judged = tuple(place.judged for place in places)
        problems = (*workspace.left_out, *guard.problems)
        print(render(Report(conclude(judged), judged, problems=problems), asked.format))  # noqa: T201
    return int(conclude(place.judged for place in places) is Conclusion.FAILURE)


def _under(root: Path, paths: Sequence[str]) -> tuple[str, ...]:
    """The paths as the repository has them."""
    found = []
    for path in paths:
        place = Path(path).resolve()
        if not place.exists() or not place.is_relative_to(root.resolve()):
            raise UsageError(f"no {path} in {root}")
        found.append(place.relative_to(root.resolve()).as_posix())
    return tuple(found) if "." not in found else ()


def _baseline(root: Path) -> frozenset[str]:
    place = root / BASELINE
    if not place.is_file():
        return frozenset()
    try:
        known = json.loads(place.read_text(encoding="utf-8"))["known"]
        return frozenset(str(each["fingerprint"]) for each in known)
    except (ValueError, KeyError, TypeError) as error:
        raise UsageError(
            f"{BASELINE} cannot be read ({error}): write it anew with twiceshy sweep --update-baseline"
        ) from error


def _keep(root: Path, places: Sequence[SweepHit]) -> int:
    """Write down what is known, in an order that makes small differences."""
    rows = [
        {
            "fingerprint": each.judged.fingerprint,
            "lesson": each.judged.lesson.id,
            "path": each.judged.finding.path,
        }
        for each in places
    ]
    rows.sort(key=lambda row: (row["path"], row["lesson"], row["fingerprint"]))
    text = json.dumps({"schema": 1, "known": rows}, indent=1) + "\n"
    (root / BASELINE).write_text(text, encoding="utf-8", errors="replace")
    print(f"{BASELINE} holds {count(len(rows), 'place')}; they are not told again")  # noqa: T201
    return 0


def _show(places: Sequence[SweepHit], known: int) -> None:
    console = Console(highlight=False, soft_wrap=True)
    for place in places:
        judged, finding = place.judged, place.judged.finding
        style = "red" if judged.action is Action.BLOCK else "yellow"
        line = Text(f"{printable(finding.path)}:{finding.start_line} ", "bold")
        line.append(f"{judged.lesson.id} ", style).append(printable(judged.lesson.title))
        line.append(
            f"  {finding.guard} {finding.score:.2f} {' '.join(place.owners)}".rstrip(), "dim"
        )
        console.print(line)
    tail = f", {count(known, 'place')} known" if known else ""
    console.print(
        f"{count(len(places), 'place')}{tail}"
        if places
        else f"nothing here looks like a past failure{tail}"
    )
