"""Where ``twiceshy`` starts: runs a command, and turns every way it can end into a message and an
exit code.

0: nothing blocks. 1: something blocks. 2: wrong use, broken configuration, a report that could not
be written, or a fault of our own that is said out loud. 130: stopped by the user. Nothing heavy is
imported here: an interrupt may come at once.
"""

import os
import sys

from twiceshy.cli.usage_error import INTERRUPTED, WRONG, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn


def main() -> "NoReturn":
    """Run the command line and exit."""
    try:
        code = _guarded(sys.argv[1:])
    except KeyboardInterrupt:
        code = INTERRUPTED
        _say("stopped")
    sys.exit(code)


def _guarded(arguments: list[str]) -> int:
    """Run one command with streams that never end it; output that somebody waits for and that is
    lost is a fault.
    """
    from twiceshy.cli.interrupts import keep_interrupts
    from twiceshy.cli.streams import guard_streams, lost

    keep_interrupts()
    out, _ = guard_streams()
    code = run(arguments)
    sys.stdout.flush()
    if why := lost(out):
        _say(f"the output could not be written: {why}")
        return WRONG if code != INTERRUPTED else code
    return code


def run(arguments: list[str]) -> int:
    """Run one command. Gives the exit code; never raises for what a user, a file or a repository
    did.
    """
    import click  # not earlier: an interrupt during these imports ends as quietly as one later

    from twiceshy.cli.app import app

    try:
        result = app(arguments, prog_name="twiceshy", standalone_mode=False)
    except (KeyboardInterrupt, click.exceptions.Abort):
        result = INTERRUPTED
    except click.exceptions.Exit as ended:
        result = ended.exit_code
    except click.ClickException as wrong:
        wrong.show()
        return WRONG
    except Exception as error:  # noqa: BLE001 - a message, never a traceback
        return _complain(error)
    if result == INTERRUPTED:  # Typer answers an interrupt with this code itself
        _say("stopped")
    return result if isinstance(result, int) else 0


def _say(message: str) -> None:
    print(f"twiceshy: {message}", file=sys.stderr)


def _complain(error: Exception) -> int:
    from twiceshy.changes.change_error import ChangeError
    from twiceshy.verdicts.render.escape import no_command
    from twiceshy.verdicts.settings import SettingsError

    expected = isinstance(error, UsageError | ChangeError | SettingsError | OSError)
    text = (
        str(error)
        if expected
        else f"this is a fault of twiceshy, please report it: {type(error).__name__}: {error}"
    )
    _say(no_command(text))
    if not expected and os.environ.get("TWICESHY_TRACEBACK"):
        import traceback

        traceback.print_exception(error)
    return WRONG
