"""``twiceshy sweep``: where else could a past failure stand? Exit code 1 when one of the places
would block.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.text import Text

from twiceshy.cli.progress_bar import Bar
from twiceshy.cli.registries import must_guard, must_know, say_left_out
from twiceshy.cli.repository import must_be_repository
from twiceshy.cli.usage_error import UsageError
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
    root = must_be_repository(asked.root, "sweep looks at the files git knows")
    workspace = Workspace.current(root, asked.registries)
    baseline = frozenset() if asked.update_baseline else _baseline(root)
    with Bar() as bar:
        guard = workspace.open(bar)
        must_guard(guard, workspace)
        must_know(guard.index, asked.lessons)
        hits = sweep(
            guard, root, _under(root, asked.paths), frozenset(asked.lessons), baseline, bar
        )
    if asked.update_baseline:
        return _keep(root, hits)
    say_left_out(guard, workspace)
    if asked.format == "text":
        _show(hits, len(baseline))
    else:
        judged = tuple(hit.judged for hit in hits)
        problems = (*workspace.left_out, *guard.problems)
        print(render(Report(conclude(judged), judged, problems=problems), asked.format))
    return int(conclude(hit.judged for hit in hits) is Conclusion.FAILURE)


def _under(root: Path, paths: Sequence[str]) -> tuple[str, ...]:
    """The paths as the repository has them."""
    under = []
    for path in paths:
        place = Path(path).resolve()
        if not place.exists() or not place.is_relative_to(root.resolve()):
            raise UsageError(f"no {path} in {root}")
        under.append(place.relative_to(root.resolve()).as_posix())
    return tuple(under) if "." not in under else ()


def _baseline(root: Path) -> frozenset[str]:
    file = root / BASELINE
    if not file.is_file():
        return frozenset()
    try:
        entries = json.loads(file.read_text(encoding="utf-8"))["known"]
        return frozenset(str(entry["fingerprint"]) for entry in entries)
    except (ValueError, KeyError, TypeError) as error:
        raise UsageError(
            f"{BASELINE} cannot be read ({error}): write it anew with twiceshy sweep "
            "--update-baseline"
        ) from error


def _keep(root: Path, hits: Sequence[SweepHit]) -> int:
    """Write down what is known, in an order that makes small differences."""
    rows = [
        {
            "fingerprint": hit.judged.fingerprint,
            "lesson": hit.judged.lesson.id,
            "path": hit.judged.finding.path,
        }
        for hit in hits
    ]
    rows.sort(key=lambda row: (row["path"], row["lesson"], row["fingerprint"]))
    text = json.dumps({"schema": 1, "known": rows}, indent=1) + "\n"
    (root / BASELINE).write_text(text, encoding="utf-8", errors="replace")
    print(f"{BASELINE} holds {count(len(rows), 'place')}; they are not told again")
    return 0


def _show(hits: Sequence[SweepHit], known_count: int) -> None:
    console = Console(highlight=False, soft_wrap=True)
    for hit in hits:
        judged, finding = hit.judged, hit.judged.finding
        style = "red" if judged.action is Action.BLOCK else "yellow"
        line = Text(f"{printable(finding.path)}:{finding.start_line} ", "bold")
        line.append(f"{judged.lesson.id} ", style).append(printable(judged.lesson.title))
        line.append(f"  {finding.guard} {finding.score:.2f} {' '.join(hit.owners)}".rstrip(), "dim")
        console.print(line)
    tail = f", {count(known_count, 'place')} known" if known_count else ""
    console.print(
        f"{count(len(hits), 'place')}{tail}"
        if hits
        else f"nothing here looks like a past failure{tail}"
    )
