"""``twiceshy sweep``: where else could a past failure stand? Exit code 1 when one of the places
would block.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.text import Text

from twiceshy.cli.progress_bar import Bar
from twiceshy.cli.registries import must_guard, must_know, say_left_out
from twiceshy.cli.repository import must_be_repository
from twiceshy.cli.usage_error import UsageError
from twiceshy.guards.baseline import (
    BASELINE,
    MOST_ROWS,
    Baseline,
    KnownPlace,
    Word,
    read_baseline,
    renewed,
    write_baseline,
)
from twiceshy.learning.sweep import SweepHit, SweepResult, sweep
from twiceshy.verdicts.policy import conclude
from twiceshy.verdicts.render import render
from twiceshy.verdicts.render.escape import printable
from twiceshy.verdicts.render.markdown import count
from twiceshy.verdicts.verdict import Action, Conclusion, Report
from twiceshy.workspace import Workspace


@dataclass(frozen=True, slots=True)
class SweepOptions:
    """What a person asked ``sweep`` for; see its options."""

    paths: tuple[str, ...]
    lessons: tuple[str, ...]
    root: Path | None
    registries: tuple[Path, ...]
    format: str
    update_baseline: bool
    every_place: bool = False


def sweep_tree(asked: SweepOptions) -> int:
    """Sweep, tell, and give the exit code."""
    root = must_be_repository(asked.root, "sweep looks at the files git knows")
    workspace = Workspace.current(root, asked.registries)
    baseline = _baseline(root)
    known = frozenset(place.fingerprint for place in baseline.places)
    with Bar() as bar:
        guard = workspace.open(bar)
        must_guard(guard, workspace)
        must_know(guard.index, asked.lessons)
        left_out = frozenset() if asked.update_baseline else known
        paths, lessons = _under(root, asked.paths), frozenset(asked.lessons)
        swept = sweep(guard, root, paths, lessons, left_out, bar)
    if asked.update_baseline:
        return _keep(root, swept.all, baseline, asked)
    hits = swept.all if asked.every_place else swept.hits
    say_left_out(guard, workspace)
    if asked.format == "text":
        _show(hits, baseline.places)
        _show_left_out(SweepResult(hits) if asked.every_place else swept)
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


def _baseline(root: Path) -> Baseline:
    file = root / BASELINE
    if not file.is_file():
        return Baseline()
    try:
        baseline = read_baseline(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{BASELINE} cannot be read ({error})") from error
    if baseline.problems:
        raise UsageError("\n".join(map(str, baseline.problems)))
    return baseline


def _keep(root: Path, hits: Sequence[SweepHit], before: Baseline, asked: SweepOptions) -> int:
    """Write down what is known, with the words that people wrote."""
    found: list[KnownPlace] = []
    for hit in hits:
        judged = hit.judged
        place = KnownPlace(judged.fingerprint, judged.lesson.id, judged.finding.path)
        found.append(place)
    paths = _under(root, asked.paths)
    places = renewed(before, found, lambda place: _was_swept(place, paths, asked.lessons))
    if len(places) > MOST_ROWS:
        raise UsageError(f"over {MOST_ROWS:,} places: sweep fewer lessons or paths")
    text = write_baseline(places)
    (root / BASELINE).write_text(text, encoding="utf-8", errors="replace")
    told = _words_told(places)
    print(f"{BASELINE} holds {count(len(places), 'place')}{told}; they are not told again")
    for place in before.places:
        if place.word and place not in places:
            print(f"no longer found: {printable(place.path)} {place.lesson} ({place.word})")
    print(_HOW)
    return 0


def _was_swept(place: KnownPlace, paths: Sequence[str], lessons: Sequence[str]) -> bool:
    """Whether a place would have been found, were it still there."""
    if lessons and place.lesson not in lessons:
        return False
    return not paths or any(
        place.path == path or place.path.startswith(f"{path}/") for path in paths
    )


def _words_told(places: Iterable[KnownPlace]) -> str:
    """How many places people spoke of, to stand after their number."""
    words = Counter(place.word for place in places)
    told: list[str] = []
    if words[Word.NORMAL]:
        told.append(f"{words[Word.NORMAL]} said to be normal")
    if words[Word.UNMENDED]:
        told.append(f"{words[Word.UNMENDED]} not mended yet")
    return f" ({', '.join(told)})" if told else ""


_HOW = (
    f'Say what a place is in {BASELINE}: `"word": "normal"` (this is how code is written here) or '
    '`"word": "unmended"` (the same mistake, not mended yet).'
)


def _show(hits: Sequence[SweepHit], known: Sequence[KnownPlace]) -> None:
    console = Console(highlight=False, soft_wrap=True)
    for hit in hits:
        judged, finding = hit.judged, hit.judged.finding
        style = "red" if judged.action is Action.BLOCK else "yellow"
        line = Text(f"{printable(finding.path)}:{finding.start_line} ", "bold")
        line.append(f"{judged.lesson.id} ", style).append(printable(judged.lesson.title))
        line.append(f"  {finding.guard} {finding.score:.2f} {' '.join(hit.owners)}".rstrip(), "dim")
        console.print(line)
        if hit.unfixed:
            console.print(f"  unfixed: {printable(hit.unfixed)}", style="dim", markup=False)
    tail = f", {count(len(known), 'place')} known{_words_told(known)}" if known else ""
    console.print(
        f"{count(len(hits), 'place')}{tail}"
        if hits
        else f"nothing here looks like a past failure{tail}"
    )
    if hits:
        console.print(_TO_KEEP, style="dim", markup=False)


def _show_left_out(swept: SweepResult) -> None:
    """What is no answer to *where else?*, in one line."""
    left_out: list[str] = []
    if swept.own:
        left_out.append(f"{_are(swept.own)} the lessons' own")
    if swept.tests:
        left_out.append(f"{_are(swept.tests)} in tests")
    if swept.alike:
        left_out.append(f"{_are(swept.alike)} like a lesson's without what failed there")
    if left_out:
        print(f"{', '.join(left_out)}: twiceshy sweep --every-place tells them too")


def _are(hits: Sequence[SweepHit]) -> str:
    return f"{count(len(hits), 'place')} {'is' if len(hits) == 1 else 'are'}"


_TO_KEEP = "Known places are told once: twiceshy sweep --update-baseline"
