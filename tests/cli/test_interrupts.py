"""An interrupt that comes where Python drops exceptions is not lost."""

import subprocess
import sys

import pytest

from patience import HANG_SECONDS

PROGRAM = """
import signal, sys, time, weakref
from twiceshy.cli.interrupts import keep_interrupts

class Thing:
    pass

{keep}
signal.signal(signal.SIGINT, signal.default_int_handler)
thing = Thing()
watcher = weakref.ref(thing, lambda _: signal.raise_signal(signal.SIGINT))
try:
    del thing
    time.sleep({seconds})
except KeyboardInterrupt:
    sys.exit(130)
"""


@pytest.mark.parametrize(
    ("keep", "code", "seconds"), [("keep_interrupts()", 130, HANG_SECONDS), ("", 0, 0)]
)
def test_an_interrupt_inside_a_callback_comes_again(keep: str, code: int, seconds: float) -> None:
    """Without it the interrupt is dropped, with a message: what is tried here does happen."""
    words = [sys.executable, "-I", "-c", PROGRAM.format(keep=keep, seconds=seconds)]
    ended = subprocess.run(words, capture_output=True, text=True, check=False, timeout=HANG_SECONDS)
    assert ended.returncode == code
    assert ("Exception ignored" in ended.stderr) == (code == 0)


def test_what_else_is_dropped_is_still_told() -> None:
    program = """
from twiceshy.cli.interrupts import keep_interrupts

class Thing:
    def __del__(self):
        raise ValueError("told")

keep_interrupts()
thing = Thing()
del thing
"""
    words = [sys.executable, "-I", "-c", program]
    ended = subprocess.run(words, capture_output=True, text=True, check=True, timeout=HANG_SECONDS)
    assert "ValueError: told" in ended.stderr
