"""Limits of time and memory. Time is what was computed, not what passed: a busy machine changes no
verdict.

Where computing cannot be counted (no ``/proc``), the clock decides. Knows nothing of what is
limited.
"""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

PATIENCE = "TWICESHY_PATIENCE"
"""By how much every limit that goes by the clock is stretched, for a slow or busy machine; 1 or
more.
"""

CLOCK_FACTOR = 6
"""Work may take so many times longer by the clock than it may compute: then it hangs."""

LEAST_LOOK_SECONDS = 0.02


def patient(seconds: float) -> float:
    """A limit by the clock, as long as the operator's patience makes it."""
    try:
        factor = float(os.environ.get(PATIENCE, "1"))
    except ValueError:
        factor = 1.0
    return seconds * factor if 1.0 <= factor < float("inf") else seconds


def by_load(seconds: float) -> float:
    """A limit by the clock for work that shares its core with all that wait for one, as they were
    in the last minute.
    """
    waiting = os.getloadavg()[0] / (os.cpu_count() or 1) if hasattr(os, "getloadavg") else 1.0
    return patient(seconds * max(1.0, waiting))


def bound_memory(size: int) -> None:
    """This process may use so many bytes, where the system can hold it to that."""
    try:
        import resource  # noqa: PLC0415 - not on every system
    except ImportError:
        return
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (size, most))


def bound_computing(seconds: float) -> None:
    """This process ends when it has computed for so long from now on; 0 lifts the limit. Needs
    POSIX timers.
    """
    if hasattr(signal, "setitimer"):
        signal.signal(signal.SIGPROF, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_PROF, seconds)


def computed_seconds(pid: int) -> float | None:
    """How long a process and all that it started have computed so far; None where that cannot be
    found out.
    """
    rows = _processes()
    if pid not in rows:
        return None
    ticks, waiting = 0, [pid]
    while waiting:
        parent = waiting.pop()
        ticks += rows[parent][1]
        waiting += [child for child, (starter, _) in rows.items() if starter == parent]
    return ticks / os.sysconf("SC_CLK_TCK")


def _processes() -> dict[int, tuple[int, int]]:
    """Every process with its parent, and the ticks that it and its ended children used:
    proc_pid_stat(5).
    """
    rows: dict[int, tuple[int, int]] = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = entry.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
            rows[int(entry.parent.name)] = int(fields[1]), sum(map(int, fields[11:15]))
        except (OSError, ValueError, IndexError):
            continue  # it ended meanwhile
    return rows


class Alarm:
    """Acts once when a process and all that it started computed too long, or far too long passed by
    the clock.

    ``seconds`` of computing; ``clock_seconds`` default to ``CLOCK_FACTOR`` times as much. As a
    context manager it is on within the block.
    """

    def __init__(
        self,
        process: "subprocess.Popen[bytes]",
        seconds: float,
        act: Callable[[], object],
        clock_seconds: float | None = None,
    ) -> None:
        self.late = False
        self._process, self._seconds, self._act = process, seconds, act
        self._most = patient(CLOCK_FACTOR * seconds) if clock_seconds is None else clock_seconds
        self._off = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> "Alarm":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._off.set()
        self._thread.join()

    def _watch(self) -> None:
        end = time.monotonic() + self._most
        pause = min(self._seconds, self._most)
        while not self._off.wait(max(pause, LEAST_LOOK_SECONDS)):
            used = computed_seconds(self._process.pid)
            if self._process.poll() is not None:  # asked last: it may end while its time is counted
                return  # it ended in time, whenever somebody asks for what it said
            left = 0.0 if used is None else self._seconds - used
            pause = min(left, end - time.monotonic())
            if pause <= 0:
                self.late = True
                self._act()
                return
