"""The bar: only at a terminal, only after a while, and gone when the work is done."""

import os
import subprocess
import sys

SCRIPT = """
import time
from twiceshy.cli.progress import Bar
with Bar() as bar:
    bar("reading", 4, 4)
    bar("judging", 1, 7)
    time.sleep({seconds})
    bar("judging", 7, 7)
print("done")
"""


def at_a_terminal(seconds: float) -> str:
    """What a terminal is sent on standard error."""
    ours, theirs = os.openpty()
    script = SCRIPT.format(seconds=seconds)
    env = {**os.environ, "TERM": "xterm", "COLUMNS": "80"}
    done = subprocess.run([sys.executable, "-c", script], stderr=theirs, stdout=subprocess.PIPE, env=env, check=True)
    os.close(theirs)
    assert done.stdout == b"done\n"
    try:
        return os.read(ours, 100_000).decode()
    except OSError:  # nothing was written
        return ""
    finally:
        os.close(ours)


def test_work_that_takes_a_while_is_shown_though_it_says_nothing_meanwhile() -> None:
    shown = at_a_terminal(1.6)
    assert "judging" in shown
    assert "1/7" in shown
    assert "reading" not in shown, "what is done is not shown"


def test_quick_work_shows_nothing() -> None:
    assert at_a_terminal(0.0) == ""


def test_without_a_terminal_nothing_is_shown() -> None:
    script = SCRIPT.format(seconds=1.2)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("done\n", "")
