"""``twiceshy lint``: every problem of lessons and rules, with file, line and what to write instead."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import typer

from twiceshy.cli.main import Stop
from twiceshy.cli.progress import Bar
from twiceshy.cli.registries import working_tree
from twiceshy.lessons.model import Problem
from twiceshy.lessons.sources import Folder
from twiceshy.verdicts.guard import Guard, user_cache
from twiceshy.verdicts.render.markdown import count


def lint_paths(paths: Sequence[Path]) -> int:
    """Print the problems under the paths (default: the registry around here); 1 when there are any."""
    for path in paths:
        if not path.exists():
            raise Stop(f"no such file or folder: {path}")
    roots = tuple(dict.fromkeys(_registry_of(path) for path in paths))
    chosen = working_tree(None, roots)
    if not any(isinstance(source, Folder) and source.files() for source in chosen.sources):
        raise Stop("no lessons or rules here: run it where lessons/ and rules/ are, or name the folder")
    with Bar() as bar:
        guard = Guard(chosen.sources, chosen.settings, user_cache(), bar)
    problems = [problem for problem in (*chosen.problems, *guard.problems) if _wanted(problem, paths)]
    for problem in sorted(problems, key=lambda each: (each.path, each.line)):
        typer.echo(str(problem))
    lessons, rules = guard.index.lesson_count, guard.index.rule_count
    found = Counter(problem.path for problem in problems)
    tail = f"{count(len(problems), 'problem')} in {count(len(found), 'file')}" if problems else "no problems"
    typer.echo(f"{count(lessons, 'lesson')}, {count(rules, 'rule')}: {tail}", err=bool(problems))
    return int(bool(problems))


def _registry_of(path: Path) -> Path:
    """The registry folder a path belongs to: the one above its ``lessons`` or ``rules``, else the folder itself."""
    resolved = path.resolve()
    for folder in (resolved, *resolved.parents):
        if folder.name in ("lessons", "rules"):
            return folder.parent
    return resolved if resolved.is_dir() else resolved.parent


def _wanted(problem: Problem, paths: Sequence[Path]) -> bool:
    if not paths:
        return True
    shown = {path.resolve(): path for path in paths}
    for given in shown:
        root = _registry_of(given)
        target = (root / problem.path).resolve()
        if target == given or given in target.parents:
            return True
    return False
