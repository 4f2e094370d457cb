"""``twiceshy backtest``: what each lesson would have said over the repository's past, and the mode that follows."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from twiceshy.changes import git
from twiceshy.cli.main import Stop
from twiceshy.cli.progress import Bar
from twiceshy.cli.registries import working_tree
from twiceshy.learning.backtesting import Replay, Said, commits_of, recommended, replay
from twiceshy.lessons.sources import Folder
from twiceshy.verdicts.guard import Guard, user_cache

MOST_SHOWN = 20


def backtest(ids: Sequence[str], since: str | None, commits: int, root: Path | None, registries: Sequence[Path]) -> int:
    """Replay, and print the table."""
    here = git.repository_root(root or Path.cwd())
    if here is None:
        raise Stop(f"{root or 'this folder'} is not in a git repository: there is no past to replay")
    chosen = working_tree(here, registries)
    folders = tuple((source.root, source.shown_as) for source in chosen.sources if isinstance(source, Folder))
    with Bar() as bar:
        guard = Guard(chosen.sources, chosen.settings, user_cache(), bar)  # compiled once, for every process
        known = guard.index.lesson_ids()
        missing = [name for name in ids if name not in known]
        if missing:
            raise Stop(f"no lesson {', '.join(missing)} here: `twiceshy coverage` lists those there are")
        found = replay(here, folders, chosen.settings, commits_of(here, since, commits), user_cache(), bar)
    wanted = ids or known
    _show(found, [each for each in found.said if each.lesson in set(wanted)], wanted)
    return 0


def _show(found: Replay, said: Sequence[Said], lessons: Sequence[str]) -> None:
    console = Console(highlight=False, soft_wrap=True)
    spoke = Counter(each.lesson for each in said)
    lives = Counter(each.lesson for each in said if each.lives_on)
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for heading in ("lesson", "spoke", "gone since", "lives on", "per 100", "mode"):
        table.add_column(heading, justify="left" if heading in ("lesson", "mode") else "right", no_wrap=True)
    for name in lessons:
        often = 100 * spoke[name] / max(1, found.commits)
        mode = recommended(spoke[name], lives[name], found.commits)
        table.add_row(name, str(spoke[name]), str(spoke[name] - lives[name]), str(lives[name]), f"{often:.1f}", mode)
    console.print(table)
    for each in said[:MOST_SHOWN]:
        after = "lives on" if each.lives_on else "gone since"
        console.print(
            f"  {each.commit[:10]} {each.path}:{each.line} {each.lesson} ({each.guard}), {after}",
            style="dim",
            markup=False,
        )
    left = f", {found.skipped} not judged (over 300 files, or not readable)" if found.skipped else ""
    console.print(f"{found.commits} commits replayed{left}")
