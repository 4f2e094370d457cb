"""The bar: only at a terminal, only after a while, and gone when the work is done."""

import os
import subprocess
import sys
from collections.abc import Callable

from patience import HANG_SECONDS, wait_until

SCRIPT = """
import threading
from twiceshy.cli import progress_bar
progress_bar.PATIENCE_SECONDS = {patience}
with progress_bar.Bar() as bar:
    bar("reading", 4, 4)
    bar("judging", 1, 7)
    {meanwhile}
    bar("judging", 7, 7)
print("done")
"""


def at_a_terminal(patience: float, until: Callable[[str], bool]) -> str:
    """What a terminal is sent on standard error by work that goes on until that shows something."""
    ours, theirs = os.openpty()
    os.set_blocking(ours, False)
    script = SCRIPT.format(patience=patience, meanwhile="input()")
    env = {**os.environ, "TERM": "xterm", "COLUMNS": "80"}
    process = subprocess.Popen(
        [sys.executable, "-c", script],
        stdin=subprocess.PIPE,
        stderr=theirs,
        stdout=subprocess.PIPE,
        env=env,
    )
    shown = ""

    def seen_or_ended() -> bool:
        nonlocal shown
        shown += sent_to(ours)
        return until(shown) or process.poll() is not None

    wait_until(seen_or_ended, lambda: shown)
    out, _ = process.communicate(b"\n", timeout=HANG_SECONDS)
    assert (process.returncode, out) == (0, b"done\n")
    shown += sent_to(ours)
    os.close(theirs)
    os.close(ours)
    return shown


def sent_to(terminal: int) -> str:
    try:
        return os.read(terminal, 100_000).decode()
    except BlockingIOError:  # nothing was written
        return ""


def test_work_that_takes_a_while_is_shown_though_it_says_nothing_meanwhile() -> None:
    shown = at_a_terminal(0.01, lambda shown: "1/7" in shown)
    assert "judging" in shown
    assert "reading" not in shown, "what is done is not shown"


def test_quick_work_shows_nothing() -> None:
    assert at_a_terminal(HANG_SECONDS, lambda shown: True) == ""


def test_without_a_terminal_nothing_is_shown() -> None:
    all_others_ended = (
        "[each.join() for each in threading.enumerate() if each is not threading.main_thread()]"
    )
    script = SCRIPT.format(patience=0.0, meanwhile=all_others_ended)
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert (done.stdout, done.stderr) == ("done\n", "")
