"""``twiceshy doctor``: is the guard of this repository on, and is the GitHub App well? What to do
about the rest.

Exit code 0 when the guard is on, 2 when it is off, 1 when only the App's set-up lacks something.
"""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from twiceshy.changes import git
from twiceshy.cli.guard_health import Diagnosis, Health, examine_guard
from twiceshy.cli.repository import must_be_repository
from twiceshy.cli.serve import NEEDS
from twiceshy.cli.usage_error import WRONG, UsageError

if TYPE_CHECKING:
    from rich.console import Console

_MARKS = {Health.WELL: "[green]✔[/]", Health.WEAK: "[yellow]![/]", Health.OFF: "[red]✘[/]"}


def examine(root: Path | None) -> int:
    """Print every answer as it comes."""
    from rich.console import Console

    console = Console(highlight=False, soft_wrap=True)
    top = git.repository_root(root or Path.cwd())
    has_app = _has_app()
    if top is None and not has_app:
        top = must_be_repository(root, "run it in the one that should be guarded")
    guard_is_on = top is None or _tell_guard(top, console)
    app_is_well = not has_app or _tell_app(console)
    if not guard_is_on:
        return WRONG
    return 0 if app_is_well else 1


def _tell_guard(root: Path, console: "Console") -> bool:
    """Whether the guard is on."""
    healths = []
    for diagnosis in examine_guard(root):
        _tell(console, diagnosis)
        healths.append(diagnosis.health)
    if Health.OFF in healths:
        console.print("[bold red]The guard is off.[/]")
        return False
    weak = healths.count(Health.WEAK)
    number = "one" if weak == 1 else str(weak)
    tail = f", {number} of its parts could be better" if weak else ""
    console.print(f"[bold green]The guard is on[/]{tail}.")
    return True


def _tell(console: "Console", diagnosis: Diagnosis) -> None:
    console.print(f"{_MARKS[diagnosis.health]} {diagnosis.subject}:", end=" ")
    console.print(diagnosis.seen, markup=False)
    if diagnosis.mend:
        console.print(f"    {diagnosis.mend}", style="bold", markup=False)


def _has_app() -> bool:
    """Whether this machine is one on which the GitHub App runs."""
    from platformdirs import user_data_path

    named = any(
        name.startswith("TWICESHY_GITHUB_") or name == "TWICESHY_DATABASE_URL"
        for name in os.environ
    )
    return named or (user_data_path("twiceshy") / "app").is_dir()


def _tell_app(console: "Console") -> bool:
    """Whether the App's set-up is well."""
    try:
        from twiceshy.service import doctor, server
        from twiceshy.service.environment import NotSetUp
    except ImportError as error:
        raise UsageError(f"{NEEDS} ({error.name} is missing)") from error
    try:
        environment = server.environment()
    except NotSetUp as error:
        raise UsageError(str(error)) from error
    well = True
    for answer in doctor.examine(environment):
        _tell(
            console,
            Diagnosis(
                answer.subject, Health.WELL if answer.well else Health.OFF, answer.seen, answer.mend
            ),
        )
        well = well and answer.well
    return well
