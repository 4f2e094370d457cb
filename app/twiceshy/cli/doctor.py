"""``twiceshy doctor``: what is well with the set-up of the GitHub App, and what to do about the rest. Exit code 1 then."""

from twiceshy.cli.main import Stop
from twiceshy.cli.serve import NEEDS


def examine() -> int:
    """Print every answer as it comes."""
    try:
        from twiceshy.service import health, serving  # noqa: PLC0415 - an optional part
        from twiceshy.service.environment import NotSetUp  # noqa: PLC0415
    except ImportError as error:
        raise Stop(f"{NEEDS} ({error.name} is missing)") from error
    from rich.console import Console  # noqa: PLC0415

    console = Console(highlight=False, soft_wrap=True)
    try:
        environment = serving.environment()
    except NotSetUp as error:
        raise Stop(str(error)) from error
    well = True
    for answer in health.examine(environment):
        mark = "[green]✔[/]" if answer.well else "[red]✘[/]"
        console.print(f"{mark} {answer.subject}:", end=" ")
        console.print(answer.seen, markup=False)
        if answer.mend:
            console.print(f"    {answer.mend}", style="bold", markup=False)
        well = well and answer.well
    return 0 if well else 1
