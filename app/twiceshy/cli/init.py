"""``twiceshy init``: writes a configuration, a first lesson with its rule, and the workflow. Never
writes over a file.
"""

from importlib.resources import files
from pathlib import Path

import typer

from twiceshy.changes import git
from twiceshy.cli.usage_error import UsageError

FILES = {
    ".twiceshy.yml": "config.yml",
    "lessons/INC-1.md": "lesson.md",
    "rules/INC-1.yaml": "rule.yaml",
    ".github/workflows/twiceshy.yml": "workflow.yml",
}


def init_repository(root: Path | None, force: bool) -> None:
    """Write the files that are not there yet, and say which; with ``force`` all of them."""
    top = root or git.repository_root(Path.cwd())
    if top is None or not top.is_dir():
        raise UsageError(
            f"{root or 'this folder'} is not in a git repository: run `git init` first, or give "
            "--root DIR"
        )
    lessons_exist = any((top / "lessons").glob("*.md"))
    for name, template in FILES.items():
        if (top / name).exists() and not force:
            typer.echo(f"kept   {name} (it exists)")
        elif lessons_exist and not force and name.partition("/")[0] in ("lessons", "rules"):
            typer.echo(f"kept   {name} out (there are lessons already)")
        else:
            _write(top, name, template)
            typer.echo(f"wrote  {name}")
    typer.echo("\nNext: make lessons/INC-1.md yours, commit, and run `twiceshy check` on a branch.")


def _write(root: Path, name: str, template: str) -> None:
    path = root / name
    if path.resolve().parent != path.parent.resolve() or not path.resolve().is_relative_to(
        root.resolve()
    ):
        raise UsageError(
            f"{name} leads out of the repository through a link: remove the link first"
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        (files("twiceshy.cli") / "templates" / template).read_text(encoding="utf-8"),
        encoding="utf-8",
    )
