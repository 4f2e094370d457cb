"""How tests wait, and how they say that work is bounded: by what is done, never by how long the
machine took.

No test measures seconds. Deadlines are here for what hangs, and only a hang reaches them.
"""

import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

HANG_SECONDS = 300.0


def wait_until(
    condition: Callable[[], object],
    details: Callable[[], object] = lambda: "",
    seconds: float = HANG_SECONDS,
) -> None:
    """Wait for a condition to become true; ``details`` says more should it never do so."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"it did not happen in {seconds:g} s: {details()}"
        time.sleep(0.02)


@contextmanager
def no_hang() -> Iterator[None]:
    """What is in the block is not quadratic in a large text: that would outlast any patience."""

    def fail(_signal: int, _frame: FrameType | None) -> None:
        raise AssertionError(f"it hangs: {HANG_SECONDS:g} s were not enough")

    previous_handler = signal.signal(signal.SIGALRM, fail)
    signal.setitimer(signal.ITIMER_REAL, HANG_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous_handler)


def calls_of(act: Callable[[], object]) -> int:
    """How many functions are called to do something: the same on every machine."""
    count = 0

    def count_call(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(count_call)
    try:
        act()
    finally:
        sys.setprofile(None)
    return count


def grows_evenly(act: Callable[[int], object], size: int) -> bool:
    """Whether twice as much takes at most about twice as many calls."""
    act(1)  # what is made once and kept counts for neither
    twice_as_many = calls_of(lambda: act(2 * size))
    return twice_as_many <= 2.5 * calls_of(lambda: act(size)) + 500
